//! Keeps the log's newest checkpoint where a restore of the database does not reach (DESIGN
//! section 6).
//!
//! A database that was restored from an old backup does not know it: codes that were used since
//! would be live again. Its log is shorter than the checkpoint that lies elsewhere, and so the
//! server finds out before it redeems anything.
//!
//! An [`Anchor`](glassbreak_tlog::anchor::Anchor) has three forms: [`FileAnchor`] (another disk),
//! [`ObjectAnchor`] (an S3-compatible store, by conditional put), and [`WitnessAnchor`] (a C2SP
//! witness, which signs besides what it has seen). All of them only ever go forward, and all of
//! them compare before they keep.
//!
//! What is not here: what follows when a database turns out to be behind. That is the engine's.

mod config;
mod error;
mod file;
mod http;
mod object;
mod witness;

use glassbreak_tlog::anchor::{Continued, Kept, Offer};
use glassbreak_tlog::{Checkpoint, SignedCheckpoint};

pub use config::{AnchorConfig, ConfigError, ObjectConfig, WitnessConfig};
pub use error::AnchorError;
pub use file::{FileAnchor, folder_of, put_in_place};
pub use object::ObjectAnchor;
pub use witness::WitnessAnchor;

/// What to do with an offer, given what is kept: the rule of the forms that only keep, and leave
/// the checking to who offers.
fn judge(kept: Option<&Checkpoint>, offer: &Offer) -> Judged {
    let head = offer.head.checkpoint();
    let Some(kept) = kept else { return Judged::Take { first: true } };
    if kept.size() == head.size() && kept.root() == head.root() {
        return Judged::Same;
    }
    let continues = |from: &Continued| {
        from.size == kept.size() && from.root == kept.root() && from.size < head.size()
    };
    if offer.from.as_ref().is_some_and(continues) {
        return Judged::Take { first: false };
    }
    Judged::Another(Kept { size: kept.size(), root: kept.root() })
}

/// See [`judge`].
enum Judged {
    Take { first: bool },
    Same,
    Another(Kept),
}

/// Reads a checkpoint that an anchor keeps. It is one that this log signed, or nobody's.
fn read_kept(bytes: &[u8], offer: &Offer) -> Result<Checkpoint, AnchorError> {
    let kept = SignedCheckpoint::open(bytes, &offer.keys).map_err(AnchorError::Kept)?;
    let (kept, origin) = (kept.checkpoint(), offer.head.checkpoint().origin());
    if kept.origin() == origin {
        Ok(kept.clone())
    } else {
        Err(AnchorError::OtherLog { kept: kept.origin().to_owned(), ours: origin.to_owned() })
    }
}
