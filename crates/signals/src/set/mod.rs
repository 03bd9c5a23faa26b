//! Security event tokens (RFC 8417, SSF 1.0): verified, read, and written.
//!
//! In: [`KeySet::parse`] reads a transmitter's keys, [`receive`] takes a token to a [`Set`] or to a
//! [`Refusal`] that knows its RFC 8935 code, and [`consequence`] tells what the event asks of us.
//! Out: [`outbound()`] makes events of what happened here, [`Signer::sign`] makes tokens of them,
//! and [`stream`] holds the rules of the streams they go out on.
//!
//! Nothing here remembers anything: that a `jti` was seen before (PUSH-04), which keys a
//! transmitter has now, and what a stream's state is, the caller knows.

pub mod claims;
pub mod discovery;
pub mod effect;
pub mod event;
pub(crate) mod json;
mod jws;
mod keys;
mod outbound;
pub mod poll;
mod refusal;
mod roca;
mod rsa;
pub mod stream;
pub mod subject;
mod write;

pub use claims::{Expected, Set, check_state, receive, told_at};
pub use effect::{Consequence, Question, consequence};
pub use event::Event;
pub use json::{Misfit, NotJson};
pub use jws::{Jws, TOKEN_LEN_MAX, open};
pub use keys::{Algorithm, KeyFault, KeySet, KeySetFault};
pub use outbound::{Happening, outbound};
pub use refusal::{ErrorBody, ErrorCode, Part, Refusal};
pub use rsa::generate_rsa;
pub use subject::Subject;
pub use write::{Profile, Signer, Unfit};

/// A token's type, in its header (SET-03).
pub const TOKEN_TYPE: &str = "secevent+jwt";

/// The media type a token is pushed under (PUSH-01).
pub const MEDIA_TYPE: &str = "application/secevent+jwt";
