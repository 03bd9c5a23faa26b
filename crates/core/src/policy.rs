//! Policy: what is allowed, decided apart from how it is done.
//!
//! [`decide`](crate::operation) asks a [`Policy`] and writes its ruling into the event. The rules
//! here are built in until policies come as code; they hold the rows of SP 800-63B-4 that matter
//! for saved codes.

use crate::canonical;
use crate::code_set::{CodeSet, IssueReason, Profile, SetKind};
use crate::digest::Digest;
use crate::event::{Outcome, Ruling};
use crate::redemption::{Method, Role};
use crate::settings::{Settings, TierSettings};
use crate::subject::{Assurance, Proofing, Subject};

/// What a policy is asked.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// May this set be issued and shown?
    Issue {
        /// To whom.
        subject: &'a Subject,
        /// The settings of its tier.
        tier: &'a TierSettings,
        /// What for.
        kind: SetKind,
        /// In which form.
        profile: Profile,
        /// At which moment.
        reason: IssueReason,
        /// The assurance of the session that will see the codes.
        session_assurance: Assurance,
    },
    /// Is this right code enough?
    Redeem {
        /// For whom.
        subject: &'a Subject,
        /// The set it belongs to.
        set: &'a CodeSet,
        /// In which role.
        role: Role,
        /// What the caller vouches for besides.
        presented: &'a [Method],
    },
}

/// What a policy answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Allowed, refused, or more evidence needed.
    pub outcome: Outcome,
    /// The names of the rules that decided.
    pub reasons: Vec<&'static str>,
    /// With [`Outcome::MoreEvidence`]: the smallest further evidence that would do, one of these.
    pub alternatives: Vec<Vec<Method>>,
}

impl Verdict {
    /// Allowed by `reason`.
    pub fn permit(reason: &'static str) -> Self {
        Self { outcome: Outcome::Permit, reasons: vec![reason], alternatives: Vec::new() }
    }

    /// Refused by `reason`.
    pub fn deny(reason: &'static str) -> Self {
        Self { outcome: Outcome::Deny, reasons: vec![reason], alternatives: Vec::new() }
    }

    /// Refused by `reason` unless one of `alternatives` is added.
    pub fn more(reason: &'static str, alternatives: Vec<Vec<Method>>) -> Self {
        Self { outcome: Outcome::MoreEvidence, reasons: vec![reason], alternatives }
    }

    /// The ruling that goes into the event.
    pub fn ruling(&self, policy: &dyn Policy) -> Ruling {
        let reasons = self.reasons.iter().map(|reason| (*reason).to_owned()).collect();
        Ruling { outcome: self.outcome, reasons, policy: policy.digest() }
    }
}

/// Decides what is allowed. Total and pure: a rule that cannot be evaluated denies.
pub trait Policy: Send + Sync {
    /// The answer to `question`.
    fn ask(&self, question: &Question<'_>) -> Verdict;

    /// The digest of the rules in force, recorded with every decision.
    fn digest(&self) -> Digest;
}

/// The built-in rules.
#[derive(Debug, Clone)]
pub struct BuiltinPolicy {
    digest: Digest,
}

impl BuiltinPolicy {
    /// The built-in rules over `settings`, which are part of their digest.
    pub fn new(settings: &Settings) -> Self {
        let settings = canonical::to_bytes(settings).unwrap_or_default();
        Self { digest: Digest::of("glassbreak/builtin-policy/v1", &[&settings]) }
    }
}

impl Policy for BuiltinPolicy {
    fn ask(&self, question: &Question<'_>) -> Verdict {
        match *question {
            Question::Issue { subject, tier, kind, profile, reason, session_assurance } => {
                if !tier.kinds.contains(&kind) {
                    return Verdict::deny("issue.kind-not-in-tier");
                }
                if !tier.profiles.contains(&profile) {
                    return Verdict::deny("issue.profile-not-in-tier");
                }
                if (kind == SetKind::BreakGlass) != (reason == IssueReason::BreakGlassProvisioning)
                {
                    return Verdict::deny("issue.reason-does-not-fit-kind");
                }
                // N63B-LS-03, N63B-BI-05, A6: the session that sees the codes has at least the
                // assurance the codes will help to regain, and at least AAL2.
                if session_assurance < subject.profile.assurance.max(tier.session_assurance) {
                    return Verdict::deny("issue.session-assurance-too-low");
                }
                Verdict::permit("issue.controlled-moment")
            }
            Question::Redeem { subject, role: Role::SecondFactor, presented, .. } => {
                second_factor(subject, presented)
            }
            Question::Redeem { subject, role: Role::AccountRecovery, presented, .. } => {
                account_recovery(subject, presented)
            }
        }
    }

    fn digest(&self) -> Digest {
        self.digest
    }
}

/// SP 800-63B-4 section 2.2.1: a look-up secret counts beside a password, and reaches AAL2 at most.
fn second_factor(subject: &Subject, presented: &[Method]) -> Verdict {
    if subject.profile.assurance == Assurance::Aal3 {
        return Verdict::deny("redeem.look-up-secret-never-reaches-aal3");
    }
    if presented.contains(&Method::Password) {
        return Verdict::permit("redeem.look-up-secret-beside-password");
    }
    Verdict::more("redeem.look-up-secret-needs-password", vec![vec![Method::Password]])
}

/// SP 800-63B-4 section 4.2.2, rows N63B-RA-01 to -04, as far as saved codes go.
fn account_recovery(subject: &Subject, presented: &[Method]) -> Verdict {
    let profile = &subject.profile;
    if profile.assurance == Assurance::Aal1 {
        return Verdict::permit("redeem.saved-code-suffices-at-aal1");
    }
    if profile.assurance == Assurance::Aal3 && profile.ial == Proofing::Ial3 {
        return Verdict::deny("redeem.aal3-at-ial3-needs-biometric-comparison");
    }
    if presented.contains(&Method::Authenticator) || presented.contains(&Method::Password) {
        return Verdict::permit("redeem.code-and-single-factor-authenticator");
    }
    let proofed = profile.ial >= Proofing::Ial1;
    if proofed && presented.contains(&Method::Proofing) {
        return Verdict::permit("redeem.repeated-proofing");
    }
    let mut alternatives = vec![vec![Method::Password], vec![Method::Authenticator]];
    if proofed {
        alternatives.push(vec![Method::Proofing]);
    }
    Verdict::more("redeem.one-saved-code-does-not-recover-aal2", alternatives)
}
