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
    /// One of those did not go out, for certain: it is not counted any more.
    UndeliveredCode,
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
            Happened::RecoveryCodeUndelivered { .. } => Some(Self::UndeliveredCode),
            _ => None,
        }
    }

    /// The time at which `entry` counts: a code that did not go out, when it was sent.
    pub const fn at(entry: &Entry) -> Timestamp {
        match &entry.happened {
            Happened::RecoveryCodeUndelivered { sent_at, .. } => *sent_at,
            _ => entry.at,
        }
    }
}

/// A code that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeSent {
    /// When.
    pub at: Timestamp,
    /// Whether its channel said for certain that it did not go out.
    pub undelivered: bool,
}

impl CodeSent {
    /// One that counts.
    pub const fn counting(at: Timestamp) -> Self {
        Self { at, undelivered: false }
    }

    /// How a store keeps it: the time in milliseconds, and its complement where it does not count.
    pub const fn to_bytes(self) -> [u8; 8] {
        let at = self.at.millis();
        if self.undelivered { (!at).to_be_bytes() } else { at.to_be_bytes() }
    }

    /// The same, read back.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        let at = i64::from_be_bytes(bytes);
        let undelivered = at < 0;
        Self { at: Timestamp::from_millis(if undelivered { !at } else { at }), undelivered }
    }
}

/// The newest times of each, newest first, at most [`Self::MAX`] each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recent {
    /// When recoveries that the subject opened were satisfied.
    pub recoveries: Vec<Timestamp>,
    /// When codes were accepted as a second factor.
    pub second_factors: Vec<Timestamp>,
    /// The codes that were sent, those among them too that did not go out.
    pub sent_codes: Vec<CodeSent>,
}

impl Recent {
    /// The most times that are kept of each: the ceiling of every limit that counts them.
    pub const MAX: usize = 32;

    /// Takes in one more, at its [time](Counted::at).
    pub fn add(&mut self, counted: Counted, at: Timestamp) {
        match counted {
            Counted::Recovery => prepend(&mut self.recoveries, at),
            Counted::SecondFactor => prepend(&mut self.second_factors, at),
            Counted::SentCode => prepend(&mut self.sent_codes, CodeSent::counting(at)),
            Counted::UndeliveredCode => {
                let mut sent = self.sent_codes.iter_mut();
                if let Some(lost) = sent.find(|sent| **sent == CodeSent::counting(at)) {
                    lost.undelivered = true;
                }
            }
        }
    }

    /// How many of one thing there were after `since`.
    pub fn count(&self, counted: Counted, since: Timestamp) -> usize {
        let after = |times: &[Timestamp]| times.iter().filter(|at| **at > since).count();
        let sent = |undelivered: bool| {
            let sent = self.sent_codes.iter().filter(|sent| sent.at > since);
            sent.filter(|sent| sent.undelivered == undelivered).count()
        };
        match counted {
            Counted::Recovery => after(&self.recoveries),
            Counted::SecondFactor => after(&self.second_factors),
            Counted::SentCode => sent(false),
            Counted::UndeliveredCode => sent(true),
        }
    }
}

fn prepend<T>(newest_first: &mut Vec<T>, newest: T) {
    newest_first.insert(0, newest);
    newest_first.truncate(Recent::MAX);
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
        let newest = CodeSent::counting(Timestamp::from_millis(99));
        assert_eq!(recent.sent_codes.first(), Some(&newest));
        assert_eq!(recent.count(Counted::SentCode, Timestamp::from_millis(89)), 10);
        assert_eq!(recent.count(Counted::Recovery, Timestamp::from_millis(0)), 0);
    }
    #[test]
    fn a_code_that_did_not_go_out_is_kept_and_not_counted_and_no_other_with_it() {
        let mut recent = Recent::default();
        for at in [1, 2, 2, 3] {
            recent.add(Counted::SentCode, Timestamp::from_millis(at));
        }
        let (start, at) = (Timestamp::from_millis(0), Timestamp::from_millis(2));
        for left in [3, 2, 2] {
            recent.add(Counted::UndeliveredCode, at);
            assert_eq!(recent.count(Counted::SentCode, start), left);
            assert_eq!(recent.count(Counted::UndeliveredCode, start), 4 - left);
        }
        let kept = recent.sent_codes.iter().map(|sent| CodeSent::from_bytes(sent.to_bytes()));
        assert_eq!(kept.collect::<Vec<_>>(), recent.sent_codes);
    }
}
