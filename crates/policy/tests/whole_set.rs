//! Rules asked one by one and kept in tables, against Cedar's own authoriser over all of them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use cedar_policy::{Authorizer, Decision};
use glassbreak_core::event::Outcome;
use glassbreak_core::subject::Tier;
use glassbreak_policy::facts::{Action, Facts};
use glassbreak_policy::{CedarPolicy, PolicySet};

/// Primes, so that every value of every fact is met in many combinations.
const STEPS: [(Action, usize); 7] = [
    (Action::Issue, 7),
    (Action::Confirm, 1),
    (Action::Revoke, 1),
    (Action::Redeem, 211),
    (Action::Recover, 827),
    (Action::Release, 419),
    (Action::Approve, 1),
];

fn compare(set: PolicySet) {
    let policy = CedarPolicy::from_set(set.load_unlinted().expect("the set is valid"));
    for tier in ["standard", "privileged"] {
        let tier = Tier::try_from(tier.to_owned()).unwrap();
        for (action, step) in STEPS {
            for facts in Facts::every(action).step_by(step) {
                let (request, entities) = facts.to_cedar(&tier).unwrap();
                let whole = policy.set().cedar();
                let response = Authorizer::new().is_authorized(&request, whole, &entities);
                let verdict = policy.decide(&facts.question(&tier));
                let mut errs: Vec<_> = response.diagnostics().errors().collect();
                if errs.pop().is_some() {
                    assert_eq!(verdict.outcome, Outcome::Deny);
                    assert_eq!(verdict.reasons[0], "policy.error");
                    continue;
                }
                let permits = response.decision() == Decision::Allow;
                assert_eq!(verdict.outcome == Outcome::Permit, permits, "{facts:?}");
                let mut reasons: Vec<_> =
                    response.diagnostics().reason().map(ToString::to_string).collect();
                reasons.sort();
                let mut told = verdict.reasons;
                told.sort();
                if !reasons.is_empty() {
                    assert_eq!(told, reasons, "{facts:?}");
                }
            }
        }
    }
}

#[test]
fn the_default_set_is_decided_as_cedar_decides_it() {
    compare(PolicySet::built_in());
}

/// Rules that use every form of condition, among them some that err and one that reads the tier.
#[test]
fn a_set_of_odd_rules_is_decided_as_cedar_decides_it() {
    compare(PolicySet::from_text(
        r#"
@id("whole-record") permit (principal, action in [Action::"recover", Action::"release"], resource)
when { context.evidence == {password: true, authenticator: false, proofing: false,
    biometric_proofing: false, saved_code: true, issued_code: false, mailed_code: false,
    recovery_contact: false, break_glass_code: false, second_verification: false,
    approval: false, second_approval: false} || context.evidence.approval };
@id("tier") permit (principal is Client, action == Action::"recover", resource is Recovery)
when { resource.subject.tier like "priv*" && resource.subject.assurance > 1 };
@id("overflow") forbid (principal, action == Action::"redeem", resource)
when { resource.subject.assurance * 9223372036854775807 > resource.subject.ial &&
    context.evidence.password };
@id("set") permit (principal, action == Action::"issue", resource)
when { [IssueReason::"enrolment", IssueReason::"support_case"].contains(context.reason) }
unless { if resource.privileged then context.session < 3 else false };
@id("anything") forbid (principal, action, resource)
when { false };
@id("approve") permit (principal == Approver::"it", action == Action::"approve", resource)
when { principal.kind != Kind::"agent" && resource.subject.kind == principal.kind };
"#,
    ));
}
