//! What a subject's codes did of late: the times that limits over time count (C7, N63B-IC-07).
//!
//! Kept with the subject and not read from its recoveries: a snapshot holds a few of those, and
//! whoever opens and cancels many could push the ones that count out of it.

use crate::event::{Acceptance, Entry, Happened};
use crate::recovery::{Opener, Recovery};
use crate::redemption::Role;
use crate::time::Timestamp;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// A recovery that the subject opened was satisfied.
    Recovery,
    /// A code was accepted as a second factor.
    SecondFactor,
    /// A code was sent to the subject.
    SentCode,
}

impl Counted {
    /// What `entry` counts as. `recovery` is the recovery it changes, as it leaves it.
    pub fn of(entry: &Entry, recovery: Option<&Recovery>) -> Option<Self> {
        let by_itself = || recovery.is_some_and(|held| held.opening.by.opener() == Opener::Subject);
        match &entry.happened {
            Happened::CodeAccepted(Acceptance { attempt, .. })
                if attempt.role == Role::SecondFactor =>
            {
                Some(Self::SecondFactor)
            }
            Happened::CodeAccepted(Acceptance { window: Some(_), .. })
            | Happened::RecoverySatisfied(_) => by_itself().then_some(Self::Recovery),
            Happened::RecoveryCodeSent { .. } => Some(Self::SentCode),
            _ => None,
        }
    }
}

/// The newest times of each, newest first, at most [`Self::MAX`] each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recent {
    /// When recoveries that the subject opened were satisfied.
    pub recoveries: Vec<Timestamp>,
    /// When codes were accepted as a second factor.
    pub second_factors: Vec<Timestamp>,
    /// When codes were sent.
    pub sent_codes: Vec<Timestamp>,
}

impl Recent {
    /// The most times that are kept of each: the ceiling of every limit that counts them.
    pub const MAX: usize = 32;

    /// The times of one thing.
    pub const fn of(&self, counted: Counted) -> &Vec<Timestamp> {
        match counted {
            Counted::Recovery => &self.recoveries,
            Counted::SecondFactor => &self.second_factors,
            Counted::SentCode => &self.sent_codes,
        }
    }

    /// Takes in one more.
    pub fn add(&mut self, counted: Counted, at: Timestamp) {
        let times = match counted {
            Counted::Recovery => &mut self.recoveries,
            Counted::SecondFactor => &mut self.second_factors,
            Counted::SentCode => &mut self.sent_codes,
        };
        times.insert(0, at);
        times.truncate(Self::MAX);
    }

    /// How many of one thing there were after `since`.
    pub fn count(&self, counted: Counted, since: Timestamp) -> usize {
        self.of(counted).iter().filter(|at| **at > since).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_times_are_kept_and_no_more_than_any_limit_counts() {
        let mut recent = Recent::default();
        for at in 0..100 {
            recent.add(Counted::SentCode, Timestamp::from_millis(at));
        }
        assert_eq!(recent.sent_codes.len(), Recent::MAX);
        assert_eq!(recent.sent_codes.first(), Some(&Timestamp::from_millis(99)));
        assert_eq!(recent.count(Counted::SentCode, Timestamp::from_millis(89)), 10);
        assert_eq!(recent.count(Counted::Recovery, Timestamp::from_millis(0)), 0);
    }
}
