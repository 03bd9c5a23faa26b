//! A copy of the database as of one moment, while the server goes on.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::project::execute;
use crate::sql;

/// Pages copied between two reports of progress: 4 MiB.
const PAGES: std::ffi::c_int = 1024;

/// How far a backup has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages copied.
    pub pages_done: u64,
    /// Pages in all.
    pub pages_total: u64,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file to write to could not be made, or is there already.
    #[error("`{}` could not be made; name a file that does not exist yet", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// SQLite could not copy.
    #[error("SQLite could not copy the database")]
    Sqlite(#[from] rusqlite::Error),
}

/// Copies the database in the file `from`, as of now, to the new file `to`; another process may
/// have it open and go on. Blocks.
///
/// # Errors
/// [`BackupError`] if `to` is there already, or SQLite cannot copy. What was copied so far is left
/// there, and is not a backup.
pub fn back_up(
    from: &Path,
    to: &Path,
    mut progress: impl FnMut(BackupProgress),
) -> Result<(), BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(to).map_err(|cause| BackupError::File { path: to.to_owned(), cause })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    source.pragma_update(None, "query_only", true)?;
    // Holding one moment: without it every commit in between would start the copy anew.
    execute(&source, sql::BEGIN_READ, [])?;
    source.query_row(sql::PAGES, [], |_| Ok(()))?;
    let mut target = Connection::open_with_flags(to, flags)?;
    {
        let copy = Backup::new(&source, &mut target)?;
        loop {
            let step = copy.step(PAGES)?;
            let so_far = copy.progress();
            let total = u64::try_from(so_far.pagecount).unwrap_or(0);
            let left = u64::try_from(so_far.remaining).unwrap_or(0);
            progress(BackupProgress { pages_done: total.saturating_sub(left), pages_total: total });
            match step {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                _ => {}
            }
        }
    }
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}
