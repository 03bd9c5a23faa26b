//! Backups of the database file, and putting one back. PostgreSQL has means of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use glassbreak_engine::replay::replay;
use glassbreak_engine::store::Store as _;
use glassbreak_store_sqlite::{BackupProgress, Options, SqliteStore, back_up};

use crate::database;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Entries of the log.
    pub entries: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// What came of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Entries of the log.
    pub entries: u64,
    /// Where the database lies now that was there before, if there was one.
    pub aside: Option<PathBuf>,
}

/// Copies the database of `data_dir` to the new file `to`, while its server goes on.
///
/// # Errors
/// If there is no database, the file is there already, or the copy cannot be read back.
pub async fn backup(
    data_dir: &Path,
    to: &Path,
    progress: &mut dyn FnMut(BackupProgress),
) -> anyhow::Result<BackedUp> {
    let from = database::file(data_dir);
    if !from.exists() {
        bail!("there is no database in `{}`; on PostgreSQL, use its own means", data_dir.display());
    }
    back_up(&from, to, progress)?;
    // A backup that nobody has opened is a hope.
    let store = open(to)?;
    let (entries, _) = store.committed().await?;
    drop(store);
    remove_beside(to)?;
    remove(&beside(to, ".lock"))?;
    File::open(to)?.sync_all()?;
    Ok(BackedUp { entries, bytes: fs::metadata(to)?.len() })
}

/// Puts a backup in the place of the database of `data_dir`; the one that is there is put aside.
/// The log in the backup is replayed first. Nothing is changed before all of it is right.
///
/// A server that has an anchor finds out at its start how far the backup is behind, and comes up
/// sealed.
///
/// # Errors
/// If a server runs on the directory, or the backup is no database that this build can open, has no
/// log in it, or its tables are not what its log says.
pub async fn restore(
    data_dir: &Path,
    from: &Path,
    progress: &mut dyn FnMut(BackupProgress),
) -> anyhow::Result<Restored> {
    if !from.exists() {
        bail!("there is no backup `{}`", from.display());
    }
    fs::create_dir_all(data_dir)
        .with_context(|| format!("cannot make `{}`", data_dir.display()))?;
    let (place, copy) = (database::file(data_dir), data_dir.join("glassbreak.db.restoring"));
    remove_with(&copy)?;
    let restored = async {
        back_up(from, &copy, progress)?;
        let store = open(&copy)?;
        let replayed = replay(&store, &mut |_, _| {}).await?;
        drop(store);
        // An empty file is an empty database to SQLite.
        if replayed.entries == 0 {
            bail!("`{}` is no backup: there is no log in it", from.display());
        }
        if !replayed.differences.is_empty() {
            bail!(
                "the tables in `{}` are not what its log says, in {} places; take another backup",
                from.display(),
                replayed.differences.len()
            );
        }
        remove_beside(&copy)?;
        // The old one keeps a name of its own, and the new one takes its place in one step: at no
        // moment there is none.
        let aside = name_aside(&place)?;
        fs::rename(&copy, &place)?;
        File::open(data_dir)?.sync_all()?;
        Ok(Restored { entries: replayed.entries, aside })
    };
    let restored = restored.await;
    remove_with(&copy)?;
    restored
}

fn open(path: &Path) -> anyhow::Result<SqliteStore> {
    SqliteStore::open(path, &Options::default())
        .with_context(|| format!("`{}` cannot be opened", path.display()))
}

/// Gives the database that is there a second name, unless a server has it.
fn name_aside(place: &Path) -> anyhow::Result<Option<PathBuf>> {
    if !place.exists() {
        return Ok(None);
    }
    // Refused while a server runs; and what lay beside the file is in it afterwards.
    drop(open(place)?);
    remove_beside(place)?;
    let free = (1..).map(|number| beside(place, &format!(".before-restore-{number}")));
    let aside = free.into_iter().find(|path| !path.exists()).context("no name is free")?;
    fs::hard_link(place, &aside)?;
    Ok(Some(aside))
}

/// Removes the files that SQLite keeps beside a database that is closed. The lock stays: another
/// process may be about to take it.
fn remove_beside(path: &Path) -> anyhow::Result<()> {
    let log = beside(path, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        bail!("`{}` is not empty: the database was not closed in order", log.display());
    }
    for suffix in ["-wal", "-shm"] {
        remove(&beside(path, suffix))?;
    }
    Ok(())
}

/// Removes a file that was not made to the end, and all that lies beside it.
fn remove_with(path: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        remove(&beside(path, suffix))?;
    }
    Ok(())
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
