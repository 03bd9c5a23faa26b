//! Who calls, if it is not an API key: people who signed in at the organisation's identity
//! provider, with a bearer token or in a browser, and machines by their certificates
//! (docs/decisions/0033, docs/OPERATORS.md).

mod client;
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
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::operator::Operator;
use glassbreak_engine::{Engine, SystemEntropy};
use zeroize::Zeroizing;

pub(crate) use client::{Answered, OidcClient, UnderWay, refused};
pub(crate) use config::origin;
pub use config::{OidcConfig, OperatorsConfig, ReachConfig, RoleConfig, SessionConfig};
pub(crate) use cookies::{Cookie, Sender, is_own_path, must_be_ours};
pub(crate) use identity::{Identity, Who, by_browser, identify};
pub use machines::MachineConfig;
pub(crate) use machines::{Machines, Peer};
pub(crate) use me::{__path_me, me};
pub(crate) use roles::Claimed;
pub(crate) use sessions::{Holder, Token};
pub use terminal::{SignedIn, TerminalSignIn};

use crate::background::Background;
use crate::config::Config;
use roles::Roles;
use sessions::Sessions;

/// Everybody but API keys: how they are known.
pub(crate) struct Identities {
    /// People; none where no provider is configured.
    pub(crate) people: Option<People>,
    /// Browsers; none where nobody said how they reach this server.
    pub(crate) browsers: Option<Browsers>,
    /// Machines, by certificate.
    pub(crate) machines: Machines,
}

/// Browsers that are signed in.
pub(crate) struct Browsers {
    /// The origin that they see, without a slash at the end.
    pub(crate) public_url: String,
    /// Whether one signs in with an API key.
    pub(crate) takes_keys: bool,
    pub(crate) sessions: Sessions,
    pub(crate) entropy: SystemEntropy,
}

/// How people sign in.
pub(crate) struct People {
    /// The clients whose access tokens are taken.
    clients: Vec<String>,
    client: OidcClient,
    public_url: String,
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
        let machines = Machines::open(&config.machines, config.tls.as_ref())?;
        let operators = config.operators.as_ref();
        let Some(public_url) = public_url(config, addr) else {
            anyhow::ensure!(
                operators.is_none(),
                "set `pages.public_url`: browsers are sent back to it after a sign-in"
            );
            return Ok(Arc::new(Self { people: None, browsers: None, machines }));
        };
        let takes_keys = config.pages.key_sign_in.unwrap_or(operators.is_none());
        let sessions = Sessions::new(operators, takes_keys, engine.clone());
        let people = operators.map(|ours| People::open(ours, &public_url, &sessions));
        let people = people.transpose()?;
        let forgetting = sessions.clone();
        background.spawn(|stopped| forgetting.forget_the_ended(stopped));
        let entropy = SystemEntropy::default();
        let browsers = Some(Browsers { public_url, takes_keys, sessions, entropy });
        Ok(Arc::new(Self { people, browsers, machines }))
    }
}

impl Identities {
    /// What an operator may do now whom the provider said that of.
    pub(crate) fn scopes(&self, claimed: &Claimed, operator: &Operator) -> Vec<Scope> {
        let people = self.people.as_ref();
        people.map(|people| people.roles.scopes(claimed, operator)).unwrap_or_default()
    }
}

impl People {
    fn open(ours: &OperatorsConfig, public_url: &str, sessions: &Sessions) -> anyhow::Result<Self> {
        ours.validate()?;
        let redirect = format!("{public_url}/auth/callback");
        let client = OidcClient::open(&ours.oidc, redirect, "operators.oidc")?;
        let mut clients = ours.oidc.clients.clone();
        clients.push(ours.oidc.client_id.clone());
        Ok(Self {
            clients,
            client,
            public_url: public_url.to_owned(),
            roles: Roles::open(ours)?,
            sessions: sessions.clone(),
            entropy: SystemEntropy::default(),
        })
    }
}

/// The origin that browsers see: as configured, or of this machine alone. `localhost` and not its
/// address, which no passkey can be of.
pub(crate) fn public_url(config: &Config, addr: SocketAddr) -> Option<String> {
    named_url(config).or_else(|| {
        let is_here = addr.ip().is_loopback() && config.tls.is_none();
        is_here.then(|| format!("http://localhost:{}", addr.port()))
    })
}

/// The origin that browsers see, where the configuration says it.
pub(crate) fn named_url(config: &Config) -> Option<String> {
    let operators = config.operators.as_ref().and_then(|ours| ours.public_url.clone());
    config.pages.public_url.clone().or(operators)
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
