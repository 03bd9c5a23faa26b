//! How a recovery changes: one function from what it was and an entry to what it is. The fold and
//! every store go through it.

use super::{Approval, Item, Obligation, Opening, Recovery, RecoveryState, Review, Window};
use crate::event::{Acceptance, Entry, Happened};
use crate::id::{RecoveryId, SentId, SubjectId};
use crate::time::Timestamp;

/// An entry that a recovery cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// No recovery of that id was opened.
    #[error("recovery {0} was never opened")]
    Unknown(RecoveryId),
    /// It was opened before.
    #[error("recovery {0} was opened before")]
    Repeated(RecoveryId),
    /// It has ended, or is in another state than the entry needs.
    #[error("recovery {recovery} is `{state}` and cannot follow")]
    State {
        /// Which.
        recovery: RecoveryId,
        /// The state it is in.
        state: &'static str,
    },
    /// The code that was sent is not awaited: it was used, a newer one was sent, its time is up, or
    /// it did not go out.
    #[error("recovery {0} does not wait for that code")]
    NotAwaited(RecoveryId),
}

impl RecoveryError {
    /// Whether another commit may have been faster: it ended the recovery, used the code that was
    /// sent, or took the id. A store answers a conflict then, and the decision is made again.
    pub const fn is_overtaken(&self) -> bool {
        match self {
            Self::Repeated(_) | Self::State { .. } | Self::NotAwaited(_) => true,
            Self::Unknown(_) => false,
        }
    }
}

impl Recovery {
    /// What becomes of `before` by `entry`, which concerns a recovery of `subject`.
    ///
    /// # Errors
    /// [`RecoveryError`] if the entry cannot follow; an entry that concerns no recovery cannot
    /// either.
    pub fn after(
        before: Option<Self>,
        id: RecoveryId,
        subject: SubjectId,
        entry: &Entry,
    ) -> Result<Self, RecoveryError> {
        match (before, &entry.happened) {
            (None, Happened::RecoveryOpened { opening, .. }) => {
                Ok(Self::opened(id, subject, opening.clone(), entry.at))
            }
            (Some(_), Happened::RecoveryOpened { .. }) => Err(RecoveryError::Repeated(id)),
            // A code that sufficed by itself opens its recovery and the window in one.
            (None, Happened::CodeAccepted(Acceptance { window: Some(window), .. })) => {
                let opening = Opening::by_a_code(window.ends_at);
                Self::opened(id, subject, opening, entry.at).follow(entry)
            }
            (Some(recovery), _) => recovery.follow(entry),
            (None, _) => Err(RecoveryError::Unknown(id)),
        }
    }

    /// A recovery that is just being opened.
    pub fn opened(id: RecoveryId, subject: SubjectId, opening: Opening, at: Timestamp) -> Self {
        Self {
            id,
            subject,
            opening,
            opened_at: at,
            items: Vec::new(),
            sent: Vec::new(),
            undelivered: Vec::new(),
            failures: 0,
            codes_disabled_at: None,
            approvals: Vec::new(),
            state: RecoveryState::Open {},
            satisfied_at: None,
            review: None,
        }
    }

