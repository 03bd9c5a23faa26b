//! Opening a database: reading how to reach it, refusing one that could lose an acknowledged
//! commit, and making the tables of a new one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio_postgres::Config;

use crate::address::Address;
use crate::session::{Bare, Purpose, Session, call, within};
use crate::sql::Sql;
use crate::tls::Tls;
use crate::{Options, check, hosts, migrate};

/// The oldest PostgreSQL that is tested, as the server counts versions.
pub(crate) const OLDEST: i32 = 150_000;

/// How long a connection on which nothing comes is left alone before it is asked for a sign of
/// life, and then between signs: one that nobody gives up on would keep its place in the pool.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be read.
    #[error(
        "the database's address cannot be read; give it as \
         `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or `postgres:///DATABASE?host=/SOCKET/DIRECTORY`"
    )]
    Address(#[source] tokio_postgres::Error),
    /// The address asks for TLS of a kind that does not check whom it speaks to.
    #[error(
        "`sslmode={0}` checks nobody: who sits in between can pass for the database; say \
         `sslmode=verify-full`, with the authority's certificates in `sslrootcert=FILE` if no public \
         one signed, or, where the network in between is yours alone, `sslmode=disable`, or \
         `sslmode=require&sslcheck=none` to encrypt and check nobody"
    )]
    Unchecked(String),
    /// The certificates that the address names cannot be read.
    #[error(
        "the certificates in `sslrootcert`, `{path}`, cannot be read; it is a PEM file with the \
         certificates of the authorities that sign for the database"
    )]
    Authorities {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// TLS cannot be spoken at all.
    #[error("TLS to PostgreSQL cannot be set up")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server did not let us in.
    #[error(
        "PostgreSQL cannot be reached; check that it runs, and the address, user, password and \
         `sslmode` in `--database`"
    )]
    Connect(#[source] tokio_postgres::Error),
    /// The server did not answer.
    #[error("PostgreSQL did not answer within {} s", .0.as_secs())]
    Late(Duration),
    /// Nobody knows whether what the server shows would survive the loss of it.
    #[error(
        "PostgreSQL warned that a wait for its synchronous standby was cut short; what it shows may \
         be on its own disk alone"
    )]
    Unsettled,
    /// The log is shorter than what this process was told is durable.
    #[error(
        "the database has {found} log entries, and {told} were acknowledged: it is a backup, or a \
         standby that was behind took over; do not let it be used, and look for the one that has \
         them (docs/HIGH-AVAILABILITY.md)"
    )]
    Behind {
        /// How many entries are there.
        found: u64,
        /// How many were acknowledged at least.
        told: u64,
    },
    /// A setting could lose an acknowledged commit.
    #[error("PostgreSQL's `{setting}` is `{found}`, and {danger}; {remedy}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it could lead to.
        danger: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The database was written by a newer version.
    #[error(
        "what this build needs of the database was taken away by step {found} of its migrations, \
         and this build knows up to {known}; run a build at least as new as the newest that ran"
    )]
    Newer {
        /// The number of the step in the database.
        found: i32,
        /// The newest this build knows.
        known: i32,
    },
    /// The database lacks what this build needs, although it was there at the start.
    #[error(
        "step {needed} of the migrations is not in the database, whose newest is {found}: it is \
         not the database that this server started on; start the server again"
    )]
    Older {
        /// The number of the newest step in the database.
        found: i32,
        /// The number of the step that is not there.
        needed: i32,
    },
    /// A migration that has run is not the one this build has.
    #[error(
        "the migration `{name}` that made this database is not the one in this build; use an \
         official build, or restore a backup"
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
    /// PostgreSQL refused a statement.
    #[error("PostgreSQL refused to open the database")]
    Refused(#[from] tokio_postgres::Error),
}

/// What a connection is made from.
#[derive(Clone)]
pub(crate) struct Source {
    hosts: Vec<Config>,
    tls: Tls,
    options: Options,
    /// How many entries were acknowledged, as far as this process was told.
    told: Arc<AtomicU64>,
}

impl Source {
    /// Reads an address.
    pub(crate) fn new(address: &str, options: &Options) -> Result<Self, OpenError> {
        let Address { config, tls } = Address::read(address)?;
        let mut hosts = hosts::each(&config);
        for host in &mut hosts {
            host.application_name("glassbreak")
                .options("-c search_path=glassbreak")
                .connect_timeout(options.patience)
                .tcp_user_timeout(options.patience)
                .keepalives_idle(ALIVE_EVERY)
                .keepalives_interval(ALIVE_EVERY)
                .keepalives_retries(2);
        }
        Ok(Self { hosts, tls, options: options.clone(), told: Arc::default() })
    }

    /// A connection with nothing prepared, to a server whose settings were looked at.
    pub(crate) async fn bare(&self) -> Result<Bare, OpenError> {
        let late = || OpenError::Late(self.options.patience);
        let bare = hosts::first(&self.hosts, &self.tls, self.options.patience).await?;
        let checked = check::settings(&bare.client, self.options.synchronous_standbys);
        within(self.options.patience, checked).await.ok_or_else(late)??;
        Ok(bare)
    }

    /// A connection with everything prepared, on which is said what this server knows, to a
    /// database that shows nothing that may yet be lost, and has lost nothing of which this process
    /// knows.
    pub(crate) async fn session(&self, purpose: Purpose) -> Result<Session, OpenError> {
        let bare = self.bare().await?;
        let ready = async {
            migrate::register(&bare.client, self.options.migrations).await?;
            let session = bare.prepared(purpose).await?;
            let told = self.told.load(Ordering::SeqCst);
            let found = session.rows(vec![call(Sql::Settle), call(Sql::EntryNewest)]).await?;
            if session.take_warned() {
                return Err(OpenError::Unsettled);
            }
            let newest = found.last().and_then(|rows| rows.first());
            let newest = newest.map(|row| row.try_get::<_, i64>(0)).transpose()?;
            let found = newest.map_or(0, |place| place.unsigned_abs().saturating_add(1));
            if found < told {
                return Err(OpenError::Behind { found, told });
            }
            Ok(session)
        };
        let late = || OpenError::Late(self.options.patience);
        within(self.options.patience, ready).await.ok_or_else(late)?
    }

    /// Remembers that so many entries were acknowledged: a database that has fewer is not used.
    pub(crate) fn acknowledged(&self, entries: u64) {
        self.told.fetch_max(entries, Ordering::SeqCst);
    }

    /// How long an answer is waited for.
    pub(crate) const fn patience(&self) -> Duration {
        self.options.patience
    }

    /// Makes the tables, or brings them to what this build knows. Gives whether something is left
    /// that has to wait until no older server is connected.
    pub(crate) async fn migrate(&self) -> Result<bool, OpenError> {
        let mut bare = self.bare().await?;
        migrate::migrate(&mut bare.client, self.options.migrations).await
    }

    /// Does what was left, as soon as it may be done, until it is done or nobody is `needed` any
    /// more.
    pub(crate) async fn migrate_later<T>(self, needed: Weak<T>) {
        loop {
            tokio::time::sleep(self.options.contract_every).await;
            if needed.strong_count() == 0 {
                return;
            }
            match self.migrate().await {
                Ok(true) => {}
                Ok(false) => return,
                // Whoever uses the database will say so too.
                Err(error) => tracing::warn!(error = %error, "a contraction did not run"),
            }
        }
    }
}
