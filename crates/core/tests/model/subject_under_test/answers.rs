//! What the core answers, in the words that the model has too.

use glassbreak_core::digest::Digest;
use glassbreak_core::id::{RecoveryId, SetId};
use glassbreak_core::operation::issue::Refusal;
use glassbreak_core::operation::register::Registered;
use glassbreak_core::operation::report::Reported;
use glassbreak_core::operation::{confirm, gather, issue, open, redeem, send};
use glassbreak_core::operator::{Appointment, Duty};
use glassbreak_core::recovery::Recovery;

use crate::vocabulary::Answer;

fn sorted(mut sets: Vec<SetId>) -> Vec<SetId> {
    sets.sort();
    sets
}

pub(super) fn registered(Registered { id, change, revoked }: Registered) -> Answer {
    Answer::Registered { id, change, revoked: sorted(revoked) }
}

pub(super) fn issued(reply: issue::Reply) -> Answer {
    match reply {
        issue::Reply::Shown { set, superseded, .. } => {
            Answer::Shown { set, superseded: sorted(superseded) }
        }
        issue::Reply::ShownBefore { set } => Answer::ShownBefore(set),
        issue::Reply::Refused(refusal) => {
            let retry_at = match &refusal {
                Refusal::Limit { retry_at } | Refusal::Throttled { retry_at } => Some(*retry_at),
                Refusal::Policy(_) | Refusal::Suspended | Refusal::Contained => None,
            };
            Answer::IssueRefused { why: refusal.code(), retry_at }
        }
    }
}

pub(super) fn confirmed(reply: confirm::Reply) -> Answer {
    match reply {
        confirm::Reply::Confirmed { set, superseded } => {
            Answer::Confirmed { set, superseded: sorted(superseded) }
        }
        confirm::Reply::NotAccepted => Answer::NotAccepted,
        confirm::Reply::Throttled { retry_at } => Answer::Throttled { retry_at },
    }
}

pub(super) fn redeemed(reply: redeem::Reply) -> Raw {
    match reply {
        redeem::Reply::Accepted { set, remaining, replace_by, window } => {
            let id = window.as_ref().map(|window| window.recovery);
            let window = window.map(|window| (usize::MAX, window.ends_at));
            Raw(id, Answer::Accepted { set, remaining, replace_by, window })
        }
        redeem::Reply::Recovered { window } => {
            Raw(Some(window.recovery), Answer::Recovered((usize::MAX, window.ends_at)))
        }
        redeem::Reply::WindowClosed { recovery, spent } => {
            let set = spent.map(|spent| spent.set);
            Raw(Some(recovery), Answer::WindowClosed { recovery: usize::MAX, set })
        }
        redeem::Reply::MoreEvidenceRequired { recovery: id, alternatives } => {
            let recovery = id.map(|_| usize::MAX);
            Raw(id, Answer::MoreEvidence { recovery, alternatives })
        }
        redeem::Reply::NotAccepted => Answer::NotAccepted.into(),
        redeem::Reply::Throttled { retry_at } => Answer::Throttled { retry_at }.into(),
    }
}

/// An answer with the id of the recovery it names, which becomes a place.
pub(super) struct Raw(pub(super) Option<RecoveryId>, pub(super) Answer);

impl From<Answer> for Raw {
    fn from(answer: Answer) -> Self {
        Self(None, answer)
    }
}

impl Raw {
    pub(super) fn placed(self, recoveries: &[(RecoveryId, Digest)]) -> Answer {
        let Self(id, mut answer) = self;
        let place = recoveries.iter().position(|(known, _)| Some(*known) == id);
        if let Some(place) = place {
            match &mut answer {
                Answer::Accepted { window: Some((at, _)), .. }
                | Answer::Recovered((at, _))
                | Answer::Opened { recovery: at, .. }
                | Answer::WindowClosed { recovery: at, .. }
                | Answer::MoreEvidence { recovery: Some(at), .. } => *at = place,
                _ => {}
            }
        }
        answer
    }
}

pub(super) fn opened(reply: open::Reply) -> Raw {
    let reply = match reply {
        open::Reply::Opened(opened) => opened,
        open::Reply::Throttled { retry_at } => return Answer::Throttled { retry_at }.into(),
    };
    let (recovery, alternatives) = (usize::MAX, reply.alternatives);
    Raw(Some(reply.recovery.id), Answer::Opened { recovery, alternatives })
}

pub(super) fn gathered(reply: gather::Gathered) -> Raw {
    let state = reply.recovery.state.name();
    let ends_at = reply.window.map(|window| window.ends_at);
    Answer::Gathered { state, ends_at, alternatives: reply.alternatives }.into()
}

pub(super) fn sent(reply: send::Reply) -> Raw {
    let (send::Reply::Send { sent, .. } | send::Reply::SentBefore { sent }) = reply;
    Answer::Sent { expires_at: sent.expires_at }.into()
}

pub(super) fn stands(recovery: &Recovery) -> Raw {
    Answer::Stands(recovery.state.name()).into()
}

pub(super) fn appointed(appointment: &Appointment) -> Raw {
    let has = |duty| appointment.duties.contains(&duty);
    Answer::Appointed { support: has(Duty::Support), approve: has(Duty::Approve) }.into()
}

pub(super) fn reported(Reported { effect, revoked, replace, standing }: Reported) -> Answer {
    Answer::Reported { effect, revoked: sorted(revoked), replace: sorted(replace), standing }
}
