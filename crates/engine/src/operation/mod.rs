//! The operations of the engine: for each, what it has to look at and the slow part before its
//! decision. The decisions themselves are in `glassbreak_core::operation`, under the same names.

mod add_contact;
mod allow_opening;
mod amend;
mod appoint;
mod approve;
mod approve_containment;
mod approve_exception;
mod begin_containment;
mod cancel;
mod candidates;
mod complete;
mod confirm;
mod confirm_address;
mod create_api_key;
mod create_bundle;
mod custodians_left;
mod declare;
mod enter;
mod erase;
mod finish_containment;
mod gather;
mod give_back;
mod issue;
mod lapse;
mod lift_containment;
mod load_policy;
mod make_link;
mod offer_enrolment;
mod open;
mod open_bundle;
mod passkey;
mod plain;
mod prove_share;
mod raise_alert;
mod redeem;
mod register;
mod remove_contact;
mod report;
mod repudiate;
mod request_exception;
mod review;
mod review_contacts;
mod revoke;
mod revoke_api_key;
mod revoke_bundle;
mod rotate_key;
mod send;
mod send_confirmation;
mod withdraw_exception;

pub use amend::{Amendment, Whom as Amended};
pub use approve::{Opinion, ToApprove};
pub use begin_containment::{Containing, Whom};
pub use create_api_key::NewApiKey;
pub use create_bundle::{BundleRequest, Created, HandedShare, SECRET_MAX};
pub use gather::Evidence;
pub use give_back::SentIn;
pub use make_link::MadeLink;
pub use offer_enrolment::EnrolmentLink;
pub use open::Opening;
pub use open_bundle::{BroughtShare, Opened};
pub use redeem::Redemption;
pub use register::Registration;
pub use repudiate::Repudiation;
pub use request_exception::Exceptional;
pub use send::{Errand, Outgoing, Sending};

pub(crate) use begin_containment::of_containments;
pub(crate) use custodians_left::raise_custodians_left;
pub(crate) use finish_containment::finish_containment;
pub(crate) use lapse::Lapse;
pub(crate) use plain::Plain;
pub(crate) use report::raise_orphans;

use std::future::{Ready, ready};

use crate::engine::Parts;
use crate::error::Error;
use glassbreak_core::code::Code;
use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::Denial;
use glassbreak_core::recovery::Reference;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};

/// The preparation of operations that need none.
fn nothing() -> Ready<Result<(), Error>> {
    ready(Ok(()))
}

/// Looks at a subject by the caller's name for it.
pub(crate) fn of_subject(marks: &crate::marks::Marks, reference: &SubjectRef) -> SnapshotQuery {
    let otherwise = marks.stranger(reference);
    let of = Aggregate::Reference { reference: reference.clone(), otherwise };
    SnapshotQuery { of, ..SnapshotQuery::default() }
}

/// Refuses a reference that holds a code: it would be in the log for ever (F4).
fn no_code(parts: &Parts, reference: Option<&Reference>) -> Result<(), Error> {
    let prefix = parts.keys.prefix();
    match reference.and_then(|text| Code::pasted_in(text.as_str(), prefix)) {
        Some(_) => Err(Denial::A_CODE_IS_NO_REFERENCE.into()),
        None => Ok(()),
    }
}

/// The canonical text of a request, for its fingerprint.
fn text_of(request: &impl serde::Serialize) -> Vec<u8> {
    glassbreak_core::canonical::to_bytes(request).unwrap_or_default()
}
