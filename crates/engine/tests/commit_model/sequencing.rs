//! The log's tree: how three nodes move it up to the last commit, with a lease that passes from one
//! to the next while they end, start again, and are late.
//!
//! | step here | in the code |
//! | --- | --- |
//! | `Grow` | any commit: one more entry behind the tree |
//! | `Lead` | `Store::leads`: takes the lease, unless another node has it |
//! | `Expire` | a second passes: the lease is free, and whoever had it does not know |
//! | `Open` | `engine::sequencer::open`: the tree's edge as the store has it; `Store::committed` |
//! | `Integrate` | `engine::sequencer::step`, `Store::integrate`: forward, from that very size |
//! | `LoseRequest`, `LoseAnswer`, `Delay`, `Arrive` | as in [`super::protocol`] |
//! | `Crash`, `Restart` | the process ends; `Engine::open` |
//!
//! It is a model of its own, because the two meet in nothing but the log: a commit never looks at
//! the tree, and the tree only at entries that are there.

use super::explore::{Model, Steps};

const NODES: usize = 3;
/// How far the log grows.
const LOG_MAX: u8 = 4;

/// A move of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Move {
    from: u8,
    to: u8,
}

/// How far a sequencer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Doing {
    Down,
    /// Nothing; it may remember the edge of a tree of that size.
    Waiting(Option<u8>),
    /// It was told that it leads, and has looked how far the log has come.
    Leading(Option<u8>, u8),
    Integrating(Move),
}

/// A node: what it does, and whether the store has it down as the one that leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    doing: Doing,
    has_lease: bool,
}

/// All there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    log: u8,
    tree: u8,
    /// Whether a move was ever made from another size than the tree had: then two trees were
    /// signed that are not one.
    forked: bool,
    nodes: [Node; NODES],
    delayed: Option<Move>,
}

/// What can happen; nodes by their place in the sorted state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Grow,
    Lead(usize),
    Expire(usize),
    Open(usize),
    Integrate(usize),
    LoseRequest(usize),
    LoseAnswer(usize),
    Delay(usize),
    Arrive,
    Crash(usize),
    Restart(usize),
}

/// The sequencers; whether `integrate` compares the size of the tree.
pub(crate) struct Sequencing {
    pub(crate) compares: bool,
}

impl State {
    fn with(&self, place: usize, doing: Doing) -> Self {
        let mut next = self.clone();
        next.nodes[place].doing = doing;
        next.nodes.sort_unstable();
        next
    }
}

impl Sequencing {
    fn integrate(&self, state: &mut State, step: Move) -> bool {
        if self.compares && state.tree != step.from {
            return false;
        }
        state.forked |= state.tree != step.from;
        state.tree = step.to;
        true
    }

    /// The next step of a node in which nothing goes wrong.
    fn good(&self, state: &State, place: usize) -> (Step, State) {
        let Node { doing, has_lease } = state.nodes[place];
        let other_leads = state.nodes.iter().any(|node| node.has_lease) && !has_lease;
        match doing {
            Doing::Down => (Step::Restart(place), state.with(place, Doing::Waiting(None))),
            // It does not lead, and forgets what it knew.
            Doing::Waiting(_) if other_leads => {
                (Step::Lead(place), state.with(place, Doing::Waiting(None)))
            }
            Doing::Waiting(edge) => {
                let mut next = state.clone();
                next.nodes[place].has_lease = true;
                (Step::Lead(place), next.with(place, Doing::Leading(edge, state.log)))
            }
            Doing::Leading(edge, committed) => {
                let from = edge.unwrap_or(state.tree);
                let doing = if from < committed {
                    Doing::Integrating(Move { from, to: committed })
                } else {
                    Doing::Waiting(Some(from))
                };
                (Step::Open(place), state.with(place, doing))
            }
            Doing::Integrating(step) => {
                let mut next = state.clone();
                // Where another was faster it looks at the tree anew.
                let edge = self.integrate(&mut next, step).then_some(step.to);
                (Step::Integrate(place), next.with(place, Doing::Waiting(edge)))
            }
        }
    }

    fn bad(&self, state: &State, place: usize) -> Steps<Self> {
        let Node { doing, has_lease } = state.nodes[place];
        let mut all = Vec::new();
        if has_lease {
            let mut next = state.clone();
            next.nodes[place].has_lease = false;
            next.nodes.sort_unstable();
            all.push((Step::Expire(place), next));
        }
        if doing != Doing::Down {
            all.push((Step::Crash(place), state.with(place, Doing::Down)));
        }
        if let Doing::Integrating(step) = doing {
            // After an error it looks at the tree anew.
            let anew = || state.with(place, Doing::Waiting(None));
            all.push((Step::LoseRequest(place), anew()));
            let mut written = anew();
            if self.integrate(&mut written, step) {
                all.push((Step::LoseAnswer(place), written));
            }
            if state.delayed.is_none() {
                all.push((Step::Delay(place), State { delayed: Some(step), ..anew() }));
            }
        }
        all
    }

    fn arrive(&self, state: &State) -> Option<State> {
        let step = state.delayed?;
        let mut next = State { delayed: None, ..state.clone() };
        self.integrate(&mut next, step);
        Some(next)
    }
}

impl Model for Sequencing {
    type State = State;
    type Step = Step;

    fn initial(&self) -> State {
        let node = Node { doing: Doing::Waiting(None), has_lease: false };
        State { log: 0, tree: 0, forked: false, nodes: [node; NODES], delayed: None }
    }

    fn steps(&self, state: &State) -> Result<Steps<Self>, String> {
        let mut all = Vec::new();
        if state.log < LOG_MAX {
            all.push((Step::Grow, State { log: state.log + 1, ..state.clone() }));
        }
        for place in 0..NODES {
            all.push(self.good(state, place));
            all.extend(self.bad(state, place));
        }
        all.extend(self.arrive(state).map(|next| (Step::Arrive, next)));
        Ok(all)
    }

    fn holds(&self, state: &State) -> Result<(), String> {
        if state.forked {
            return Err("two trees were signed of one log".to_owned());
        }
        if state.tree > state.log {
            return Err("the tree is longer than the log".to_owned());
        }
        let leading = state.nodes.iter().filter(|node| node.has_lease).count();
        if leading > 1 { Err("two nodes have the lease".to_owned()) } else { Ok(()) }
    }

    fn is_quiet(&self, state: &State) -> bool {
        state.tree == state.log && state.delayed.is_none()
    }

    fn next_in_calm(&self, state: &State) -> Option<State> {
        if let Some(next) = self.arrive(state) {
            return Some(next);
        }
        // Who has the lease is alive and goes on, or it expires.
        let holder = state.nodes.iter().position(|node| node.has_lease);
        let is_gone = |place: usize| state.nodes[place].doing == Doing::Down;
        if let Some(place) = holder.filter(|place| is_gone(*place)) {
            return self.bad(state, place).into_iter().next().map(|(_, next)| next);
        }
        Some(self.good(state, holder.unwrap_or(0)).1)
    }
}
