//! Policy: what is allowed, decided apart from how it is done.
//!
//! An operation asks a [`Policy`] a [`Question`] and writes the [`Ruling`] into its event, the
//! question with it: what was decided under one set of rules can be asked again under another. A
//! question holds facts from small sets and nothing personal, so all of them can be enumerated.
//!
//! The rules people run are written in Cedar, in `glassbreak-policy`. [`BuiltinPolicy`] holds the
//! same defaults in Rust, for an embedder who wants no policy engine; a test asks both everything.

mod builtin;
mod step_up;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::code_set::{IssueReason, SetKind};
use crate::digest::Digest;
use crate::event::{Outcome, Ruling};
use crate::recovery::Opener;
use crate::redemption::Method;
use crate::settings::TierSettings;
use crate::subject::{Assurance, Proofing, Subject, SubjectKind, Tier};

pub use builtin::BuiltinPolicy;
pub use step_up::smallest_further_evidence;

/// What rules may know of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct About {
    /// Person, service or agent.
    pub kind: SubjectKind,
    /// Its class of policy.
    pub tier: Tier,
    /// Whether its tier asks for dual control (E3, E4).
    pub privileged: bool,
    /// Its highest authenticator assurance level.
    pub assurance: Assurance,
    /// The level at which it was proofed.
    pub ial: Proofing,
}

impl About {
    /// What rules may know of `subject`.
    pub fn of(subject: &Subject, tier: &TierSettings) -> Self {
        let profile = &subject.profile;
        Self {
            kind: profile.kind,
            tier: profile.tier.clone(),
            privileged: tier.privileged,
            assurance: profile.assurance,
            ial: profile.ial,
        }
    }
}

/// What a policy is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Question {
    /// May this set be issued and shown?
    Issue {
        /// To whom.
        about: About,
        /// What for.
        set: SetKind,
        /// At which moment.
        reason: IssueReason,
        /// Whether the subject's tier names this kind of set.
        kind_in_tier: bool,
        /// Whether it names this form of code.
        profile_in_tier: bool,
        /// The assurance of the session that will see the codes.
        session: Assurance,
        /// The least assurance the tier asks of that session.
        session_floor: Assurance,
    },
    /// May an offered set be put in force, now that its holder has shown a code of it (A4)?
    Confirm {
        /// Whose.
        about: About,
        /// What it is for.
        set: SetKind,
        /// Whether the subject's tier names this kind of set, today.
        kind_in_tier: bool,
    },
    /// May a set be revoked because somebody asks for it? Not asked where codes were lost or
    /// leaked, nor where an event or a rotation revokes them: to refuse that would leave them alive
    /// (N63B-BI-11, N63B-LT-01).
    Revoke {
        /// Whose.
        about: About,
        /// What it is for.
        set: SetKind,
    },
    /// Is this right code enough as a second factor (SP 800-63B-4 section 3.1.2)?
    Redeem {
        /// For whom.
        about: About,
        /// The code, and what the caller vouches for besides.
        evidence: BTreeSet<Method>,
    },
    /// Is this enough to get back in (SP 800-63B-4 section 4.2.2)?
    Recover {
        /// For whom.
        about: About,
        /// Who opened the recovery.
        opened_by: Opener,
        /// Whether a person and a reference are on record for it (NHI10).
        accounted_for: bool,
        /// What was gathered.
        evidence: BTreeSet<Method>,
    },
    /// May a code be sent to the subject now (F2, F4)?
    Release {
        /// To whom.
        about: About,
        /// Who opened the recovery.
        opened_by: Opener,
        /// What was gathered.
        evidence: BTreeSet<Method>,
    },
    /// May this approver's word count (F3)?
    Approve {
        /// On whose recovery.
        about: About,
        /// Whether the approver is a person.
        approver: SubjectKind,
        /// Whether an administrator named the approver as one.
        appointed: bool,
        /// What else the approver is in this recovery.
        stake: Stake,
    },
}

