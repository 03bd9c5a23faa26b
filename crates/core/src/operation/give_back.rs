//! Give back: a code that was sent did not go out, for certain. It is dead, and its place among the
//! codes of the day is free again. The deliverer's operation; where nobody can say whether a code
//! went out, it is not asked.

use super::{Denial, Outcome, settle};
use crate::event::{Happened, Undelivered};
use crate::id::{RecoveryId, SentId};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// The code that did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveBack {
    /// One that was sent in a recovery.
    Code {
        /// In which.
        recovery: RecoveryId,
        /// Which.
        sent: SentId,
    },
    /// One that was to confirm an address.
    Confirmation(SentId),
}

/// Decides it; answers whether the place is free again. Told twice it is given back once, and one
/// that came back has gone out, whatever its channel says.
///
/// # Errors
/// [`Denial::RecoveryUnknown`].
pub fn decide(snapshot: &Snapshot, command: GiveBack, call: &mut Call<'_>) -> Outcome<bool> {
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let happened = match command {
        GiveBack::Code { recovery, sent } => {
            let held = settled.recovery(recovery).ok_or(Denial::RecoveryUnknown)?;
            let lost = held.sent.iter().find(|known| known.id == sent);
            let lost = lost.filter(|lost| held.may_be_undelivered(lost.id));
            lost.map(|lost| {
                let sent_at = lost.sent_at;
                Happened::RecoveryCodeUndelivered { recovery, sent, sent_at }
            })
        }
        GiveBack::Confirmation(confirmation) => {
            let mut pending = snapshot.addresses.book.pending.iter();
            let lost = pending.find(|lost| lost.sent.id == confirmation && !lost.undelivered);
            lost.map(|lost| {
                let sent_at = lost.sent.sent_at;
                Happened::AddressConfirmationUndelivered(Undelivered { confirmation, sent_at })
            })
        }
    };
    let Some(happened) = happened else { return Ok(Decided::Already(false)) };
    draft.add(happened)?;
    Ok(draft.decide(true))
}
