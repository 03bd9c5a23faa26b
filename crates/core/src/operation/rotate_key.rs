//! Rotate a key: what is made from now on is made under a new generation. Codes are not needed for
//! it, and what was made under the old generation stays valid until it ends.

use super::{Outcome, past_request};
use crate::access::KeyPurpose;
use crate::event::Happened;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// Decides a rotation; answers the new generation. The first one is 1.
pub fn decide(snapshot: &Snapshot, purpose: KeyPurpose, call: &mut Call<'_>) -> Outcome<u32> {
    let current = snapshot.keys.get(&purpose).copied().unwrap_or(0);
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(current));
    }
    let generation = current.saturating_add(1);
    let mut draft = Draft::new(call, snapshot);
    draft.add(Happened::KeyRotated { purpose, generation })?;
    Ok(draft.decide(generation))
}
