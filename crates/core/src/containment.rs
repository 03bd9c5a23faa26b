//! Containment: recovery switched off for a subject, a group or everyone, until two people lift it
//! (I1, D9).
//!
//! ```text
//! in force ──two approvals, and lifted──> lifted
//!    └── finished: what was live from before is written down as ended, subject by subject
//! ```
//!
//! All containments share one serial order, of [`SubjectId::CONTAINMENTS`]. Its version is the
//! *epoch*: every decision about a subject rests on it, so that one event takes effect at once, for
//! any number of subjects and on every node. What follows for each subject is written down by
//! whichever decision comes next, or by the engine in batches; nothing waits for that.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::digest::Digest;
use crate::event::{ContainmentApproved, ContainmentBegun, ContainmentLifted, Entry, Happened};
use crate::id::{ContainmentId, SubjectId};
use crate::operation::Denial;
use crate::operator::Approvers;
use crate::policy::Stake;
use crate::recovery::{Approval, Opener, Reference};
use crate::subject::{DirectoryEntry, Subject};
use crate::time::Timestamp;

/// How many people have to approve before a containment is lifted (I1), in every configuration.
pub const APPROVERS_NEEDED: usize = 2;

/// Whom a containment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum ContainmentScope {
    /// One subject.
    Subject {
        /// Which.
        subject: SubjectId,
        /// Its accountable owner when it was contained, who has no say in the lifting.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<SubjectId>,
    },
    /// Whoever the directory has in a group.
    Group {
        /// The salted digest of the group's name, which lies beside the log.
        group: Digest,
    },
    /// Everyone.
    All {},
}

impl ContainmentScope {
    /// The scope's name, as API, CLI and tables spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Subject { .. } => "subject",
            Self::Group { .. } => "group",
            Self::All {} => "all",
        }
    }
}

/// Why recovery is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainmentReason {
    /// The primary factor is compromised: the identity provider, passwords, a session store (D9).
    PrimaryFactorCompromised,
    /// Codes were seen where they must not be.
    CodesLeaked,
    /// Somebody of our own may be behind it.
    InsiderSuspected,
    /// Nobody knows yet; better off than open.
    Precaution,
    /// The database is older than the checkpoint that lies outside it: codes that were used since
    /// would be live again. Only the server itself says so.
    Restored,
}

impl ContainmentReason {
    /// The reason's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrimaryFactorCompromised => "primary_factor_compromised",
            Self::CodesLeaked => "codes_leaked",
            Self::InsiderSuspected => "insider_suspected",
            Self::Precaution => "precaution",
            Self::Restored => "restored",
        }
    }
}

/// What a containment was begun as. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainmentTerms {
    /// Whom it covers.
    #[serde(flatten)]
    pub scope: ContainmentScope,
    /// Why.
    pub reason: ContainmentReason,
    /// The incident's ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// The person who asked for it, where one is named; a program may begin one by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<SubjectId>,
    /// What lies outside the database that this one has lost, where it was restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchored: Option<Anchored>,
}

/// The newest checkpoint outside a database that turned out to be behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchored {
    /// How many entries the log had.
    pub size: u64,
    /// Its root, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Digest>,
}

/// Where a containment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ContainmentState {
    /// Recovery is off.
    InForce {},
    /// Recovery is back; access is held until paths are reissued.
    Lifted {
        /// Since when.
        at: Timestamp,
    },
}

impl ContainmentState {
    /// The state's name, as API, CLI and tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InForce {} => "in_force",
            Self::Lifted { .. } => "lifted",
        }
    }
}

/// A containment as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containment {
    /// Its id.
    pub id: ContainmentId,
    /// What it was begun as.
    pub terms: ContainmentTerms,
    /// Since when it is in force.
    pub begun_at: Timestamp,
    /// The approvals of its lifting, in order. One that no longer stands may be given again.
    pub approvals: Vec<Approval>,
    /// Where it stands.
    pub state: ContainmentState,
    /// Since when all that was live from before it is written down as ended.
    pub finished_at: Option<Timestamp>,
}

