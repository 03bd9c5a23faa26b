//! What a log asks of a place outside its database that keeps its newest checkpoint (DESIGN
//! section 6). The places are in `glassbreak-anchor`; what follows from their answers is the
//! engine's.

use crate::checkpoint::SignedCheckpoint;
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::Signature;

/// Why an anchor gave no answer.
pub type AnchorFailure = Box<dyn std::error::Error + Send + Sync>;

/// The newest checkpoint, and how it continues the one that the anchor keeps.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The checkpoint, as signed by the log.
    pub head: SignedCheckpoint,
    /// The log's verifier keys: what is kept was signed by one of them.
    pub keys: Vec<VerifierKey>,
    /// What the anchor is believed to keep; nothing where that is not known.
    pub from: Option<Continued>,
}

/// An older tree, and the proof that the offered one continues it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continued {
    /// Its size.
    pub size: u64,
    /// Its root, recomputed from the database's own tiles.
    pub root: Hash,
    /// The consistency proof from it to the offered tree.
    pub proof: Vec<Hash>,
}

/// What an anchor keeps, and has shown: a checkpoint that one of the log's own keys signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The size of the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The anchor keeps the offered checkpoint now, durably, or did before.
    Keeps {
        /// Whether this is the first checkpoint of the log that it keeps.
        first: bool,
        /// The witness's signatures over it, checked: what the log publishes below its own.
        cosignatures: Vec<Signature>,
    },
    /// It keeps another than the offer continues, and the log's signature on it was checked. Look
    /// at the log again, and offer anew: one that is smaller, or has another root at that size,
    /// has lost what it signed.
    KeepsAnother(Kept),
    /// It says that it keeps a tree of this size, and nobody has signed that. It is good for an
    /// offer that continues it, and nothing is to be concluded from it.
    Says {
        /// The size, not larger than the one that was offered.
        size: u64,
    },
}

/// A place outside the database that keeps a log's newest checkpoint. Blocking: callers in an async
/// program give it a thread.
pub trait Anchor: Send + Sync + 'static {
    /// What people call it: its kind and where it is, without credentials.
    fn name(&self) -> &str;

    /// Offers a checkpoint. One that continues what is kept takes its place, and is durable before
    /// this answers; where nothing is kept of this log yet, any does. Nothing else changes
    /// anything.
    ///
    /// # Errors
    /// If it cannot be reached, or what it says or keeps cannot be understood, or if it says that
    /// the log has lost something and does not show what the log signed.
    fn offer(&self, offer: &Offer) -> Result<Answer, AnchorFailure>;
}
