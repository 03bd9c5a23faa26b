//! What an event asks of us (D1 to D9; the table is in `docs/SIGNALS.md`).

use glassbreak_core::lifecycle::LifecycleKind;

use super::event::{
    Assurance, Caep, ChangeType, Compliance, CredentialChange, CredentialType, Direction,
    DisabledReason, Event, Principal, Risc, RiskChange, RiskLevel, Ssf, StreamStatus,
};

/// What is to be done with an event that was taken. All are kept and shown; that is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Report these, in this order, for each subject that the event names. What each does,
    /// configuration says ([`LifecycleKind::effect_default`]).
    Report(&'static [LifecycleKind]),
    /// Nothing more. Recovery credentials do not depend on what happened.
    Keep,
    /// Show it to a person who decides. What follows from it cannot be told from the event alone.
    Ask(Question),
    /// The stream answered a verification: check the state ([`super::check_state`]).
    Verified,
}

/// What a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// An address or number changed, or belongs to somebody else. Is it still a way to reach or to
    /// recover the subject? (N63B-IC-08)
    Identifier,
    /// The password or PIN was taken away. Because of a compromise?
    PasswordRevoked,
    /// The assurance level fell. May the subject still recover at the level it is registered with?
    AssuranceFell,
    /// A device or session is well again. Is that all that recovery rested for?
    RiskElsewhereFell,
    /// The risk of many subjects rose (a tenant, a group). Is it a containment?
    RiskOfMany,
    /// Nothing more will be said of the subject, or on the stream. What is trusted in its place?
    Silence,
}

impl Question {
    /// The question's name in API and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::PasswordRevoked => "password_revoked",
            Self::AssuranceFell => "assurance_fell",
            Self::RiskElsewhereFell => "risk_elsewhere_fell",
            Self::RiskOfMany => "risk_of_many",
            Self::Silence => "silence",
        }
    }
}

use Consequence::{Ask, Keep, Report};

/// What is to be done.
pub fn consequence(event: &Event) -> Consequence {
    match event {
        Event::Caep(_, caep) => of_caep(caep),
        Event::Risc(risc) => of_risc(risc),
        Event::Ssf(Ssf::Verification { .. }) => Consequence::Verified,
        Event::Ssf(Ssf::StreamUpdated { status: StreamStatus::Enabled, .. })
        | Event::Unknown { .. } => Keep,
        Event::Ssf(Ssf::StreamUpdated { .. }) => Ask(Question::Silence),
    }
}

fn of_caep(caep: &Caep) -> Consequence {
    match caep {
        Caep::SessionRevoked | Caep::SessionEstablished(_) | Caep::SessionPresented(_) => Keep,
        Caep::TokenClaimsChange { claims } => {
            of_claims(&claims.keys().map(String::as_str).collect::<Vec<_>>())
        }
        Caep::CredentialChange(change) => of_credential(change),
        Caep::AssuranceLevelChange(level) => of_assurance(level),
        Caep::DeviceComplianceChange { previous, current } => match (previous, current) {
            (_, Compliance::NotCompliant) => Report(&[LifecycleKind::RiskRaised]),
            (Compliance::NotCompliant, Compliance::Compliant) => Ask(Question::RiskElsewhereFell),
            (Compliance::Compliant, Compliance::Compliant) => Keep,
        },
        Caep::RiskLevelChange(risk) => of_risk(risk),
    }
}

/// A role outweighs single privileges: the set that goes with it was issued for the role.
fn of_claims(names: &[&str]) -> Consequence {
    // Claims from SAML are URIs: the last segment is the name.
    let last = |name: &&str| name.rsplit(['/', ':', '#']).next().map(str::to_ascii_lowercase);
    let names: Vec<String> = names.iter().filter_map(last).collect();
    let any = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    if any(&["role", "roles"]) {
        Report(&[LifecycleKind::RoleChanged])
    } else if any(&["groups", "entitlements", "permissions", "scope", "scp"]) {
        Report(&[LifecycleKind::PrivilegesChanged])
    } else {
        Keep
    }
}

fn of_credential(change: &CredentialChange) -> Consequence {
    match (&change.credential_type, change.change_type) {
        // Recovery codes of another system, or our own news coming back: no loop.
        (CredentialType::RecoveryCode, _) => Keep,
        (CredentialType::Password | CredentialType::Pin, change) => match change {
            ChangeType::Create | ChangeType::Update => Keep,
            ChangeType::Revoke | ChangeType::Delete => Ask(Question::PasswordRevoked),
        },
        (_, ChangeType::Create | ChangeType::Delete) => Report(&[LifecycleKind::MfaChanged]),
        (_, ChangeType::Update) => Report(&[LifecycleKind::DeviceReplaced]),
        (_, ChangeType::Revoke) => Report(&[LifecycleKind::DeviceLost]),
    }
}

fn of_assurance(level: &Assurance) -> Consequence {
    let changed = |before: &String| *before != level.current_level;
    match (level.change_direction, &level.previous_level) {
        (Some(Direction::Decrease), _) => Ask(Question::AssuranceFell),
        // Whose order of levels it is we do not know: a change may be a fall.
        (None, Some(before)) if changed(before) => Ask(Question::AssuranceFell),
        (Some(Direction::Increase) | None, _) => Keep,
    }
}

fn of_risk(risk: &RiskChange) -> Consequence {
    match (&risk.principal, risk.current_level) {
        (Principal::User | Principal::Device | Principal::Session, RiskLevel::High) => {
            Report(&[LifecycleKind::RiskRaised])
        }
        (Principal::User, RiskLevel::Low) => Report(&[LifecycleKind::RiskCleared]),
        // What a person's own risk has closed, a device's must not open.
        (Principal::Device | Principal::Session, RiskLevel::Low) => {
            Ask(Question::RiskElsewhereFell)
        }
        (Principal::Other(_), RiskLevel::High) => Ask(Question::RiskOfMany),
        (_, RiskLevel::Medium) | (Principal::Other(_), RiskLevel::Low) => Keep,
    }
}

fn of_risc(risc: &Risc) -> Consequence {
    match risc {
        Risc::AccountCredentialChangeRequired => Report(&[LifecycleKind::MfaChanged]),
        Risc::AccountPurged => Report(&[LifecycleKind::SubjectLeft]),
        // Disabled first, so that nothing opens between the two.
        Risc::AccountDisabled { reason: Some(DisabledReason::Hijacking) } => {
            Report(&[LifecycleKind::AccountDisabled, LifecycleKind::PrimaryFactorCompromised])
        }
        Risc::AccountDisabled { .. } => Report(&[LifecycleKind::AccountDisabled]),
        Risc::AccountEnabled => Report(&[LifecycleKind::AccountEnabled]),
        Risc::IdentifierChanged { .. } | Risc::IdentifierRecycled => Ask(Question::Identifier),
        Risc::CredentialCompromise { credential_type, .. } => match credential_type {
            // The codes of another system, or our own news coming back: no loop.
            CredentialType::RecoveryCode => Keep,
            _ => Report(&[LifecycleKind::PrimaryFactorCompromised]),
        },
        Risc::OptOutEffective => Ask(Question::Silence),
        Risc::OptIn
        | Risc::OptOutInitiated
        | Risc::OptOutCancelled
        | Risc::RecoveryActivated
        | Risc::RecoveryInformationChanged
        | Risc::SessionsRevoked => Keep,
    }
}
