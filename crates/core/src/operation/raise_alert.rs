//! Raise an alert that a rule found in the log (G3). It changes nothing but what is known.

use super::{Denial, Outcome, past_request};
use crate::event::{Alert, Happened, RuleAlert};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// Decides an alert; answers whether it was not raised before.
///
/// # Errors
/// [`Denial::Invalid`] for one that does not fit into an entry.
pub fn decide(snapshot: &Snapshot, rule: RuleAlert, call: &mut Call<'_>) -> Outcome<bool> {
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(false));
    }
    if !rule.fits() {
        return Err(Denial::Invalid { field: "rule", problem: "does not fit into an entry" });
    }
    let mut draft = Draft::new(call, snapshot);
    let (alert, recovery) = (Alert::Rule, None);
    let rule = Some(Box::new(rule));
    draft.add(Happened::AlertRaised { alert, recovery, rule, canary: None })?;
    Ok(draft.decide(true))
}
