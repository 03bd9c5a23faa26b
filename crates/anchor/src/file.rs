//! A file, on a disk that is not restored together with the database.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use glassbreak_store::step::{Step, durably};
use glassbreak_tlog::anchor::{Anchor, AnchorFailure, Answer, Offer};
use glassbreak_tlog::hash::sha256;

use crate::{AnchorError, Judged, judge, read_kept};

/// The most bytes that are read of a kept checkpoint.
const KEPT_LEN_MAX: u64 = 1_000_000;

/// A folder with a checkpoint for each log: `<folder>/<SHA-256 of the origin, hex>/checkpoint`, as
/// a witness has them for its monitors. Several servers may share it, over a network too, where
/// locks of files hold there.
#[derive(Debug)]
pub struct FileAnchor {
    name: String,
    folder: PathBuf,
}

impl FileAnchor {
    /// An anchor in `folder`, which is made if it is not there.
    pub fn new(folder: PathBuf) -> Self {
        Self { name: format!("file {}", folder.display()), folder }
    }
}

impl Anchor for FileAnchor {
    fn name(&self) -> &str {
        &self.name
    }

    fn offer(&self, offer: &Offer) -> Result<Answer, AnchorFailure> {
        Ok(self.answer(offer)?)
    }
}

impl FileAnchor {
    fn answer(&self, offer: &Offer) -> Result<Answer, AnchorError> {
        let reading = |source| AnchorError::File { what: "read", source };
        let writing = |source| AnchorError::File { what: "written", source };
        let folder = self.folder.join(folder_of(offer.head.checkpoint().origin()));
        fs::create_dir_all(&folder).map_err(writing)?;
        // Held over the comparison and the write: of two servers that offer at the same time, the
        // second sees what the first has kept.
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = options.open(folder.join("lock")).map_err(writing)?;
        lock.lock().map_err(writing)?;
        let path = folder.join("checkpoint");
        let kept = match read(&path) {
            Ok(bytes) => Some(read_kept(&bytes, offer)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(reading(error)),
        };
        match judge(kept.as_ref(), offer) {
            Judged::Same => Ok(Answer::Keeps { first: false, cosignatures: Vec::new() }),
            Judged::Another(kept) => Ok(Answer::KeepsAnother(kept)),
            Judged::Take { first } => {
                let note = offer.head.note().to_string();
                durably(Step::AnchorWrite, || -> Result<(), AnchorError> {
                    put_in_place(&path, note.as_bytes()).map_err(writing)
                })?;
                Ok(Answer::Keeps { first, cosignatures: Vec::new() })
            }
        }
    }
}

/// The name of the folder of the log `origin`.
pub fn folder_of(origin: &str) -> String {
    let digest = sha256(origin.as_bytes());
    digest.as_bytes().iter().fold(String::new(), |name, byte| format!("{name}{byte:02x}"))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    if file.metadata()?.len() > KEPT_LEN_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is longer than a checkpoint"));
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, KEPT_LEN_MAX), &mut bytes)?;
    Ok(bytes)
}

/// Puts `bytes` in the place of the file at `path`, whole or not at all, and durably.
///
/// # Errors
/// Those of the operating system.
pub fn put_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // The name is durable only with its folder, and the folder with its own.
    let folders = path.ancestors().skip(1).take(2).filter(|at| !at.as_os_str().is_empty());
    for folder in folders {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
