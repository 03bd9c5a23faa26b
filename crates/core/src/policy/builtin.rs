//! The default rules in Rust. Names and meaning are those of `policies/*.cedar`; a test in
//! `glassbreak-policy` asks both every question there is.

use std::collections::BTreeSet;

use super::{Policy, Question, Stake, Verdict, smallest_further_evidence};
use crate::canonical;
use crate::code_set::{IssueReason, SetKind};
use crate::digest::Digest;
use crate::event::Outcome;
use crate::policy::About;
use crate::recovery::Opener;
use crate::redemption::Method;
use crate::settings::Settings;
use crate::subject::{Assurance, Proofing, SubjectKind};

/// The built-in rules.
#[derive(Debug, Clone)]
pub struct BuiltinPolicy {
    digest: Digest,
}

impl BuiltinPolicy {
    /// The built-in rules over `settings`, which are part of their digest.
    pub fn new(settings: &Settings) -> Self {
        let settings = canonical::to_bytes(settings).unwrap_or_default();
        Self { digest: Digest::of("glassbreak/builtin-policy/v2", &[&settings]) }
    }

    /// The answer without a search for what further evidence would do.
    pub fn decide(&self, question: &Question) -> Verdict {
        rule(question)
    }
}

impl Policy for BuiltinPolicy {
    fn ask(&self, question: &Question) -> Verdict {
        let verdict = rule(question);
        let Some(evidence) = question.evidence().filter(|_| verdict.outcome == Outcome::Deny)
        else {
            return verdict;
        };
        let further: Vec<Method> =
            Method::ALL.into_iter().filter(|method| !evidence.contains(method)).collect();
        let permits = |more: &[Method]| rule(&question.with(more)).outcome == Outcome::Permit;
        verdict.or_with(smallest_further_evidence(&further, permits))
    }

    fn digest(&self) -> Digest {
        self.digest
    }
}

fn rule(question: &Question) -> Verdict {
    match question {
        Question::Issue { .. } => issue(question),
        Question::Confirm { kind_in_tier: true, .. } => Verdict::permit("confirm.codes-were-saved"),
        Question::Confirm { .. } => Verdict::deny("confirm.kind-not-in-tier"),
        // It takes away and gives nothing.
        Question::Revoke { .. } => Verdict::permit("revoke.on-request"),
        Question::Redeem { about, evidence } => second_factor(about, evidence),
        Question::Recover { about, opened_by, accounted_for, evidence } => {
            recover(about, *opened_by, *accounted_for, evidence)
        }
        Question::Release { about, opened_by, evidence } => release(about, *opened_by, evidence),
        Question::Approve { approver, appointed, stake, .. } => {
            approve(*approver, *appointed, *stake)
        }
    }
}

fn issue(question: &Question) -> Verdict {
    let Question::Issue {
        about,
        set,
        reason,
        kind_in_tier,
        profile_in_tier,
        session,
        session_floor,
    } = question
    else {
        return Verdict::deny("issue.not-asked");
    };
    if !kind_in_tier {
        return Verdict::deny("issue.kind-not-in-tier");
    }
    if !profile_in_tier {
        return Verdict::deny("issue.profile-not-in-tier");
    }
    if (*set == SetKind::BreakGlass) != (*reason == IssueReason::BreakGlassProvisioning) {
        return Verdict::deny("issue.reason-does-not-fit-kind");
    }
    // N63B-LS-03, N63B-BI-05, A6: the session that sees the codes has at least the assurance the
    // codes will help to regain, and at least AAL2.
    if *session < about.assurance.max(*session_floor).max(Assurance::Aal2) {
        return Verdict::deny("issue.session-assurance-too-low");
    }
    Verdict::permit("issue.controlled-moment")
}

/// SP 800-63B-4 section 2.2.1: a look-up secret counts beside a password, and reaches AAL2 at most.
fn second_factor(about: &About, evidence: &BTreeSet<Method>) -> Verdict {
    if about.assurance == Assurance::Aal3 {
        return Verdict::deny("redeem.look-up-secret-never-reaches-aal3");
    }
    if evidence.contains(&Method::BreakGlassCode) {
        return Verdict::deny("redeem.break-glass-is-for-recovery-only");
    }
    if evidence.contains(&Method::SavedCode) && evidence.contains(&Method::Password) {
        return Verdict::permit("redeem.look-up-secret-beside-password");
    }
    Verdict::deny("redeem.look-up-secret-needs-password")
}

