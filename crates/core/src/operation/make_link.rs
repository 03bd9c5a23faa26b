//! Make a link to self-service for a subject. It gives nothing by itself: whoever opens it sees
//! what the subject may see, and asks for what the policy then decides on.

use super::{Denial, Outcome, settle};
use crate::event::{Happened, SelfServiceLinkMade};
use crate::id::LinkId;
use crate::self_service::Purpose;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};
use crate::subject::{Assurance, Standing};
use crate::time::{Seconds, Timestamp};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeLink {
    /// The id it gets.
    pub link: LinkId,
    /// The assurance in which the person is, by the caller's word.
    pub assurance: Assurance,
    /// What it is for; at least one thing.
    pub purposes: Vec<Purpose>,
    /// How long it opens something.
    pub lifetime: Seconds,
}

/// How long a link lives, in seconds.
pub const LIFETIME: std::ops::RangeInclusive<u32> = 60..=900;

/// Decides whether there is such a link; answers until when.
///
/// # Errors
/// [`Denial::SubjectUnknown`], [`Denial::SubjectDeparted`]; [`Denial::Invalid`] for a life beyond
/// [`LIFETIME`] and for no purpose; [`Denial::Contained`] while recovery is switched off (I1).
pub fn decide(snapshot: &Snapshot, command: &MakeLink, call: &mut Call<'_>) -> Outcome<Timestamp> {
    is_here(snapshot)?;
    if !LIFETIME.contains(&command.lifetime.0) {
        let problem = "is 60 to 900 seconds";
        return Err(Denial::Invalid { field: "lifetime_seconds", problem });
    }
    if command.purposes.is_empty() {
        return Err(Denial::Invalid { field: "purposes", problem: "names what the link is for" });
    }
    let until = call.now.plus(command.lifetime);
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    let MakeLink { link, assurance, ref purposes, .. } = *command;
    let made = SelfServiceLinkMade { link, assurance, purposes: purposes.clone(), until };
    draft.add(Happened::SelfServiceLinkMade(made))?;
    Ok(draft.decide(until))
}

/// Whether there is anybody to let in. Who only rests may look, and report a loss.
pub(super) fn is_here(snapshot: &Snapshot) -> Result<(), Denial> {
    match snapshot.subject.as_ref().map(|subject| subject.standing) {
        None => Err(Denial::SubjectUnknown),
        Some(Standing::Departed { .. }) => Err(Denial::SubjectDeparted),
        Some(_) => Ok(()),
    }
}
