//! Starting and stopping a server on a data directory.
//!
//! ```text
//! DIR/root.key       the root key, mode 0600; everything is derived from it
//! DIR/glassbreak.db  the database, unless it is on PostgreSQL
//! DIR/admin-key      the first API key, mode 0600
//! DIR/log.vkey       the log's verifier key, to give to auditors
//! ```

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use axum::{Extension, Router};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::policy::Policy;
use glassbreak_engine::store::Store;
use glassbreak_engine::store::step::{Step, durably};
use glassbreak_engine::{
    Caller, Engine, EnvironmentVariable, Error, KeyFile, RootKey, RootKeySource, SystemEntropy,
    write_private,
};
use glassbreak_policy::{CedarPolicy, PolicySet};
use glassbreak_policy_prove::SolverOrSearch;
use tokio::net::TcpListener;

use crate::app::router;
use crate::background::Background;
use crate::channels::ByChannel;
use crate::config::{self, Config};
use crate::courier::Courier;
use crate::database::{self, Database, Postgres};
use crate::days;
use crate::destinations;
use crate::leak::Reporters;
use crate::listen::{self, Peers};
use crate::notice::Notices;
use crate::observing::Observing;
use crate::operators::{self, Identities};
use crate::pages;
use crate::reload::{Asked, LogFilter, Reloader};
use crate::revocation::Revocations;
use crate::scim::{self, Scim};
use crate::self_service::SelfService;
use crate::sheet::Sheets;
use crate::ssf::Ssf;
use crate::tls::{self, Tls};
use crate::watching;

/// How a server is started.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The data directory; made if it is not there.
    pub data_dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// A proxy in front speaks TLS, so listening beyond this machine in plain HTTP is meant.
    pub behind_tls_proxy: bool,
    /// The database, if it is not a file in the data directory.
    pub postgres: Option<Postgres>,
    /// How the log is told what to say, if the configuration is to say it.
    pub log: Option<LogFilter>,
}

impl ServeOptions {
    /// A server on `data_dir` that listens on `listen`.
    pub const fn new(data_dir: PathBuf, listen: SocketAddr) -> Self {
        Self { data_dir, listen, config: None, behind_tls_proxy: false, postgres: None, log: None }
    }
}

/// A server that listens.
pub struct Running {
    database: Database,
    engine: Engine,
    router: Router,
    background: Background,
    tls: Option<Arc<Tls>>,
    listener: TcpListener,
    peers: Peers,
    addr: SocketAddr,
    admin_key_file: Option<PathBuf>,
    verifier_key_file: PathBuf,
    observing: Observing,
    reloader: Reloader,
}

/// Starts a server: opens the database, makes what a new one needs, and listens.
///
/// # Errors
/// With what is wrong and what to do about it.
pub async fn start(options: ServeOptions) -> anyhow::Result<Running> {
    let config = Config::load(options.config.as_deref())?;
    let explained = config::explain_file(options.config.as_deref())?;
    if !options.listen.ip().is_loopback() && !options.behind_tls_proxy && config.tls.is_none() {
        anyhow::bail!(
            "`{}` is not a loopback address, and codes must not travel in plain HTTP (N63B-LS-11); set \
             `tls` in the configuration, or put a proxy that speaks TLS in front and say \
             --behind-tls-proxy",
            options.listen
        );
    }
    if let Some(log) = &options.log {
        log.set(&config.logs.level)?;
    }
    let tls = config.tls.as_ref().map(Tls::open).transpose()?.map(Arc::new);
    let rules = watching::rules(&config.alerts)?;
    // First, so that a taken address leaves nothing half made behind.
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on `{}`", options.listen))?;
    let addr = listener.local_addr()?;
    let observing = Observing::prepare(&config).await?;
    std::fs::create_dir_all(&options.data_dir).with_context(|| {
        format!("cannot make the data directory `{}`", options.data_dir.display())
    })?;
    let (database, root) = database_and_key(&options, &config).await?;
    let store = database.store();
    let seen_as = operators::public_url(&config, addr);
    let mut engine_options = config.options(seen_as.as_deref())?;
    engine_options.policy = Some(policy_in_force(store.as_ref()).await?);
    let engine = Engine::open(store, root, engine_options).await?;
    let courier = Arc::new(ByChannel::open(&config, engine.clone())?);
    let admin_key_file = first_admin_key(&engine, &options.data_dir).await?;
    let verifier_key_file = write_verifier_key(&engine, &options.data_dir).await?;
    let mut background = Background::new();
    if let Some(tls) = &tls {
        let tls = Arc::clone(tls);
        background.spawn(|stopped| tls::reload_on_hangup(tls, stopped));
    }
    watching::start(rules, &engine, admin_key_file.is_some(), &mut background).await?;
    days::start(&engine, &mut background);
    let told = Arc::clone(&courier) as Arc<dyn Courier>;
    let router = routes(&config, addr, &engine, told, &mut background).await?;
    let router = router.layer(Extension(Arc::new(explained)));
    let reloader = Reloader {
        asked: Asked::listen(),
        file: options.config,
        config,
        log: options.log,
        engine: engine.clone(),
        courier,
    };
    Ok(Running {
        database,
        engine,
        router,
        background,
        tls,
        listener,
        peers: if options.behind_tls_proxy { Peers::Proxies } else { Peers::Clients },
        addr,
        admin_key_file,
        verifier_key_file,
        observing,
        reloader,
    })
}