/// A group's name, beside the log.
#[derive(Clone, PartialEq, Eq)]
pub struct GroupName {
    /// The name, as the directory spells it.
    pub name: String,
    /// Makes the digest in the log say nothing to whoever guesses names.
    pub salt: [u8; 16],
}

impl std::fmt::Debug for GroupName {
    /// Never prints the name, which may tell of people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GroupName(..)")
    }
}

impl GroupName {
    /// What the log has of it.
    pub fn digest(&self) -> Digest {
        Digest::of("glassbreak/containment-group/v1", &[&self.salt, self.name.as_bytes()])
    }
}

/// A containment with what lies beside the log of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldContainment {
    /// The containment.
    pub containment: Containment,
    /// The name of the group it covers, if it covers one.
    pub group: Option<GroupName>,
}

/// All containments there ever were, in the order of their ids, as of one epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Containments {
    /// How many events they have had in all.
    pub epoch: u64,
    /// The containments. Shared, because they are few, change rarely and are in every snapshot.
    pub held: Arc<[HeldContainment]>,
}

/// An entry that a containment cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContainmentError {
    /// None of that id was begun.
    #[error("containment {0} was never begun")]
    Unknown(ContainmentId),
    /// It was begun before.
    #[error("containment {0} was begun before")]
    Repeated(ContainmentId),
    /// It is in another state than the entry needs.
    #[error("containment {containment} is `{state}` and cannot follow")]
    State {
        /// Which.
        containment: ContainmentId,
        /// The state it is in.
        state: &'static str,
    },
}

/// What is approved, in the canonical form whose digest is signed.
#[derive(Serialize)]
struct Case<'a> {
    begun_at: Timestamp,
    lift: ContainmentId,
    #[serde(flatten)]
    terms: &'a ContainmentTerms,
}

impl Happened {
    /// The containment that it changes, if it changes one.
    pub const fn containment(&self) -> Option<ContainmentId> {
        match self {
            Self::ContainmentBegun(ContainmentBegun { containment, .. })
            | Self::ContainmentApproved(ContainmentApproved { containment, .. })
            | Self::ContainmentLifted(ContainmentLifted { containment, .. })
            | Self::ContainmentFinished { containment } => Some(*containment),
            _ => None,
        }
    }
}

impl Containment {
    /// One that is just being begun.
    pub const fn begun(id: ContainmentId, terms: ContainmentTerms, begun_at: Timestamp) -> Self {
        let state = ContainmentState::InForce {};
        Self { id, terms, begun_at, approvals: Vec::new(), state, finished_at: None }
    }

