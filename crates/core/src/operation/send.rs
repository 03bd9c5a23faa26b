//! Send a code to the subject during a recovery, or to one of its recovery contacts. Nobody but its
//! addressee sees it (F4).

use super::{
    Denial, Outcome, Petition, Rules, open_recovery, past_request, settle, subject_and_tier,
    verified_addresses,
};
use crate::address_book::ContactLabel;
use crate::code::StoredVerifier;
use crate::code_set::verifiers_digest;
use crate::digest::Digest;
use crate::event::{Aside, Asked, Happened, Outcome as Ruled};
use crate::id::{ContactId, RecoveryId, SentId};
use crate::policy::{About, Question};
use crate::recent::Recent;
use crate::recovery::{Recovery, Sent};
use crate::settings::SentCodes;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Channel, NotificationAddress};
use crate::time::{Seconds, Timestamp};

/// Codes sent for one recovery at most, without those that did not go out.
const SENT_MAX: usize = 5;

/// Whom a code goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// The subject: its verified address on the channel is taken.
    Subject(Channel),
    /// A recovery contact of the subject, by label (N63B-RC-01).
    Contact(ContactLabel),
}

impl From<Channel> for Addressee {
    fn from(channel: Channel) -> Self {
        Self::Subject(channel)
    }
}

/// What is to be sent. The code itself stays with the engine.
pub struct Send {
    /// In which recovery.
    pub recovery: RecoveryId,
    /// The id the code gets.
    pub sent: SentId,
    /// Where to.
    pub to: Addressee,
    /// What is stored in the code's place.
    pub verifier: StoredVerifier,
    /// How that was made.
    pub scheme: crate::code::Scheme,
    /// The generation of the pepper key it was made under.
    pub key_generation: u32,
    /// How long it lives; the channel's longest if `None`.
    pub lifetime: Option<Seconds>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Written down: now it may go out.
    Send {
        /// The code, without the code.
        sent: Sent,
        /// Where to.
        to: NotificationAddress,
    },
    /// A retry: it went out before, or is on its way.
    SentBefore {
        /// The code, without the code.
        sent: Sent,
    },
}

/// Decides a sending.
///
/// # Errors
/// [`Denial::NotAllowed`] until the case is verified and approved where policy asks for it;
/// [`Denial::SentCodesDisabled`] after too many wrong ones in this recovery, and
/// [`Denial::SendLimit`] after too many sent in all (N63B-IC-07); [`Denial::Invalid`] if the
/// subject has no verified address on the channel (N63B-IC-01), or the contact was not confirmed
/// when the recovery was opened; [`Denial::ContactUnknown`].
pub fn decide(
    snapshot: &Snapshot,
    command: Send,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    let past = past_request(call, snapshot)?;
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    if let Some(past) = past {
        // The code that this request sent, whatever was sent after it or became of the recovery.
        let recovery = settled.recovery(command.recovery).ok_or(Denial::RecoveryUnknown)?;
        let sent = recovery.sent.iter().find(|sent| Some(sent.id) == past.sent);
        let sent = sent.ok_or(Denial::RequestReused)?.clone();
        return Ok(Decided::Already(Reply::SentBefore { sent }));
    }
    let recovery = open_recovery(&settled, command.recovery)?;
    let petition = Petition { recovery: Some(command.recovery), asked: Asked::Send, by: None };
    if let Some(denial) = settled.rests() {
        return petition.refuse(draft, denial, None);
    }
    let question = Question::Release {
        about: About::of(subject, tier),
        opened_by: recovery.opening.by.opener(),
        evidence: recovery.evidence(subject.profile.ial, &settled.approvers),
    };
    let verdict = rules.policy.ask(&question);
    if verdict.outcome != Ruled::Permit {
        let ruling = verdict.ruling(&question, rules.policy);
        let denial = Denial::NotAllowed { reasons: verdict.reasons };
        return petition.refuse(draft, denial, Some(ruling));
    }
    if recovery.codes_disabled_at.is_some() {
        return Err(Denial::SentCodesDisabled);
    }
    if let Some(retry_at) = limited(snapshot, tier.sent_codes, draft.call.now) {
        return Err(Denial::SendLimit { retry_at });
    }
    let gone_out = recovery.sent.len().saturating_sub(recovery.undelivered.len());
    if gone_out >= SENT_MAX || recovery.sent.len() >= Recovery::LIST_MAX {
        let problem = "has had five codes; open another recovery";
        return Err(Denial::Invalid { field: "recovery", problem });
    }
    let Place { to, address, contact } = match &command.to {
        Addressee::Subject(channel) => verified(snapshot, recovery, *channel)?,
        Addressee::Contact(label) => confirmed(snapshot, recovery, label)?,
    };
    let lifetime = lifetime_of(to.channel, contact.is_some(), command.lifetime)?;
    let sent = Sent {
        id: command.sent,
        channel: to.channel,
        address,
        sent_at: draft.call.now,
        expires_at: draft.call.now.plus(lifetime),
        scheme: command.scheme,
        key_generation: command.key_generation,
        verifier: verifiers_digest(std::slice::from_ref(&command.verifier)),
        contact,
    };
    draft.rest_on(&settled.approvers, recovery);
    let happened = Happened::RecoveryCodeSent { recovery: recovery.id, sent: sent.clone() };
    let ruling = verdict.ruling(&question, rules.policy);
    draft.add_with(happened, Some(ruling), Aside::SentVerifier(command.verifier))?;
    Ok(draft.decide(Reply::Send { sent, to }))
}

