//! The commit protocol: how three nodes over one store take three attempts at two codes of one set,
//! while nodes end and start again, requests and answers get lost, and callers try again elsewhere.
//!
//! | step here | in the code |
//! | --- | --- |
//! | `Ask` | a caller's request, and `engine::turns::Turns::take`: one run on a subject in a node |
//! | `Load` | `engine::pipeline::look`, `Store::load` |
//! | `Decide` | `core::operation::redeem::decide`, up to the call of `Store::commit` |
//! | `Commit` | `Store::commit` at the store: `memory::tables::commit`, `project::decision` |
//! | `Remember` | nothing: it is a part of `Commit`, except where that is planted to be wrong |
//! | `Answer` | `Pending::release`, and the way to the caller |
//! | `LoseRequest`, `LoseAnswer`, `Delay` | `StoreError::Unknown`: not written, written, later |
//! | `Arrive` | what was delayed gets to the store |
//! | `LoseReply` | the answer does not reach the caller, who will ask again |
//! | `Crash`, `Restart` | the process ends; `Engine::open` |
//!
//! A caller may ask again at any time, at any node, under the same name (`redemption_id`), answered
//! or not. What a snapshot of version `v` shows is what the first `v` commits were: loading is one
//! moment, as the contract says ("as of one moment").

use super::explore::{Model, Steps};

/// Nodes.
const NODES: usize = 3;
/// Attempts, each by its own name.
const NAMES: usize = 3;
/// Which code each attempt is for: two are for the same one.
const CODE_OF: [u8; NAMES] = [0, 0, 1];
/// More entries than attempts: an entry too many is a violation that has to be seen.
const LOG_MAX: usize = NAMES + 1;

type Name = u8;

/// What is told of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    Accepted,
    NotAccepted,
}

/// An entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    name: Name,
    outcome: Outcome,
}

/// A commit on its way: what was decided, on what version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Request {
    entry: Entry,
    version: u8,
}

/// A node, by how far its one run on the subject has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Node {
    Down,
    Idle,
    Asked(Name),
    Loaded(Name, u8),
    Committing(Request),
    /// Only where it is planted: the name is to be written after the commit.
    Remembering(Entry),
    Answering(Entry),
}

/// All there is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    log: [Option<Entry>; LOG_MAX],
    /// Whether a name is known to have been used. It is as soon as the log has it, except where
    /// that is planted to be wrong.
    remembered: [bool; NAMES],
    /// Sorted: nodes have no names, so states that differ in their order are one state.
    nodes: [Node; NODES],
    /// What each caller was told first.
    told: [Option<Outcome>; NAMES],
    /// One request may be on its way for as long as it likes.
    delayed: Option<Request>,
}

/// What can happen; nodes by their place in the sorted state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Ask(usize, Name),
    Load(usize),
    Decide(usize),
    Commit(usize),
    Remember(usize),
    Answer(usize),
    LoseRequest(usize),
    LoseAnswer(usize),
    Delay(usize),
    Arrive,
    LoseReply(usize),
    Crash(usize),
    Restart(usize),
}

/// What is planted to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planted {
    Nothing,
    /// The commit compares nothing: neither the version nor the code's own "unused".
    NoCompareAndSet,
    /// The name of the redemption is written after the commit and not in it.
    NameApart,
    /// The answer leaves before the commit.
    AnswerBeforeCommit,
}

/// The protocol.
pub(crate) struct Protocol(pub(crate) Planted);

impl State {
    fn version(&self) -> u8 {
        u8::try_from(self.log.iter().flatten().count()).unwrap_or(u8::MAX)
    }

    /// What a snapshot of a version shows of the log.
    fn until(&self, version: u8) -> impl Iterator<Item = Entry> {
        self.log.into_iter().flatten().take(usize::from(version))
    }

    fn of_name(&self, name: Name) -> Option<Entry> {
        self.until(u8::MAX).find(|entry| entry.name == name)
    }

    fn with(&self, place: usize, node: Node) -> Self {
        let mut next = self.clone();
        next.nodes[place] = node;
        next.nodes.sort_unstable();
        next
    }

    /// The first entry of a name that the snapshot of `version` remembers.
    fn remembers(&self, name: Name, version: u8) -> Option<Entry> {
        let known = self.remembered[usize::from(name)];
        self.until(version).find(|entry| known && entry.name == name)
    }
}

impl Protocol {
    /// `core::operation::redeem::decide` on the snapshot of a version, for a name that it does not
    /// remember.
    fn decide(state: &State, name: Name, version: u8) -> Request {
        let code = CODE_OF[usize::from(name)];
        let spent = state.until(version).any(|entry| {
            entry.outcome == Outcome::Accepted && CODE_OF[usize::from(entry.name)] == code
        });
        let outcome = if spent { Outcome::NotAccepted } else { Outcome::Accepted };
        Request { entry: Entry { name, outcome }, version }
    }

    /// The store commits, if what the decision rests on still holds.
    fn commit(&self, state: &mut State, request: Request) -> bool {
        let version = state.version();
        let taken = state.remembered[usize::from(request.entry.name)];
        let compares = self.0 != Planted::NoCompareAndSet;
        let full = usize::from(version) >= LOG_MAX;
        if full || taken || (compares && request.version != version) {
            return false;
        }
        state.log[usize::from(version)] = Some(request.entry);
        state.remembered[usize::from(request.entry.name)] = self.0 != Planted::NameApart;
        true
    }

    /// After the commit was carried out, at the node that asked for it.
    fn committed(&self, entry: Entry) -> Node {
        match self.0 {
            Planted::NameApart => Node::Remembering(entry),
            _ => Node::Answering(entry),
        }
    }

