//! Remove a recovery contact (N63B-RC-03).

use super::{Denial, Outcome, past_request, settle};
use crate::address_book::ContactLabel;
use crate::event::{Aside, Happened};
use crate::id::ContactId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::DirectoryEntry;

/// Decides a removal. Codes on their way to the contact in a recovery stay what they are; none is
/// sent to it any more.
///
/// # Errors
/// [`Denial::ContactUnknown`], also for a contact that was removed before.
pub fn decide(snapshot: &Snapshot, label: &ContactLabel, call: &mut Call<'_>) -> Outcome<()> {
    snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(()));
    }
    let entry = snapshot.directory.as_ref().ok_or(Denial::ContactUnknown)?;
    let contact = entry.contacts.iter().find(|contact| contact.label == *label);
    let id = contact.ok_or(Denial::ContactUnknown)?.id;
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    remove(&mut draft, &mut entry.clone(), id)?;
    Ok(draft.decide(()))
}

fn remove(
    draft: &mut Draft<'_, '_>,
    entry: &mut DirectoryEntry,
    id: ContactId,
) -> Result<(), Denial> {
    entry.contacts.retain(|contact| contact.id != id);
    let happened = Happened::ContactRemoved { contact: id, directory: entry.digest() };
    draft.add_with(happened, None, Aside::Directory(entry.clone()))?;
    Ok(())
}

/// Removes all of them: who leaves takes the names of others along.
pub(super) fn remove_all(draft: &mut Draft<'_, '_>, snapshot: &Snapshot) -> Result<(), Denial> {
    let Some(mut entry) = snapshot.directory.clone() else { return Ok(()) };
    let ids: Vec<_> = entry.contacts.iter().map(|contact| contact.id).collect();
    ids.into_iter().try_for_each(|id| remove(draft, &mut entry, id))
}
