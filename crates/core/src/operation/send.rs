//! Send a code to the subject during a recovery. Nobody but its addressee sees it (F4).

use super::{Denial, Outcome, Rules, open_recovery, past_request, settle, subject_and_tier};
use crate::code::StoredVerifier;
use crate::code_set::verifiers_digest;
use crate::digest::Digest;
use crate::event::{Aside, Happened, Outcome as Ruled};
use crate::id::{RecoveryId, SentId};
use crate::policy::{About, Question};
use crate::recovery::{Recovery, Sent};
use crate::settings::SentCodes;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Channel, NotificationAddress, Standing};
use crate::time::{Seconds, Timestamp};

/// Codes sent for one recovery at most.
const SENT_MAX: usize = 5;

/// What is to be sent. The code itself stays with the engine.
pub struct Send {
    /// In which recovery.
    pub recovery: RecoveryId,
    /// The id the code gets.
    pub sent: SentId,
    /// On which channel; the subject's verified address there is taken.
    pub channel: Channel,
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
/// subject has no verified address on the channel (N63B-IC-01).
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
    if !matches!(settled.standing, Some(Standing::Active)) {
        return Err(Denial::SubjectSuspended);
    }
    let question = Question::Release {
        about: About::of(subject, tier),
        opened_by: recovery.opening.by.opener(),
        evidence: recovery.evidence(subject.profile.ial),
    };
    let verdict = rules.policy.ask(&question);
    if verdict.outcome != Ruled::Permit {
        return Err(Denial::NotAllowed { reasons: verdict.reasons });
    }
    if recovery.codes_disabled_at.is_some() {
        return Err(Denial::SentCodesDisabled);
    }
    if let Some(retry_at) = limited(snapshot, tier.sent_codes, draft.call.now) {
        return Err(Denial::SendLimit { retry_at });
    }
    if recovery.sent.len() >= SENT_MAX.min(Recovery::LIST_MAX) {
        let problem = "has had five codes; open another recovery";
        return Err(Denial::Invalid { field: "recovery", problem });
    }
    let (to, address) = verified(snapshot, command.channel)?;
    if !recovery.opening.addresses.contains(&address) {
        let problem = "has another address than when the recovery was opened; open another one";
        return Err(Denial::Invalid { field: "channel", problem });
    }
    let ceiling = command.channel.lifetime_max();
    let lifetime = command.lifetime.unwrap_or(ceiling);
    if lifetime.0 == 0 || lifetime > ceiling {
        let problem = "is longer than the channel allows (N63B-IC-03 to -05)";
        return Err(Denial::Invalid { field: "lifetime_seconds", problem });
    }
    let sent = Sent {
        id: command.sent,
        channel: command.channel,
        address,
        expires_at: draft.call.now.plus(lifetime),
        scheme: command.scheme,
        key_generation: command.key_generation,
        verifier: verifiers_digest(std::slice::from_ref(&command.verifier)),
    };
    let happened = Happened::RecoveryCodeSent { recovery: recovery.id, sent: sent.clone() };
    let ruling = verdict.ruling(&question, rules.policy);
    draft.add_with(happened, Some(ruling), Aside::SentVerifier(command.verifier))?;
    Ok(draft.decide(Reply::Send { sent, to }))
}

/// When the next code may be sent, where that is not now: over all recoveries, so that another one
/// buys no more guesses.
fn limited(snapshot: &Snapshot, limit: SentCodes, now: Timestamp) -> Option<Timestamp> {
    let since = now.minus(limit.period);
    let place = usize::from(limit.sends).saturating_sub(1);
    // The code that would have to leave the period before another one fits in.
    let oldest = snapshot.recent.sent_codes.iter().filter(|at| **at > since).nth(place);
    oldest.map(|oldest| oldest.plus(limit.period))
}

fn verified(
    snapshot: &Snapshot,
    channel: Channel,
) -> Result<(NotificationAddress, Digest), Denial> {
    let problem = "is none on which the subject has a verified address (N63B-IC-01)";
    let denied = Denial::Invalid { field: "channel", problem };
    let directory = snapshot.directory.as_ref().ok_or_else(|| denied.clone())?;
    let mut on_channel = directory.notification_addresses.iter();
    let to = on_channel.find(|to| to.channel == channel && to.verified).ok_or(denied)?;
    Ok((to.clone(), to.digest(&directory.salt)))
}
