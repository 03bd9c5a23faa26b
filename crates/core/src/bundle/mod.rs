//! A recovery bundle (A4, B3, E3): a secret split k of n among custodians, over all its
//! generations.
//!
//! ```text
//! pending ──each custodian proves──> effective ──two approvals──> opening ──k shares──> opened
//!  │                                  │   └─ time or emergency over ──┘                   │
//!  ├── a newer one ──> superseded     ├── the next generation is effective ──> superseded ┘
//!  └── revoked                        └── revoked
//! ```
//!
//! A new generation takes the old one's place only when all of its n custodians have proven that
//! they can open their shares; a hand-over that fails half way loses nothing. What the core knows
//! are names, numbers and digests: splitting, proofs and shares are `glassbreak-bundle`'s, and no
//! secret, share or token ever comes here.

mod change;

use serde::{Deserialize, Serialize};

use crate::code_set::RevokeReason;
use crate::digest::Digest;
use crate::id::{BundleId, RecoveryId, SubjectId};
use crate::time::{Seconds, Timestamp};

pub use change::BundleError;

/// How long an opening lasts at most, once it is allowed. A judgement: long enough to call k people
/// together, short enough that an approval of the morning opens nothing in the evening.
pub const OPENING_MAX: Seconds = Seconds::hours(1);

/// What one split is handed out as. What the log holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOut {
    /// Which split of the bundle, counted from 1.
    pub generation: u32,
    /// How many shares suffice, 2 to n.
    pub k: u8,
    /// Who has a share, by its number: the first has number 1. At most 32.
    pub custodians: Vec<SubjectId>,
    /// The digest of the public record, which lies beside the log.
    pub record: Digest,
    /// The digest of the sealed secret, which lies beside the log until it is erased.
    pub sealed: Digest,
}

/// What lies beside the log of one split: nothing that gives the secret away with fewer than k
/// shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleParts {
    /// The public record, as canonical JSON.
    pub record: String,
    /// The sealed secret; `None` once it was erased.
    pub sealed: Option<Vec<u8>>,
}

impl BundleParts {
    /// The digest of the record, as the log holds it.
    pub fn record_digest(&self) -> Digest {
        Digest::of("glassbreak/bundle-record/v1", &[self.record.as_bytes()])
    }

    /// The digest of the sealed secret, as the log holds it, unless it was erased.
    pub fn sealed_digest(&self) -> Option<Digest> {
        let sealed = self.sealed.as_deref();
        sealed.map(|sealed| Digest::of("glassbreak/bundle-sealed/v1", &[sealed]))
    }
}

/// One custodian of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custodian {
    /// Who.
    pub subject: SubjectId,
    /// When possession of the share was proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven_at: Option<Timestamp>,
    /// When it was noticed that this person has left. The share exists all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
}

/// Where one generation stands; each state carries what is true only in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum GenerationState {
    /// Handed out, and waiting for each custodian's proof.
    Pending {},
    /// Every custodian has proven; this is the generation to open.
    Effective {},
    /// Policy and two approvers allow that it is opened, for a short time (E3).
    Opening {
        /// In which recovery.
        recovery: RecoveryId,
        /// Until when.
        until: Timestamp,
    },
    /// The secret was put together and told; it is to be replaced (E4).
    Opened {
        /// When.
        at: Timestamp,
        /// In which recovery.
        recovery: RecoveryId,
    },
    /// A newer generation took its place.
    Superseded {
        /// When.
        at: Timestamp,
        /// Which one.
        by: u32,
    },
    /// Revoked.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        reason: RevokeReason,
    },
}

impl GenerationState {
    /// The state's name, as API, CLI and tables spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending {} => "pending",
            Self::Effective {} => "effective",
            Self::Opening { .. } => "opening",
            Self::Opened { .. } => "opened",
            Self::Superseded { .. } => "superseded",
            Self::Revoked { .. } => "revoked",
        }
    }

    /// Whether its shares may still be of use.
    pub const fn is_live(&self) -> bool {
        !matches!(self, Self::Superseded { .. } | Self::Revoked { .. })
    }

    /// Whether it is the one that an emergency would open.
    pub const fn is_in_force(&self) -> bool {
        self.is_live() && !matches!(self, Self::Pending {})
    }
}

