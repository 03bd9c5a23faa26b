//! Standard Webhooks 1.0.0 (SW-01 to SW-07, SW-11): what is sent, signed, checked, and where to.
//!
//! - [`Notice`] is the body: `{type, timestamp, data}`, thin, so that it tells no more than an id
//!   does (SW-07).
//! - [`Signer`] signs it under one key, or under several while one replaces another (SW-05).
//! - [`Verifier`] is for whoever receives.
//! - [`destination`] says where nothing is sent to (SW-11).

pub mod destination;
mod key;
mod notice;
mod sign;
mod verify;

pub use key::{InvalidKey, KEYS_MAX, SigningKey, VerifyingKey};
pub use notice::{BODY_BYTES_MAX, BodyError, Notice, Thin};
pub use sign::{Headers, InvalidMessageId, MessageId, Signer};
pub use verify::{Received, Refused, TOLERANCE, Verifier};