/// When the next code may be sent, where that is not now: over all recoveries, so that another one
/// buys no more guesses. One that did not go out has its place back, and still counts among the
/// [`Recent::MAX`] in all: an address that takes nothing is no way to send without end.
fn limited(snapshot: &Snapshot, limit: SentCodes, now: Timestamp) -> Option<Timestamp> {
    let since = now.minus(limit.period);
    let sent = || snapshot.recent.sent_codes.iter().filter(|sent| sent.at > since);
    let place = usize::from(limit.sends).saturating_sub(1);
    // The codes that would have to leave the period before another one fits in.
    let counting = sent().filter(|sent| !sent.undelivered).nth(place);
    let in_all = sent().nth(Recent::MAX - 1);
    let oldest = counting.into_iter().chain(in_all).map(|sent| sent.at).max();
    oldest.map(|oldest| oldest.plus(limit.period))
}

/// How long a code lives that was asked to live `asked`: the longest of its channel if `None`, and
/// a day more by way of a contact.
pub(super) fn lifetime_of(
    channel: Channel,
    by_contact: bool,
    asked: Option<Seconds>,
) -> Result<Seconds, Denial> {
    let ceiling = if by_contact { channel.contact_lifetime_max() } else { channel.lifetime_max() };
    let lifetime = asked.unwrap_or(ceiling);
    if lifetime.0 == 0 || lifetime > ceiling {
        let problem = "is longer than the channel allows (N63B-IC-03 to -05, N63B-RC-02)";
        return Err(Denial::Invalid { field: "lifetime_seconds", problem });
    }
    Ok(lifetime)
}

/// Whom a code of `recovery` could go to now, each with the address it would go to.
pub fn addressees(
    snapshot: &Snapshot,
    recovery: &Recovery,
) -> Vec<(Addressee, NotificationAddress)> {
    let own = Channel::ALL.into_iter().filter_map(|channel| {
        let place = verified(snapshot, recovery, channel).ok()?;
        Some((Addressee::Subject(channel), place.to))
    });
    let contacts = snapshot.directory.iter().flat_map(|entry| &entry.contacts);
    let contacts = contacts.filter_map(|contact| {
        let place = confirmed(snapshot, recovery, &contact.label).ok()?;
        Some((Addressee::Contact(contact.label.clone()), place.to))
    });
    own.chain(contacts).collect()
}

/// Where a code goes.
struct Place {
    to: NotificationAddress,
    address: Digest,
    contact: Option<ContactId>,
}

/// The subject's address on the channel that is verified, and was when the recovery was opened.
fn verified(snapshot: &Snapshot, recovery: &Recovery, channel: Channel) -> Result<Place, Denial> {
    let refuse = |problem| Err(Denial::Invalid { field: "channel", problem });
    let verified = verified_addresses(snapshot);
    let directory = snapshot.directory.iter();
    let on_channel = directory.flat_map(|entry| {
        let addresses = entry.notification_addresses.iter().filter(|to| to.channel == channel);
        addresses.map(|to| (to, to.digest(&entry.salt)))
    });
    let mut on_channel = on_channel.filter(|(_, address)| verified.contains(address)).peekable();
    if on_channel.peek().is_none() {
        return refuse("is none on which the subject has a verified address (N63B-IC-01)");
    }
    let Some((to, address)) =
        on_channel.find(|(_, address)| recovery.opening.addresses.contains(address))
    else {
        return refuse("has another address than when the recovery was opened; open another one");
    };
    Ok(Place { to: to.clone(), address, contact: None })
}

/// The address of a contact that is confirmed, and was when the recovery was opened.
fn confirmed(
    snapshot: &Snapshot,
    recovery: &Recovery,
    label: &ContactLabel,
) -> Result<Place, Denial> {
    let refuse = |problem| Err(Denial::Invalid { field: "contact", problem });
    let entry = snapshot.directory.as_ref().ok_or(Denial::ContactUnknown)?;
    let contact = entry.contacts.iter().find(|contact| contact.label == *label);
    let contact = contact.ok_or(Denial::ContactUnknown)?;
    let to = contact.to();
    let address = to.digest(&entry.salt);
    let known = snapshot.addresses.book.contact(contact.id);
    let known = known.filter(|known| known.confirmed_at.is_some() && known.address == address);
    if known.is_none() || !recovery.opening.contacts.contains(&address) {
        return refuse("was not confirmed when the recovery was opened (N63B-RC-02)");
    }
    if entry.notification_addresses.iter().any(|own| contact.is_at(own)) {
        return refuse("has the subject's own address; a contact is somebody else");
    }
    Ok(Place { to, address, contact: Some(contact.id) })
}
