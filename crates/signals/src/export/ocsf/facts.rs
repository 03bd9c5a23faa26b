//! What an event tells beyond its kind: whom it is about, why, and how much worse that makes it.

use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::containment::ContainmentScope;
use glassbreak_core::digest::{Fingerprint, hex};
use glassbreak_core::event::{Acceptance, Alert, AlertLevel, Attempt, Entry, Happened};
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::recovery::{Cause, Item, OpenedBy};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::SubjectKind;
use serde::Serialize;

use super::class::Entity;
use super::{Row, Severity};

/// The name of a value, as entries spell it.
fn word(value: &impl Serialize) -> Option<String> {
    match serde_json::to_value(value).ok()? {
        serde_json::Value::String(word) => Some(word),
        serde_json::Value::Object(tagged) => {
            // A cause to rest is tagged, because one of them has a time.
            tagged.get("cause")?.as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// Why, as a stable word of ours (`status_detail`).
pub(super) fn why(happened: &Happened) -> Option<String> {
    match happened {
        Happened::SubjectSuspended { cause } | Happened::SubjectResumed { cause } => word(cause),
        Happened::LifecycleReported { kind, .. } => word(kind),
        Happened::CodeSetIssued { issued, .. } => word(&issued.reason),
        Happened::CodeSetIssueRefused { why } | Happened::RecoveryRequestRefused { why, .. } => {
            Some(why.clone())
        }
        Happened::CodeSetRevoked { reason, .. } => word(reason),
        Happened::CodeRefused { why, .. } => word(why),
        Happened::CodeThrottled { .. } | Happened::RecoveryOpenThrottled { .. } => {
            Some("throttled".to_owned())
        }
        Happened::RecoveryOpened { opening, .. } => word(&opening.cause),
        Happened::RecoveryObligationMet { obligation, .. } => word(obligation),
        Happened::BundleRevoked(revoked) => word(&revoked.reason),
        Happened::ExceptionRequestRefused(refused) => Some(refused.why.why.clone()),
        Happened::BundleRequestRefused(refused) => Some(refused.why.why.clone()),
        Happened::ContainmentRequestRefused(refused) => Some(refused.why.why.clone()),
        Happened::ExceptionRequested { terms, .. } | Happened::ExceptionGranted { terms, .. } => {
            word(&terms.kind)
        }
        Happened::ExceptionEnded { why, .. } => word(why),
        Happened::ContainmentBegun(begun) => word(&begun.terms.reason),
        Happened::AlertRaised { rule: Some(rule), .. } => Some(rule.name.clone()),
        Happened::AlertRaised { alert, .. } => word(alert),
        Happened::KeyRotated { purpose, .. } => word(purpose),
        _ => None,
    }
}

/// How bad this one is: at the least what its kind is.
pub(super) fn severity(row: &Row, happened: &Happened) -> Severity {
    let raised = match happened {
        // A rule says itself how much it matters, which may be less than other alerts do.
        Happened::AlertRaised { rule: Some(rule), .. } => return of_level(rule.level),
        Happened::AlertRaised { alert, .. } => of_level(alert.level()),
        Happened::CodeAccepted(Acceptance { method: Method::BreakGlassCode, .. })
        | Happened::CodeSetRevoked { reason: RevokeReason::Leaked, .. }
        | Happened::LifecycleReported { kind: LifecycleKind::PrimaryFactorCompromised, .. } => {
            Severity::High
        }
        Happened::CodeSetRevoked { reason: RevokeReason::Lost, .. }
        | Happened::LifecycleReported { kind: LifecycleKind::RiskRaised, .. } => Severity::Medium,
        Happened::RecoveryOpened { opening, .. } if opening.cause == Cause::Emergency => {
            Severity::High
        }
        Happened::ContainmentBegun(begun)
            if matches!(begun.terms.scope, ContainmentScope::All {}) =>
        {
            Severity::Critical
        }
        _ => row.severity,
    };
    raised.max(row.severity)
}

const fn of_level(level: AlertLevel) -> Severity {
    match level {
        AlertLevel::Informational => Severity::Informational,
        AlertLevel::Low => Severity::Low,
        AlertLevel::Medium => Severity::Medium,
        AlertLevel::High => Severity::High,
        AlertLevel::Critical => Severity::Critical,
    }
}

/// What an alert says, in one sentence for people.
pub(super) const fn title(alert: Alert) -> &'static str {
    match alert {
        Alert::BreakGlassRequested => "Break-glass was asked for",
        Alert::BreakGlassOpened => "Break-glass has its approvals",
        Alert::BreakGlassUsed => "A break-glass code was used",
        Alert::WindowLapsed => "A recovery window ended without its obligations being met",
        Alert::RoutineUse => "Recovery codes became a routine way in",
        Alert::OwnerLeft => "The accountable owner of a service or an agent left",
        Alert::BundleOpening => "A recovery bundle may be opened now",
        Alert::BundleOpened => "A recovery bundle was opened and its secret told",
        Alert::CustodianLeft => "A custodian of a recovery bundle left",
        Alert::PrivilegedLowered => "A privileged subject's protection was lowered",
        Alert::Rule => "A rule over the log found something",
        Alert::CanaryUsed => "A canary code was presented",
        Alert::Repudiated => "A subject says that it was somebody else",
    }
}

/// The person who acted, where the entry names one besides the program.
pub(super) fn person(entry: &Entry) -> Option<SubjectId> {
    match &entry.happened {
        Happened::RecoveryOpened { opening, .. } => match opening.by {
            OpenedBy::Agent { agent } => Some(agent),
            OpenedBy::Subject {} => opening.requester.or(entry.subject),
        },
        Happened::RecoveryEvidenceAdded { item, .. } => match item {
            Item::Proofed { agent, .. } | Item::VerifiedAgain { agent, .. } => Some(*agent),
            Item::Vouched { .. } | Item::Presented { .. } => None,
        },
        Happened::RecoveryOpenThrottled { agent, .. } => Some(*agent),
        Happened::RecoveryApproved { approver, .. }
        | Happened::RecoveryDeclined { approver, .. }
        | Happened::ExceptionApproved { approver, .. } => Some(*approver),
        Happened::RecoveryReviewed { reviewer, .. } => Some(*reviewer),
        Happened::BundleShareProven(proven) => Some(proven.custodian),
        Happened::RecoveryRequestRefused { by, .. } => *by,
        Happened::ExceptionRequestRefused(refused) => Some(refused.by),
        Happened::BundleRequestRefused(refused) => refused.by,
        Happened::ContainmentRequestRefused(refused) => refused.by,
        Happened::ExceptionRequested { terms, .. } => Some(terms.requester),
        Happened::ContainmentBegun(begun) => begun.terms.requester,
        Happened::ContainmentApproved(approved) => Some(approved.approver),
        _ => None,
    }
}

/// The subject that it concerns.
pub(super) fn subject(entry: &Entry) -> Option<SubjectId> {
    if let Happened::ContainmentBegun(begun) = &entry.happened
        && let ContainmentScope::Subject { subject, .. } = begun.terms.scope
    {
        return Some(subject);
    }
    // Both stand for no subject: API keys and containments are ordered under them.
    let nobody = [SubjectId::WORLD, SubjectId::CONTAINMENTS];
    entry.subject.filter(|id| !nobody.contains(id))
}

/// The recovery that the event belongs to, also where it changes nothing of it.
pub(super) fn recovery(happened: &Happened) -> Option<RecoveryId> {
    match happened {
        Happened::CodeDeferred { recovery, .. }
        | Happened::RecoveryRequestRefused { recovery, .. }
        | Happened::AlertRaised { recovery, .. } => *recovery,
        Happened::BundleOpeningAllowed(allowed) => Some(allowed.recovery),
        Happened::BundleOpenRefused(refused) => Some(refused.recovery),
        Happened::BundleOpened(opened) => Some(opened.recovery),
        other => other.recovery(),
    }
}

/// The id of what is managed, and what it calls itself.
pub(super) fn identity(entity: Entity, entry: &Entry) -> (Option<String>, Option<String>) {
    let happened = &entry.happened;
    let uid = match entity {
        Entity::Subject | Entity::Operator => subject(entry).map(|id| id.to_string()),
        Entity::Address => return (address(happened), None),
        Entity::Contact => match happened {
            Happened::ContactAdded(added) => Some(added.contact.to_string()),
            Happened::ContactRemoved { contact, .. } => Some(contact.to_string()),
            _ => None,
        },
        Entity::CodeSet => happened.set().map(|id| id.to_string()),
        Entity::Recovery => recovery(happened).map(|id| id.to_string()),
        Entity::Bundle => match happened {
            Happened::BundleRequestRefused(refused) => refused.bundle,
            other => other.bundle(),
        }
        .map(|id| id.to_string()),
        Entity::Exception => exception(happened),
        Entity::Containment => match happened {
            Happened::ContainmentRequestRefused(refused) => Some(refused.containment),
            other => other.containment(),
        }
        .map(|id| id.to_string()),
        Entity::Policy => match happened {
            Happened::PolicyLoaded { policy, version, .. } => {
                return (Some(policy.to_string()), Some(version.clone()));
            }
            _ => None,
        },
        Entity::ApiKey => match happened {
            Happened::ApiKeyCreated { id, .. } | Happened::ApiKeyRevoked { id } => Some(id.clone()),
            _ => None,
        },
        Entity::Key => match happened {
            Happened::KeyRotated { purpose, generation } => {
                Some(format!("{}/{generation}", purpose.name()))
            }
            _ => None,
        },
    };
    (uid, None)
}

/// An address is known by the code that went to it, or by its salted digest; never by itself.
fn address(happened: &Happened) -> Option<String> {
    match happened {
        Happened::AddressConfirmationSent { confirmation } => {
            Some(confirmation.address.to_string())
        }
        Happened::AddressConfirmed { address, .. } | Happened::AddressRemoved { address } => {
            Some(address.to_string())
        }
        Happened::AddressConfirmationUndelivered(lost) => Some(lost.confirmation.to_string()),
        Happened::AddressConfirmRefused { confirmation, .. } => {
            confirmation.map(|id| id.to_string())
        }
        _ => None,
    }
}

fn exception(happened: &Happened) -> Option<String> {
    let id = match happened {
        Happened::ExceptionRequested { exception, .. }
        | Happened::ExceptionApproved { exception, .. }
        | Happened::ExceptionGranted { exception, .. }
        | Happened::ExceptionEnded { exception, .. } => Some(*exception),
        Happened::ExceptionRequestRefused(refused) => refused.exception,
        _ => None,
    };
    id.map(|id| id.to_string())
}

/// `type_id` and `type` of a user, where the entry tells what the subject is.
pub(super) const fn user_type(happened: &Happened) -> (u8, &'static str) {
    match happened {
        Happened::SubjectRegistered(registration) | Happened::SubjectUpdated(registration) => {
            match registration.profile.kind {
                SubjectKind::Person => (1, "User"),
                SubjectKind::Service => (4, "Service"),
                SubjectKind::Agent => (99, "AI Agent"),
            }
        }
        _ => (0, "Unknown"),
    }
}

const fn attempt(happened: &Happened) -> Option<&Attempt> {
    match happened {
        Happened::CodeAccepted(Acceptance { attempt, .. })
        | Happened::CodeDeferred { attempt, .. }
        | Happened::SentCodeAccepted { attempt, .. }
        | Happened::CodeRefused { attempt, .. }
        | Happened::CodeThrottled { attempt, .. } => Some(attempt),
        _ => None,
    }
}

/// The keyed pseudonym of where an attempt came from.
pub(super) fn source(happened: &Happened) -> Option<String> {
    let Fingerprint(source) = attempt(happened)?.source?;
    Some(hex(&source))
}

/// Whether an attempt was one of several factors, by the caller's word.
pub(super) fn is_mfa(happened: &Happened) -> Option<bool> {
    let attempt = attempt(happened)?;
    Some(attempt.role == Role::SecondFactor || !attempt.presented.is_empty())
}
