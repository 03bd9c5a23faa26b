//! A log of entries that nobody reads, with all its trees.

use std::collections::BTreeMap;

use glassbreak_tlog::anchor::{Continued, Offer};
use glassbreak_tlog::{
    Checkpoint, Edge, SignedCheckpoint, SigningKey, VerifierKey, leaf_hash, prove,
};

/// How many entries it has. More than a tile, so that proofs reach beyond one.
pub(crate) const ENTRIES: u64 = 700;

/// A history: what is in its entries is told by its letter.
pub(crate) struct History {
    key: SigningKey,
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
}

impl History {
    /// The log's history of a letter. All letters are the same log: same name, same key.
    pub(crate) fn new(letter: u8) -> Self {
        Self::with_key(letter, 7)
    }

    /// The same under another key.
    pub(crate) fn with_key(letter: u8, seed: u8) -> Self {
        let key = SigningKey::from_seed("log.example/glassbreak", &[seed; 32]).expect("a key");
        let mut edge = Edge::empty();
        for entry in 0..ENTRIES {
            edge.append(leaf_hash(format!("{}{entry}", char::from(letter)).as_bytes()));
        }
        let tiles = edge.drain_dirty().into_iter();
        let tiles = tiles.map(|tile| ((tile.level, tile.index), tile.bytes)).collect();
        Self { key, tiles }
    }

    pub(crate) fn origin(&self) -> &str {
        self.key.verifier_key().name()
    }

    pub(crate) fn keys(&self) -> Vec<VerifierKey> {
        vec![self.key.verifier_key().clone()]
    }

    /// The checkpoint of the first `size` entries, continued from `from` of them.
    pub(crate) fn offer(&self, size: u64, from: Option<u64>) -> Offer {
        let root = |size| prove::root(size, &self.tiles).expect("all its tiles are here");
        let head = Checkpoint::new(self.origin(), size, root(size)).expect("a checkpoint");
        let note = head.sign(&[&self.key]).expect("a note").to_string();
        let head = SignedCheckpoint::open(note.as_bytes(), &self.keys()).expect("our own");
        let from = from.map(|from| Continued {
            size: from,
            root: root(from),
            proof: prove::consistency(from, size, &self.tiles).expect("all its tiles are here"),
        });
        Offer { head, keys: self.keys(), from }
    }
}
