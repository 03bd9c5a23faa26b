//! The words of the API, as the command line offers them.

use clap::builder::PossibleValuesParser;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::lifecycle::LifecycleKind;

/// What a subject is.
pub const KINDS: [&str; 3] = ["person", "service", "agent"];
/// Authenticator assurance levels.
pub const ASSURANCES: [&str; 3] = ["aal1", "aal2", "aal3"];
/// Identity assurance levels.
pub const IALS: [&str; 4] = ["none", "ial1", "ial2", "ial3"];
/// How a subject is told.
pub const CHANNELS: [&str; 5] = ["email", "sms", "voice", "postal", "push"];
/// What a set is for.
pub const SET_KINDS: [&str; 3] = ["saved", "break_glass", "canary"];
/// The form of codes.
pub const PROFILES: [&str; 2] = ["strong", "compact"];
/// Where a set stands.
pub const STATES: [&str; 8] =
    ["offered", "active", "exhausted", "expired", "revoked", "superseded", "disabled", "lapsed"];
/// The controlled moments of issuing.
pub const ISSUE_REASONS: [&str; 5] = [
    "enrolment",
    "replacement",
    "reissue_after_recovery",
    "break_glass_provisioning",
    "support_case",
];
/// Where a set may be kept.
pub const CUSTODIES: [&str; 4] =
    ["password_manager", "sealed_offline_copy", "secrets_manager", "hardware"];
/// Why a set is revoked by hand.
pub const REVOKE_REASONS: [&str; 3] = ["requested", "lost", "leaked"];
/// The paper of a sheet.
pub const PAPERS: [&str; 2] = ["a4", "letter"];
/// The layout of a sheet.
pub const LAYOUTS: [&str; 2] = ["page", "envelope"];
/// The language of a sheet.
pub const LANGUAGES: [&str; 2] = ["en", "de"];
/// The role a code plays.
pub const ROLES: [&str; 2] = ["second_factor", "account_recovery"];
/// What else was verified.
pub const METHODS: [&str; 3] = ["password", "authenticator", "proofing"];
/// What a link to self-service is for.
pub const PURPOSES: [&str; 3] = ["view", "codes", "report"];
/// What derived keys are for.
pub const KEY_PURPOSES: [&str; 3] = ["pepper", "log_signing", "grant_signing"];
/// Why a subject cannot get in.
pub const CAUSES: [&str; 6] = [
    "phone_lost",
    "authenticator_deleted",
    "device_migrated",
    "codes_lost",
    "emergency",
    "unstated",
];
/// Where a recovery stands.
pub const RECOVERY_STATES: [&str; 6] =
    ["open", "window", "completed", "lapsed", "refused", "cancelled"];
/// Whose recovery it is: a case of an agent, or the subject's own.
pub const RECOVERY_KINDS: [&str; 2] = ["case", "own"];
/// What a recovery waits for.
pub const NEEDS: [&str; 5] = ["evidence", "approval", "release", "enrolment", "any"];
/// How much an alert matters.
pub const ALERT_LEVELS: [&str; 5] = ["informational", "low", "medium", "high", "critical"];
/// What policies are asked.
pub const ACTIONS: [&str; 7] =
    ["issue", "confirm", "revoke", "redeem", "recover", "release", "approve"];
/// What policies answer.
pub const OUTCOMES: [&str; 3] = ["permit", "deny", "more_evidence"];
/// Where a bundle stands.
pub const BUNDLE_STATES: [&str; 6] =
    ["pending", "effective", "opening", "opened", "superseded", "revoked"];
/// Kinds of evidence.
pub const EVIDENCE: [&str; 3] = ["vouched", "proofing", "second_verification"];
/// What an agent looks at.
pub const CHECKS: [&str; 6] =
    ["document", "biometric", "call_back", "video", "in_person", "manager"];
/// Which rules an exception sets aside.
pub const EXCEPTIONS: [&str; 2] = ["over_issue_limit", "routine_use"];
/// Why recovery is switched off.
pub const CONTAINMENT_REASONS: [&str; 4] =
    ["primary_factor_compromised", "codes_leaked", "insider_suspected", "precaution"];
/// What became of a signal.
pub const SIGNAL_STATES: [&str; 6] = ["pending", "applied", "kept", "asked", "failed", "resolved"];
/// Why somebody ended a recovery.
pub const END_REASONS: [&str; 4] = ["no_need", "not_verified", "suspicious", "mistake"];
/// What an operator does.
pub const DUTIES: [&str; 5] = ["support", "approve", "audit", "respond", "administer"];

/// What an approver signs of a case.
pub const SIGNED: [&str; 2] = ["approve", "decline"];

/// A parser that takes one of `words`.
pub fn one_of<const N: usize>(words: [&'static str; N]) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

/// A parser that takes the name of a lifecycle event.
pub fn lifecycle() -> PossibleValuesParser {
    PossibleValuesParser::new(LifecycleKind::ALL.iter().map(|kind| kind.name()))
}

/// A parser that takes the name of a scope.
pub fn scope() -> PossibleValuesParser {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.name()))
}

#[cfg(test)]
mod tests {
    use glassbreak_engine::Need;
    use glassbreak_engine::core::access::KeyPurpose;
    use glassbreak_engine::core::code_set::{Custody, IssueReason, Profile, RevokeReason, SetKind};
    use glassbreak_engine::core::containment::ContainmentReason;
    use glassbreak_engine::core::event::{AlertLevel, Asked, Outcome};
    use glassbreak_engine::core::exception::ExceptionKind;
    use glassbreak_engine::core::operator::Duty;
    use glassbreak_engine::core::recovery::{Cause, Check, EndReason};
    use glassbreak_engine::core::redemption::{Method, Role};
    use glassbreak_engine::core::subject::{Assurance, Channel, Proofing, SubjectKind};
    use serde::de::DeserializeOwned;
    use serde_json::{from_value, json};

    use super::*;

    fn known<T: DeserializeOwned>(words: &[&str]) {
        for word in words {
            assert!(from_value::<T>(json!(word)).is_ok(), "{word}");
        }
    }

    #[test]
    fn every_word_is_one_of_the_core() {
        known::<SubjectKind>(&KINDS);
        known::<Assurance>(&ASSURANCES);
        known::<Proofing>(&IALS);
        known::<Channel>(&CHANNELS);
        known::<SetKind>(&SET_KINDS);
        known::<Profile>(&PROFILES);
        known::<IssueReason>(&ISSUE_REASONS);
        known::<Custody>(&CUSTODIES);
        known::<RevokeReason>(&REVOKE_REASONS);
        known::<Role>(&ROLES);
        known::<Method>(&METHODS);
        known::<KeyPurpose>(&KEY_PURPOSES);
        known::<Cause>(&CAUSES);
        known::<Check>(&CHECKS);
        known::<EndReason>(&END_REASONS);
        known::<ExceptionKind>(&EXCEPTIONS);
        known::<Asked>(&SIGNED);
        known::<ContainmentReason>(&CONTAINMENT_REASONS);
        known::<Duty>(&DUTIES);
        known::<AlertLevel>(&ALERT_LEVELS);
        known::<Outcome>(&OUTCOMES);
        let named = |name: &&str| *name == "any" || Need::named(name).is_some();
        assert!(NEEDS.iter().all(named));
    }
}
