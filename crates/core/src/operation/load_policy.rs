//! Load a set of policies: from then on it decides.

use super::{Denial, Outcome, past_request};
use crate::digest::Digest;
use crate::event::{Aside, Happened};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// The most characters of a version.
const VERSION_MAX: usize = 64;

/// What is loaded. That it can be, and is not weak, was found out before.
#[derive(Debug, Clone)]
pub struct LoadPolicy {
    /// The digest that decisions under it name.
    pub policy: Digest,
    /// What it calls itself; visible ASCII, at most 64 characters.
    pub version: String,
    /// Its whole text.
    pub text: String,
}

/// The digest of a text, as the log holds it.
pub fn commitment(text: &str) -> Digest {
    Digest::of("glassbreak/policy-text/v1", &[text.as_bytes()])
}

/// Decides a load.
pub fn decide(snapshot: &Snapshot, command: LoadPolicy, call: &mut Call<'_>) -> Outcome<()> {
    let LoadPolicy { policy, version, text } = command;
    let visible = |c: char| c.is_ascii_graphic() || c == ' ';
    if version.is_empty() || version.len() > VERSION_MAX || !version.chars().all(visible) {
        let problem = "is 1 to 64 visible ASCII characters";
        return Err(Denial::Invalid { field: "version", problem });
    }
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(()));
    }
    let mut draft = Draft::new(call, snapshot);
    let happened = Happened::PolicyLoaded { policy, version, text: commitment(&text) };
    draft.add_with(happened, None, Aside::Policy(text))?;
    Ok(draft.decide(()))
}
