//! How a bundle changes: one function from what it was and an event to what it is. Decisions, the
//! fold and every store go through it.

use super::{Bundle, Custodian, Generation, GenerationState, HandOut};
use crate::event::{
    BundleCreated, BundleCustodianLeft, BundleEffective, BundleOpenRefused, BundleOpened,
    BundleOpeningAllowed, BundleOpeningLapsed, BundleRevoked, BundleShareProven, BundleSuperseded,
    Happened,
};
use crate::id::{BundleId, SubjectId};
use crate::time::Timestamp;

/// An event that a bundle cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// No bundle of that id was created.
    #[error("bundle {0} was never created")]
    Unknown(BundleId),
    /// The generation given is not the one that comes next.
    #[error("bundle {0} has another generation next")]
    Generation(BundleId),
    /// It is in another state than the event needs.
    #[error("bundle {bundle} is `{state}` and cannot follow")]
    State {
        /// Which.
        bundle: BundleId,
        /// The state it is in.
        state: &'static str,
    },
}

impl BundleError {
    /// Whether another commit may have been faster. A store answers a conflict then, and the
    /// decision is made again.
    pub const fn is_overtaken(&self) -> bool {
        match self {
            Self::Generation(_) | Self::State { .. } => true,
            Self::Unknown(_) => false,
        }
    }
}

impl Bundle {
    /// What becomes of `before` by `happened` at `at`, which concerns a bundle of `subject`.
    ///
    /// # Errors
    /// [`BundleError`] if the event cannot follow; one that concerns no bundle cannot either.
    pub fn after(
        before: Option<Self>,
        (id, subject): (BundleId, SubjectId),
        happened: &Happened,
        at: Timestamp,
    ) -> Result<Self, BundleError> {
        match (before, happened) {
            (None, Happened::BundleCreated(_)) => {
                let empty = Self { id, subject, generations: Vec::new(), rotate_since: None };
                empty.follow(happened, at)
            }
            // Ids are drawn, so another subject's bundle under the same id is somebody's mistake.
            (Some(bundle), _) if bundle.subject != subject => Err(BundleError::Unknown(id)),
            (Some(bundle), _) => bundle.follow(happened, at),
            (None, _) => Err(BundleError::Unknown(id)),
        }
    }

    /// The bundle once `happened` has happened to it.
    pub(crate) fn follow(
        mut self,
        happened: &Happened,
        at: Timestamp,
    ) -> Result<Self, BundleError> {
        match happened {
            Happened::BundleCreated(BundleCreated { hand_out, .. }) => self.append(hand_out, at)?,
            Happened::BundleShareProven(BundleShareProven { generation, custodian, .. }) => {
                self.prove(*generation, *custodian, at)?;
            }
            Happened::BundleEffective(BundleEffective { generation, .. }) => {
                self.take_effect(*generation)?;
            }
            Happened::BundleSuperseded(BundleSuperseded { generation, by, .. }) => {
                let superseded = GenerationState::Superseded { at, by: *by };
                self.turn(*generation, |state| state.is_live().then_some(superseded))?;
            }
            Happened::BundleOpeningAllowed(BundleOpeningAllowed {
                generation,
                recovery,
                until,
                ..
            }) => {
                let opening = GenerationState::Opening { recovery: *recovery, until: *until };
                self.turn(*generation, |state| state.is_in_force().then_some(opening))?;
            }
            Happened::BundleOpeningLapsed(BundleOpeningLapsed { generation, .. }) => {
                self.turn(*generation, |state| match state {
                    GenerationState::Opening { .. } => Some(GenerationState::Effective {}),
                    _ => None,
                })?;
            }
            Happened::BundleOpenRefused(BundleOpenRefused { generation, .. }) => {
                self.turn(*generation, |state| match state {
                    GenerationState::Opening { .. } => Some(*state),
                    _ => None,
                })?;
            }
            Happened::BundleOpened(BundleOpened { generation, recovery, .. }) => {
                let opened = GenerationState::Opened { at, recovery: *recovery };
                self.turn(*generation, |state| match state {
                    GenerationState::Opening { .. } => Some(opened),
                    _ => None,
                })?;
                self.rotate_since = Some(self.rotate_since.unwrap_or(at));
            }
            Happened::BundleRotationDue(_) if self.is_live() => {
                self.rotate_since = Some(self.rotate_since.unwrap_or(at));
            }
            Happened::BundleCustodianLeft(BundleCustodianLeft { custodian, .. })
                if self.is_live() =>
            {
                self.leave(*custodian, at);
            }
            Happened::BundleRevoked(BundleRevoked { reason, .. }) if self.is_live() => {
                for one in self.generations.iter_mut().filter(|one| one.state.is_live()) {
                    one.state = GenerationState::Revoked { at, reason: *reason };
                }
            }
            _ => return Err(self.cannot()),
        }
        Ok(self)
    }

