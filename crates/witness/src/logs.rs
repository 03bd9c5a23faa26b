//! The logs that a witness knows: verifier keys, in files that their operators bring up to date.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use glassbreak_tlog::{KeyError, VerifierKey};
use thiserror::Error;

/// Why a file of verifier keys cannot be used.
#[derive(Debug, Error)]
pub enum LogsError {
    /// What the operating system said.
    #[error("cannot read the verifier keys in `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line is none.
    #[error("`{}` has a line that is no verifier key", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: KeyError,
    },
    /// There is none.
    #[error("`{}` has no verifier key in it", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// The keys of the logs to witness, and the files they come from. A log gets another key when its
/// key is rotated, and another name when its database is restored: the files are read again when
/// one comes that is not known, so that the witness need not be started anew.
#[derive(Debug)]
pub struct Logs {
    files: Vec<PathBuf>,
    known: RwLock<Vec<VerifierKey>>,
}

impl Logs {
    /// The logs of `files`, one verifier key a line; several keys may have one name.
    ///
    /// # Errors
    /// [`LogsError`], if one of them cannot be used.
    pub fn open(files: Vec<PathBuf>) -> Result<Self, LogsError> {
        let known = RwLock::new(all_keys(&files)?);
        Ok(Self { files, known })
    }

    /// The keys of the log of that name.
    pub(crate) fn of(&self, origin: &str) -> Vec<VerifierKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().filter(|key| key.name() == origin).cloned().collect()
    }

    /// Reads the files again; says whether they have other keys than before. What cannot be read
    /// changes nothing: somebody may be writing it.
    pub(crate) fn read_again(&self) -> bool {
        let keys = match all_keys(&self.files) {
            Ok(keys) => keys,
            Err(error) => {
                eprintln!("the logs stay as they were: {error}");
                return false;
            }
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if *known == keys {
            return false;
        }
        for key in keys.iter().filter(|key| !known.contains(key)) {
            eprintln!("also knows: {key}");
        }
        *known = keys;
        true
    }
}

fn all_keys(files: &[PathBuf]) -> Result<Vec<VerifierKey>, LogsError> {
    let mut keys = Vec::new();
    for file in files {
        keys.extend(keys_in(file)?);
    }
    Ok(keys)
}

fn keys_in(file: &Path) -> Result<Vec<VerifierKey>, LogsError> {
    let path = || file.to_owned();
    let text =
        fs::read_to_string(file).map_err(|source| LogsError::File { path: path(), source })?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys = lines.map(VerifierKey::parse).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|source| LogsError::Line { path: path(), source })?;
    if keys.is_empty() { Err(LogsError::Empty { path: path() }) } else { Ok(keys) }
}
