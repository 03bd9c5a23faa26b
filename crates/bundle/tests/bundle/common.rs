//! Bundles to test with.

use age::secrecy::ExposeSecret;
use glassbreak_bundle::{BundleId, Header, Recipient, Secret, Share, Split, open, split};
use glassbreak_core::code::{Entropy, EntropyFailed};
use zeroize::Zeroizing;

/// `SplitMix64`, so that a failure can be repeated.
pub(crate) struct Seeded(pub(crate) u64);

impl Entropy for Seeded {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        for byte in buffer {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = mixed.to_be_bytes()[0];
        }
        Ok(())
    }
}

/// A split, and the identities of its custodians.
pub(crate) struct Handed {
    pub(crate) split: Split,
    pub(crate) identities: Vec<String>,
}

pub(crate) fn header(bundle: u128, generation: u32, k: u8, n: u8) -> Header {
    Header::new(BundleId(uuid::Uuid::from_u128(bundle)), generation, k, n).expect("header")
}

pub(crate) fn secret(bytes: &[u8]) -> Secret {
    Secret::new(Zeroizing::new(bytes.to_vec())).expect("secret")
}

pub(crate) fn hand_out(header: Header, bytes: &[u8], seed: u64) -> Handed {
    let keys: Vec<_> = (0..header.n()).map(|_| age::x25519::Identity::generate()).collect();
    let recipients: Vec<Recipient> =
        keys.iter().map(|key| key.to_public().to_string().parse().expect("recipient")).collect();
    let split = split(header, &recipients, &secret(bytes), &mut Seeded(seed)).expect("split");
    let identities = keys.iter().map(|key| key.to_string().expose_secret().to_owned()).collect();
    Handed { split, identities }
}

impl Handed {
    /// The shares of these custodians, opened.
    pub(crate) fn shares(&self, indices: &[u8]) -> Vec<Share> {
        indices.iter().map(|index| self.share(*index)).collect()
    }

    pub(crate) fn share(&self, index: u8) -> Share {
        let at = usize::from(index) - 1;
        open(&self.split.shares[at].armored, &self.identities[at]).expect("open")
    }
}
