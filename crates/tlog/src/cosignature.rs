//! Ed25519 cosignature/v1, type 0x04: a witness says that it saw a checkpoint, and when
//! (STANDARDS 6.3).

use std::fmt;

use crate::key::{ED25519_LEN, KeyError, KeyKind, KeyPair, VerifierKey};
use crate::note::Signature;

/// A witness's key.
pub struct CosigningKey(KeyPair);

impl CosigningKey {
    /// The key of a name and a seed. The caller keeps the seed and clears it.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        KeyPair::from_seed(name, KeyKind::CosignatureV1, seed).map(Self)
    }

    /// The public half, to hand round.
    pub fn verifier_key(&self) -> &VerifierKey {
        self.0.verifier()
    }

    /// Cosigns the text of a checkpoint at `time`, in seconds since the Unix epoch.
    pub fn cosign(&self, text: &str, time: u64) -> Result<Signature, KeyError> {
        let signature = self.0.sign(&message(text, time))?;
        Ok(self.0.signature_line(&[&time.to_be_bytes(), signature.as_slice()].concat()))
    }
}

impl fmt::Debug for CosigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosigningKey({})", self.0.verifier())
    }
}

/// The time in a cosignature line if the line is `key`'s good signature of `text`.
pub(crate) fn verified_time(key: &VerifierKey, text: &str, line: &Signature) -> Option<u64> {
    let (time, signature) = line.bytes().split_first_chunk()?;
    let time = u64::from_be_bytes(*time);
    let good = signature.len() == ED25519_LEN && key.verifies(&message(text, time), signature);
    good.then_some(time)
}

fn message(text: &str, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}
