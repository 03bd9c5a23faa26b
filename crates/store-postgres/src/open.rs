//! Opening a database: reading how to reach it, refusing one that could lose an acknowledged
//! commit, and making the tables of a new one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio_postgres::{Config, Row};
use uuid::Uuid;

use crate::address::Address;
use crate::log::clamp;
use crate::server::Servers;
use crate::session::{Bare, Purpose, Session, call, connect, within};
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
    /// The log has another entry where this process was told that one is durable.
    #[error(
        "the database has another log entry at place {place} than the one that was acknowledged: it \
         is a backup, or a standby that was behind took over, and was written to since; do not let \
         it be used, and look for the one that has the entry (docs/HIGH-AVAILABILITY.md)"
    )]
    Rewritten {
        /// The place of the newest entry that was acknowledged.
        place: u64,
    },
    /// Another server has taken this one's place.
    #[error(
        "PostgreSQL is on timeline {found}, and another server on timeline {known} has taken its \
         place; stop this one"
    )]
    Overtaken {
        /// The server's timeline.
        found: i64,
        /// The newest that this process has seen.
        known: i64,
    },
    /// Another server took over while the connection was made.
    #[error("another PostgreSQL server took over while a connection was made; try again")]
    Moved,
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

/// An entry that was acknowledged, by its place.
#[derive(Clone, Copy)]
struct Told {
    place: u64,
    id: Uuid,
}

/// What a connection is made from.
#[derive(Clone)]
pub(crate) struct Source {
    hosts: Vec<Config>,
    tls: Tls,
    options: Options,
    /// The newest entry that was acknowledged to this process.
    told: Arc<Mutex<Option<Told>>>,
    servers: Arc<Servers>,
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
        let (told, servers) = (Arc::default(), Arc::default());
        Ok(Self { hosts, tls, options: options.clone(), told, servers })
    }

    /// A connection with nothing prepared, to a server whose settings were looked at.
    pub(crate) async fn bare(&self) -> Result<Bare, OpenError> {
        hosts::first(&self.hosts, |host| self.bare_on(host)).await
    }

    async fn bare_on(&self, host: &Config) -> Result<Bare, OpenError> {
        let patience = hosts::patience(&self.hosts, self.options.patience);
        let connected = within(patience, connect(host, self.tls.clone())).await;
        let bare = connected.ok_or(OpenError::Late(patience))?.map_err(OpenError::Connect)?;
        let checked = check::settings(&bare.client, self.options.synchronous_standbys);
        self.in_time(checked).await?;
        Ok(bare)
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, OpenError>>,
    ) -> Result<T, OpenError> {
        let late = || OpenError::Late(self.options.patience);
        within(self.options.patience, answer).await.ok_or_else(late)?
    }

    /// A connection with everything prepared, on which is said what this server knows, to a
    /// database that shows nothing that may yet be lost, and has lost nothing of which this process
    /// knows. Of several hosts it is the first that is all this: a primary that was left behind
    /// may be the first that answers, and cannot settle.
    pub(crate) async fn session(&self, purpose: Purpose) -> Result<Session, OpenError> {
        let began = self.succession();
        let (mut session, server) =
            hosts::first(&self.hosts, |host| self.session_on(host, purpose)).await?;
        session.succession = self.servers.meet(&server, began)?;
        Ok(session)
    }

    async fn session_on(
        &self,
        host: &Config,
        purpose: Purpose,
    ) -> Result<(Session, Row), OpenError> {
        let bare = self.bare_on(host).await?;
        self.in_time(async {
            migrate::register(&bare.client, self.options.migrations).await?;
            let session = bare.prepared(purpose).await?;
            let server = self.usable(&session).await?;
            Ok((session, server))
        })
        .await
    }

    /// Whether what a session shows is safe, and has all that was acknowledged. Gives what its
    /// server is told by.
    async fn usable(&self, session: &Session) -> Result<Row, OpenError> {
        let told = *self.told();
        let place = told.map_or(-1, |told| clamp(told.place));
        let at = call(Sql::EntryAt).with(place);
        let asked = vec![call(Sql::Settle), call(Sql::EntryNewest), at, call(Sql::ServerTold)];
        let mut found = session.rows(asked).await?.into_iter().skip(1);
        if session.take_warned() {
            return Err(OpenError::Unsettled);
        }
        let mut next = || found.next().and_then(|rows| rows.into_iter().next());
        let newest = next().map(|row| row.try_get::<_, i64>(0)).transpose()?;
        let id = next().map(|row| row.try_get::<_, Uuid>(0)).transpose()?;
        let server = next().ok_or(OpenError::Moved)?;
        let Some(Told { place, id: acknowledged }) = told else { return Ok(server) };
        let found = newest.map_or(0, |place| place.unsigned_abs().saturating_add(1));
        if found <= place {
            return Err(OpenError::Behind { found, told: place.saturating_add(1) });
        }
        if id == Some(acknowledged) { Ok(server) } else { Err(OpenError::Rewritten { place }) }
    }

    fn told(&self) -> MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers that an entry was acknowledged: a database that has it not is not used.
    pub(crate) fn acknowledged(&self, place: u64, id: Uuid) {
        let mut told = self.told();
        if told.is_none_or(|told| told.place < place) {
            *told = Some(Told { place, id });
        }
    }

    /// How many servers there were before the one that sessions are opened on.
    pub(crate) fn succession(&self) -> u64 {
        self.servers.succession()
    }

    /// Whether a session is of use: it has not ended, and no server was met after its own.
    pub(crate) fn serves(&self, session: &Session) -> bool {
        !session.is_closed() && session.succession == self.succession()
    }

    /// Whether commits have to wait for synchronous standbys.
    pub(crate) const fn has_standbys(&self) -> bool {
        self.options.synchronous_standbys > 0
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
