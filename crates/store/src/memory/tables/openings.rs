//! When agents opened their cases.

use glassbreak_core::fold::State;
use glassbreak_core::id::SubjectId;
use glassbreak_core::stage::Openings;
use glassbreak_core::time::Timestamp;

/// When `agent` opened its cases, in no order.
pub(super) fn of(state: &State, agent: SubjectId) -> impl Iterator<Item = Timestamp> {
    let recoveries = state.recoveries.values();
    let cases = recoveries.filter(move |held| held.opening.by.agent() == Some(agent));
    cases.map(|held| held.opened_at)
}

/// Whether an agent has opened as many cases as a decision has counted (H4).
pub(super) fn still(state: &State, counted: &Openings) -> bool {
    let of_late = of(state, counted.agent).filter(|at| *at > counted.since);
    of_late.count() as u64 == counted.count
}
