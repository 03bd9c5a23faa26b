//! Recovery bundles (A4, B3): a secret split k of n, each share encrypted to its custodian.
//!
//! The secret is sealed with AES-256-GCM under a random key, and only the key is split, by Shamir
//! over GF(256): shares are short, whatever the secret's length. A share is encrypted to the age
//! recipient of its custodian, who opens it with the stock `age` or `rage` command. What a server
//! keeps is a [`BundleRecord`], the [`Sealed`] secret and the armored shares; none of it gives
//! the secret away with fewer than k custodians.
//!
//! # What a proof of possession proves
//!
//! Beside the share, each ciphertext holds a random 256-bit token of its own. The custodian sends
//! the token back; the record has only its digest. This proves that someone opened this custodian's
//! ciphertext of this very generation, so a lost or wrong age key is found before the old shares
//! stop counting. The token says nothing of the share: they are drawn apart.
//!
//! It does not prove who sent it (the server authenticates the custodian), nor that the key is
//! still there later, nor that the custodian keeps a copy, nor anything against whoever made the
//! split, who knew all the tokens. A token is spent when it is sent; a later drill needs a new
//! generation. A keyed answer to a challenge would be fresh every time, but the verifier would have
//! to keep the key, and a copied database could then prove for everyone.
//!
//! # Randomness
//!
//! Keys, coefficients, salts and tokens come from the caller's [`Entropy`]. The age file keys and
//! ephemeral keys do not: `age` draws them from the operating system and has no other way.
//!
//! # Not here
//!
//! States, storage, authentication, time limits and events (`core::bundle` and the engine); whether
//! the record is authentic (it belongs in the log). A record that an attacker wrote verifies that
//! attacker's shares. The sealed secret is as long as the secret and 16 bytes more: the length is
//! no secret.
//!
//! Read in this order: [`header`], [`split()`], [`share`], [`combine()`].
//!
//! [`Entropy`]: glassbreak_core::code::Entropy

pub mod combine;
mod entropy;
pub mod header;
pub mod open;
pub mod proof;
pub mod recipient;
pub mod record;
mod seal;
pub mod secret;
mod shamir;
pub mod share;
pub mod split;

pub use combine::{CombineRefused, combine};
pub use header::{BundleId, Header, InvalidHeader};
pub use open::{OpenRefused, open};
pub use proof::Proof;
pub use recipient::{InvalidRecipient, Recipient};
pub use record::{BundleRecord, Custodian, InvalidRecord};
pub use seal::Sealed;
pub use secret::{Secret, SecretLength};
pub use share::{Share, ShareRefused};
pub use split::{SealedShare, Split, SplitRefused, split};