    /// The bytes that [`Self::case`] is the digest of, for an approver to read: the canonical JSON
    /// (RFC 8785) of the containment and of what is to become of it.
    ///
    /// # Errors
    /// [`CanonicalError`] if it has no canonical form.
    pub fn case_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(&Case { begun_at: self.begun_at, lift: self.id, terms: &self.terms })
    }

    /// The SHA-256 digest of the exact case, which is the challenge that an approver signs.
    ///
    /// # Errors
    /// [`CanonicalError`] if it has no canonical form.
    pub fn case(&self) -> Result<Digest, CanonicalError> {
        let bytes = self.case_bytes()?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let mut case = [0; 32];
        case.copy_from_slice(digest.as_ref());
        Ok(Digest(case))
    }

    /// Whether recovery is off.
    pub const fn is_in_force(&self) -> bool {
        matches!(self.state, ContainmentState::InForce {})
    }

    /// When it was lifted, if it was.
    pub const fn lifted_at(&self) -> Option<Timestamp> {
        match self.state {
            ContainmentState::InForce {} => None,
            ContainmentState::Lifted { at } => Some(at),
        }
    }

    /// Whether it ends what began at `at`: nothing begins while it is in force, so that what began
    /// before it was lifted began before it.
    pub fn ends(&self, at: Timestamp) -> bool {
        self.lifted_at().is_none_or(|lifted| at <= lifted)
    }

    /// Those who approved its lifting and stand by it now. Nobody counts twice.
    pub fn approvers(&self, now: &Approvers) -> BTreeSet<SubjectId> {
        let standing = self.approvals.iter().filter(|approval| now.stand_by(approval));
        standing.map(|approval| approval.approver).collect()
    }

    /// Those who approved it, whatever became of them since: what there is to tell of it.
    pub fn approved_by(&self) -> BTreeSet<SubjectId> {
        self.approvals.iter().map(|approval| approval.approver).collect()
    }

    /// What `person` is to this containment besides an approver to be.
    pub fn stake(&self, person: SubjectId, approvers: &Approvers) -> Stake {
        match self.terms.scope {
            ContainmentScope::Subject { subject, .. } if subject == person => Stake::Subject,
            ContainmentScope::Subject { owner, .. } if owner == Some(person) => Stake::Owner,
            _ if self.terms.requester == Some(person) => Stake::Requester,
            _ if self.approvers(approvers).contains(&person) => Stake::Approver,
            _ => Stake::None,
        }
    }

    /// What becomes of `before` by `entry`: the one way in which a containment changes. The fold
    /// and every store go through it.
    ///
    /// # Errors
    /// [`ContainmentError`] if the entry cannot follow.
    pub fn after(
        before: Option<Self>,
        id: ContainmentId,
        entry: &Entry,
    ) -> Result<Self, ContainmentError> {
        match (before, &entry.happened) {
            (None, Happened::ContainmentBegun(begun)) => {
                Ok(Self::begun(id, begun.terms.clone(), entry.at))
            }
            (Some(_), Happened::ContainmentBegun(_)) => Err(ContainmentError::Repeated(id)),
            (Some(containment), _) => containment.follow(entry),
            (None, _) => Err(ContainmentError::Unknown(id)),
        }
    }

    fn follow(mut self, entry: &Entry) -> Result<Self, ContainmentError> {
        let at = entry.at;
        match (&entry.happened, self.state) {
            (Happened::ContainmentApproved(given), ContainmentState::InForce {}) => {
                let ContainmentApproved { approver, case, assertion, .. } = given.clone();
                self.approvals.push(Approval { approver, case, at, assertion });
            }
            (Happened::ContainmentLifted(_), ContainmentState::InForce {}) => {
                self.state = ContainmentState::Lifted { at };
            }
            (Happened::ContainmentFinished { .. }, _) if self.finished_at.is_none() => {
                self.finished_at = Some(at);
            }
            (_, state) => {
                return Err(ContainmentError::State { containment: self.id, state: state.name() });
            }
        }
        Ok(self)
    }
}

impl HeldContainment {
    /// The containment with the digest of its group computed anew from what lies beside the log.
    pub fn as_held(self) -> Containment {
        let mut containment = self.containment;
        let named = self.group.as_ref().map(GroupName::digest);
        if let (ContainmentScope::Group { group }, Some(digest)) =
            (&mut containment.terms.scope, named)
        {
            *group = digest;
        }
        containment
    }

    /// Whether it covers `subject`. Of whom nobody knows the groups, every group's is.
    pub fn covers(&self, subject: SubjectId, directory: Option<&DirectoryEntry>) -> bool {
        match self.containment.terms.scope {
            ContainmentScope::Subject { subject: covered, .. } => covered == subject,
            ContainmentScope::Group { .. } => directory.is_none_or(|entry| {
                let named = |group: &GroupName| entry.groups.contains(&group.name);
                self.group.as_ref().is_none_or(named)
            }),
            ContainmentScope::All {} => true,
        }
    }
}

impl Containments {
    /// The containment of `id`.
    pub fn get(&self, id: ContainmentId) -> Option<&HeldContainment> {
        self.held.iter().find(|held| held.containment.id == id)
    }

