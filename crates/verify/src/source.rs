//! Where an auditor reads a log from.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use glassbreak_tlog::LogPath;
use thiserror::Error;

/// Files of a log in the layout of tlog-tiles: `checkpoint`, `tile/<L>/<N>`, `tile/entries/<N>`.
pub trait LogSource {
    /// The bytes at a path below the log's prefix, or `None` if there is nothing.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError>;
}

/// A source failed, which says nothing about the log.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct SourceError(Box<dyn std::error::Error + Send + Sync>);

impl SourceError {
    /// Wraps whatever the source met with.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// A log copied into a directory.
#[derive(Clone, Debug)]
pub struct DirSource {
    root: PathBuf,
}

impl DirSource {
    /// The directory that has the file `checkpoint` in it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl LogSource for DirSource {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        // Only paths of the layout: nothing leads out of the directory.
        if LogPath::parse(path).is_none() {
            return Err(SourceError::new(format!("`{path}` is not a path of a log")));
        }
        match std::fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SourceError::new(error)),
        }
    }
}

/// A log in memory, by path.
impl LogSource for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.get(path).cloned())
    }
}
