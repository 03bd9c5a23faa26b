//! What a witness remembers: a folder for each log, with its newest checkpoint in it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;

use glassbreak_anchor::{folder_of, put_in_place};
use glassbreak_store::step::{Injected, Step, durably};
use glassbreak_tlog::{Checkpoint, EMPTY_ROOT, Hash, Note};
use thiserror::Error;

/// Why it cannot remember.
#[derive(Debug, Error)]
pub enum MemoryError {
    /// What the operating system said.
    #[error("the witness cannot read or write what it remembers")]
    File(#[from] io::Error),
    /// Somebody wrote to it.
    #[error("what the witness remembers of the log is no checkpoint")]
    Corrupt,
    /// A test made the step fail.
    #[error(transparent)]
    Injected(#[from] Injected),
}

/// The memory, held by one process.
#[derive(Debug)]
pub struct Memory {
    folder: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl Memory {
    /// Opens the memory in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// If another process has it, or it cannot be opened.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = options.open(folder.join("lock"))?;
        lock.try_lock().map_err(io::Error::from)?;
        Ok(Self { folder, _lock: lock })
    }

    /// Size and root of a log's newest tree; those of the empty tree for one never seen.
    pub(crate) fn newest(&self, origin: &str) -> Result<(u64, Hash), MemoryError> {
        let Some(bytes) = self.read(&folder_of(origin))? else { return Ok((0, EMPTY_ROOT)) };
        let note = Note::parse(&bytes).map_err(|_| MemoryError::Corrupt)?;
        let kept = Checkpoint::parse(note.text()).map_err(|_| MemoryError::Corrupt)?;
        if kept.origin() != origin {
            return Err(MemoryError::Corrupt);
        }
        Ok((kept.size(), kept.root()))
    }

    /// Remembers a checkpoint, durably before it answers.
    pub(crate) fn remember(&mut self, head: &Checkpoint, note: &Note) -> Result<(), MemoryError> {
        let folder = self.folder.join(folder_of(head.origin()));
        fs::create_dir_all(&folder)?;
        durably(Step::AnchorWrite, || -> Result<(), MemoryError> {
            Ok(put_in_place(&folder.join("checkpoint"), note.to_string().as_bytes())?)
        })
    }

    /// The newest checkpoint in a folder that a request names.
    pub(crate) fn read(&self, folder: &str) -> Result<Option<Vec<u8>>, MemoryError> {
        // The name comes from outside, and becomes part of a path.
        if folder.len() != 64 || folder.bytes().any(|byte| !byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        match fs::read(self.folder.join(folder).join("checkpoint")) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
