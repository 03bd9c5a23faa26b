//! `[operators]`: where people sign in, what their claims mean, and how long a sign-in lasts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, bail};
use glassbreak_engine::core::time::Seconds;
use glassbreak_signals::oidc::location;
use serde::{Deserialize, Serialize};

/// Operators' identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorsConfig {
    /// The identity provider.
    pub oidc: OidcConfig,
    /// Where browsers find this server: `https://HOST`, without a path. The address it listens on
    /// unless named, if that is of this machine alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// A Cedar file that says what roles and duties may do; the built-in rules unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<PathBuf>,
    /// Which claims are which roles. Without any, nobody may do anything.
    #[serde(default)]
    pub roles: Vec<RoleConfig>,
    /// Which claims reach whom. Without any, everybody who signs in reaches everybody; with one,
    /// who has none of the claims reaches nobody.
    #[serde(default)]
    pub reach: Vec<ReachConfig>,
    /// How long a browser stays signed in.
    #[serde(default)]
    pub session: SessionConfig,
}

/// The identity provider, and what it calls us.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// Its issuer, spelled as in its tokens. `https`, or `http` on this machine.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// A file with our secret there; without one, and without a variable, we are a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// The environment variable with our secret there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_variable: Option<String>,
    /// The name of our API in access tokens. Without it, no bearer token is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Further clients whose access tokens are taken.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Takes access tokens whose `typ` is `JWT` or missing. For providers that do not mark theirs.
    #[serde(default)]
    pub unmarked_tokens: bool,
    /// What is asked for beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The claim that is the operator's name here (`PUT /v1/operators/{subject}`).
    #[serde(default = "subject_claim_default")]
    pub subject_claim: String,
    /// How somebody has to have signed in: one of these in `acr`. Any way unless named.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The most seconds one request to it takes; 1 to 60.
    #[serde(default = "timeout_default")]
    pub timeout: u16,
}

fn subject_claim_default() -> String {
    "sub".to_owned()
}

const fn timeout_default() -> u16 {
    10
}

/// A claim that is a role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleConfig {
    /// The claim's name, or the place in the claims as a JSON pointer: `/realm_access/roles`.
    pub claim: String,
    /// Its value, or one of its values.
    pub value: String,
    /// The role, as the rules name it.
    pub role: String,
}

/// A claim that reaches somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachConfig {
    /// The claim's name, or a JSON pointer.
    pub claim: String,
    /// Its value, or one of its values.
    pub value: String,
    /// The groups of subjects that are reached.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Reaches everybody, and what concerns the whole installation.
    #[serde(default)]
    pub everybody: bool,
}

/// How long a browser stays signed in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// Seconds after the sign-in; 300 to 43200 (N63B-4: at most 12 hours).
    pub lifetime: Seconds,
    /// Seconds after the last call; 60 to 3600.
    pub idle: Seconds,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { lifetime: Seconds::hours(8), idle: Seconds::minutes(15) }
    }
}

impl OidcConfig {
    /// Checks what can be checked without asking anybody; `at` is where it is configured.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn validate(&self, at: &str) -> anyhow::Result<()> {
        location(&self.issuer).with_context(|| {
            format!("`{at}.issuer`: write `https://HOST[/PATH]`, as its tokens do")
        })?;
        if self.client_id.is_empty() {
            bail!("`{at}.client_id` is empty");
        }
        if self.audience.as_deref().is_some_and(|audience| {
            audience.is_empty()
                || audience == self.client_id
                || self.clients.iter().any(|it| it == audience)
        }) {
            bail!(
                "`{at}.audience` names our API; it cannot be the name of a client, for \
                 that is the audience of ID tokens, which are no keys to an API"
            );
        }
        if self.client_secret_file.is_some() && self.client_secret_variable.is_some() {
            bail!("name either `{at}.client_secret_file` or `.._variable`, not both");
        }
        if !(1..=60).contains(&self.timeout) {
            bail!("`{at}.timeout` is 1 to 60 seconds");
        }
        Ok(())
    }
}

impl OperatorsConfig {
    /// Checks what can be checked without asking anybody.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        self.oidc.validate("operators.oidc")?;
        let session = &self.session;
        if !(300..=43_200).contains(&session.lifetime.0) {
            bail!("`operators.session.lifetime` is 300 to 43200 seconds (ASVS 7.3.2)");
        }
        if !(60..=3600).contains(&session.idle.0) {
            bail!("`operators.session.idle` is 60 to 3600 seconds (ASVS 7.3.1)");
        }
        for reach in &self.reach {
            if reach.everybody != reach.groups.is_empty() {
                bail!("`operators.reach`: name either `groups` or `everybody = true`");
            }
        }
        let url = self.public_url.as_deref();
        if url.is_some_and(|url| origin(url).is_none_or(|origin| origin != url)) {
            bail!("`operators.public_url` is `https://HOST[:PORT]`: no path, small letters");
        }
        Ok(())
    }

    /// The roles that claims can map to.
    pub(crate) fn role_names(&self) -> BTreeSet<&str> {
        self.roles.iter().map(|role| role.role.as_str()).collect()
    }
}

/// The origin of a URL that may be spoken to, as browsers spell it.
pub(crate) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?']).next()?;
    let usual = match scheme {
        "https" => host.strip_suffix(":443"),
        _ => host.strip_suffix(":80"),
    };
    let origin = format!("{scheme}://{}", usual.unwrap_or(host)).to_ascii_lowercase();
    glassbreak_signals::oidc::is_allowed(url).then_some(origin)
}
