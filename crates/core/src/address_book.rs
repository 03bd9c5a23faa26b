//! The address book of a subject: which of its addresses were confirmed by a code that came back,
//! and who its recovery contacts are. The part of it that the log holds: opaque ids and salted
//! digests. The addresses themselves lie in the directory entry.

use serde::{Deserialize, Serialize};

use crate::code::StoredVerifier;
use crate::digest::Digest;
use crate::event::{ContactAddition, Entry, Happened, Undelivered};
use crate::id::{ContactId, SentId, is_plain};
use crate::recovery::Sent;
use crate::subject::{Channel, NotificationAddress};
use crate::time::{Seconds, Timestamp};

/// What the log says of a subject's addresses and recovery contacts.
///
/// ```text
/// pending ──the right code comes back──> confirmed
///   └── its time, a newer code, the limit of failures, no delivery, another address ──> dead
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AddressBook {
    /// The codes that are awaited from addresses, oldest first; one an address (N63B-IC-08).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
    /// The salted digests of the subject's own addresses that were confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<Digest>,
    /// The recovery contacts, oldest first (N63B-RC-01).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// When confirmation codes were sent in the last [`Self::SENT_WITHIN`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_at: Vec<Timestamp>,
    /// When those were sent within it that did not go out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered_at: Vec<Timestamp>,
    /// When the subject last looked at its contacts, or was last reminded to (N63B-RC-04).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_from: Option<Timestamp>,
}

/// A code on its way to an address that is not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The code, without the code.
    pub sent: Sent,
    /// How many wrong codes came back in its place, or in that of an earlier one for the same
    /// address. Another code does not start the count anew (N63B-TH-08); a day without one does.
    pub failures: u32,
    /// Whether it did not go out, for certain. It is dead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undelivered: bool,
}

/// A recovery contact: a trusted associate of the subject (SP 800-63B-4 section 4.2.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its opaque id.
    pub id: ContactId,
    /// The salted digest of its address.
    pub address: Digest,
    /// When its address was confirmed. Codes are sent to no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
}

/// An address book with the verifiers of the codes that are awaited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeldAddresses {
    /// The address book.
    pub book: AddressBook,
    /// The verifiers, by the codes' ids.
    pub verifiers: Vec<(SentId, StoredVerifier)>,
}

impl HeldAddresses {
    /// The verifier of the code `id`, if it is awaited.
    pub fn verifier(&self, id: SentId) -> Option<&StoredVerifier> {
        self.verifiers.iter().find(|(known, _)| *known == id).map(|(_, verifier)| verifier)
    }
}

impl AddressBook {
    /// The most codes that are awaited at once.
    pub const PENDING_MAX: usize = 8;
    /// The most recovery contacts of a subject.
    pub const CONTACTS_MAX: usize = 5;
    /// The most confirmation codes sent in [`Self::SENT_WITHIN`].
    pub const SENT_MAX: usize = 10;
    /// The same with those that did not go out.
    pub const SENT_IN_ALL_MAX: usize = 30;
    /// The period of [`Self::SENT_MAX`] and [`Self::SENT_IN_ALL_MAX`].
    pub const SENT_WITHIN: Seconds = Seconds::days(1);
    /// How often a subject is reminded to review its contacts (N63B-RC-04).
    pub const REVIEW_EVERY: Seconds = Seconds::days(365);

    /// Whether the subject's own address of this salted digest was confirmed.
    pub fn is_confirmed(&self, address: &Digest) -> bool {
        self.confirmed.contains(address)
    }