/// One split of a bundle, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// Its number, counted from 1.
    pub number: u32,
    /// How many shares suffice.
    pub k: u8,
    /// Who has a share, by its number.
    pub custodians: Vec<Custodian>,
    /// The digest of its public record.
    pub record: Digest,
    /// The digest of its sealed secret.
    pub sealed: Digest,
    /// When it was handed out.
    pub created_at: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: GenerationState,
}

impl Generation {
    /// The number of `custodian`'s share, if there is one.
    pub fn index_of(&self, custodian: SubjectId) -> Option<u8> {
        let mut numbered = (1_u8..).zip(&self.custodians);
        numbered.find(|(_, held)| held.subject == custodian).map(|(index, _)| index)
    }

    /// Takes the digests from what lies beside the log, so that a comparison with the log finds
    /// what was swapped there, or erased too early.
    pub fn rest_on(&mut self, parts: Option<&BundleParts>) {
        let missing = Digest([0; 32]);
        self.record = parts.map_or(missing, BundleParts::record_digest);
        match parts.and_then(BundleParts::sealed_digest) {
            Some(sealed) => self.sealed = sealed,
            // Of an ended generation only the log's digest is left.
            None if self.state.is_live() => self.sealed = missing,
            None => {}
        }
    }

    /// Those who have not proven possession yet.
    pub fn waits_for(&self) -> impl Iterator<Item = SubjectId> {
        self.custodians.iter().filter(|held| held.proven_at.is_none()).map(|held| held.subject)
    }
}

/// A bundle over all its generations, oldest first. There is always at least one; at most one is in
/// force, and at most one, the newest, is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// Its id, which every share names too.
    pub id: BundleId,
    /// Whose secret it holds.
    pub subject: SubjectId,
    /// Every generation there was.
    pub generations: Vec<Generation>,
    /// Since when the secret is to be replaced and split anew, if it is (E4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_since: Option<Timestamp>,
}

impl Bundle {
    /// The most generations of one bundle; after that, a new bundle is made.
    pub const GENERATIONS_MAX: usize = 32;
    /// The most custodians of one generation.
    pub const CUSTODIANS_MAX: usize = 32;
    /// The most live bundles of one subject.
    pub const LIVE_MAX: usize = 8;

    /// The generation that waits for proofs, if there is one.
    pub fn pending(&self) -> Option<&Generation> {
        self.generations.iter().find(|one| matches!(one.state, GenerationState::Pending {}))
    }

    /// The generation that an emergency would open, if there is one.
    pub fn in_force(&self) -> Option<&Generation> {
        self.generations.iter().find(|one| one.state.is_in_force())
    }

    /// The generation that callers are told of first: in force, else pending, else the newest.
    pub fn foremost(&self) -> Option<&Generation> {
        self.in_force().or_else(|| self.pending()).or_else(|| self.generations.last())
    }

    /// The state's name of the foremost generation.
    pub fn state_name(&self) -> &'static str {
        self.foremost().map_or("revoked", |one| one.state.name())
    }

    /// Whether any generation is live.
    pub fn is_live(&self) -> bool {
        self.generations.iter().any(|one| one.state.is_live())
    }

    /// The number that the next generation gets.
    pub fn next_generation(&self) -> u32 {
        self.generations.last().map_or(1, |newest| newest.number.saturating_add(1))
    }

    /// The opening that is allowed now: its generation, its recovery, and until when.
    pub fn opening(&self) -> Option<(&Generation, RecoveryId, Timestamp)> {
        self.generations.iter().find_map(|one| match one.state {
            GenerationState::Opening { recovery, until } => Some((one, recovery, until)),
            _ => None,
        })
    }

    /// The moment from which time alone ends its opening, if one is allowed.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.opening().map(|(_, _, until)| until)
    }

    /// Whether time alone has ended its opening by `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at().is_some_and(|due| due <= now)
    }

    /// Custodians of live generations of whom nobody has noticed that they left.
    pub fn custodians(&self) -> impl Iterator<Item = SubjectId> {
        let live = self.generations.iter().filter(|one| one.state.is_live());
        let held = live.flat_map(|one| &one.custodians);
        held.filter(|held| held.left_at.is_none()).map(|held| held.subject)
    }

    /// Whether a custodian of a live generation has left: new shares are needed.
    pub fn needs_new_shares(&self) -> bool {
        let live = self.generations.iter().filter(|one| one.state.is_live());
        live.flat_map(|one| &one.custodians).any(|held| held.left_at.is_some())
    }
}
