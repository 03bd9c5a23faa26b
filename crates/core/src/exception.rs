//! Exceptions: a rule set aside for one subject and a time, by people who sign for it (F5).
//!
//! ```text
//! pending ──enough approvals──> granted ──its use, where it is good for one──> ended (used)
//!    │                             ├── its approvers do not stand by it, and a new one ──> (void)
//!    └── its time is up, withdrawn, or a lifecycle event took the codes ──> ended
//! ```
//!
//! Nothing else is an exception: what no [`ExceptionKind`] names, nobody can set aside. None of
//! them touches dual control, looking twice at an identity, single use or expiry, and none leaves
//! more assurance than was proven (E2).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::digest::Digest;
use crate::event::{Entry, Happened};
use crate::id::{ExceptionId, SubjectId};
use crate::operator::Approvers;
use crate::policy::Stake;
use crate::recovery::{Approval, Reference};
use crate::time::{Seconds, Timestamp};

/// The longest time an exception may be in force, counted from the request. No configuration goes
/// beyond it (F5).
pub const LONGEST: Seconds = Seconds::days(30);

/// Which rule is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    /// One set is issued although the limit per period is reached (A5). Its use ends it.
    OverIssueLimit,
    /// Recoveries are not refused as routine use for as long as it is in force (C7).
    RoutineUse,
}

impl ExceptionKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::OverIssueLimit, Self::RoutineUse];

    /// The kind's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OverIssueLimit => "over_issue_limit",
            Self::RoutineUse => "routine_use",
        }
    }
}

/// What is asked for. It never changes: approvers sign exactly this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Which rule is set aside.
    pub kind: ExceptionKind,
    /// The ticket or change that says why.
    pub reason: Reference,
    /// The person who asks for it, who is not the subject.
    pub requester: SubjectId,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
}

/// Why an exception ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyEnded {
    /// Its time was up, granted or not.
    Expired,
    /// Somebody took it back.
    Withdrawn,
    /// It was good for one use, and was used.
    Used,
    /// A lifecycle event took away the codes that it was about.
    Lifecycle,
    /// Its approvals no longer sufficed, and another of its kind was asked for.
    Void,
    /// A containment did (I1).
    Containment,
}

impl WhyEnded {
    /// The reason's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Used => "used",
            Self::Lifecycle => "lifecycle",
            Self::Void => "void",
            Self::Containment => "containment",
        }
    }
}

/// Where an exception stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ExceptionState {
    /// It waits for approvals, and sets nothing aside.
    Pending {},
    /// In force.
    Granted {
        /// Since when.
        at: Timestamp,
    },
    /// Over.
    Ended {
        /// When that was written down.
        at: Timestamp,
        /// Why.
        why: WhyEnded,
    },
}

impl ExceptionState {
    /// The state's name, as API, CLI and tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending {} => "pending",
            Self::Granted { .. } => "granted",
            Self::Ended { .. } => "ended",
        }
    }
}

/// An exception as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its id.
    pub id: ExceptionId,
    /// For whom the rule is set aside.
    pub subject: SubjectId,
    /// What was asked for.
    pub terms: Terms,
    /// When.
    pub requested_at: Timestamp,
    /// The approvals given, in order. One that no longer stands may be given again.
    pub approvals: Vec<Approval>,
    /// Where it stands.
    pub state: ExceptionState,
}

/// What is approved, in the canonical form whose digest is signed.
#[derive(Serialize)]
struct Case<'a> {
    exception: ExceptionId,
    subject: SubjectId,
    #[serde(flatten)]
    terms: &'a Terms,
}

/// An entry that an exception cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionError {
    /// No exception of that id was asked for.
    #[error("exception {0} was never asked for")]
    Unknown(ExceptionId),
    /// It was asked for before.
    #[error("exception {0} was asked for before")]
    Repeated(ExceptionId),
    /// It has ended, or is in another state than the entry needs.
    #[error("exception {exception} is `{state}` and cannot follow")]
    State {
        /// Which.
        exception: ExceptionId,
        /// The state it is in.
        state: &'static str,
    },
}

