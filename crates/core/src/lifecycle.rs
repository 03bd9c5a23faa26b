//! What happens in a subject's life, and what it does to the recovery credentials (D1 to D9).

use serde::{Deserialize, Serialize};

use crate::subject::SuspendCause;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleKind {
    /// D1: the multi-factor settings changed.
    MfaChanged,
    /// D1: the subject enrolled its authenticators anew.
    Reenrolled,
    /// D2: a device was replaced.
    DeviceReplaced,
    /// D2: a device was lost.
    DeviceLost,
    /// D2: a device was wiped.
    DeviceWiped,
    /// D3: the account was reset.
    AccountReset,
    /// D4: the role changed.
    RoleChanged,
    /// D4: the privileges changed.
    PrivilegesChanged,
    /// D5: the account's risk rose.
    RiskRaised,
    /// D5: the account's risk fell back.
    RiskCleared,
    /// D6: a support-assisted recovery ended.
    SupportRecovery,
    /// D7: the subject left (offboarding, also of a service).
    SubjectLeft,
    /// The account was disabled; it may be enabled again.
    AccountDisabled,
    /// The account was enabled again.
    AccountEnabled,
    /// D8: a service or agent changed its owner.
    OwnerChanged,
    /// D9: the primary factor was compromised.
    PrimaryFactorCompromised,
    /// The recovery path that a lapsed window closed is open again (C5).
    RecoveryReopened,
    /// H2: the accountable owner of a service or an agent left.
    OwnerLeft,
    /// The subject says of something that it was told of: this was not me (N63B-NO-07).
    Repudiated,
}

/// What it does to the subject's recovery credentials. It never touches the account. Ordered by
/// how much is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Recovery that was suspended is open again. What was revoked stays revoked.
    Resume,
    /// Written down, nothing else.
    Record,
    /// Live sets are marked for replacement at once.
    Replace,
    /// Recovery rests until resumed.
    Suspend,
    /// Every live set is revoked, and every recovery that gathers evidence is cancelled; with it an
    /// open window, unless it is what the window is for ([`LifecycleKind::ends_windows`]). A window
    /// that ends so closes the path, as one does that lapses (C5).
    Revoke,
    /// Every live set is revoked, and recovery is closed until the subject is registered anew.
    Depart,
}

impl Effect {
    /// The effect's name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Record => "record",
            Self::Replace => "replace",
            Self::Suspend => "suspend",
            Self::Revoke => "revoke",
            Self::Depart => "depart",
        }
    }
}

impl LifecycleKind {
    /// Every kind, in the order of the requirements.
    pub const ALL: &'static [Self] = &[
        Self::MfaChanged,
        Self::Reenrolled,
        Self::DeviceReplaced,
        Self::DeviceLost,
        Self::DeviceWiped,
        Self::AccountReset,
        Self::RoleChanged,
        Self::PrivilegesChanged,
        Self::RiskRaised,
        Self::RiskCleared,
        Self::SupportRecovery,
        Self::SubjectLeft,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::OwnerChanged,
        Self::PrimaryFactorCompromised,
        Self::RecoveryReopened,
        Self::OwnerLeft,
        Self::Repudiated,
    ];

    /// The kind's name in API and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MfaChanged => "mfa_changed",
            Self::Reenrolled => "reenrolled",
            Self::DeviceReplaced => "device_replaced",
            Self::DeviceLost => "device_lost",
            Self::DeviceWiped => "device_wiped",
            Self::AccountReset => "account_reset",
            Self::RoleChanged => "role_changed",
            Self::PrivilegesChanged => "privileges_changed",
            Self::RiskRaised => "risk_raised",
            Self::RiskCleared => "risk_cleared",
            Self::SupportRecovery => "support_recovery",
            Self::SubjectLeft => "subject_left",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::OwnerChanged => "owner_changed",
            Self::PrimaryFactorCompromised => "primary_factor_compromised",
            Self::RecoveryReopened => "recovery_reopened",
            Self::OwnerLeft => "owner_left",
            Self::Repudiated => "repudiated",
        }
    }

    /// The cause that this kind gives or lifts where its effect is to suspend or to resume.
    pub const fn cause(self) -> SuspendCause {
        match self {
            Self::RiskRaised | Self::RiskCleared => SuspendCause::Risk,
            Self::RecoveryReopened => SuspendCause::Recovery,
            _ => SuspendCause::Account,
        }
    }

    /// Whether it ends an open window as well where it revokes. All do but what a window is there
    /// for: the new authenticator, and the settings that come with it.
    pub const fn ends_windows(self) -> bool {
        !matches!(
            self,
            Self::MfaChanged | Self::Reenrolled | Self::DeviceReplaced | Self::SupportRecovery
        )
    }

    /// What it does unless configuration says otherwise.
    pub const fn effect_default(self) -> Effect {
        match self {
            Self::AccountDisabled | Self::RiskRaised => Effect::Suspend,
            Self::AccountEnabled | Self::RiskCleared | Self::RecoveryReopened => Effect::Resume,
            Self::SubjectLeft => Effect::Depart,
            Self::MfaChanged
            | Self::Reenrolled
            | Self::DeviceReplaced
            | Self::DeviceLost
            | Self::DeviceWiped
            | Self::AccountReset
            | Self::RoleChanged
            | Self::PrivilegesChanged
            | Self::SupportRecovery
            | Self::OwnerChanged
            | Self::OwnerLeft
            | Self::Repudiated
            | Self::PrimaryFactorCompromised => Effect::Revoke,
        }
    }

    /// The least it may be configured to do. A compromise, a loss, a departure and a
    /// support-assisted recovery invalidate (SP 800-63B-4 sections 4.3 and 4.5; C6).
    pub const fn effect_floor(self) -> Effect {
        match self {
            Self::AccountEnabled | Self::RiskCleared | Self::RecoveryReopened => Effect::Resume,
            Self::MfaChanged | Self::RoleChanged | Self::PrivilegesChanged => Effect::Replace,
            Self::AccountDisabled | Self::RiskRaised => Effect::Suspend,
            Self::SubjectLeft => Effect::Depart,
            Self::Reenrolled
            | Self::DeviceReplaced
            | Self::DeviceLost
            | Self::DeviceWiped
            | Self::AccountReset
            | Self::SupportRecovery
            | Self::OwnerChanged
            | Self::OwnerLeft
            | Self::Repudiated
            | Self::PrimaryFactorCompromised => Effect::Revoke,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        for kind in LifecycleKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(
                serde_json::to_value(kind.effect_default()).unwrap(),
                kind.effect_default().name()
            );
            assert!(kind.effect_default() >= kind.effect_floor());
        }
    }
}
