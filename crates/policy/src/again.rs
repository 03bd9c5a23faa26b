//! What would have been different, had another set been in force: recorded rulings asked again.

use glassbreak_core::event::{Outcome, Ruling};
use glassbreak_core::policy::{Policy, Question};
use serde::Serialize;

/// A past decision that another set would have decided differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its place in the list that was given.
    pub place: usize,
    /// What was asked.
    pub asked: Question,
    /// What was decided.
    pub was: Outcome,
    /// The reasons.
    pub was_by: Vec<String>,
    /// What would have been decided.
    pub would_be: Outcome,
    /// The reasons.
    pub would_be_by: Vec<String>,
}

impl Changed {
    /// Whether the outcome would be another; else only the reasons would.
    pub fn in_outcome(&self) -> bool {
        self.was != self.would_be
    }
}

/// The rulings that `policy` would change, in their outcome or, if `reasons_too`, in their reasons.
pub fn differences<'a>(
    policy: &dyn Policy,
    rulings: impl IntoIterator<Item = &'a Ruling>,
    reasons_too: bool,
) -> Vec<Changed> {
    let changed = rulings.into_iter().enumerate().map(|(place, ruling)| {
        let verdict = policy.ask(&ruling.asked);
        Changed {
            place,
            asked: ruling.asked.clone(),
            was: ruling.outcome,
            was_by: ruling.reasons.clone(),
            would_be: verdict.outcome,
            would_be_by: verdict.reasons,
        }
    });
    changed
        .filter(|changed| {
            changed.in_outcome() || (reasons_too && changed.was_by != changed.would_be_by)
        })
        .collect()
}
