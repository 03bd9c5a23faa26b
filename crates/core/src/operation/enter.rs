//! Enter self-service: what let the subject in is known to be right, and is written down before
//! anybody has a session of it (G1).

use super::make_link::is_here;
use super::{Outcome, settle};
use crate::event::{Happened, SelfServiceEntered};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides whether the subject comes in.
///
/// # Errors
/// [`Denial::SubjectUnknown`](super::Denial::SubjectUnknown),
/// [`Denial::SubjectDeparted`](super::Denial::SubjectDeparted);
/// [`Denial::Contained`](super::Denial::Contained) while recovery is switched off (I1).
pub fn decide(
    snapshot: &Snapshot,
    command: &SelfServiceEntered,
    call: &mut Call<'_>,
) -> Outcome<()> {
    is_here(snapshot)?;
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    draft.add(Happened::SelfServiceEntered(command.clone()))?;
    Ok(draft.decide(()))
}
