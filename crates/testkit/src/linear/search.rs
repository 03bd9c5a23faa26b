//! The search for an order of calls.

use std::collections::HashSet;

use super::Model;

/// A call as the search sees it.
pub(super) struct Entry<'a, M: Model> {
    pub(super) op: &'a M::Op,
    /// The answer, if one is known: also one that came after the history was cut off.
    pub(super) ret: Option<&'a M::Ret>,
    pub(super) invoked: u64,
    /// When it was answered; none if it need not have happened.
    pub(super) returned: Option<u64>,
}

/// What is remembered of a place that led nowhere: the state, the first call not yet in the order,
/// and which of those after it are.
type Tried<S> = (S, usize, Vec<u64>);

/// A search for an order of all answered calls, each between its beginning and its end, that the
/// model allows.
pub(super) struct Search<'a, M: Model> {
    model: &'a M,
    /// In the order in which they began.
    entries: Vec<Entry<'a, M>>,
    /// Which are in the order so far.
    taken: Vec<bool>,
    /// No call before this one is missing in the order.
    first: usize,
    /// How many answered calls are missing in it.
    missing: usize,
    tried: HashSet<Tried<M::State>>,
}

/// One step of the order: the state before it, what else could stand here, what stands here.
struct Frame<S> {
    state: S,
    choices: Vec<usize>,
    chosen: Option<usize>,
}

impl<'a, M: Model> Search<'a, M> {
    pub(super) fn new(model: &'a M, mut entries: Vec<Entry<'a, M>>) -> Self {
        entries.sort_by_key(|entry| entry.invoked);
        let missing = entries.iter().filter(|entry| entry.returned.is_some()).count();
        let taken = vec![false; entries.len()];
        Self { model, entries, taken, first: 0, missing, tried: HashSet::new() }
    }

    /// Whether there is an order.
    pub(super) fn run(mut self) -> bool {
        let state = self.model.initial();
        let choices = self.choices(&state);
        let mut path = vec![Frame { state, choices, chosen: None }];
        loop {
            if self.missing == 0 {
                return true;
            }
            let Some(frame) = path.last_mut() else { return false };
            if let Some(chosen) = frame.chosen.take() {
                self.put_back(chosen);
            }
            let Some(choice) = frame.choices.pop() else {
                path.pop();
                continue;
            };
            let Some(next) = self.step(&frame.state, choice) else { continue };
            self.take(choice);
            frame.chosen = Some(choice);
            if self.tried.insert(self.place(&next)) {
                let choices = self.choices(&next);
                path.push(Frame { state: next, choices, chosen: None });
            }
        }
    }

    fn step(&self, state: &M::State, choice: usize) -> Option<M::State> {
        let entry = self.entries.get(choice)?;
        let next = self.model.step(state, entry.op, entry.ret)?;
        // What need not have happened, and would have changed nothing, is left out.
        (entry.returned.is_some() || next != *state).then_some(next)
    }

    /// The calls that can come next: no call missing in the order had ended before they began. The
    /// likeliest, the one that ended first, comes last.
    fn choices(&self, state: &M::State) -> Vec<usize> {
        let mut ended = u64::MAX;
        let mut choices = Vec::new();
        let entries = self.entries.iter().zip(&self.taken).enumerate().skip(self.first);
        for (place, (entry, taken)) in entries {
            if *taken {
                continue;
            }
            if entry.invoked > ended {
                break;
            }
            ended = ended.min(entry.returned.unwrap_or(u64::MAX));
            if self.is_idle(entry) {
                // It changes nothing at any time, so nothing is lost by taking it now.
                if entry.returned.is_some() && self.step(state, place).is_some() {
                    return vec![place];
                }
                // It can only come once something else has changed the state.
                continue;
            }
            choices.push(place);
        }
        self.without_twins(choices)
    }

    /// Of calls that asked and answered the same, only the one that ended first: if all of them can
    /// stand here, and another does in some order, the two can change places in it. The likeliest
    /// choice, the one that ended first of all, comes last.
    fn without_twins(&self, mut choices: Vec<usize>) -> Vec<usize> {
        let end = |place: &usize| self.entries.get(*place).and_then(|entry| entry.returned);
        choices.sort_by_key(|place| end(place).unwrap_or(u64::MAX));
        let mut kept: Vec<usize> = Vec::with_capacity(choices.len());
        for choice in choices {
            if !kept.iter().any(|known| self.are_twins(*known, choice)) {
                kept.push(choice);
            }
        }
        kept.reverse();
        kept
    }

    fn are_twins(&self, one: usize, other: usize) -> bool {
        match (self.entries.get(one), self.entries.get(other)) {
            (Some(one), Some(other)) => one.op == other.op && one.ret == other.ret,
            _ => false,
        }
    }

    fn is_idle(&self, entry: &Entry<'a, M>) -> bool {
        entry.ret.is_some_and(|ret| self.model.changes_nothing(entry.op, ret))
    }

    fn take(&mut self, place: usize) {
        self.mark(place, true);
        while self.taken.get(self.first) == Some(&true) {
            self.first += 1;
        }
    }

    fn put_back(&mut self, place: usize) {
        self.mark(place, false);
        self.first = self.first.min(place);
    }

    fn mark(&mut self, place: usize, taken: bool) {
        if let Some(mark) = self.taken.get_mut(place) {
            *mark = taken;
        }
        let answered = self.entries.get(place).is_some_and(|entry| entry.returned.is_some());
        match (answered, taken) {
            (true, true) => self.missing -= 1,
            (true, false) => self.missing += 1,
            (false, _) => {}
        }
    }

    fn place(&self, state: &M::State) -> Tried<M::State> {
        let after = self.taken.get(self.first..).unwrap_or_default();
        let end = after.iter().rposition(|taken| *taken).map_or(0, |last| last + 1);
        let words = after.get(..end).unwrap_or_default().chunks(64);
        // The first bit is the lowest, so that a shorter row of bits is not another number.
        let word =
            |bits: &[bool]| bits.iter().rev().fold(0, |word, bit| word << 1 | u64::from(*bit));
        (state.clone(), self.first, words.map(word).collect())
    }
}
