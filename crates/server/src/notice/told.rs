//! Which events people are told of, and which not (N63B-NO-01). docs/NOTICES.md has the table with
//! the reasons.
//!
//! One cause often has several events: a set that replaces another is `code_set.issued` and
//! `code_set.superseded`. They are of one commit, next to one another, with one subject and one
//! moment. One of them tells, and the others say nothing where it is among those before them.

use glassbreak_engine::core::code_set::RevokeReason;
use glassbreak_engine::core::event::{BundleRevoked, Entry, Happened};
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::lifecycle::{Effect, LifecycleKind};
use glassbreak_engine::core::redemption::Role;
use glassbreak_engine::core::subject::SuspendCause;
use glassbreak_engine::core::time::Timestamp;

use super::what::What;

const LIFECYCLE: &str = "lifecycle.reported";
const CONTAINED: &str = "subject.contained";
const OPENED: &str = "recovery.opened";
const ENDED: [&str; 2] = ["recovery.lapsed", "recovery.cancelled"];

/// What is told of an event, unless its commit has one of these before it.
type Says = Option<(What, &'static [&'static str])>;

/// The events of one commit, as far as they were read.
#[derive(Default)]
pub(super) struct Commit {
    of: Option<(SubjectId, Timestamp)>,
    before: Vec<&'static str>,
}

impl Commit {
    /// Reads one more entry: whom it concerns and what they are told, if they are told of it.
    pub(super) fn read(&mut self, entry: &Entry) -> Option<(SubjectId, What)> {
        let subject = entry.subject.filter(|id| {
            // Both stand for no subject: API keys and containments are ordered under them.
            ![SubjectId::WORLD, SubjectId::CONTAINMENTS].contains(id)
        })?;
        if self.of != Some((subject, entry.at)) {
            self.of = Some((subject, entry.at));
            self.before.clear();
        }
        let says = says(&entry.happened);
        let told = says.filter(|(_, but)| !but.iter().any(|one| self.before.contains(one)));
        self.before.push(entry.happened.name());
        told.map(|(what, _)| (subject, what))
    }
}

/// Every event is in one of two lists; one that is in neither does not compile.
macro_rules! decided {
    (tells: $($tells:ident)+; silent: $($silent:ident)+;) => {
        /// Whether people are told of such an event in any of its forms.
        const fn may_tell(happened: &Happened) -> bool {
            match happened {
                $(Happened::$tells { .. } => true,)+
                $(Happened::$silent { .. } => false,)+
            }
        }
    };
}

decided! {
    tells:
        SubjectUpdated SubjectSuspended SubjectResumed SubjectContained LifecycleReported
        AddressConfirmed ContactAdded ContactRemoved ContactsReviewDue
        CodeSetIssued CodeSetConfirmed CodeSetRevoked CodeSetDisabled
        CodeAccepted CodeDeferred SentCodeAccepted
        RecoveryOpened RecoverySatisfied RecoveryCompleted RecoveryDeclined RecoveryCodesDisabled
        RecoveryLapsed RecoveryCancelled
        BundleCreated BundleOpeningAllowed BundleOpened BundleRevoked BundleCustodianLeft
        ExceptionGranted;
    silent:
        SubjectRegistered SubjectDeparted
        AddressConfirmationSent AddressConfirmationUndelivered AddressConfirmRefused AddressRemoved
        ContactsReviewed
        CodeSetIssueRefused CodeSetConfirmRefused CodeSetSuperseded CodeSetExpired CodeSetLapsed
        CodeSetDeclared CodeSetReplacementDue
        CodeRefused CodeThrottled
        RecoveryOpenThrottled RecoveryEvidenceAdded RecoveryCodeSent RecoveryCodeUndelivered
        RecoveryApproved RecoveryObligationMet RecoveryReviewDue RecoveryReviewed
        RecoveryRequestRefused
        BundleShareProven BundleEffective BundleSuperseded BundleOpeningLapsed BundleOpenRefused
        BundleRotationDue BundleRequestRefused
        ExceptionRequested ExceptionApproved ExceptionEnded ExceptionRequestRefused
        ContainmentBegun ContainmentApproved ContainmentLifted ContainmentFinished
        ContainmentRequestRefused
        AlertRaised OperatorAppointed OperatorEnrolmentOffered OperatorPasskeyAdded
        OperatorPasskeyRemoved SelfServiceLinkMade SelfServiceEntered
        PolicyLoaded ApiKeyCreated ApiKeyRevoked KeyRotated;
}