    /// The caller is told; the first time, or again.
    fn answer(state: &State, place: usize, entry: Entry) -> Result<State, String> {
        let mut next = state.with(place, Node::Idle);
        let told = &mut next.told[usize::from(entry.name)];
        match *told {
            Some(before) if before != entry.outcome => {
                Err(format!("{} was told {before:?}, and then {:?}", entry.name, entry.outcome))
            }
            _ => {
                *told = Some(entry.outcome);
                Ok(next)
            }
        }
    }

    /// The steps of one node in which nothing goes wrong.
    fn good(&self, state: &State, place: usize) -> Result<Steps<Self>, String> {
        let one = |step, next| Ok(vec![(step, next)]);
        match state.nodes[place] {
            Node::Down => one(Step::Restart(place), state.with(place, Node::Idle)),
            Node::Idle => Ok((0..3)
                .map(|name| (Step::Ask(place, name), state.with(place, Node::Asked(name))))
                .collect()),
            Node::Asked(name) => {
                one(Step::Load(place), state.with(place, Node::Loaded(name, state.version())))
            }
            Node::Loaded(name, version) => {
                let request = Self::decide(state, name, version);
                let next = match (state.remembers(name, version), self.0) {
                    (Some(entry), _) => Node::Answering(entry),
                    (None, Planted::AnswerBeforeCommit) => {
                        let told = Self::answer(state, place, request.entry)?;
                        let place = told.nodes.iter().position(|node| *node == Node::Idle);
                        let next = told.with(place.unwrap_or(0), Node::Committing(request));
                        return one(Step::Decide(0), next);
                    }
                    (None, _) => Node::Committing(request),
                };
                one(Step::Decide(place), state.with(place, next))
            }
            Node::Committing(request) => {
                let mut next = state.clone();
                let node = if self.commit(&mut next, request) {
                    self.committed(request.entry)
                } else {
                    // A conflict: look again, and decide again.
                    Node::Asked(request.entry.name)
                };
                one(Step::Commit(place), next.with(place, node))
            }
            Node::Remembering(entry) => {
                let mut next = state.with(place, Node::Answering(entry));
                next.remembered[usize::from(entry.name)] = true;
                one(Step::Remember(place), next)
            }
            Node::Answering(entry) => one(Step::Answer(place), Self::answer(state, place, entry)?),
        }
    }

    /// The steps of one node in which something goes wrong.
    fn bad(&self, state: &State, place: usize) -> Steps<Self> {
        let node = state.nodes[place];
        let idle = || state.with(place, Node::Idle);
        let mut all = Vec::new();
        if node != Node::Down {
            all.push((Step::Crash(place), state.with(place, Node::Down)));
        }
        match node {
            Node::Committing(request) => {
                all.push((Step::LoseRequest(place), idle()));
                let mut written = idle();
                if self.commit(&mut written, request) {
                    all.push((Step::LoseAnswer(place), written));
                }
                if state.delayed.is_none() {
                    let delayed = State { delayed: Some(request), ..idle() };
                    all.push((Step::Delay(place), delayed));
                }
            }
            Node::Answering(_) => all.push((Step::LoseReply(place), idle())),
            _ => {}
        }
        all
    }

    fn arrive(&self, state: &State) -> Option<State> {
        let request = state.delayed?;
        let mut next = State { delayed: None, ..state.clone() };
        // Nobody waits to hear whether it was a conflict.
        self.commit(&mut next, request);
        Some(next)
    }
}

impl Model for Protocol {
    type State = State;
    type Step = Step;

    fn initial(&self) -> State {
        State {
            log: [None; LOG_MAX],
            remembered: [false; NAMES],
            nodes: [Node::Idle; NODES],
            told: [None; NAMES],
            delayed: None,
        }
    }

    fn steps(&self, state: &State) -> Result<Steps<Self>, String> {
        let mut all = Vec::new();
        for place in 0..NODES {
            all.extend(self.good(state, place)?);
            all.extend(self.bad(state, place));
        }
        all.extend(self.arrive(state).map(|next| (Step::Arrive, next)));
        Ok(all)
    }

    fn holds(&self, state: &State) -> Result<(), String> {
        for code in CODE_OF {
            let accepted = state.until(u8::MAX).filter(|entry| {
                entry.outcome == Outcome::Accepted && CODE_OF[usize::from(entry.name)] == code
            });
            if accepted.count() > 1 {
                return Err(format!("code {code} is accepted twice"));
            }
        }
        for (name, told) in (0..).zip(state.told) {
            let written = state.of_name(name).map(|entry| entry.outcome);
            if told.is_some() && told != written {
                return Err(format!("{name} was told {told:?}; the log has {written:?}"));
            }
        }
        Ok(())
    }

    fn is_quiet(&self, state: &State) -> bool {
        state.told.iter().all(Option::is_some)
            && state.delayed.is_none()
            && state.nodes.iter().all(|node| *node == Node::Idle)
    }

    fn next_in_calm(&self, state: &State) -> Option<State> {
        if let Some(next) = self.arrive(state) {
            return Some(next);
        }
        let busy = (0..NODES).find(|place| state.nodes[*place] != Node::Idle);
        if let Some(busy) = busy {
            return self.good(state, busy).ok()?.pop().map(|(_, next)| next);
        }
        let unanswered = state.told.iter().position(Option::is_none)?;
        let name = Name::try_from(unanswered).ok()?;
        Some(state.with(0, Node::Asked(name)))
    }
}
