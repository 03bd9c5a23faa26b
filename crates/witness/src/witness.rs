//! What a witness decides.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use glassbreak_tlog::proof::verify_consistency;
use glassbreak_tlog::{
    AddCheckpoint, AddCheckpointError, Checkpoint, CosigningKey, EMPTY_ROOT, Hash, KeyError, Note,
    NoteError, Signature, SignedCheckpoint, VerifierKey,
};
use thiserror::Error;

use crate::logs::Logs;
use crate::memory::{Memory, MemoryError};

/// A witness: a key, the logs it knows, and what it remembers of them.
#[derive(Debug)]
pub struct Witness {
    key: CosigningKey,
    logs: Logs,
    /// Held from the comparison to the last byte on disk: two requests at the same time cannot both
    /// continue the same checkpoint.
    memory: Mutex<Memory>,
}

/// Why a checkpoint is not taken.
#[derive(Debug, Error)]
pub enum Refused {
    /// Not a request.
    #[error("{0}")]
    Form(#[from] AddCheckpointError),
    /// The text of the note is no checkpoint.
    #[error("the note is no checkpoint")]
    NoCheckpoint,
    /// A tree cannot be older than itself.
    #[error("the old size is larger than the checkpoint's")]
    OldIsLarger,
    /// A log that this witness was not told of.
    #[error("this witness does not know the log")]
    UnknownLog,
    /// Not signed by the log.
    #[error("no key of the log that this witness knows has signed the checkpoint")]
    NotSigned,
    /// It remembers another size than the request takes it to.
    #[error("this witness has {size} leaves of the log")]
    OtherSize {
        /// The size it remembers.
        size: u64,
    },
    /// The checkpoint does not continue what it remembers.
    #[error("the proof does not lead from what this witness has seen to the checkpoint")]
    Proof,
    /// It cannot remember, and so does not sign.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// It cannot sign.
    #[error("the checkpoint cannot be signed")]
    Sign(#[source] KeyError),
    /// The note has no room for one more signature.
    #[error("the checkpoint has no room for a signature")]
    Full(#[source] NoteError),
}

impl Witness {
    /// A witness of `logs`.
    pub fn new(key: CosigningKey, logs: Logs, memory: Memory) -> Self {
        Self { key, logs, memory: Mutex::new(memory) }
    }

    /// The key to hand out.
    pub fn verifier_key(&self) -> &VerifierKey {
        self.key.verifier_key()
    }

    /// Takes a checkpoint, if it continues what is remembered of its log; answers with the
    /// signature that says so, at `now` in seconds since 1970. What it signs, it remembers durably
    /// first.
    ///
    /// # Errors
    /// [`Refused`], in the order in which the standard lists it.
    pub fn add_checkpoint(&self, request: &[u8], now: u64) -> Result<Signature, Refused> {
        let request = AddCheckpoint::parse(request)?;
        let head = self.opened(&request.checkpoint)?;
        if request.old > head.size() {
            return Err(Refused::OldIsLarger);
        }
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let (size, root) = memory.newest(head.origin())?;
        if size != request.old {
            return Err(Refused::OtherSize { size });
        }
        continues((size, &root), &head, &request.proof)?;
        let signature = self.key.cosign(request.checkpoint.text(), now).map_err(Refused::Sign)?;
        let mut note = request.checkpoint;
        note.add(signature.clone()).map_err(Refused::Full)?;
        memory.remember(&head, &note)?;
        Ok(signature)
    }

    /// What a monitor reads: the newest checkpoint of the log in that folder, as signed.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn checkpoint(&self, folder: &str) -> Result<Option<Vec<u8>>, MemoryError> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).read(folder)
    }

    /// The checkpoint of a note, if a log that is known has signed it.
    fn opened(&self, note: &Note) -> Result<Checkpoint, Refused> {
        let claimed = Checkpoint::parse(note.text()).map_err(|_| Refused::NoCheckpoint)?;
        let keys = self.logs.of(claimed.origin(), Instant::now());
        if keys.is_empty() {
            return Err(Refused::UnknownLog);
        }
        let signed = SignedCheckpoint::open(note.to_string().as_bytes(), &keys);
        Ok(signed.map_err(|_| Refused::NotSigned)?.checkpoint().clone())
    }
}

fn continues((size, root): (u64, &Hash), head: &Checkpoint, proof: &[Hash]) -> Result<(), Refused> {
    // From nothing there is nothing to prove, and so nothing to send.
    let first = size == 0 && proof.is_empty();
    if first {
        let right = head.size() > 0 || head.root() == EMPTY_ROOT;
        return if right { Ok(()) } else { Err(Refused::Proof) };
    }
    verify_consistency(size, head.size(), root, &head.root(), proof).map_err(|_| Refused::Proof)
}
