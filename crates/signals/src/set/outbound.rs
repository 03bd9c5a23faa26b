//! What happened here, as the events that others understand (STANDARDS 5.8).

use glassbreak_core::time::Timestamp;

use super::event::{
    Caep, ChangeType, Context, CredentialChange, CredentialType, Event, Initiator, Principal,
    Reasons, Risc, RiskChange, RiskLevel,
};

/// What happened to a subject's recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A set was issued, the first one or one more.
    SetIssued,
    /// A set took another's place.
    SetReplaced,
    /// A set was revoked.
    SetRevoked,
    /// A set expired or was used up.
    SetEnded,
    /// A set was disabled by the throttle, or a decoy was used: somebody tries who should not.
    SetAttacked,
    /// A recovery was opened, or a code was redeemed.
    RecoveryActivated,
    /// A recovery is complete: the sessions from before it are to end.
    RecoveryCompleted,
    /// A contact, or an address that codes are sent to, changed.
    AddressChanged,
    /// An authenticator was replaced (D2).
    DeviceReplaced(CredentialType),
    /// An authenticator was lost or wiped (D2).
    DeviceLost(CredentialType),
}

/// The events that tell of it, in the order they are sent. Each becomes a token of its own; all of
/// them carry one `txn` (SET-08). `reason` is for administrators, in English, and not empty: the
/// interoperability profile wants one.
pub fn outbound(happening: &Happening, at: Timestamp, by: Initiator, reason: &str) -> Vec<Event> {
    let context = || Context {
        event_timestamp: Some(at),
        initiating_entity: Some(by),
        reason_admin: Reasons::from([("en".to_owned(), reason.to_owned())]),
        reason_user: Reasons::new(),
    };
    let caep = |caep| Event::Caep(context(), caep);
    let change = |credential: CredentialType, change| {
        caep(Caep::CredentialChange(CredentialChange::new(credential, change)))
    };
    let codes = |kind| change(CredentialType::RecoveryCode, kind);
    let information = Event::Risc(Risc::RecoveryInformationChanged);
    match happening {
        Happening::SetIssued => vec![codes(ChangeType::Create), information],
        Happening::SetReplaced => vec![codes(ChangeType::Update), information],
        Happening::SetRevoked => vec![codes(ChangeType::Revoke)],
        Happening::SetEnded => vec![codes(ChangeType::Delete)],
        Happening::SetAttacked => vec![
            Event::Risc(Risc::CredentialCompromise {
                credential_type: CredentialType::RecoveryCode,
                context: Context { initiating_entity: None, ..context() },
            }),
            caep(Caep::RiskLevelChange(RiskChange {
                principal: Principal::User,
                current_level: RiskLevel::High,
                previous_level: None,
                risk_reason: Some("RECOVERY_CODES_ATTACKED".to_owned()),
            })),
        ],
        Happening::RecoveryActivated => vec![Event::Risc(Risc::RecoveryActivated)],
        Happening::RecoveryCompleted => vec![caep(Caep::SessionRevoked)],
        Happening::AddressChanged => vec![information],
        Happening::DeviceReplaced(kind) => vec![change(kind.clone(), ChangeType::Update)],
        Happening::DeviceLost(kind) => vec![change(kind.clone(), ChangeType::Revoke)],
    }
}
