//! Goes through every state that a model can reach, breadth first, so that what it finds comes with
//! the shortest way there (docs/decisions/0029 says why it is our own).

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::hash::Hash;

/// Every step that is possible, with the state after it.
pub(crate) type Steps<M> = Vec<(<M as Model>::Step, <M as Model>::State)>;

/// A protocol as its states and steps.
pub(crate) trait Model: Sized {
    /// All there is at one moment.
    type State: Clone + Eq + Hash + Debug;
    /// What can happen.
    type Step: Copy + Debug;

    /// The state before the first step.
    fn initial(&self) -> Self::State;

    /// Every step that is possible, with the state after it.
    ///
    /// # Errors
    /// What must never happen, if a step does it.
    fn steps(&self, state: &Self::State) -> Result<Steps<Self>, String>;

    /// What must hold in each state.
    ///
    /// # Errors
    /// What does not.
    fn holds(&self, state: &Self::State) -> Result<(), String>;

    /// Whether all is done that was asked for.
    fn is_quiet(&self, state: &Self::State) -> bool;

    /// The state after the next step of a world in which nothing more goes wrong; none if it has
    /// none, which only a quiet state may have.
    fn next_in_calm(&self, state: &Self::State) -> Option<Self::State>;
}

/// What a whole exploration came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// The length of the longest of the shortest ways to a state.
    pub(crate) depth: usize,
}

/// What does not hold, and the shortest way there.
pub(crate) struct Counterexample<M: Model> {
    pub(crate) what: String,
    way: Vec<M::Step>,
    state: M::State,
}

impl<M: Model> Debug for Counterexample<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, after", self.what)?;
        self.way.iter().try_for_each(|step| writeln!(f, "  {step:?}"))?;
        write!(f, "in {:?}", self.state)
    }
}

/// How a state was first reached.
struct Reached<M: Model> {
    state: M::State,
    before: Option<(usize, M::Step)>,
    depth: usize,
}

/// Explores all of a model.
///
/// # Errors
/// The first state or step that must not be.
pub(crate) fn explore<M: Model>(model: &M) -> Result<Explored, Counterexample<M>> {
    let mut known: HashMap<M::State, usize> = HashMap::new();
    let initial = model.initial();
    known.insert(initial.clone(), 0);
    let mut reached = vec![Reached { state: initial, before: None, depth: 0 }];
    let (mut at, mut steps) = (0, 0);
    while at < reached.len() {
        let found = |what| counterexample::<M>(&reached, at, what);
        let Reached { state, depth, .. } = &reached[at];
        let depth = depth + 1;
        model.holds(state).map_err(found)?;
        for (step, next) in model.steps(state).map_err(found)? {
            steps += 1;
            if !known.contains_key(&next) {
                known.insert(next.clone(), reached.len());
                reached.push(Reached { state: next, before: Some((at, step)), depth });
            }
        }
        at += 1;
    }
    let depth = reached.last().map_or(0, |last| last.depth);
    calm_ends(model, &known, &reached)?;
    Ok(Explored { states: reached.len(), steps, depth })
}

/// That from every state a world in which nothing more goes wrong comes to rest with all done.
fn calm_ends<M: Model>(
    model: &M,
    known: &HashMap<M::State, usize>,
    reached: &[Reached<M>],
) -> Result<(), Counterexample<M>> {
    let mut ends = vec![false; reached.len()];
    for from in 0..reached.len() {
        let (mut way, mut at) = (Vec::new(), from);
        while !ends[at] {
            let state = &reached[at].state;
            if model.is_quiet(state) {
                break;
            }
            way.push(at);
            let next = model.next_in_calm(state).and_then(|next| known.get(&next).copied());
            // A way that comes back to where it was is longer than there are states.
            match next {
                Some(next) if way.len() <= reached.len() => at = next,
                _ => {
                    return Err(counterexample(reached, from, "it never comes to rest".to_owned()));
                }
            }
        }
        ends[at] = true;
        for at in way {
            ends[at] = true;
        }
    }
    Ok(())
}

fn counterexample<M: Model>(
    reached: &[Reached<M>],
    mut at: usize,
    what: String,
) -> Counterexample<M> {
    let state = reached[at].state.clone();
    let mut way = Vec::new();
    while let Some((before, step)) = reached[at].before {
        way.push(step);
        at = before;
    }
    way.reverse();
    Counterexample { what, way, state }
}
