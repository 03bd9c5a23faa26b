//! Who calls, if it is not an API key: people who signed in at the organisation's identity
//! provider, with a bearer token or in a browser, and machines by their certificates
//! (docs/decisions/0033, docs/OPERATORS.md).

mod config;
mod cookies;
mod fetch;
mod identity;
mod machines;
mod me;
mod provider;
mod roles;
mod sessions;
pub(crate) mod sign_in;
mod terminal;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use glassbreak_engine::{Engine, SystemEntropy};
use zeroize::Zeroizing;

pub use config::{OidcConfig, OperatorsConfig, ReachConfig, RoleConfig, SessionConfig};
pub(crate) use identity::{Identity, identify};
pub use machines::MachineConfig;
pub(crate) use machines::{Machines, Peer};
pub(crate) use me::{__path_me, me};
pub use terminal::{SignedIn, TerminalSignIn};

use crate::background::Background;
use crate::config::Config;
use fetch::Fetch;
use provider::Provider;
use roles::Roles;
use sessions::Sessions;

/// Everybody but API keys: how they are known.
pub(crate) struct Identities {
    /// People; none where no provider is configured.
    pub(crate) people: Option<People>,
    /// Machines, by certificate.
    pub(crate) machines: Machines,
}

/// How people sign in.
pub(crate) struct People {
    config: OperatorsConfig,
    /// The clients whose access tokens are taken.
    clients: Vec<String>,
    secret: Option<Zeroizing<String>>,
    public_url: String,
    fetch: Fetch,
    provider: Provider,
    roles: Roles,
    sessions: Sessions,
    entropy: SystemEntropy,
}

impl Identities {
    /// What the configuration says, on a server that listens at `addr`. The provider is not asked
    /// yet: it may start later than we do.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(
        config: &Config,
        addr: SocketAddr,
        engine: &Engine,
        background: &mut Background,
    ) -> anyhow::Result<Arc<Self>> {
        let people = config.operators.as_ref();
        let people = people.map(|ours| People::open(ours, addr, config, engine)).transpose()?;
        let machines = Machines::open(&config.machines, config.tls.as_ref())?;
        if let Some(people) = &people {
            let sessions = people.sessions.clone();
            background.spawn(|stopped| sessions.forget_the_ended(stopped));
        }
        Ok(Arc::new(Self { people, machines }))
    }
}

impl People {
    fn open(
        ours: &OperatorsConfig,
        addr: SocketAddr,
        config: &Config,
        engine: &Engine,
    ) -> anyhow::Result<Self> {
        ours.validate()?;
        let public_url = match &ours.public_url {
            Some(url) => url.clone(),
            None if addr.ip().is_loopback() && config.tls.is_none() => format!("http://{addr}"),
            None => anyhow::bail!("set `operators.public_url`: browsers are sent back to it"),
        };
        let secret = secret(&ours.oidc).context("`operators.oidc`")?;
        let fetch = Fetch::new(ours.oidc.ca_file.as_deref(), ours.oidc.timeout);
        let fetch = fetch.context("`operators.oidc.ca_file`")?;
        let mut clients = ours.oidc.clients.clone();
        clients.push(ours.oidc.client_id.clone());
        Ok(Self {
            clients,
            secret,
            public_url,
            provider: Provider::new(ours.oidc.issuer.clone(), fetch.clone()),
            fetch,
            roles: Roles::open(ours)?,
            sessions: Sessions::new(ours, engine.clone()),
            entropy: SystemEntropy::default(),
            config: ours.clone(),
        })
    }
}

/// Our secret at the provider.
fn secret(oidc: &OidcConfig) -> anyhow::Result<Option<Zeroizing<String>>> {
    let text = match (&oidc.client_secret_file, &oidc.client_secret_variable) {
        (Some(path), _) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?,
        (None, Some(variable)) => std::env::var(variable)
            .with_context(|| format!("set the environment variable `{variable}`"))?,
        (None, None) => return Ok(None),
    };
    let text = Zeroizing::new(text);
    let secret = Zeroizing::new(text.trim().to_owned());
    anyhow::ensure!(!secret.is_empty(), "the client secret is empty");
    Ok(Some(secret))
}
