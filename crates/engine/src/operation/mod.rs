//! The operations of the engine: for each, what it has to look at and the slow part before its
//! decision. The decisions themselves are in `glassbreak_core::operation`, under the same names.

mod appoint;
mod approve;
mod approve_exception;
mod cancel;
mod candidates;
mod complete;
mod confirm;
mod create_api_key;
mod gather;
mod issue;
mod lapse;
mod load_policy;
mod open;
mod passkey;
mod plain;
mod redeem;
mod register;
mod report;
mod request_exception;
mod review;
mod revoke;
mod revoke_api_key;
mod rotate_key;
mod send;
mod withdraw_exception;

pub use approve::{Opinion, ToApprove};
pub use create_api_key::NewApiKey;
pub use gather::Evidence;
pub use open::Opening;
pub use redeem::Redemption;
pub use register::Registration;
pub use request_exception::Exceptional;
pub use send::{Outgoing, Sending};

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
