//! A snapshot: everything a decision may look at, read at one moment.

use crate::access::{ApiKey, KeyPurpose};
use crate::address_book::HeldAddresses;
use crate::bundle::Bundle;
use crate::code::StoredVerifier;
use crate::code_set::{CodeSet, SetState};
use crate::containment::{Containments, Hold};
use crate::digest::{Digest, Fingerprint};
use crate::exception::Exception;
use crate::id::{BundleId, ContainmentId, ExceptionId, RecoveryId, SentId, SetId, SubjectId};
use crate::operator::{Approvers, Operator};
use crate::recent::Recent;
use crate::recovery::Recovery;
use crate::redemption::Remembered;
use crate::subject::{DirectoryEntry, Subject};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A subject's place in its serial order, and its guessing budget: one for all its sets, sessions
/// and addresses (REG-08). Unknown subjects have one too, under a pseudonym, so that they are
/// throttled alike (C9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// How many events the subject has had. A commit is conditional on it.
    pub version: u64,
    /// Failed attempts since the last success.
    pub failures: u32,
    /// No attempt is looked at before.
    pub retry_at: Option<Timestamp>,
}

/// A set with the verifiers of its codes, by ordinal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSet {
    /// The set.
    pub set: CodeSet,
    /// Its verifiers.
    pub verifiers: Vec<StoredVerifier>,
}

/// A recovery with the verifier of the code it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRecovery {
    /// The recovery.
    pub recovery: Recovery,
    /// The verifier of the last code sent in it, if one was.
    pub verifier: Option<StoredVerifier>,
}

/// An earlier request under the same `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastRequest {
    /// The mark of its content.
    pub fingerprint: Fingerprint,
    /// Whom it concerned.
    pub subject: SubjectId,
    /// The set it concerned, if one.
    pub set: Option<SetId>,
    /// The recovery it concerned, if one.
    pub recovery: Option<RecoveryId>,
    /// The bundle it concerned, if one.
    pub bundle: Option<BundleId>,
    /// The code it sent, if one.
    pub sent: Option<SentId>,
    /// The exception it concerned, if one.
    pub exception: Option<ExceptionId>,
    /// The containment it concerned, if one.
    pub containment: Option<ContainmentId>,
}

/// What a decision sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose serial order the decision joins.
    pub aggregate: SubjectId,
    /// Its place there and its budget.
    pub budget: Budget,
    /// The subject, unless nobody of that name is registered.
    pub subject: Option<Subject>,
    /// Its directory entry, unless that was erased.
    pub directory: Option<DirectoryEntry>,
    /// Which of its addresses are confirmed, and its recovery contacts.
    pub addresses: HeldAddresses,
    /// Its live sets, then the newest ended ones, [`Self::SETS_MAX`] in all.
    pub sets: Vec<HeldSet>,
    /// When its newest sets were issued, newest first, as many as any issue limit can count.
    pub issued_at: Vec<Timestamp>,
    /// Its live recoveries, then the newest ended ones, [`Self::RECOVERIES_MAX`] in all; and after
    /// them the one that is asked about, by its id or by the name of an earlier request, where it
    /// is none of those.
    pub recoveries: Vec<HeldRecovery>,
    /// Its live bundles, then the newest ended ones, [`Self::BUNDLES_MAX`] in all.
    pub bundles: Vec<Bundle>,
    /// What its codes did of late.
    pub recent: Recent,
    /// Whoever approved a live one of these, as they stand now ([`Self::who_approved`]); of the
    /// containments' own order, whoever approved the lifting of one in force.
    pub approvers: Approvers,
    /// Its live exceptions, then the newest ended ones, [`Self::EXCEPTIONS_MAX`] in all.
    pub exceptions: Vec<Exception>,
    /// All containments, as of the epoch that the decision rests on.
    pub containments: Containments,
    /// The operator the operation is about, if it is about one.
    pub operator: Option<Operator>,
    /// Whose passkey the credential is that the operation is about, if it is anybody's now.
    pub passkey_of: Option<SubjectId>,
    /// When that operator opened its newest cases, newest first, [`Self::OPENINGS_MAX`] of them;
    /// only of one that is no person (H4).
    pub openings: Vec<Timestamp>,
    /// The earlier redemption of this name, if there was one.
    pub remembered: Option<Remembered>,
    /// The earlier request of this name, if there was one.
    pub request: Option<PastRequest>,
    /// The API key the operation is about, if it is about one.
    pub api_key: Option<ApiKey>,
    /// The generation in use of each key.
    pub keys: BTreeMap<KeyPurpose, u32>,
}

