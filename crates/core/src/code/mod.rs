//! The code format and the verifier mathematics.
//!
//! A [`Code`] is one one-time secret, as a person holds it. What is stored in its place is a
//! [`StoredVerifier`]. This module turns one into the other, and judges what a person typed:
//!
//! ```text
//! entropy --draw--> Code --derive-------> StoredVerifier   (stored)
//! typed text --parse--> Code --candidate_mac--> CandidateMac --matches?--> StoredVerifier
//!       \--> Malformed: a typing error, found without looking anything up
//! ```
//!
//! The format is written down, byte for byte, in `docs/CODE-FORMAT.md`; `vectors/accept/code-*`
//! and `vectors/reject/code-*` fix it. What is *not* here: storage, throttling, expiry, keys and
//! their rotation, and any source of randomness. Entropy is an argument ([`Entropy`]), so are
//! salts and pepper keys.

mod check;
mod draw;
mod entropy;
mod format;
mod hex;
mod malformed;
mod prefix;
mod profile;
mod scheme;
mod typed;
mod verifier;

pub use self::draw::{draw, draw_salt};
pub use self::entropy::{Entropy, EntropyFailed};
pub use self::format::Code;
pub use self::malformed::Malformed;
pub use self::prefix::{Prefix, PrefixRefused};
pub use self::profile::{
    Digits, ISSUED_BITS_MIN, KEYED_BITS_MIN, ORDINAL_MAX, Ordinal, OutOfRange, Profile,
    SAVED_BITS_MIN, UNTHROTTLED_BITS_MIN, bits,
};
pub use self::scheme::{
    ARGON2ID_DEFAULT, ARGON2ID_FLOORS, ARGON2ID_LANES_MAX, ARGON2ID_MEMORY_KIB_MAX,
    ARGON2ID_PASSES_MAX, PBKDF2_ITERATIONS_MAX, PBKDF2_ITERATIONS_MIN, Scheme, SchemeRefused,
};
pub use self::typed::INPUT_BYTES_MAX;
pub use self::verifier::{
    CandidateMac, DeriveError, MAC_BYTES, PEPPER_BYTES, PepperKey, SALT_BYTES, Salt,
    StoredVerifier, StoredVerifierRefused, candidate_mac, derive, wipe_spare,
};
