//! `OpenID` Connect, as far as whoever relies on a provider needs it: the provider's description,
//! and its tokens verified (OpenID Connect Core 1.0, RFC 9068).
//!
//! [`Provider::parse`] reads the description, [`crate::set::KeySet::parse`] the keys, and
//! [`receive`] takes a token to its [`Claims`] or to a [`TokenRefusal`]. Nothing here remembers
//! anything: which keys the provider has now, and which sign-in a nonce belongs to, the caller
//! knows.

mod provider;
mod token;

pub use provider::{Provider, is_allowed, location};
pub use token::{Claims, Expected, Kind, TokenRefusal, receive};