impl Snapshot {
    /// The most sets a snapshot holds. At most four are live: an offered and an active one of
    /// either kind.
    pub const SETS_MAX: usize = 16;
    /// The most recoveries a snapshot holds besides the one that is asked about.
    pub const RECOVERIES_MAX: usize = 16;
    /// The most bundles a snapshot holds.
    pub const BUNDLES_MAX: usize = 16;
    /// The most exceptions a snapshot holds. At most one of each kind is live.
    pub const EXCEPTIONS_MAX: usize = 16;
    /// The most openings a snapshot holds: the ceiling of any limit on AI agents.
    pub const OPENINGS_MAX: usize = 60;
    /// The most issue times a snapshot holds: the ceiling of any issue limit.
    pub const ISSUES_MAX: usize = 100;

    /// Whose standing a snapshot with these recoveries holds in [`Self::approvers`]: what counts in
    /// a recovery that is live hangs on it (F3).
    pub fn who_approved(
        recoveries: &[HeldRecovery],
        exceptions: &[Exception],
    ) -> BTreeSet<SubjectId> {
        let live = recoveries.iter().map(|held| &held.recovery).filter(|held| held.is_live());
        let approved = live.flat_map(|recovery| &recovery.approvals);
        let live = exceptions.iter().filter(|held| held.is_live());
        let approved = approved.chain(live.flat_map(|exception| &exception.approvals));
        approved.map(|given| given.approver).collect()
    }

    /// What the containments come to for its subject.
    pub fn hold(&self) -> Hold {
        // One that nobody has confirmed has reached nobody as far as is known. Of one that ended
        // otherwise than by its time nothing tells whether it was confirmed, but a use.
        let unheld = |held: &&HeldSet| match held.set.state {
            SetState::Offered { .. } | SetState::Lapsed { .. } => true,
            SetState::Superseded { .. } | SetState::Revoked { .. } | SetState::Disabled { .. } => {
                held.set.used.is_empty()
            }
            SetState::Active { .. } | SetState::Exhausted { .. } | SetState::Expired { .. } => {
                false
            }
        };
        let mut unknown: Vec<Timestamp> =
            self.sets.iter().filter(unheld).map(|held| held.set.issued_at).collect();
        // One for one: a set that was issued in the same moment as one of those still counts.
        let newest = self.issued_at.iter().find(|at| {
            let place = unknown.iter().position(|unknown| unknown == *at);
            place.map(|place| unknown.swap_remove(place)).is_none()
        });
        let newest = newest.copied();
        self.subject.as_ref().map_or_else(Hold::default, |subject| {
            self.containments.hold(subject, self.directory.as_ref(), newest)
        })
    }

    /// A snapshot of an aggregate of which nothing is known.
    pub fn empty(aggregate: SubjectId) -> Self {
        Self {
            aggregate,
            budget: Budget::default(),
            subject: None,
            directory: None,
            addresses: HeldAddresses::default(),
            sets: Vec::new(),
            issued_at: Vec::new(),
            recoveries: Vec::new(),
            bundles: Vec::new(),
            recent: Recent::default(),
            approvers: Approvers::default(),
            exceptions: Vec::new(),
            containments: Containments::default(),
            operator: None,
            passkey_of: None,
            openings: Vec::new(),
            remembered: None,
            request: None,
            api_key: None,
            keys: BTreeMap::new(),
        }
    }
}

/// What to take a snapshot of.
#[derive(Debug, Clone, Default)]
pub struct SnapshotQuery {
    /// Whose.
    pub of: Aggregate,
    /// The redemption's name, if the operation has one.
    pub redemption: Option<crate::id::RedemptionId>,
    /// The request's name, if it has one.
    pub request: Option<Digest>,
    /// The API key the operation is about.
    pub api_key: Option<String>,
    /// The operator the operation is about.
    pub operator: Option<SubjectId>,
    /// The credential id of the passkey the operation is about.
    pub credential: Option<String>,
}

/// Names an aggregate.
#[derive(Debug, Clone, Default)]
pub enum Aggregate {
    /// What belongs to no subject.
    #[default]
    World,
    /// A subject by its opaque id.
    Subject(SubjectId),
    /// A subject by the caller's name for it; `otherwise` is its aggregate if nobody has that name.
    Reference {
        /// The name.
        reference: crate::id::SubjectRef,
        /// The pseudonym under which attempts on the name are counted.
        otherwise: SubjectId,
    },
    /// The subject that a set belongs to. Unknown sets give the empty snapshot of the world.
    Set(SetId),
    /// The subject that a recovery belongs to. Unknown ones give the empty snapshot of the world.
    Recovery(RecoveryId),
    /// The subject that a bundle belongs to. Unknown ones give the empty snapshot of the world.
    Bundle(BundleId),
}