    fn append(&mut self, hand_out: &HandOut, at: Timestamp) -> Result<(), BundleError> {
        // One that was revoked stays so: its custodians were told.
        let ended = !self.generations.is_empty() && !self.is_live();
        // A pending generation whose place this one takes was superseded by the event before.
        if ended && self.superseded_by() != Some(hand_out.generation) || self.pending().is_some() {
            return Err(self.cannot());
        }
        if hand_out.generation != self.next_generation() {
            return Err(BundleError::Generation(self.id));
        }
        let held =
            |subject: &SubjectId| Custodian { subject: *subject, proven_at: None, left_at: None };
        self.generations.push(Generation {
            number: hand_out.generation,
            k: hand_out.k,
            custodians: hand_out.custodians.iter().map(held).collect(),
            record: hand_out.record,
            sealed: hand_out.sealed,
            created_at: at,
            state: GenerationState::Pending {},
        });
        Ok(())
    }

    /// Every custodian has proven, and what was in force before has been superseded.
    fn take_effect(&mut self, generation: u32) -> Result<(), BundleError> {
        let complete = self.pending().is_some_and(|one| one.waits_for().next().is_none());
        if !complete || self.in_force().is_some() {
            return Err(self.cannot());
        }
        self.rotate_since = None;
        self.turn(generation, |state| match state {
            GenerationState::Pending {} => Some(GenerationState::Effective {}),
            _ => None,
        })
    }

    fn superseded_by(&self) -> Option<u32> {
        match self.generations.last()?.state {
            GenerationState::Superseded { by, .. } => Some(by),
            _ => None,
        }
    }

    fn prove(
        &mut self,
        generation: u32,
        custodian: SubjectId,
        at: Timestamp,
    ) -> Result<(), BundleError> {
        let cannot = self.cannot();
        let one = self.generations.iter_mut().find(|one| one.number == generation);
        let one = one.filter(|one| matches!(one.state, GenerationState::Pending {}));
        let mut held = one.into_iter().flat_map(|one| &mut one.custodians);
        let held = held.find(|held| held.subject == custodian && held.proven_at.is_none());
        held.ok_or(cannot)?.proven_at = Some(at);
        Ok(())
    }

    fn leave(&mut self, custodian: SubjectId, at: Timestamp) {
        let live = self.generations.iter_mut().filter(|one| one.state.is_live());
        for held in live.flat_map(|one| &mut one.custodians) {
            if held.subject == custodian && held.left_at.is_none() {
                held.left_at = Some(at);
            }
        }
    }

    fn turn(
        &mut self,
        generation: u32,
        next: impl FnOnce(&GenerationState) -> Option<GenerationState>,
    ) -> Result<(), BundleError> {
        let cannot = self.cannot();
        let one = self.generations.iter_mut().find(|one| one.number == generation);
        let one = one.ok_or(cannot)?;
        one.state = next(&one.state).ok_or(cannot)?;
        Ok(())
    }

    fn cannot(&self) -> BundleError {
        BundleError::State { bundle: self.id, state: self.state_name() }
    }
}