    /// The contact of `id`.
    pub fn contact(&self, id: ContactId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.id == id)
    }

    /// Whether a code that went to `contact` may come back: whoever is no contact any more brings
    /// nothing. `None` is the subject itself.
    pub fn knows(&self, contact: Option<ContactId>) -> bool {
        contact.is_none_or(|id| self.contact(id).is_some())
    }

    /// The code `id`, if it still counts when it comes back: unused, in time, and with fewer
    /// failures than `failures_max`.
    pub fn awaited(&self, id: SentId, now: Timestamp, failures_max: u32) -> Option<&Pending> {
        let awaited = self.pending.iter().find(|pending| pending.sent.id == id)?;
        let alive = awaited.sent.expires_at > now && !awaited.undelivered;
        (alive && awaited.failures < failures_max).then_some(awaited)
    }

    /// How many wrong codes came in the place of those that were sent to one address within
    /// [`Self::SENT_WITHIN`] of each other.
    pub fn failures_at(&self, contact: Option<ContactId>, address: &Digest, now: Timestamp) -> u32 {
        let recent = |old: &&Pending| {
            let sent_at = old.sent.sent_at;
            old.sent.is_to(contact, address) && sent_at.plus(Self::SENT_WITHIN) > now
        };
        self.pending.iter().find(recent).map_or(0, |old| old.failures)
    }

    /// The moment from which a reminder to review the contacts is due, if there are any.
    pub fn review_due_at(&self) -> Option<Timestamp> {
        let from = self.review_from.filter(|_| !self.contacts.is_empty())?;
        Some(from.plus(Self::REVIEW_EVERY))
    }

    /// Whether what happened may change an address book.
    pub const fn is_told_by(happened: &Happened) -> bool {
        matches!(
            happened,
            Happened::SubjectRegistered(_)
                | Happened::SubjectDeparted {}
                | Happened::AddressConfirmationSent { .. }
                | Happened::AddressConfirmationUndelivered(_)
                | Happened::AddressConfirmed { .. }
                | Happened::AddressConfirmRefused { .. }
                | Happened::AddressRemoved { .. }
                | Happened::ContactAdded(_)
                | Happened::ContactRemoved { .. }
                | Happened::ContactsReviewed {}
                | Happened::ContactsReviewDue {}
        )
    }

    /// Takes in what happened to it; the fold and every store go through this.
    pub fn follow(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.happened {
            // Who left, or comes back after leaving, has nothing confirmed.
            Happened::SubjectRegistered(_) | Happened::SubjectDeparted {} => {
                *self = Self::default();
            }
            Happened::AddressConfirmationSent { confirmation } => self.send(confirmation, at),
            Happened::AddressConfirmationUndelivered(Undelivered { confirmation, sent_at }) => {
                let mut pending = self.pending.iter_mut();
                if let Some(lost) = pending.find(|pending| pending.sent.id == *confirmation) {
                    lost.undelivered = true;
                }
                if let Some(place) = self.sent_at.iter().position(|at| at == sent_at) {
                    self.undelivered_at.push(self.sent_at.remove(place));
                }
            }
            Happened::AddressConfirmed { confirmation, address, contact } => {
                self.pending.retain(|pending| pending.sent.id != *confirmation);
                match contact {
                    Some(id) => self.confirm_contact(*id, at),
                    None => self.confirmed.push(*address),
                }
            }
            Happened::AddressConfirmRefused { confirmation, .. } => {
                let mut guessed = self.pending.iter_mut();
                let guessed = guessed.find(|pending| Some(pending.sent.id) == *confirmation);
                if let Some(pending) = guessed {
                    pending.failures = pending.failures.saturating_add(1);
                }
            }
            Happened::AddressRemoved { address } => {
                self.confirmed.retain(|known| known != address);
                let gone = |sent: &Sent| sent.contact.is_none() && sent.address == *address;
                self.pending.retain(|pending| !gone(&pending.sent));
            }
            Happened::ContactAdded(ContactAddition { contact, address, replaces, .. }) => {
                self.remove_contact(*replaces);
                self.contacts.push(Contact { id: *contact, address: *address, confirmed_at: None });
                self.review_from = Some(at);
            }
            Happened::ContactRemoved { contact, .. } => {
                self.remove_contact(Some(*contact));
                self.review_from = Some(at).filter(|_| !self.contacts.is_empty());
            }
            Happened::ContactsReviewed {} | Happened::ContactsReviewDue {} => {
                self.review_from = Some(at);
            }
            _ => {}
        }
    }

    /// A newer code for the same address takes the place of the older, with its failures. Those of
    /// one that is dead are remembered for as long as sendings are counted.
    fn send(&mut self, sent: &Sent, at: Timestamp) {
        let failures = self.failures_at(sent.contact, &sent.address, at);
        let is_over = |old: &Pending| {
            let forgotten = old.failures == 0 || old.sent.sent_at.plus(Self::SENT_WITHIN) <= at;
            old.sent.expires_at <= at && forgotten
        };
        let is_replaced = |old: &Pending| old.sent.is_to(sent.contact, &sent.address);
        self.pending.retain(|old| !is_over(old) && !is_replaced(old));
        self.pending.push(Pending { sent: sent.clone(), failures, undelivered: false });
        self.sent_at.retain(|before| before.plus(Self::SENT_WITHIN) > at);
        self.undelivered_at.retain(|before| before.plus(Self::SENT_WITHIN) > at);
        self.sent_at.push(at);
    }

    fn confirm_contact(&mut self, id: ContactId, at: Timestamp) {
        if let Some(contact) = self.contacts.iter_mut().find(|contact| contact.id == id) {
            contact.confirmed_at = Some(at);
        }
    }

    fn remove_contact(&mut self, id: Option<ContactId>) {
        let Some(id) = id else { return };
        self.contacts.retain(|contact| contact.id != id);
        self.pending.retain(|pending| pending.sent.contact != Some(id));
    }
}

