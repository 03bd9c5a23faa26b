//! Send a confirmation code to an address that was not verified in proofing (N63B-IC-08): to one of
//! the subject's own, or to a recovery contact's. It has the characteristics of a recovery code
//! (N63B-IC-02 to -06), and nobody but its addressee sees it.

use super::send::{Reply, lifetime_of};
use super::{Denial, Outcome, Rules, past_request, settle, subject_and_tier};
use crate::address_book::{AddressBook, ContactLabel};
use crate::code::StoredVerifier;
use crate::code_set::verifiers_digest;
use crate::digest::Digest;
use crate::event::{Aside, Happened};
use crate::id::{ContactId, SentId};
use crate::recovery::Sent;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::NotificationAddress;
use crate::time::{Seconds, Timestamp};

/// Which address is to be confirmed.
#[derive(Clone, PartialEq, Eq)]
pub enum Unconfirmed {
    /// One of the subject's own, as it is registered.
    Own(NotificationAddress),
    /// A recovery contact's.
    Contact(ContactLabel),
}

/// What is to be sent. The code itself stays with the engine.
pub struct SendConfirmation {
    /// The id the code gets.
    pub id: SentId,
    /// Where to.
    pub to: Unconfirmed,
    /// What is stored in the code's place.
    pub verifier: StoredVerifier,
    /// How that was made.
    pub scheme: crate::code::Scheme,
    /// The generation of the pepper key it was made under.
    pub key_generation: u32,
    /// How long it lives; the channel's longest if `None`, a day more for a contact (N63B-RC-02).
    pub lifetime: Option<Seconds>,
}

/// Where a code goes.
struct Place {
    to: NotificationAddress,
    address: Digest,
    contact: Option<ContactId>,
}

/// Decides a sending. An earlier code for the same address is dead from now on.
///
/// # Errors
/// [`Denial::ContactUnknown`]; [`Denial::Invalid`] for an address that is not the subject's or is
/// verified already, for a life beyond its channel's, and for too many codes: ten a day, thirty
/// with those that did not go out, eight awaited at once; [`Denial::SentCodesDisabled`] after too
/// many wrong ones for the address within a day; [`Denial::SubjectSuspended`] while recovery rests.
pub fn decide(
    snapshot: &Snapshot,
    command: SendConfirmation,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let (_, tier) = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let Place { to, address, contact } = place(snapshot, &command.to)?;
    let book = &snapshot.addresses.book;
    let is_for = |sent: &Sent| sent.is_to(contact, &address);
    if done_before {
        let sent = book.pending.iter().map(|pending| &pending.sent).find(|sent| is_for(sent));
        let sent = sent.ok_or(Denial::RequestReused)?.clone();
        return Ok(Decided::Already(Reply::SentBefore { sent }));
    }
    if let Some(denial) = settled.rests() {
        return Err(denial);
    }
    let confirmed = match contact {
        None => to.verified || book.is_confirmed(&address),
        Some(id) => book.contact(id).is_some_and(|contact| contact.confirmed_at.is_some()),
    };
    if confirmed {
        return Err(Denial::Invalid { field: "address", problem: "is verified already" });
    }
    let now = draft.call.now;
    let recent = |times: &[Timestamp]| {
        times.iter().filter(|at| at.plus(AddressBook::SENT_WITHIN) > now).count()
    };
    let (sent, undelivered) = (recent(&book.sent_at), recent(&book.undelivered_at));
    if sent >= AddressBook::SENT_MAX || sent + undelivered >= AddressBook::SENT_IN_ALL_MAX {
        let problem = "has had ten confirmation codes in a day, or thirty with those that did not \
                       go out; try again tomorrow";
        return Err(Denial::Invalid { field: "subject", problem });
    }
    if book.failures_at(contact, &address, now) >= tier.sent_codes.failures {
        return Err(Denial::SentCodesDisabled);
    }
    let others = book.pending.iter().map(|pending| &pending.sent);
    let awaited = others.filter(|sent| sent.expires_at > now && !is_for(sent));
    if awaited.count() >= AddressBook::PENDING_MAX {
        let problem = "waits for eight confirmation codes; confirm those first";
        return Err(Denial::Invalid { field: "subject", problem });
    }
    let lifetime = lifetime_of(to.channel, contact.is_some(), command.lifetime)?;
    let sent = Sent {
        id: command.id,
        channel: to.channel,
        address,
        sent_at: now,
        expires_at: now.plus(lifetime),
        scheme: command.scheme,
        key_generation: command.key_generation,
        verifier: verifiers_digest(std::slice::from_ref(&command.verifier)),
        contact,
    };
    let happened = Happened::AddressConfirmationSent { confirmation: sent.clone() };
    draft.add_with(happened, None, Aside::SentVerifier(command.verifier))?;
    Ok(draft.decide(Reply::Send { sent, to }))
}

fn place(snapshot: &Snapshot, to: &Unconfirmed) -> Result<Place, Denial> {
    match to {
        Unconfirmed::Own(asked) => {
            let problem = "is not among the subject's registered addresses; register it first";
            let unknown = Denial::Invalid { field: "address", problem };
            let entry = snapshot.directory.as_ref().ok_or_else(|| unknown.clone())?;
            let same = |to: &&NotificationAddress| {
                to.channel == asked.channel && to.address == asked.address
            };
            let to = entry.notification_addresses.iter().find(same).ok_or(unknown)?;
            Ok(Place { to: to.clone(), address: to.digest(&entry.salt), contact: None })
        }
        Unconfirmed::Contact(label) => {
            let entry = snapshot.directory.as_ref().ok_or(Denial::ContactUnknown)?;
            let contact = entry.contacts.iter().find(|contact| contact.label == *label);
            let contact = contact.ok_or(Denial::ContactUnknown)?;
            let to = contact.to();
            Ok(Place { address: to.digest(&entry.salt), to, contact: Some(contact.id) })
        }
    }
}
