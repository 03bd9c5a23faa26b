//! The operations of the engine: for each, what it has to look at and the slow part before its
//! decision. The decisions themselves are in `glassbreak_core::operation`, under the same names.

mod allow_opening;
mod appoint;
mod approve;
mod cancel;
mod candidates;
mod complete;
mod confirm;
mod create_api_key;
mod create_bundle;
mod custodians_left;
mod gather;
mod issue;
mod lapse;
mod load_policy;
mod open;
mod open_bundle;
mod passkey;
mod plain;
mod prove_share;
mod redeem;
mod register;
mod report;
mod review;
mod revoke;
mod revoke_api_key;
mod revoke_bundle;
mod rotate_key;
mod send;

pub use approve::{Opinion, ToApprove};
pub use create_api_key::NewApiKey;
pub use create_bundle::{BundleRequest, Created, HandedShare, SECRET_MAX};
pub use gather::Evidence;
pub use open::Opening;
pub use open_bundle::{BroughtShare, Opened};
pub use redeem::Redemption;
pub use register::Registration;
pub use send::{Outgoing, Sending};

pub(crate) use custodians_left::raise_custodians_left;
pub(crate) use lapse::Lapse;
pub(crate) use report::raise_orphans;

use std::future::{Ready, ready};

use crate::error::Error;
use glassbreak_core::id::SubjectRef;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};

/// The preparation of operations that need none.
fn nothing() -> Ready<Result<(), Error>> {
    ready(Ok(()))
}

/// Looks at a subject by the caller's name for it.
fn of_subject(marks: &crate::marks::Marks, reference: &SubjectRef) -> SnapshotQuery {
    let otherwise = marks.stranger(reference);
    let of = Aggregate::Reference { reference: reference.clone(), otherwise };
    SnapshotQuery { of, ..SnapshotQuery::default() }
}

/// The canonical text of a request, for its fingerprint.
fn text_of(request: &impl serde::Serialize) -> Vec<u8> {
    glassbreak_core::canonical::to_bytes(request).unwrap_or_default()
}