    /// Those that were begun because the database had been restored, oldest first. The log goes on
    /// under another name after each: under the old one, another history was signed.
    pub fn restored(&self) -> impl Iterator<Item = ContainmentId> {
        let all = self.held.iter().map(|held| &held.containment);
        let restored = all.filter(|held| held.terms.reason == ContainmentReason::Restored);
        restored.map(|held| held.id)
    }

    /// The one that is in force over everyone because the database had been restored, if one is.
    pub fn sealed(&self) -> Option<&Containment> {
        let all = self.held.iter().map(|held| &held.containment);
        all.filter(|held| held.is_in_force()).find(|held| {
            held.terms.reason == ContainmentReason::Restored
                && held.terms.scope == ContainmentScope::All {}
        })
    }

    /// Whoever approved the lifting of one that is in force.
    pub fn who_approved(&self) -> BTreeSet<SubjectId> {
        let in_force = self.held.iter().filter(|held| held.containment.is_in_force());
        in_force.flat_map(|held| held.containment.approved_by()).collect()
    }

    /// The moment after which every decision that sees this comes: what a lifting lets begin again
    /// is told by its time from what began before it, on whichever node.
    pub fn later(&self) -> Option<Timestamp> {
        let newest = self.held.iter().map(|held| {
            let lifted = held.containment.lifted_at();
            lifted.unwrap_or(held.containment.begun_at).max(held.containment.begun_at)
        });
        newest.max().map(|at| Timestamp::from_millis(at.millis().saturating_add(1)))
    }

    /// What they come to for a subject whose newest set was issued at `issued_at`.
    pub fn hold(
        &self,
        subject: &Subject,
        directory: Option<&DirectoryEntry>,
        issued_at: Option<Timestamp>,
    ) -> Hold {
        let mut hold = Hold::default();
        for held in self.held.iter().filter(|held| held.covers(subject.id, directory)) {
            let Containment { id, begun_at, .. } = held.containment;
            match held.containment.lifted_at() {
                None => hold.in_force = Some(id),
                Some(at) => {
                    if hold.lifted.is_none_or(|(_, newest)| at >= newest) {
                        hold.lifted = Some((id, at));
                    }
                    // Held until a path was reissued (D9); who came later had none to lose.
                    let reissued = issued_at.is_some_and(|issued| issued > at);
                    hold.until_reissued |= subject.registered_at <= begun_at && !reissued;
                }
            }
        }
        hold
    }
}

/// What containments come to for one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hold {
    /// One that is in force over it.
    in_force: Option<ContainmentId>,
    /// The newest lifted one that covered it, and when it was lifted.
    lifted: Option<(ContainmentId, Timestamp)>,
    /// Whether its access is held until a set is issued to it (D9).
    until_reissued: bool,
}

impl Hold {
    /// The containment that is in force over the subject, if one is.
    pub const fn in_force(&self) -> Option<ContainmentId> {
        self.in_force
    }

    /// The containment that ends what began at `at`, if one does.
    pub fn ends(&self, at: Timestamp) -> Option<ContainmentId> {
        let lifted = self.lifted.filter(|(_, lifted)| at <= *lifted).map(|(id, _)| id);
        self.in_force.or(lifted)
    }

    /// Why nothing is opened for the subject: it is contained.
    pub fn contained(&self) -> Option<Denial> {
        self.in_force.map(|containment| Denial::Contained { containment })
    }

    /// Why no recovery is opened by `opener`. A case, with its proofing and approvals, stays
    /// possible while access is held (D9).
    pub fn closed_to(&self, opener: Opener) -> Option<Denial> {
        let held = self.until_reissued && opener == Opener::Subject;
        self.contained().or_else(|| held.then_some(Denial::ReissueNeeded))
    }

    /// Why this must not happen now. Every event of every decision passes here, so that no
    /// operation can forget to ask.
    pub fn refuses(&self, happened: &Happened) -> Option<Denial> {
        match happened {
            Happened::RecoveryOpened { opening, .. } => self.closed_to(opening.by.opener()),
            _ if happened.opens() => self.contained(),
            _ => None,
        }
    }
}
