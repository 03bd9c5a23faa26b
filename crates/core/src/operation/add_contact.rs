//! Add a recovery contact: the subject names a trusted associate (N63B-RC-01). Before its address
//! is confirmed nothing is sent to it but the code that confirms it.

use super::{Denial, Outcome, Rules, past_request, settle, subject_and_tier};
use crate::address_book::{AddressBook, ContactEntry, ContactLabel};
use crate::event::{Aside, ContactAddition, Happened};
use crate::id::ContactId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Channel, DirectoryEntry};

/// Who the contact is.
#[derive(Debug, Clone)]
pub struct AddContact {
    /// The id it gets if it is new, or has another address than before.
    pub new_id: ContactId,
    /// What the subject calls it. Another of that label gives way.
    pub label: ContactLabel,
    /// How a message travels to it.
    pub channel: Channel,
    /// Its address on that channel.
    pub address: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// The contact's id in the log.
    pub id: ContactId,
    /// Whether it was there before, with this very address.
    pub unchanged: bool,
}

/// Decides on a contact. The same one again counts as a review (N63B-RC-04).
///
/// # Errors
/// [`Denial::Invalid`] for a sixth contact, and for an address that is the subject's own or another
/// contact's: two ways to one place are one.
pub fn decide(
    snapshot: &Snapshot,
    command: AddContact,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Added> {
    subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let entry = snapshot.directory.as_ref().ok_or(Denial::SubjectUnknown)?;
    let AddContact { new_id, label, channel, address } = command;
    let earlier = entry.contacts.iter().find(|contact| contact.label == label);
    let same = earlier.filter(|old| old.channel == channel && old.address == address);
    let added = same.map(|old| Added { id: old.id, unchanged: true });
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    match added {
        Some(added) if done_before => return Ok(Decided::Already(added)),
        None if done_before => return Err(Denial::RequestReused),
        Some(added) => {
            draft.add(Happened::ContactsReviewed {})?;
            return Ok(draft.decide(added));
        }
        None => {}
    }
    let contact = ContactEntry { id: new_id, label, channel, address };
    let directory = with(entry, &contact, earlier)?;
    let happened = Happened::ContactAdded(ContactAddition {
        contact: new_id,
        address: contact.to().digest(&entry.salt),
        replaces: earlier.map(|old| old.id),
        directory: directory.digest(),
    });
    draft.add_with(happened, None, Aside::Directory(directory))?;
    Ok(draft.decide(Added { id: new_id, unchanged: false }))
}

/// The directory entry with `contact` in the place of `earlier`.
fn with(
    entry: &DirectoryEntry,
    contact: &ContactEntry,
    earlier: Option<&ContactEntry>,
) -> Result<DirectoryEntry, Denial> {
    let refuse = |field, problem| Err(Denial::Invalid { field, problem });
    if entry.notification_addresses.iter().any(|own| contact.is_at(own)) {
        return refuse("address", "is the subject's own; a contact is somebody else");
    }
    let mut directory = entry.clone();
    directory.contacts.retain(|other| earlier.is_none_or(|earlier| other.id != earlier.id));
    if directory.contacts.iter().any(|other| contact.is_at(&other.to())) {
        return refuse("address", "is another contact's");
    }
    if directory.contacts.len() >= AddressBook::CONTACTS_MAX {
        return refuse("contact", "is one too many: a subject has at most five");
    }
    directory.contacts.push(contact.clone());
    Ok(directory)
}
