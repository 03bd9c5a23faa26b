//! Approvals that an outsider can check: a named operator's passkey signs the exact state of a
//! support case (REQUIREMENTS F3, REG-29).
//!
//! An approval is a `WebAuthn` assertion whose challenge *is* the SHA-256 digest of the case. The
//! log keeps what was signed and the signature ([`SignedApproval`]), and the public key from the
//! operator's enrolment ([`Credential`]). Whoever has both can check the signature for ever,
//! without this server and without this crate: `glassbreak_verify::approval` does.
//!
//! Start with [`RelyingParty`]: it makes the options for the browser and judges what comes back.
//! Pure and synchronous: challenges and digests are arguments, nothing is stored. Not here, and the
//! caller's duty:
//!
//! - that an enrolment challenge is random, used once and minutes old at most;
//! - that one credential counts once for one digest, and that operators are told apart by name, not
//!   by credential (an ECDSA signature can be respelled, so never tell approvals apart by it);
//! - that the newest [`Approved::counter`] is kept with the credential;
//! - who may approve what: that is policy.
//!
//! Why the protocol is read here and not by a library is in
//! `docs/decisions/0013-approvals-are-assertions-over-the-case.md`.

mod approval;
mod authenticator_data;
mod base64url;
mod cbor;
mod client_data;
mod key;
mod refused;
mod registration;
mod relying_party;

pub use approval::{Approved, AssertionResponse, SignedApproval};
pub use base64url::Base64Url;
pub use key::{Algorithm, PublicKey};
pub use refused::Refused;
pub use registration::{Backup, Credential, RegistrationResponse, Transport};
pub use relying_party::{CEREMONY_MILLIS, Challenge, Operator, RelyingParty, RelyingPartyFault};