/// Everybody a server speaks with beside its callers: who signs in, who is told, who tells. Starts
/// what runs beside the requests, and gives the routes with what their handlers need.
async fn routes(
    config: &Config,
    addr: SocketAddr,
    engine: &Engine,
    courier: Arc<dyn Courier>,
    background: &mut Background,
) -> anyhow::Result<Router> {
    let carrier = Extension(Arc::clone(&courier));
    let identities = Identities::open(config, addr, engine, background)?;
    let revocations = Revocations::begin(engine, Arc::clone(&identities), background);
    if let Some(notices) = Notices::open(config, engine).await? {
        notices.spawn(background);
    }
    let desk = destinations::begin(config, engine, background).await?;
    let ssf = Ssf::open(&config.signals, engine).await?;
    ssf.spawn(background);
    let seen_as = operators::public_url(config, addr);
    let own = SelfService::open(config, seen_as, engine, background)?;
    let scim = Scim::new(engine.clone(), config.scim.clone());
    background.spawn(|stopped| scim.clone().sweep(stopped));
    let named = config.pages.public_url.as_deref().or(config.notices.public_url.as_deref());
    let here = operators::public_url(config, addr);
    let sheets = Sheets::open(&config.sheets, named, here.as_deref());
    Ok(router(engine.clone(), config.open_log_entries, courier)
        .merge(pages::routes(config, engine.clone()).layer(carrier))
        .nest(scim::BASE, scim::router(scim))
        .layer(Extension(identities))
        .layer(Extension(own))
        .layer(Extension(Reporters::open(&config.leaks)?))
        .layer(Extension(sheets))
        .layer(Extension(desk))
        .layer(Extension(revocations))
        .layer(Extension(ssf)))
}

/// The policies that were last loaded; those that are built in, if none were.
async fn policy_in_force(store: &dyn Store) -> anyhow::Result<Arc<dyn Policy>> {
    let policy = match store.policy().await? {
        None => CedarPolicy::default_set(),
        Some(row) => {
            let set = PolicySet::from_text(&row.text);
            // A solver is waited for, and not where everything else runs.
            let loading = tokio::task::spawn_blocking(move || SolverOrSearch::load(set));
            loading.await?.map(CedarPolicy::from_set)
        }
    };
    let policy = policy.map_err(|findings| {
        anyhow::anyhow!("the policies in force cannot be loaded by this version: {findings}")
    })?;
    if let Some(by) = policy.set().proven_by() {
        tracing::info!(%by, "the policies that were loaded are linted");
    }
    Ok(Arc::new(policy))
}

/// Opens the database of a server without one: a file on which none runs, or PostgreSQL, whoever
/// else has it open.
///
/// # Errors
/// If there is none, or a server runs on the file.
pub async fn open_offline(
    data_dir: &Path,
    postgres: Option<&Postgres>,
    config: Option<&Path>,
) -> anyhow::Result<Arc<dyn Store>> {
    Config::load(config)?;
    Ok(Database::open_existing(data_dir, postgres).await?.store())
}

impl Running {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How it is spoken to: `https` if it speaks TLS itself.
    pub const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The file of the first admin key, if it was just made.
    pub fn admin_key_file(&self) -> Option<&Path> {
        self.admin_key_file.as_deref()
    }

