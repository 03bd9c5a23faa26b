//! Confirm an address: the code that was sent to it came back (N63B-IC-08).

use super::{Outcome, Rules, past_request, settle, subject_and_tier};
use crate::code::CandidateMac;
use crate::event::Happened;
use crate::id::SentId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::time::Timestamp;

/// What was typed, for which confirmation.
pub struct ConfirmAddress {
    /// The confirmation.
    pub confirmation: SentId,
    /// What the typed code comes to.
    pub candidates: Vec<CandidateMac>,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The address is confirmed.
    Confirmed,
    /// Not accepted. Every reason looks like this (C9).
    NotAccepted,
    /// Guesses are being slowed down.
    Throttled {
        /// Until when.
        retry_at: Timestamp,
    },
}

/// Decides a confirmation. A wrong code is charged to the subject's one budget (N63B-IC-07); after
/// as many of them as end the codes sent in a recovery the confirmation is dead, and a newer one
/// for the same address does not start the count anew (N63B-TH-08).
///
/// # Errors
/// [`Denial::SubjectSuspended`](super::Denial::SubjectSuspended) while recovery rests.
pub fn decide(
    snapshot: &Snapshot,
    command: &ConfirmAddress,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let (_, tier) = subject_and_tier(snapshot, rules)?;
    if past_request(call, snapshot)?.is_some() {
        // Only a success takes a name.
        return Ok(Decided::Already(Reply::Confirmed));
    }
    let now = call.now;
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    if let Some(denial) = settled.rests() {
        return Err(denial);
    }
    let budget = snapshot.budget;
    if let Some(retry_at) = budget.retry_at.filter(|retry_at| *retry_at > now) {
        return Ok(draft.decide(Reply::Throttled { retry_at }));
    }
    let (held, throttle) = (&snapshot.addresses, rules.settings.throttle);
    let awaited = held.book.awaited(command.confirmation, now, tier.sent_codes.failures);
    // A containment ends what was sent before it, as it ends codes (I1).
    let awaited = awaited.filter(|awaited| settled.hold.ends(awaited.sent.sent_at).is_none());
    let verifier = awaited.and_then(|awaited| held.verifier(awaited.sent.id));
    let is_right = verifier.is_some_and(|verifier| {
        command.candidates.iter().fold(false, |hit, mac| hit | verifier.matches(mac))
    });
    let Some(awaited) = awaited.filter(|_| is_right) else {
        let failures = budget.failures.saturating_add(1);
        let retry_at = throttle.wait(failures).map(|wait| now.plus(wait));
        let confirmation = awaited.map(|awaited| awaited.sent.id);
        // A refusal takes no name: the next try under it may have the right code.
        draft.call.request = None;
        draft.add(Happened::AddressConfirmRefused { confirmation, failures, retry_at })?;
        return Ok(draft.decide(Reply::NotAccepted));
    };
    let (confirmation, sent) = (awaited.sent.id, &awaited.sent);
    let (address, contact) = (sent.address, sent.contact);
    // It clears no failures: a code to one's own mailbox would buy guesses at somebody's set.
    draft.add(Happened::AddressConfirmed { confirmation, address, contact })?;
    Ok(draft.decide(Reply::Confirmed))
}