impl ExceptionError {
    /// Whether another commit may have been faster. A store answers a conflict then, and the
    /// decision is made again.
    pub const fn is_overtaken(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

impl Happened {
    /// The exception that it changes, if it changes one.
    pub const fn exception(&self) -> Option<ExceptionId> {
        match self {
            Self::ExceptionRequested { exception, .. }
            | Self::ExceptionApproved { exception, .. }
            | Self::ExceptionGranted { exception, .. }
            | Self::ExceptionEnded { exception, .. } => Some(*exception),
            _ => None,
        }
    }
}

impl Exception {
    /// One that is just being asked for.
    pub const fn requested(
        id: ExceptionId,
        subject: SubjectId,
        terms: Terms,
        requested_at: Timestamp,
    ) -> Self {
        let state = ExceptionState::Pending {};
        Self { id, subject, terms, requested_at, approvals: Vec::new(), state }
    }

    /// The bytes that [`Self::case`] is the digest of, for an approver to read: the canonical JSON
    /// (RFC 8785) of the exception.
    pub fn case_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        let (exception, subject) = (self.id, self.subject);
        canonical::to_bytes(&Case { exception, subject, terms: &self.terms })
    }

    /// The SHA-256 digest of the exact exception, which is the challenge that an approver signs.
    pub fn case(&self) -> Result<Digest, CanonicalError> {
        let bytes = self.case_bytes()?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let mut case = [0; 32];
        case.copy_from_slice(digest.as_ref());
        Ok(Digest(case))
    }

    /// Those who approved it and stand by it now. Nobody counts twice.
    pub fn approvers(&self, now: &Approvers) -> BTreeSet<SubjectId> {
        let standing = self.approvals.iter().filter(|approval| now.stand_by(approval));
        standing.map(|approval| approval.approver).collect()
    }

    /// Whether it sets its rule aside: granted, with as many approvals that stand as are `needed`
    /// now. One whose approver was dismissed, has left or lost the passkey does not; nor does one
    /// with a single approval in a tier that came under dual control since (F5).
    pub fn is_in_force(&self, now: &Approvers, needed: usize) -> bool {
        matches!(self.state, ExceptionState::Granted { .. }) && self.approvers(now).len() >= needed
    }

    /// Whether it was granted and is not in force: it stays listed until it ends, and gives way to
    /// another of its kind.
    pub fn is_void(&self, now: &Approvers, needed: usize) -> bool {
        matches!(self.state, ExceptionState::Granted { .. }) && !self.is_in_force(now, needed)
    }

    /// Those who approved it, whatever became of them since: what there is to tell of it.
    pub fn approved_by(&self) -> BTreeSet<SubjectId> {
        self.approvals.iter().map(|approval| approval.approver).collect()
    }

    /// What `person` is to this exception besides an approver to be. `owner` is the subject's
    /// accountable owner.
    pub fn stake(
        &self,
        person: SubjectId,
        owner: Option<SubjectId>,
        approvers: &Approvers,
    ) -> Stake {
        if self.subject == person {
            Stake::Subject
        } else if owner == Some(person) {
            Stake::Owner
        } else if self.terms.requester == person {
            Stake::Requester
        } else if self.approvers(approvers).contains(&person) {
            Stake::Approver
        } else {
            Stake::None
        }
    }

    /// Whether it has not ended.
    pub const fn is_live(&self) -> bool {
        !matches!(self.state, ExceptionState::Ended { .. })
    }

    /// The moment from which time alone ends it, if it ever will.
    pub const fn due_at(&self) -> Option<Timestamp> {
        if self.is_live() { Some(self.terms.ends_at) } else { None }
    }

    /// Whether time alone has ended it by `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at().is_some_and(|due| due <= now)
    }

    /// What becomes of `before` by `entry`, which concerns an exception for `subject`: the one way
    /// in which an exception changes. The fold and every store go through it.
    ///
    /// # Errors
    /// [`ExceptionError`] if the entry cannot follow.
    pub fn after(
        before: Option<Self>,
        id: ExceptionId,
        subject: SubjectId,
        entry: &Entry,
    ) -> Result<Self, ExceptionError> {
        match (before, &entry.happened) {
            (None, Happened::ExceptionRequested { terms, .. }) => {
                Ok(Self::requested(id, subject, terms.clone(), entry.at))
            }
            (Some(_), Happened::ExceptionRequested { .. }) => Err(ExceptionError::Repeated(id)),
            (Some(exception), _) => exception.follow(entry),
            (None, _) => Err(ExceptionError::Unknown(id)),
        }
    }

    fn follow(mut self, entry: &Entry) -> Result<Self, ExceptionError> {
        let at = entry.at;
        match (&entry.happened, self.state) {
            (
                Happened::ExceptionApproved { approver, case, assertion, .. },
                ExceptionState::Pending {},
            ) => {
                let (approver, case, assertion) = (*approver, *case, assertion.clone());
                self.approvals.push(Approval { approver, case, at, assertion });
            }
            (Happened::ExceptionGranted { .. }, ExceptionState::Pending {}) => {
                self.state = ExceptionState::Granted { at };
            }
            (Happened::ExceptionEnded { why, .. }, _) if self.is_live() => {
                self.state = ExceptionState::Ended { at, why: *why };
            }
            (_, state) => {
                return Err(ExceptionError::State { exception: self.id, state: state.name() });
            }
        }
        Ok(self)
    }
}