#[expect(clippy::unnecessary_wraps, reason = "so that each row of the table is one call")]
const fn always(what: What) -> Says {
    Some((what, &[]))
}

fn says(happened: &Happened) -> Says {
    if !may_tell(happened) {
        return None;
    }
    match happened {
        Happened::SubjectUpdated(registration) if registration.addresses_changed => {
            always(What::AddressesChanged)
        }
        // A rest after protection was lowered is a cause of its own, whatever else is in the
        // commit: it begins after the lifecycle events of a registration, and time ends it before
        // others.
        Happened::SubjectSuspended { cause: SuspendCause::Lowered { .. } } => always(What::Resting),
        Happened::SubjectResumed { cause: SuspendCause::Lowered { .. } } => always(What::Resumed),
        Happened::SubjectSuspended { .. } => {
            Some((What::Resting, &[LIFECYCLE, ENDED[0], ENDED[1]]))
        }
        Happened::SubjectResumed { .. } => Some((What::Resumed, &[LIFECYCLE])),
        Happened::SubjectContained { .. } => always(What::Contained),
        Happened::LifecycleReported { kind, effect, .. } => of_lifecycle(*kind, *effect),
        Happened::AddressConfirmed { contact: None, .. } => always(What::AddressConfirmed),
        Happened::AddressConfirmed { contact: Some(_), .. } => always(What::ContactConfirmed),
        Happened::ContactAdded(_) => always(What::ContactAdded),
        Happened::ContactRemoved { .. } => Some((What::ContactRemoved, &[LIFECYCLE])),
        Happened::ContactsReviewDue {} => always(What::ContactsReview),
        Happened::CodeSetIssued { .. } => always(What::CodesIssued),
        Happened::CodeSetConfirmed { .. } => always(What::CodesConfirmed),
        Happened::CodeSetRevoked { reason, .. } if was_asked(*reason) => always(What::CodesRevoked),
        Happened::CodeSetDisabled { .. } => Some((What::CodesDisabled, &["code_set.disabled"])),
        Happened::CodeAccepted(acceptance) => always(match acceptance.attempt.role {
            Role::SecondFactor => What::CodeUsed,
            Role::AccountRecovery => What::CodeRecovered,
        }),
        Happened::CodeDeferred { .. } => Some((What::CodeDeferred, &[OPENED])),
        Happened::SentCodeAccepted { window: None, .. } => always(What::SentCodeAccepted),
        Happened::BundleCreated(_) => always(What::BundleCreated),
        Happened::BundleOpeningAllowed(_) => always(What::BundleOpening),
        Happened::BundleOpened(_) => always(What::BundleOpened),
        Happened::BundleRevoked(BundleRevoked { reason, .. }) if was_asked(*reason) => {
            always(What::BundleRevoked)
        }
        Happened::BundleCustodianLeft(_) => always(What::CustodianLeft),
        Happened::ExceptionGranted { .. } => always(What::ExceptionGranted),
        Happened::RecoveryOpened { .. } => always(What::RecoveryOpened),
        Happened::RecoverySatisfied(_) => always(What::RecoverySatisfied),
        Happened::RecoveryCompleted { .. } => always(What::RecoveryCompleted),
        Happened::RecoveryDeclined { .. } => always(What::RecoveryDeclined),
        Happened::RecoveryCodesDisabled { .. } => always(What::SentCodesDisabled),
        // Time ended it, and not what was reported in the same commit.
        Happened::RecoveryLapsed { .. } => Some((What::RecoveryEnded, &[CONTAINED])),
        Happened::RecoveryCancelled { .. } => Some((What::RecoveryEnded, &[LIFECYCLE, CONTAINED])),
        _ => None,
    }
}

const fn of_lifecycle(kind: LifecycleKind, effect: Effect) -> Says {
    match (kind, effect) {
        (LifecycleKind::Repudiated, _) => always(What::Repudiated),
        (_, Effect::Record) => None,
        (_, Effect::Resume) => always(What::Resumed),
        (_, Effect::Replace) => always(What::ToReplace),
        (_, Effect::Suspend) => always(What::Resting),
        (_, Effect::Revoke) => always(What::AllRevoked),
        (_, Effect::Depart) => always(What::Departed),
    }
}

