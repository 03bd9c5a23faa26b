//! Where a bundle stands, and what may come next: pure functions, no clock.
//!
//! A new generation takes the old one's place only when all of its n custodians have proved
//! possession. Until then the old one stays active, so a hand-over that fails half way loses
//! nothing.

use std::collections::BTreeSet;

use glassbreak_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::header::BundleId;
use crate::proof::Proof;
use crate::record::BundleRecord;

/// Where one generation stands; each state carries what is true only in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BundleState {
    /// Handed out, and waiting for proofs of possession.
    Split {
        /// The numbers of the custodians who have proved.
        proved: BTreeSet<u8>,
    },
    /// Every custodian has proved; this is the generation to combine from.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// A newer generation took its place.
    Superseded {
        /// When.
        at: Timestamp,
        /// Which one.
        by: u32,
    },
    /// Revoked by hand, or given up before all had proved.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// The secret was put together and used; it is to be replaced (E4).
    Combined {
        /// When.
        at: Timestamp,
    },
}

impl BundleState {
    /// The state's name, as API, CLI and tables spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Split { .. } => "split",
            Self::Active { .. } => "active",
            Self::Superseded { .. } => "superseded",
            Self::Revoked { .. } => "revoked",
            Self::Combined { .. } => "combined",
        }
    }

    /// Whether it waits for proofs, or is the one to combine from.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Split { .. } | Self::Active { .. })
    }
}

/// One split of a bundle, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// What is known of it by everyone.
    pub record: BundleRecord,
    /// Where it stands.
    pub state: BundleState,
}

/// A bundle over all its generations, oldest first. There is always at least one; at most one is
/// active, and at most one, the newest, waits for proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    id: BundleId,
    generations: Vec<Generation>,
}

/// A transition that is not allowed. The bundle is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionRefused {
    /// The record is of another bundle.
    #[error("bundle {bundle}: the record belongs to another bundle")]
    OtherBundle {
        /// The bundle that was to change.
        bundle: BundleId,
    },
    /// The record has not the number that comes next.
    #[error("bundle {bundle}: generation {given} given, {expected} comes next")]
    WrongGeneration {
        /// The bundle.
        bundle: BundleId,
        /// The generation given.
        given: u32,
        /// The generation that comes next.
        expected: u32,
    },
    /// There is no such generation.
    #[error("bundle {bundle} has no generation {generation}")]
    UnknownGeneration {
        /// The bundle.
        bundle: BundleId,
        /// The generation asked for.
        generation: u32,
    },
    /// The state does not allow it.
    #[error("bundle {bundle}, generation {generation} cannot go from {from} to {to}")]
    State {
        /// The bundle.
        bundle: BundleId,
        /// The generation.
        generation: u32,
        /// Its state's name.
        from: &'static str,
        /// The name of the state asked for.
        to: &'static str,
    },
    /// There is no custodian of this number.
    #[error("there is no custodian {index}")]
    UnknownCustodian {
        /// The number asked for.
        index: u8,
    },
    /// This custodian has proved before.
    #[error("custodian {index} has proved possession before")]
    AlreadyProved {
        /// The custodian's number.
        index: u8,
    },
    /// Not the token of this custodian's share of this generation.
    #[error("this is not the proof of custodian {index}")]
    WrongProof {
        /// The custodian's number.
        index: u8,
    },
}

impl TransitionRefused {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherBundle { .. } => "bundle_other",
            Self::WrongGeneration { .. } => "bundle_wrong_generation",
            Self::UnknownGeneration { .. } => "bundle_unknown_generation",
            Self::State { .. } => "bundle_state",
            Self::UnknownCustodian { .. } => "unknown_custodian",
            Self::AlreadyProved { .. } => "already_proved",
            Self::WrongProof { .. } => "wrong_proof",
        }
    }
}

impl Bundle {
    /// A new bundle, waiting for the proofs of its first generation.
    ///
    /// # Errors
    ///
    /// [`TransitionRefused::WrongGeneration`] unless the record is of generation 1.
    pub fn new(record: BundleRecord) -> Result<Self, TransitionRefused> {
        let bundle = Self { id: record.header().bundle(), generations: Vec::new() };
        bundle.append(record)
    }

    /// Its name.
    pub const fn id(&self) -> BundleId {
        self.id
    }

    /// Every generation there was, oldest first.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The generation to combine from, if there is one.
    pub fn active(&self) -> Option<&Generation> {
        self.generations.iter().find(|one| matches!(one.state, BundleState::Active { .. }))
    }

    /// The generation that waits for proofs, if there is one.
    pub fn waiting(&self) -> Option<&Generation> {
        self.generations.iter().find(|one| matches!(one.state, BundleState::Split { .. }))
    }

    /// Adds the next generation, waiting for proofs. The active one stays active.
    ///
    /// # Errors
    ///
    /// [`TransitionRefused`] if the record is of another bundle or not of the next generation, if
    /// no generation is active, or if one is waiting already (withdraw that one first).
    pub fn resplit(self, record: BundleRecord) -> Result<Self, TransitionRefused> {
        let newest = self.generations.last();
        let blocked = self.waiting().or(if self.active().is_none() { newest } else { None });
        match blocked {
            Some(generation) => Err(self.refusal(generation, "split")),
            None => self.append(record),
        }
    }

