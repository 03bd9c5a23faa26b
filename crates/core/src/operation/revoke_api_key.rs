//! Revoke an API key. It is refused from the next request on.

use super::{Denial, Outcome, past_request};
use crate::event::Happened;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// Decides the revocation of the key the snapshot holds. Revoking twice is no error.
pub fn decide(snapshot: &Snapshot, call: &mut Call<'_>) -> Outcome<()> {
    let key = snapshot.api_key.as_ref().ok_or(Denial::ApiKeyUnknown)?;
    if past_request(call, snapshot)?.is_some() || key.revoked_at.is_some() {
        return Ok(Decided::Already(()));
    }
    let mut draft = Draft::new(call, snapshot);
    draft.add(Happened::ApiKeyRevoked { id: key.id.clone() })?;
    Ok(draft.decide(()))
}
