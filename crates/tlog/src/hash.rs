//! SHA-256 hashes of the RFC 6962 tree (TL-01), and the strict base64 of everything signed.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes in a hash.
pub const HASH_LEN: usize = 32;

/// The root of a tree with no leaves: SHA-256 of nothing (TL-01).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// One node of the tree. Shown as base64, the way checkpoints and proofs write it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; HASH_LEN]);

impl Hash {
    /// The hash held in exactly 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash written in canonical base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        base64_decode(text).and_then(|bytes| Self::from_bytes(&bytes))
    }

    /// The hash as bytes.
    pub fn as_bytes(&self) -> &[u8; HASH_LEN] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64_encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The hash of a leaf: `SHA-256(0x00 || entry)` (TL-01).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    const ON_STACK: usize = 1024;
    let mut short = [0; ON_STACK];
    if let Some(room) = short.get_mut(1..=entry.len()) {
        room.copy_from_slice(entry);
        return sha256(short.get(..=entry.len()).unwrap_or_default());
    }
    let mut long = Vec::with_capacity(entry.len() + 1);
    long.push(0);
    long.extend_from_slice(entry);
    sha256(&long)
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)` (TL-01).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut input = [1; 1 + 2 * HASH_LEN];
    let (_, children) = input.split_at_mut(1);
    let (left_room, right_room) = children.split_at_mut(HASH_LEN);
    left_room.copy_from_slice(&left.0);
    right_room.copy_from_slice(&right.0);
    sha256(&input)
}

/// The root over a row of hashes that are all roots of equally large perfect trees, where the
/// length of the row is a power of two.
pub(crate) fn perfect_root(row: &[Hash]) -> Hash {
    let mut nodes = row.to_vec();
    while nodes.len() > 1 {
        nodes = nodes
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                [single, ..] => *single,
                [] => EMPTY_ROOT,
            })
            .collect();
    }
    nodes.first().copied().unwrap_or(EMPTY_ROOT)
}

/// Plain SHA-256.
pub fn sha256(bytes: &[u8]) -> Hash {
    let mut out = [0; HASH_LEN];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Hash(out)
}

/// Standard base64 with padding.
pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard base64 with padding, in its one canonical form: the trailing bits must be zero and
/// nothing else may be in the text. One value has one spelling, so a changed bit is seen.
pub(crate) fn base64_decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        assert_eq!(EMPTY_ROOT, sha256(b""));
    }

    #[test]
    fn a_leaf_hashes_alike_on_the_stack_and_on_the_heap() {
        for len in [0, 1, 1022, 1023, 1024, 1025, 65_535] {
            let mut input = vec![7; len + 1];
            input[0] = 0;
            assert_eq!(leaf_hash(&input[1..]), sha256(&input), "length {len}");
        }
    }

    #[test]
    fn base64_has_one_spelling_for_a_value() {
        assert_eq!(base64_decode("AA=="), Some(vec![0]));
        for other in ["AA", "AA=", "AB==", "AA==\n", " AA==", "AA==AA==", "A_==", "="] {
            assert_eq!(base64_decode(other), None, "{other:?}");
        }
    }
}