    /// Counts one custodian's proof of possession. With the last of n the generation is active, and
    /// the one that was active before is superseded.
    ///
    /// # Errors
    ///
    /// [`TransitionRefused`] if the generation does not wait for proofs, if there is no such
    /// custodian, or if the proof is wrong or was counted before.
    pub fn prove(
        mut self,
        generation: u32,
        index: u8,
        proof: &Proof,
        at: Timestamp,
    ) -> Result<Self, TransitionRefused> {
        let found = self.generation(generation)?;
        let BundleState::Split { proved } = &found.state else {
            return Err(self.refusal(found, "active"));
        };
        let header = *found.record.header();
        let custodian = found.record.custodian(index);
        let custodian = custodian.ok_or(TransitionRefused::UnknownCustodian { index })?;
        // Digests of 256 random bits: how long the comparison takes tells nobody the bits.
        if proof.digest(&header, index) != custodian.proof {
            return Err(TransitionRefused::WrongProof { index });
        }
        let mut proved = proved.clone();
        if !proved.insert(index) {
            return Err(TransitionRefused::AlreadyProved { index });
        }
        if proved.len() < usize::from(header.n()) {
            self.set(generation, BundleState::Split { proved });
            return Ok(self);
        }
        let before = self.active().map(|active| active.record.header().generation());
        if let Some(before) = before {
            self.set(before, BundleState::Superseded { at, by: generation });
        }
        self.set(generation, BundleState::Active { since: at });
        Ok(self)
    }

    /// Gives up the generation that waits for proofs. The active one, if any, stays active.
    ///
    /// # Errors
    ///
    /// [`TransitionRefused::State`] if none is waiting.
    pub fn withdraw(mut self, at: Timestamp) -> Result<Self, TransitionRefused> {
        let waiting = self.waiting().map(|waiting| waiting.record.header().generation());
        let generation = waiting.ok_or_else(|| self.nothing("revoked"))?;
        self.set(generation, BundleState::Revoked { at });
        Ok(self)
    }

    /// Revokes whatever is live: the active generation and the one that waits.
    ///
    /// # Errors
    ///
    /// [`TransitionRefused::State`] if nothing is live.
    pub fn revoke(mut self, at: Timestamp) -> Result<Self, TransitionRefused> {
        if !self.generations.iter().any(|one| one.state.is_live()) {
            return Err(self.nothing("revoked"));
        }
        self.end_live(&BundleState::Revoked { at });
        Ok(self)
    }

    /// Says that the secret was put together from `generation` and used. A generation that waits
    /// keeps the same, used secret and is revoked with it. Combining in order to split anew is no
    /// use, and is not said here.
    ///
    /// # Errors
    ///
    /// [`TransitionRefused`] unless that generation is the active one.
    pub fn combined(mut self, generation: u32, at: Timestamp) -> Result<Self, TransitionRefused> {
        let found = self.generation(generation)?;
        if !matches!(found.state, BundleState::Active { .. }) {
            return Err(self.refusal(found, "combined"));
        }
        self.set(generation, BundleState::Combined { at });
        self.end_live(&BundleState::Revoked { at });
        Ok(self)
    }

    fn append(mut self, record: BundleRecord) -> Result<Self, TransitionRefused> {
        let (bundle, given) = (self.id, record.header().generation());
        if record.header().bundle() != bundle {
            return Err(TransitionRefused::OtherBundle { bundle });
        }
        let newest = self.generations.last().map_or(0, |one| one.record.header().generation());
        let expected = newest.saturating_add(1);
        if given != expected {
            return Err(TransitionRefused::WrongGeneration { bundle, given, expected });
        }
        let state = BundleState::Split { proved: BTreeSet::new() };
        self.generations.push(Generation { record, state });
        Ok(self)
    }

    fn generation(&self, generation: u32) -> Result<&Generation, TransitionRefused> {
        let mut all = self.generations.iter();
        let found = all.find(|one| one.record.header().generation() == generation);
        found.ok_or(TransitionRefused::UnknownGeneration { bundle: self.id, generation })
    }

    fn set(&mut self, generation: u32, state: BundleState) {
        let mut all = self.generations.iter_mut();
        if let Some(one) = all.find(|one| one.record.header().generation() == generation) {
            one.state = state;
        }
    }

    fn end_live(&mut self, state: &BundleState) {
        for live in self.generations.iter_mut().filter(|one| one.state.is_live()) {
            live.state = state.clone();
        }
    }

    fn refusal(&self, generation: &Generation, to: &'static str) -> TransitionRefused {
        let from = generation.state.name();
        let generation = generation.record.header().generation();
        TransitionRefused::State { bundle: self.id, generation, from, to }
    }

    /// Nothing is in the state that it would take: told of the newest generation.
    fn nothing(&self, to: &'static str) -> TransitionRefused {
        let unknown = TransitionRefused::UnknownGeneration { bundle: self.id, generation: 1 };
        self.generations.last().map_or(unknown, |newest| self.refusal(newest, to))
    }
}
