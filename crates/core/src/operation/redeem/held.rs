//! What a typed code can be: one of the subject's saved ones, or one that was sent to it.

use super::super::{Found, Settled, find};
use crate::address_book::AddressBook;
use crate::code::CandidateMac;
use crate::id::RecoveryId;
use crate::recovery::{Recovery, Sent};
use crate::time::Timestamp;

/// What the typed code is compared with.
pub(super) struct Held<'a> {
    pub(super) settled: &'a Settled,
    pub(super) contacts: &'a AddressBook,
    pub(super) recovery: Option<RecoveryId>,
    pub(super) now: Timestamp,
}

/// What the typed code was found to be.
pub(super) enum Right<'a> {
    Saved(Found<'a>),
    Sent(&'a Recovery, &'a Sent),
}

impl<'a> Held<'a> {
    /// Compares with every verifier, found or not.
    pub(super) fn find(&self, candidates: &[CandidateMac]) -> Option<Right<'a>> {
        let saved = find(&self.settled.sets, candidates);
        let mut sent = None;
        for held in &self.settled.recoveries {
            let Some(verifier) = &held.verifier else { continue };
            let hit = candidates.iter().fold(false, |hit, mac| hit | verifier.matches(mac));
            let awaited = held.recovery.awaited(self.now);
            let awaited = awaited.filter(|sent| self.contacts.knows(sent.contact));
            if let (true, Some(awaited)) = (hit, awaited)
                && self.recovery == Some(held.recovery.id)
            {
                sent = Some((&held.recovery, awaited));
            }
        }
        let sent = sent.map(|(recovery, sent)| Right::Sent(recovery, sent));
        saved.map(Right::Saved).or(sent)
    }
}
