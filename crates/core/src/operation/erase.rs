//! Erase what the directory knows of a subject who left.

use super::{Denial, Outcome};
use crate::event::{Aside, Happened, Registration};
use crate::id::SubjectRef;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{DirectoryEntry, Standing};

/// How the name begins of who was erased. Nobody is registered under one: whoever had it would keep
/// somebody else from being erased.
pub const ERASED: &str = "erased-";

/// Decides an erasure: name, groups, addresses and contacts are gone, with the salt without which
/// the log's digest of them says nothing. What is left has the subject's opaque id for a name.
///
/// The answer is whether it is erased; nobody is who came back, or never left.
///
/// # Errors
/// [`Denial::SubjectUnknown`].
pub fn decide(snapshot: &Snapshot, salt: [u8; 16], call: &mut Call<'_>) -> Outcome<bool> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    if !matches!(subject.standing, Standing::Departed { .. }) {
        return Ok(Decided::Already(false));
    }
    let reference = SubjectRef::try_from(format!("{ERASED}{}", subject.id.0))
        .map_err(|_| Denial::Invalid { field: "subject", problem: "has an id that is no name" })?;
    if snapshot.directory.as_ref().is_none_or(|entry| entry.reference == reference) {
        return Ok(Decided::Already(true));
    }
    let blank = DirectoryEntry {
        reference,
        groups: Vec::new(),
        notification_addresses: Vec::new(),
        contacts: Vec::new(),
        salt,
    };
    let registration = Registration {
        profile: subject.profile.clone(),
        directory: blank.digest(),
        addresses_changed: false,
    };
    let mut draft = Draft::new(call, snapshot);
    draft.add_with(Happened::SubjectUpdated(registration), None, Aside::Directory(blank))?;
    Ok(draft.decide(true))
}
