//! Opening a data file: keeping others out, telling our files from others, and refusing settings
//! that could lose an acknowledged commit.

use std::ffi::c_int;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::Options;
use crate::migrate::migrate;

/// What the header of a file of ours says: "gbdb".
const APPLICATION_ID: i64 = 0x6762_6462;
/// Statements that each connection keeps prepared: more than there are in the registry.
const STATEMENTS: usize = 128;
/// How long a statement waits for a lock that some other program holds.
const BUSY: Duration = Duration::from_secs(5);
/// Pages the write-ahead log grows to before they are moved into the file: 64 MiB. A page that
/// many commits touched is moved once.
const CHECKPOINT_PAGES: c_int = 16_384;
const THE_ONE_BROUGHT: &str = "use the SQLite that this build brings along";

/// Why a data file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "`{}` is in use by another Glassbreak process; stop that one first, or give this one a \
         data file of its own", .0.display()
    )]
    InUse(PathBuf),
    /// The file, or its lock file, could not be opened or made.
    #[error("`{}` could not be opened; check that the directory exists and may be written to", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
    /// The file is something else.
    #[error("`{}` is not a Glassbreak database; nothing in it was touched. Give the path of another file", .0.display())]
    NotOurs(PathBuf),
    /// The file was written by a newer version.
    #[error(
        "the database has schema version {found}, and this build knows {known}; run a build at least as new as the one that wrote it"
    )]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// A migration that has run is not the one this build has.
    #[error(
        "the migration `{name}` that made this database is not the one in this build; use an official build, or restore a backup"
    )]
    Edited {
        /// Its name.
        name: &'static str,
    },
    /// A migration did not run.
    #[error("the migration `{name}` did not run; nothing of it was kept")]
    Migration {
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A setting that durability rests on did not take.
    #[error(
        "SQLite's `{setting}` is `{found}` and must be `{wanted}`, or acknowledged commits could be lost; {remedy}"
    )]
    Setting {
        /// Which.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The newest entry of the log cannot be read.
    #[error("the log in `{}` cannot be read to its end; restore a backup", .0.display())]
    Damaged(PathBuf),
    /// SQLite refused.
    #[error("SQLite refused to open the database")]
    Sqlite(#[from] rusqlite::Error),
}

/// A data file made ready.
pub(crate) struct Opened {
    pub(crate) lock: File,
    pub(crate) writer: Connection,
    pub(crate) readers: Vec<Connection>,
    pub(crate) scanners: Vec<Connection>,
}

pub(crate) fn open(path: &Path, options: &Options) -> Result<Opened, OpenError> {
    let lock = lock(path)?;
    // Made by us, so that nobody but the owner reads it; SQLite gives the files beside it the same
    // permissions.
    create(path).map_err(|cause| OpenError::File { path: path.to_owned(), cause })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut writer = Connection::open_with_flags(path, flags)?;
    writer.busy_timeout(BUSY)?;
    identify(&writer, path)?;
    configure(&writer, options.writer_cache_kib)?;
    writer.wal_hook(Some(move_pages))?;
    migrate(&mut writer)?;
    let reader = |mmap_bytes: u32| -> Result<Connection, OpenError> {
        let reader = Connection::open_with_flags(path, flags)?;
        reader.busy_timeout(BUSY)?;
        configure(&reader, options.reader_cache_kib)?;
        reader.pragma_update(None, "mmap_size", mmap_bytes)?;
        reader.pragma_update(None, "query_only", true)?;
        Ok(reader)
    };
    let some = |count: usize, mmap_bytes: u32| -> Result<Vec<_>, OpenError> {
        (0..count.max(1)).map(|_| reader(mmap_bytes)).collect()
    };
    // SQLite lets go of the whole map whenever somebody has committed since the last read. Under
    // load that is before every read of a row or two, and mapping anew costs more than copying its
    // pages.
    let readers = some(options.readers, 0)?;
    let scanners = some(options.scanners, options.mmap_bytes)?;
    Ok(Opened { lock, writer, readers, scanners })
}

/// Moves the pages of a full write-ahead log into the file, with the commit that filled it.
///
/// SQLite would do it by itself and say nothing of a failure. But pages that are written and not
/// yet forced to disk may be gone after one, and the next move does not write them again: the log
/// would begin anew over the only good copy. So a failure fails the commit, and ends the store; the
/// log is kept ([`keep_log`]), and what is opened again reads it from its beginning.
fn move_pages(log: &mut Wal, pages: c_int) -> rusqlite::Result<()> {
    if pages < CHECKPOINT_PAGES {
        return Ok(());
    }
    match log.checkpoint_v2(CheckpointMode::PASSIVE) {
        // Somebody else is moving them, as a backup of the file may.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        other => other.map(drop),
    }
}

/// Keeps the write-ahead log when a connection is closed. The last one to close would else move
/// what it counts as unmoved, and take the log away with what only it still holds.
pub(crate) fn keep_log(db: &Connection) {
    let kept = db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    if let Err(error) = kept {
        tracing::error!(error = %error, "the write-ahead log may be moved at the end");
    }
}

/// Takes the lock beside the file. The operating system lets go of it however the process ends,
/// and the lock file stays: taking it away would race with the next to come.
fn lock(path: &Path) -> Result<File, OpenError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let file = match create(&beside) {
        Ok(file) => file,
        Err(cause) => return Err(OpenError::File { path: beside, cause }),
    };
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(cause)) => Err(OpenError::File { path: beside, cause }),
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Refuses a file of somebody else before anything is written to it.
fn identify(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let not_ours = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenError::NotOurs(path.to_owned()),
        _ => OpenError::Sqlite(error),
    };
    let id: i64 =
        db.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(not_ours)?;
    let tables: i64 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(not_ours)?;
    // An empty database is ours to be: a first start may have been cut short.
    if id == APPLICATION_ID || (id == 0 && tables == 0) {
        Ok(())
    } else {
        Err(OpenError::NotOurs(path.to_owned()))
    }
}

/// Sets what a connection must have, and reads it back: SQLite ignores what it cannot do.
fn configure(db: &Connection, cache_kib: u32) -> Result<(), OpenError> {
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // One plan for all values: without this, SQLite plans a statement anew for nearly every value
    // bound to it, which was more than half of the time of a load.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let _: String = db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "temp_store", "memory")?;
    // Negative counts KiB, positive would count pages.
    db.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = db.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let foreign_keys: i64 = db.pragma_query_value(None, "foreign_keys", |row| row.get(0))?;
    holds("journal_mode", &mode, "wal", "put the data file on a local file system")?;
    holds("synchronous", &synchronous.to_string(), "2", THE_ONE_BROUGHT)?;
    holds("foreign_keys", &foreign_keys.to_string(), "1", THE_ONE_BROUGHT)
}

fn holds(
    setting: &'static str,
    found: &str,
    wanted: &'static str,
    remedy: &'static str,
) -> Result<(), OpenError> {
    if found == wanted {
        return Ok(());
    }
    Err(OpenError::Setting { setting, found: found.to_owned(), wanted, remedy })
}