    /// The file of the log's verifier key.
    pub fn verifier_key_file(&self) -> &Path {
        &self.verifier_key_file
    }

    /// Serves until `shutdown`, then finishes what is under way and brings the log up to date.
    ///
    /// # Errors
    /// If a commit fails, it ends too: after a failed fsync only a new process,
    /// which reads the database from disk, knows what is in it.
    pub async fn run_until(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let Self { database, engine, router, background, listener, .. } = self;
        let Self { tls, peers, observing, reloader, .. } = self;
        let broken = database.clone();
        let stop = async move {
            tokio::select! {
                () = shutdown => {}
                () = broken.ended() => {}
            }
        };
        let (router, observed) = observing.start(router, &engine, reloader);
        listen::serve(listener, router, tls, peers, stop).await;
        background.end().await;
        observed.stop().await;
        engine.close().await;
        if database.poisoned() {
            anyhow::bail!(
                "a commit to the database failed, and nothing more was acknowledged; look at the \
                 disk and start again: callers whose outcome is unknown ask again under the same \
                 name"
            );
        }
        Ok(())
    }
}

/// The database and the root key that it was made with. A new key is made for a new database only:
/// one without its root key is not one to make a new key for.
async fn database_and_key(
    options: &ServeOptions,
    config: &Config,
) -> anyhow::Result<(Database, RootKey)> {
    let (data_dir, postgres) = (&options.data_dir, options.postgres.as_ref());
    if postgres.is_none() {
        // The key first: a crash after it leaves no database without a key.
        let is_new = !database::file(data_dir).exists();
        let root = root_key(data_dir, config, is_new)?;
        return Ok((Database::open(data_dir, None).await?, root));
    }
    let database = Database::open(data_dir, postgres).await?;
    let (entries, _) = database.store().committed().await?;
    let root = root_key(data_dir, config, entries == 0).with_context(|| {
        format!(
            "the database on PostgreSQL was made with another server's root key; copy its \
             `root.key` to `{}`, or name the variable that holds it in the configuration \
             (`root_key_variable`)",
            data_dir.display()
        )
    })?;
    Ok((database, root))
}

fn root_key(data_dir: &Path, config: &Config, make: bool) -> anyhow::Result<RootKey> {
    if let Some(variable) = &config.root_key_variable {
        return Ok(EnvironmentVariable(variable.clone()).root_key()?);
    }
    let file = KeyFile(data_dir.join("root.key"));
    if make {
        return Ok(file.root_key_or_new(&SystemEntropy::default())?);
    }
    Ok(file.root_key()?)
}

/// Makes the first API key, with every scope, unless there is any. The file comes first: a crash
/// before the key is valid leaves a file that opens nothing and is written anew at the next start.
/// Of several servers that start on a new database one makes it: the request has one name.
async fn first_admin_key(engine: &Engine, data_dir: &Path) -> anyhow::Result<Option<PathBuf>> {
    if !engine.api_keys().await?.is_empty() {
        return Ok(None);
    }
    let path = data_dir.join("admin-key");
    let new = engine.draw_api_key()?;
    durably(Step::AdminKeyWrite, || -> anyhow::Result<()> {
        write_private(&path, new.key.as_bytes())
            .with_context(|| format!("cannot write `{}`", path.display()))
    })?;
    let label = FIRST_KEY.to_owned();
    let caller = Caller::embedder().naming(Some(FIRST_KEY.to_owned()));
    match engine.create_api_key(&caller, &new, label, Scope::ALL.to_vec()).await {
        Ok(_) => Ok(Some(path)),
        Err(Error::Denied(Denial::RequestReused)) => {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`, which is no key", path.display()))?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// What the first API key is called.
const FIRST_KEY: &str = "first admin key";

async fn write_verifier_key(engine: &Engine, data_dir: &Path) -> anyhow::Result<PathBuf> {
    let path = data_dir.join("log.vkey");
    let keys = engine.verifier_keys().await?;
    let text: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let text = text.join("\n");
    let written = std::fs::read_to_string(&path).is_ok_and(|found| found.trim_end() == text);
    if !written {
        durably(Step::VerifierKeyWrite, || -> anyhow::Result<()> {
            write_private(&path, text.as_bytes())
                .with_context(|| format!("cannot write `{}`", path.display()))
        })?;
    }
    Ok(path)
}
