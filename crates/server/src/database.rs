//! Which database a server has: the file in its data directory, or PostgreSQL. The rest of the
//! server does not know.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use glassbreak_engine::store::Store;
use glassbreak_engine::{EntropySource as _, SystemEntropy};
use glassbreak_store_postgres::PostgresStore;
use glassbreak_store_sqlite::SqliteStore;
use uuid::Uuid;

/// Where a PostgreSQL database is, and what its operator says of it.
#[derive(Clone, Default)]
pub struct Postgres {
    /// The address: a URL, or a list of `key=value`. It may hold a password.
    pub address: String,
    /// How many synchronous standbys there are. With fewer the server does not start.
    pub synchronous_standbys: u32,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let standbys = self.synchronous_standbys;
        f.debug_struct("Postgres").field("synchronous_standbys", &standbys).finish_non_exhaustive()
    }
}

/// An open database.
#[derive(Clone)]
pub(crate) enum Database {
    /// A file of this server's own.
    Sqlite(SqliteStore),
    /// One that any number of servers share.
    Postgres(PostgresStore),
}

impl Database {
    /// Opens the database of a server, and makes it if it is not there.
    pub(crate) async fn open(data_dir: &Path, postgres: Option<&Postgres>) -> anyhow::Result<Self> {
        let Some(postgres) = postgres else {
            let path = file(data_dir);
            let opened = SqliteStore::open(&path, &glassbreak_store_sqlite::Options::default());
            let store =
                opened.with_context(|| format!("cannot open the database `{}`", path.display()))?;
            return Ok(Self::Sqlite(store));
        };
        let options = glassbreak_store_postgres::Options {
            node: node()?,
            synchronous_standbys: postgres.synchronous_standbys,
            ..glassbreak_store_postgres::Options::default()
        };
        let store = PostgresStore::connect(&postgres.address, &options).await;
        Ok(Self::Postgres(store.context("cannot open the database on PostgreSQL")?))
    }

    /// The same without making one.
    pub(crate) async fn open_existing(
        data_dir: &Path,
        postgres: Option<&Postgres>,
    ) -> anyhow::Result<Self> {
        if postgres.is_none() && !file(data_dir).exists() {
            anyhow::bail!(
                "there is no database in `{}`; if the server's is on PostgreSQL, say where with \
                 --database",
                data_dir.display()
            );
        }
        Self::open(data_dir, postgres).await
    }

    /// It as the engine knows it.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::new(store.clone()),
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// Waits until this process may write no more. PostgreSQL is asked over a new connection what
    /// it holds; of a file only a new process knows it.
    pub(crate) async fn ended(&self) {
        match self {
            Self::Sqlite(store) => store.ended().await,
            Self::Postgres(_) => std::future::pending().await,
        }
    }

    /// Whether this process may write no more.
    pub(crate) fn poisoned(&self) -> bool {
        match self {
            Self::Sqlite(store) => store.poisoned(),
            Self::Postgres(_) => false,
        }
    }
}

/// A name for this process among those that share a database.
fn node() -> anyhow::Result<Uuid> {
    let mut bytes = [0; 16];
    SystemEntropy::default().fill(&mut bytes)?;
    Ok(Uuid::from_bytes(bytes))
}

/// The file of a data directory.
pub(crate) fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("glassbreak.db")
}