/// Whether a set or a bundle was revoked for itself; the other reasons name an event that tells.
const fn was_asked(reason: RevokeReason) -> bool {
    match reason {
        RevokeReason::Requested | RevokeReason::Lost | RevokeReason::Leaked => true,
        RevokeReason::Lifecycle
        | RevokeReason::Recovery
        | RevokeReason::Rotated
        | RevokeReason::Containment => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One entry of each event, kept by `glassbreak-signals` for what it exports.
    const ENTRIES: &str = include_str!("../../../signals/tests/export/entries.jsonl");
    const DOCS: &str = include_str!("../../../../docs/NOTICES.md");

    fn entries() -> Vec<Entry> {
        let lines = ENTRIES.lines().filter(|line| !line.trim().is_empty());
        lines.map(|line| Entry::from_bytes(line.as_bytes()).expect("an entry")).collect()
    }

    #[test]
    fn every_event_is_in_the_table_of_the_documentation_with_what_is_told_of_it() {
        for entry in entries() {
            let name = entry.happened.name();
            let rows: Vec<_> =
                DOCS.lines().filter(|line| line.starts_with(&format!("| `{name}` |"))).collect();
            let [row] = rows.as_slice() else { panic!("`{name}` has {} rows", rows.len()) };
            let told = Commit::default().read(&entry);
            let column = row.split('|').nth(2).unwrap_or_default();
            match told {
                Some((_, what)) => {
                    assert!(column.contains(&format!("`{}`", what.name())), "{name}: {column}");
                }
                // An event that tells in some of its forms names them.
                None => assert!(column.contains('-') || column.contains('`'), "{name}: {column}"),
            }
        }
        for what in What::ALL {
            assert!(DOCS.contains(&format!("`{}`", what.name())), "{what:?}");
        }
    }

    #[test]
    fn reg_27_one_cause_with_several_events_is_told_of_once() {
        let all = entries();
        let of = |name: &str| {
            all.iter().find(|entry| entry.happened.name() == name).expect("there is one").clone()
        };
        let commit = |names: &[&str]| {
            let mut commit = Commit::default();
            let first = of(names[0]);
            let said = names.iter().filter_map(|name| {
                let entry = Entry { at: first.at, subject: Some(subject()), ..of(name) };
                commit.read(&entry).map(|(_, what)| what)
            });
            said.collect::<Vec<_>>()
        };
        assert_eq!(commit(&["code_set.issued", "code_set.superseded"]), [What::CodesIssued]);
        assert_eq!(commit(&["recovery.opened", "code.deferred"]), [What::RecoveryOpened]);
        assert_eq!(commit(&["code.deferred"]), [What::CodeDeferred]);
        let ended = ["recovery.lapsed", "subject.suspended", "alert.raised"];
        assert_eq!(commit(&ended), [What::RecoveryEnded]);
        assert_eq!(commit(&["subject.contained", "recovery.cancelled"]), [What::Contained]);
        let cancelled = ["lifecycle.reported", "recovery.cancelled", "subject.suspended"];
        assert_eq!(commit(&cancelled), [What::AllRevoked]);
        // What time has done is a cause of its own, though a report finds it out.
        let lapsed = ["lifecycle.reported", "recovery.lapsed", "subject.suspended"];
        assert_eq!(commit(&lapsed), [What::AllRevoked, What::RecoveryEnded]);
        assert_eq!(commit(&["code_set.disabled", "code_set.disabled"]), [What::CodesDisabled]);
        // Another moment is another cause.
        let mut two = Commit::default();
        let first = Entry { subject: Some(subject()), ..of("recovery.opened") };
        let at = Timestamp::from_millis(first.at.millis() + 1);
        let second = Entry { subject: Some(subject()), at, ..of("code.deferred") };
        assert!(two.read(&first).is_some() && two.read(&second).is_some());
    }

    #[test]
    fn a_rest_after_protection_was_lowered_is_told_of_beside_the_report_it_comes_with() {
        let all = entries();
        let report = all.iter().find(|entry| entry.happened.name() == LIFECYCLE);
        let report = Entry { subject: Some(subject()), ..report.expect("there is one").clone() };
        let cause = SuspendCause::Lowered { until: Timestamp::from_millis(9) };
        for (happened, what) in [
            (Happened::SubjectSuspended { cause }, What::Resting),
            (Happened::SubjectResumed { cause }, What::Resumed),
        ] {
            let mut commit = Commit::default();
            assert!(commit.read(&report).is_some());
            let entry = Entry { happened, ..report.clone() };
            assert_eq!(commit.read(&entry).map(|(_, what)| what), Some(what));
        }
    }

    fn subject() -> SubjectId {
        SubjectId::new(Timestamp::from_millis(1), [7; 10])
    }
}