    fn follow(mut self, entry: &Entry) -> Result<Self, RecoveryError> {
        let at = entry.at;
        match &entry.happened {
            Happened::CodeAccepted(Acceptance { attempt, method, window, .. }) => {
                self.must_be_open()?;
                let (method, redemption) = (*method, attempt.redemption);
                self.items.push(Item::Presented { method, redemption, sent: None });
                if let Some(window) = window {
                    self.satisfy(window, at);
                }
            }
            Happened::SentCodeAccepted { attempt, sent, method, .. } => {
                self.must_be_open()?;
                // N63B-IC-*: used once. The write decides that, not the decision before it.
                if self.awaited(at).is_none_or(|awaited| awaited.id != *sent) {
                    return Err(RecoveryError::NotAwaited(self.id));
                }
                let (method, redemption, sent) = (*method, attempt.redemption, Some(*sent));
                self.items.push(Item::Presented { method, redemption, sent });
            }
            Happened::RecoveryEvidenceAdded { item, .. } => {
                self.must_be_open()?;
                self.items.push(item.clone());
            }
            Happened::RecoveryCodeSent { sent, .. } => {
                self.must_be_open()?;
                self.sent.push(sent.clone());
            }
            Happened::RecoveryCodeUndelivered { sent, .. } => self.lose(*sent)?,
            Happened::CodeRefused { .. } => {
                self.must_be_open()?;
                self.failures = self.failures.saturating_add(1);
            }
            Happened::RecoveryCodesDisabled { .. } => self.codes_disabled_at = Some(at),
            Happened::RecoveryApproved { approver, case, assertion, .. } => {
                self.must_be_open()?;
                let (approver, case, assertion) = (*approver, *case, assertion.clone());
                self.approvals.push(Approval { approver, case, at, assertion });
            }
            Happened::RecoveryDeclined { approver, .. } => {
                self.must_be_open()?;
                self.state = RecoveryState::Refused { at, by: *approver };
            }
            Happened::RecoverySatisfied(window) => {
                self.must_be_open()?;
                self.satisfy(window, at);
            }
            Happened::RecoveryReviewDue { by, .. } => self.review = Some(Review::Due { by: *by }),
            Happened::RecoveryReviewed { reviewer, .. } => {
                self.review = Some(Review::Done { at, reviewer: *reviewer });
            }
            Happened::RecoveryObligationMet { obligation, .. } => self.meet(*obligation)?,
            Happened::RecoveryCompleted { .. } => {
                if self.window().is_none() {
                    return Err(self.cannot());
                }
                self.state = RecoveryState::Completed { at };
            }
            Happened::RecoveryLapsed { .. } if self.is_live() => {
                let in_window = self.window().is_some();
                self.state = RecoveryState::Lapsed { at, in_window };
            }
            Happened::RecoveryCancelled { .. } if self.is_live() => {
                self.state = RecoveryState::Cancelled { at };
            }
            _ => return Err(self.cannot()),
        }
        Ok(self)
    }

    /// The recovery after `window` was opened for it, if one was.
    pub(crate) fn settle_into(&mut self, window: Option<&Window>, at: Timestamp) {
        if let Some(window) = window {
            self.satisfy(window, at);
        }
    }

    /// Whether the code `id` may still turn out not to have gone out: it was sent here, nobody said
    /// so before, and it did not come back.
    pub(crate) fn may_be_undelivered(&self, id: SentId) -> bool {
        let came_back =
            |item: &Item| matches!(item, Item::Presented { sent: Some(sent), .. } if *sent == id);
        self.sent.iter().any(|sent| sent.id == id)
            && !self.undelivered.contains(&id)
            && !self.items.iter().any(came_back)
    }

    /// A code did not go out. Also of a recovery that has ended meanwhile: the limit is the
    /// subject's, and goes on.
    fn lose(&mut self, sent: SentId) -> Result<(), RecoveryError> {
        if !self.may_be_undelivered(sent) {
            return Err(RecoveryError::NotAwaited(self.id));
        }
        self.undelivered.push(sent);
        Ok(())
    }

    fn satisfy(&mut self, window: &Window, at: Timestamp) {
        self.satisfied_at = Some(at);
        self.state = RecoveryState::Window(window.clone());
    }

    fn meet(&mut self, obligation: Obligation) -> Result<(), RecoveryError> {
        let cannot = self.cannot();
        let RecoveryState::Window(window) = &mut self.state else { return Err(cannot) };
        window.obligations.retain(|left| *left != obligation);
        Ok(())
    }

    fn must_be_open(&self) -> Result<(), RecoveryError> {
        if self.takes_approvals() { Ok(()) } else { Err(self.cannot()) }
    }

    const fn cannot(&self) -> RecoveryError {
        RecoveryError::State { recovery: self.id, state: self.state.name() }
    }
}
