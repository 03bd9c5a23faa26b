//! Which entries of the log are news to a neighbour, and which (docs/SIGNALS.md). What a neighbour
//! told us is not told again: two that hear each other would go on for ever.

use glassbreak_engine::core::event::{Actor, Entry, Happened};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_signals::set::Happening;
use glassbreak_signals::set::event::{CredentialType, Initiator};

use crate::ssf::receive::applied_by;

/// News: what it is, who began it, and why, for administrators.
pub(super) struct News {
    pub(super) happening: Happening,
    pub(super) by: Initiator,
    pub(super) reason: &'static str,
}

/// The news in an entry.
pub(super) fn news(entry: &Entry) -> Vec<News> {
    let by = match entry.actor {
        Actor::ApiKey { .. } | Actor::Operator { .. } | Actor::Machine { .. } | Actor::Embedder => {
            Initiator::Admin
        }
        Actor::Subject { .. } | Actor::Visitor => Initiator::User,
        Actor::System => Initiator::Policy,
    };
    let one = |happening, by, reason| vec![News { happening, by, reason }];
    match &entry.happened {
        Happened::CodeSetIssued { .. } => {
            one(Happening::SetIssued, by, "a set of recovery codes was issued")
        }
        Happened::CodeSetSuperseded { .. } => {
            one(Happening::SetReplaced, by, "a set of recovery codes took another's place")
        }
        Happened::CodeSetRevoked { .. } => {
            one(Happening::SetRevoked, by, "a set of recovery codes was revoked")
        }
        Happened::CodeSetExpired { .. } | Happened::CodeSetLapsed { .. } => {
            one(Happening::SetEnded, Initiator::Policy, "a set of recovery codes expired")
        }
        Happened::CodeSetDisabled { .. } => {
            let reason = "a set of recovery codes was disabled after too many failed attempts";
            one(Happening::SetAttacked, Initiator::Policy, reason)
        }
        Happened::AlertRaised { canary: Some(_), .. } => {
            one(Happening::SetAttacked, Initiator::Policy, "a decoy was used")
        }
        Happened::CodeAccepted(accepted) => {
            let mut all = vec![News {
                happening: Happening::RecoveryActivated,
                by: Initiator::User,
                reason: "a recovery code was used",
            }];
            if accepted.remaining == 0 {
                let reason = "a set of recovery codes is used up";
                all.push(News { happening: Happening::SetEnded, by: Initiator::User, reason });
            }
            all
        }
        Happened::RecoveryOpened { .. } => {
            one(Happening::RecoveryActivated, by, "a recovery was opened")
        }
        Happened::RecoveryCompleted { .. } => {
            one(Happening::RecoveryCompleted, by, "a recovery is complete")
        }
        Happened::AddressConfirmed { .. }
        | Happened::AddressRemoved { .. }
        | Happened::ContactAdded(_)
        | Happened::ContactRemoved { .. } => {
            one(Happening::AddressChanged, by, "an address or contact for recovery changed")
        }
        Happened::LifecycleReported { kind, .. } if !applied_by(&entry.actor) => {
            of_lifecycle(*kind, by)
        }
        _ => Vec::new(),
    }
}

/// Which authenticator it was, no report says: its type is between the two sides (CAEP 3.3.1).
fn of_lifecycle(kind: LifecycleKind, by: Initiator) -> Vec<News> {
    let authenticator = || CredentialType::Other("authenticator".to_owned());
    let (happening, reason) = match kind {
        LifecycleKind::DeviceReplaced => {
            (Happening::DeviceReplaced(authenticator()), "an authenticator was replaced")
        }
        LifecycleKind::DeviceLost | LifecycleKind::DeviceWiped => {
            (Happening::DeviceLost(authenticator()), "an authenticator was lost or wiped")
        }
        _ => return Vec::new(),
    };
    vec![News { happening, by, reason }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbreak_engine::core::event::{Alert, CanaryCode, ENTRY_VERSION};
    use glassbreak_engine::core::id::{EventId, SetId};
    use glassbreak_engine::core::time::Timestamp;

    #[test]
    fn g3_a_decoy_that_was_used_is_told_as_an_attack_and_no_other_alert_is() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let told = |happened| {
            let (v, id, actor) = (ENTRY_VERSION, EventId::new(at, [2; 10]), Actor::Embedder);
            let (subject, decision, request) = (None, None, None);
            news(&Entry { v, id, at, subject, actor, decision, request, happened })
        };
        let canary = CanaryCode { set: SetId::new(at, [1; 10]), ordinal: 1 };
        let [one] = <[News; 1]>::try_from(told(Happened::canary(canary))).ok().unwrap();
        assert_eq!((one.happening, one.by), (Happening::SetAttacked, Initiator::Policy));
        assert_eq!(one.reason, "a decoy was used");
        assert!(told(Happened::alert(Alert::OwnerLeft, None)).is_empty());
    }
}
