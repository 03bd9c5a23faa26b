//! What a retry is told.

use super::{Reply, Spent};
use crate::digest::Fingerprint;
use crate::operation::Denial;
use crate::recovery::{Recovery, Window};
use crate::redemption::{Ending, Remembered};
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// The answer to a retry: the first answer, with its window as that stands now. It costs no
/// attempt.
pub(super) fn repeat(
    snapshot: &Snapshot,
    remembered: &Remembered,
    fingerprint: Fingerprint,
    now: Timestamp,
) -> Result<Reply, Denial> {
    if remembered.subject != snapshot.aggregate || remembered.fingerprint != fingerprint {
        return Err(Denial::RedemptionReused);
    }
    // A containment closes every window at once, also where nobody has written that down yet.
    let contained = snapshot.hold();
    let still_open = |window: &Window| {
        let held = snapshot.recoveries.iter().map(|held| &held.recovery);
        let held = held.filter(|recovery| contained.ends(recovery.opened_at).is_none());
        let now_open = held.filter_map(Recovery::window).filter(|open| open.ends_at > now);
        now_open.into_iter().find(|open| open.grant == window.grant).cloned()
    };
    Ok(match remembered.ending.clone() {
        Ending::Accepted { set, remaining, replace_by, window: Some(window), .. } => {
            match still_open(&window) {
                Some(window) => {
                    Reply::Accepted { set, remaining, replace_by, window: Some(window) }
                }
                None => Reply::WindowClosed {
                    recovery: window.recovery,
                    spent: Some(Spent { set, remaining, replace_by }),
                },
            }
        }
        Ending::Accepted { set, remaining, replace_by, window: None, .. } => {
            Reply::Accepted { set, remaining, replace_by, window: None }
        }
        Ending::Gathered { window: Some(window), recovery, .. } => match still_open(&window) {
            Some(window) => Reply::Recovered { window },
            None => Reply::WindowClosed { recovery, spent: None },
        },
        Ending::Gathered { recovery, alternatives, .. } => {
            Reply::MoreEvidenceRequired { recovery: Some(recovery), alternatives }
        }
        Ending::Deferred { recovery, alternatives, .. } => {
            Reply::MoreEvidenceRequired { recovery, alternatives }
        }
        Ending::Refused => Reply::NotAccepted,
    })
}
