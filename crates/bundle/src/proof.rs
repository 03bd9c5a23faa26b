//! The proof that a custodian opened a share; what it proves is said at the head of the crate.

use glassbreak_core::digest::{Digest, unhex};
use zeroize::Zeroizing;

use crate::entropy::Random;
use crate::header::Header;

const PROOF_DOMAIN: &str = "glassbreak/bundle/v1/proof";

/// The token of one share: 256 random bits, worth something until it is sent.
///
/// Like a share it can be neither printed, cloned, compared nor serialised:
///
/// ```compile_fail
/// fn show(proof: &glassbreak_bundle::Proof) { println!("{proof:?}"); }
/// ```
pub struct Proof(Random);

/// Text that is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a proof is the 64 hexadecimal digits behind `token:` in the opened share")]
pub struct MalformedProof;

impl MalformedProof {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        "proof_malformed"
    }
}

impl Proof {
    pub(crate) const fn new(token: Random) -> Self {
        Self(token)
    }

    /// Reads what the custodian copied out of the opened share; white space around it is forgiven.
    ///
    /// # Errors
    ///
    /// [`MalformedProof`] if it is not 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, MalformedProof> {
        read_hex(text.trim()).map(Self).ok_or(MalformedProof)
    }

    /// What the record keeps: good for comparing, and for nothing else.
    pub(crate) fn digest(&self, header: &Header, index: u8) -> Digest {
        Digest::of(PROOF_DOMAIN, &[&header.to_bytes(), &[index], self.0.as_slice()])
    }
}

/// 32 bytes out of 64 lower-case hexadecimal digits.
pub(crate) fn read_hex(text: &str) -> Option<Random> {
    read_bytes(&Zeroizing::new(unhex(text)?))
}

/// 32 bytes out of a slice of exactly as many.
pub(crate) fn read_bytes(bytes: &[u8]) -> Option<Random> {
    let mut random = Zeroizing::new([0; 32]);
    if bytes.len() != random.len() {
        return None;
    }
    random.copy_from_slice(bytes);
    Some(random)
}