/// The subject's own word for a recovery contact: 1 to 64 characters, all of them visible, no
/// white space around them. It may name a person, and so stays in the directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContactLabel(String);

impl ContactLabel {
    /// The most characters a label may have.
    pub const CHARS_MAX: usize = 64;

    /// The label as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ContactLabel {
    /// Never prints the label: it may name a person, and `Debug` output ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactLabel(..)")
    }
}

impl From<ContactLabel> for String {
    fn from(value: ContactLabel) -> Self {
        value.0
    }
}

impl TryFrom<String> for ContactLabel {
    type Error = InvalidContactLabel;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_plain(&text, Self::CHARS_MAX) { Ok(Self(text)) } else { Err(InvalidContactLabel) }
    }
}

/// A contact's label that is empty, too long, or holds what cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a contact's label is 1 to 64 characters, visible, without white space around them, and no bare dots"
)]
pub struct InvalidContactLabel;

/// A recovery contact as the directory knows it. Personal data of somebody else: it is erased with
/// the subject's own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactEntry {
    /// The contact's opaque id, by which the log knows it.
    pub id: ContactId,
    /// What the subject calls it.
    pub label: ContactLabel,
    /// How a message travels to it.
    pub channel: Channel,
    /// Its address on that channel.
    pub address: String,
}

impl ContactEntry {
    /// Where messages to it go.
    pub fn to(&self) -> NotificationAddress {
        let (channel, address) = (self.channel, self.address.clone());
        NotificationAddress { channel, address, verified: false }
    }

    /// Whether it is the same place as `to`: one mailbox, or one telephone that rings and writes.
    /// Two methods that reach one place are one method (N63B-RA-02).
    pub fn is_at(&self, to: &NotificationAddress) -> bool {
        place(self.channel, &self.address) == place(to.channel, &to.address)
    }
}

/// Where an address leads, written in one way. Letters are compared without their case, in the
/// local part of a mail address too: servers that tell them apart are rarer than contacts who are
/// the subject. Only telephone numbers are written with separators.
fn place(channel: Channel, address: &str) -> (Kind, String) {
    match channel {
        Channel::Email => (Kind::Mailbox, address.trim().to_lowercase()),
        Channel::Sms | Channel::Voice => {
            let separates = |c: char| c.is_whitespace() || "-()./".contains(c);
            (Kind::Telephone, address.chars().filter(|c| !separates(*c)).collect())
        }
        Channel::Postal => {
            let words: Vec<_> = address.split_whitespace().collect();
            (Kind::House, words.join(" ").to_lowercase())
        }
        Channel::Push => (Kind::Device, address.to_owned()),
    }
}

/// What is at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mailbox,
    Telephone,
    House,
    Device,
}

impl std::fmt::Debug for ContactEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContactEntry({})", self.id)
    }
}

impl Channel {
    /// How long a code sent this way to a recovery contact may live: a day longer, for it has to
    /// be passed on (N63B-RC-02).
    pub const fn contact_lifetime_max(self) -> Seconds {
        Seconds(self.lifetime_max().0 + Seconds::hours(24).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: (Channel, &str), other: (Channel, &str)) -> bool {
        place(one.0, one.1) == place(other.0, other.1)
    }

    #[test]
    fn n63b_ra_02_one_place_is_known_in_every_spelling_and_two_are_told_apart() {
        let mail = |one, other| same((Channel::Email, one), (Channel::Email, other));
        assert!(mail("ada@example.org", "Ada@Example.ORG"));
        assert!(!mail("ann-marie@example.org", "annmarie@example.org"), "two mailboxes");
        assert!(!mail("ada@my-host.example", "ada@myhost.example"), "two hosts");
        let (sms, voice) = (Channel::Sms, Channel::Voice);
        assert!(same((sms, "+49 (30) 555-0142"), (voice, "+49305550142")), "it rings and writes");
        assert!(!same((sms, "+49305550142"), (sms, "+49305550143")));
        assert!(same((Channel::Postal, "1 Elm  Street"), (Channel::Postal, "1 elm\nstreet")));
        assert!(
            !same((Channel::Push, "token"), (Channel::Push, "TOKEN")),
            "tokens are as they are"
        );
    }
}