fn recover(
    about: &About,
    opened_by: Opener,
    accounted_for: bool,
    evidence: &BTreeSet<Method>,
) -> Verdict {
    let has = |method| evidence.contains(&method);
    let dual = has(Method::Approval) && has(Method::SecondApproval);
    // NHI10, H4: whoever recovers what is not a person stands for it by name.
    if about.kind != SubjectKind::Person && !accounted_for {
        return Verdict::deny("recover.nobody-stands-for-it");
    }
    // N63B-RA-04.
    if about.assurance == Assurance::Aal3
        && about.ial == Proofing::Ial3
        && !has(Method::BiometricProofing)
    {
        return Verdict::deny("recover.aal3-at-ial3-needs-biometric-comparison");
    }
    // E3, E4, F3.
    if about.privileged && !dual {
        return Verdict::deny("recover.privileged-needs-two-approvals");
    }
    // F2, F3, ASVS 6.4.4.
    if opened_by == Opener::Agent && !case_verified(about, evidence) {
        return Verdict::deny("recover.case-not-verified");
    }
    if has(Method::BreakGlassCode) {
        return if dual && accounted_for {
            Verdict::permit("recover.break-glass-under-dual-control")
        } else {
            Verdict::deny("recover.break-glass-needs-two-approvals-and-a-reason")
        };
    }
    sufficient(about, opened_by, evidence)
}

/// SP 800-63B-4 section 4.2.2, rows N63B-RA-01 to -03.
fn sufficient(about: &About, opened_by: Opener, evidence: &BTreeSet<Method>) -> Verdict {
    let has = |method| evidence.contains(&method);
    let issued = has(Method::IssuedCode) || has(Method::MailedCode);
    let codes = [has(Method::SavedCode), issued, has(Method::RecoveryContact)];
    let codes = codes.into_iter().filter(|given| *given).count();
    // What a case releases ends with the claimant's own code, never with the agent's word alone.
    if codes == 0 && opened_by == Opener::Agent {
        return Verdict::deny("recover.no-code-of-the-claimant");
    }
    if codes >= 2 {
        return Verdict::permit("recover.two-codes-by-different-methods");
    }
    if codes == 1 && (has(Method::Password) || has(Method::Authenticator)) {
        return Verdict::permit("recover.code-and-single-factor-authenticator");
    }
    let proofed = about.assurance > Assurance::Aal1 && about.ial >= Proofing::Ial1;
    if proofed && (has(Method::Proofing) || has(Method::BiometricProofing)) {
        return Verdict::permit("recover.repeated-proofing");
    }
    if about.assurance == Assurance::Aal1 {
        // C8: mail alone is not among them.
        let one = has(Method::SavedCode) || has(Method::IssuedCode) || has(Method::RecoveryContact);
        if one {
            return Verdict::permit("recover.one-code-suffices-at-aal1");
        }
    }
    Verdict::deny("recover.evidence-too-weak")
}

/// F2, F3: identity verified at the request and again before release, and approved by somebody who
/// is neither. ASVS 6.4.4: proofed as at enrolment, if proofed at all.
fn case_verified(about: &About, evidence: &BTreeSet<Method>) -> bool {
    let has = |method| evidence.contains(&method);
    let proofed =
        about.ial == Proofing::None || has(Method::Proofing) || has(Method::BiometricProofing);
    proofed && has(Method::SecondVerification) && has(Method::Approval)
}

fn release(about: &About, opened_by: Opener, evidence: &BTreeSet<Method>) -> Verdict {
    let has = |method| evidence.contains(&method);
    if about.kind != SubjectKind::Person {
        return Verdict::deny("release.only-to-people");
    }
    if opened_by == Opener::Agent && !case_verified(about, evidence) {
        return Verdict::deny("release.case-not-verified");
    }
    if about.privileged && !(has(Method::Approval) && has(Method::SecondApproval)) {
        return Verdict::deny("release.privileged-needs-two-approvals");
    }
    Verdict::permit("release.to-a-verified-address")
}

fn approve(approver: SubjectKind, appointed: bool, stake: Stake) -> Verdict {
    // H4: an agent never approves.
    if approver != SubjectKind::Person {
        return Verdict::deny("approve.only-people");
    }
    if !appointed {
        return Verdict::deny("approve.not-appointed");
    }
    if stake != Stake::None {
        return Verdict::deny("approve.not-by-one-who-has-a-stake");
    }
    Verdict::permit("approve.by-an-appointed-person-without-a-stake")
}
