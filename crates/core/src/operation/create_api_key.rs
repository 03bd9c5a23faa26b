//! Create an API key. Only its digest is kept.

use super::{Denial, Outcome, past_request};
use crate::access::Scope;
use crate::digest::Digest;
use crate::event::{Aside, Happened};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// The key to keep.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    /// Its public id.
    pub id: String,
    /// What people call it; 1 to 100 characters.
    pub label: String,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
    /// The digest of the whole key.
    pub digest: Digest,
}

/// Decides the creation; the answer is nothing but that it is durable.
pub fn decide(snapshot: &Snapshot, command: CreateApiKey, call: &mut Call<'_>) -> Outcome<()> {
    if command.scopes.is_empty() {
        return Err(Denial::Invalid { field: "scopes", problem: "names at least one scope" });
    }
    let chars = command.label.chars().count();
    if chars == 0 || chars > 100 || command.label.chars().any(char::is_control) {
        return Err(Denial::Invalid { field: "label", problem: "is 1 to 100 characters" });
    }
    // The key was shown when it was made; a retry cannot show it again.
    if past_request(call, snapshot)?.is_some() {
        return Err(Denial::RequestReused);
    }
    let CreateApiKey { id, label, mut scopes, digest } = command;
    scopes.sort_unstable();
    scopes.dedup();
    let mut draft = Draft::new(call, snapshot);
    let happened = Happened::ApiKeyCreated { id, scopes, digest: commitment(digest) };
    draft.add_with(happened, None, Aside::ApiKey { digest, label })?;
    Ok(draft.decide(()))
}

/// What the log holds of a stored key digest.
pub fn commitment(digest: Digest) -> Digest {
    Digest::of("glassbreak/api-key/v1", &[&digest.0])
}