impl Question {
    /// The action's name, as rules and logs spell it.
    pub const fn action(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "issue",
            Self::Confirm { .. } => "confirm",
            Self::Revoke { .. } => "revoke",
            Self::Redeem { .. } => "redeem",
            Self::Recover { .. } => "recover",
            Self::Release { .. } => "release",
            Self::Approve { .. } => "approve",
        }
    }

    /// Whom it concerns.
    pub const fn about(&self) -> &About {
        match self {
            Self::Issue { about, .. }
            | Self::Confirm { about, .. }
            | Self::Revoke { about, .. }
            | Self::Redeem { about, .. }
            | Self::Recover { about, .. }
            | Self::Release { about, .. }
            | Self::Approve { about, .. } => about,
        }
    }

    /// The same with `more` evidence, where evidence is what it is about.
    #[must_use]
    pub fn with(&self, more: &[Method]) -> Self {
        let mut question = self.clone();
        match &mut question {
            Self::Redeem { evidence, .. }
            | Self::Recover { evidence, .. }
            | Self::Release { evidence, .. } => evidence.extend(more),
            Self::Issue { .. }
            | Self::Confirm { .. }
            | Self::Revoke { .. }
            | Self::Approve { .. } => {}
        }
        question
    }

    /// The evidence it is about, if it is about any.
    pub const fn evidence(&self) -> Option<&BTreeSet<Method>> {
        match self {
            Self::Redeem { evidence, .. }
            | Self::Recover { evidence, .. }
            | Self::Release { evidence, .. } => Some(evidence),
            Self::Issue { .. }
            | Self::Confirm { .. }
            | Self::Revoke { .. }
            | Self::Approve { .. } => None,
        }
    }
}

/// What an approver is in a recovery besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stake {
    /// Nothing: the only one whose word counts.
    None,
    /// The subject itself.
    Subject,
    /// The accountable owner of the subject.
    Owner,
    /// Who asked for the recovery.
    Requester,
    /// The agent who opened the case.
    Opener,
    /// Somebody who has approved it already.
    Approver,
}

impl Stake {
    /// Every stake.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Subject, Self::Owner, Self::Requester, Self::Opener, Self::Approver];
}

/// What a policy answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Allowed, refused, or more evidence needed.
    pub outcome: Outcome,
    /// The names of the rules that decided.
    pub reasons: Vec<String>,
    /// With [`Outcome::MoreEvidence`]: the smallest further evidence that would do, one of these.
    pub alternatives: Vec<Vec<Method>>,
}

impl Verdict {
    /// Allowed by `reason`.
    pub fn permit(reason: &str) -> Self {
        Self::bare(Outcome::Permit, reason)
    }

    /// Refused by `reason`.
    pub fn deny(reason: &str) -> Self {
        Self::bare(Outcome::Deny, reason)
    }

    fn bare(outcome: Outcome, reason: &str) -> Self {
        Self { outcome, reasons: vec![reason.to_owned()], alternatives: Vec::new() }
    }

    /// The same refusal with what would turn it into a permit, if anything would.
    #[must_use]
    pub fn or_with(self, alternatives: Vec<Vec<Method>>) -> Self {
        match self.outcome {
            Outcome::Deny if !alternatives.is_empty() => {
                Self { outcome: Outcome::MoreEvidence, alternatives, ..self }
            }
            _ => self,
        }
    }

    /// The ruling that goes into the event.
    pub fn ruling(&self, asked: &Question, policy: &dyn Policy) -> Ruling {
        Ruling {
            outcome: self.outcome,
            reasons: self.reasons.clone(),
            policy: policy.digest(),
            asked: asked.clone(),
            exception: None,
        }
    }
}

/// Decides what is allowed. Total and pure: a rule that cannot be evaluated denies.
pub trait Policy: Send + Sync {
    /// The answer to `question`.
    fn ask(&self, question: &Question) -> Verdict;

    /// The digest of the rules in force, recorded with every decision.
    fn digest(&self) -> Digest;
}
