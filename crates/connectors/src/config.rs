//! What of a connector can be configured. No secret is ever in here.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::http::Http;
use crate::secret_source::SecretSource;
use crate::{Connector, Keycloak, PrivacyIdea};

/// Looks a variable of the environment up.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A system that keeps recovery codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ConnectorConfig {
    /// A privacyIDEA server.
    PrivacyIdea(PrivacyIdeaConfig),
    /// A realm of a Keycloak server.
    Keycloak(KeycloakConfig),
}

/// How to reach a realm of a privacyIDEA server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyIdeaConfig {
    /// Where it is, `https://...`, with the path that it stands under, if any.
    pub url: String,
    /// The realm whose users are looked after.
    pub realm: String,
    /// The administrator it is signed in to as.
    pub username: String,
    /// A file with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The environment variable with the password, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_variable: Option<String>,
    /// Which of its kinds of token are recovery codes.
    #[serde(default = "token_types_default")]
    pub token_types: Vec<String>,
    /// How many codes a paper token prints: privacyIDEA does not keep that. 1 to 1000.
    #[serde(default = "sheet_length_default")]
    pub sheet_length: u32,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Allows `http://` to another machine, where everybody on the way reads the password.
    #[serde(default)]
    pub insecure: bool,
    /// The most seconds one request takes; 1 to 300.
    #[serde(default = "timeout_default")]
    pub timeout: u16,
}

/// How to reach a realm of a Keycloak server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeycloakConfig {
    /// Where it is, `https://...`, with the path that it stands under, if any.
    pub url: String,
    /// The realm whose users are looked after. The client is in it.
    pub realm: String,
    /// The client whose service account is used.
    pub client_id: String,
    /// A file with the client's secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// The environment variable with the client's secret, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_variable: Option<String>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Allows `http://` to another machine, where everybody on the way reads the secret.
    #[serde(default)]
    pub insecure: bool,
    /// The most seconds one request takes; 1 to 300.
    #[serde(default = "timeout_default")]
    pub timeout: u16,
}

fn token_types_default() -> Vec<String> {
    ["paper", "tan"].map(str::to_owned).to_vec()
}

const fn sheet_length_default() -> u32 {
    100
}

const fn timeout_default() -> u16 {
    20
}

/// A setting that cannot be, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: {problem}")]
pub struct ConfigError {
    /// The setting's name: `password_file`.
    pub setting: &'static str,
    /// What is wrong and what to do.
    pub problem: String,
}

impl ConnectorConfig {
    /// The name of the other system's kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PrivacyIdea(_) => "privacyidea",
            Self::Keycloak(_) => "keycloak",
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        match self {
            Self::PrivacyIdea(config) => &config.url,
            Self::Keycloak(config) => &config.url,
        }
    }

    /// The realm whose users are looked after.
    pub fn realm(&self) -> &str {
        match self {
            Self::PrivacyIdea(config) => &config.realm,
            Self::Keycloak(config) => &config.realm,
        }
    }

    /// Reads the files that are named, and asks nobody.
    ///
    /// # Errors
    /// A setting that cannot be, a file that cannot be read.
    pub fn open(&self, variables: Variables<'_>) -> Result<Arc<dyn Connector>, ConfigError> {
        Ok(match self {
            Self::PrivacyIdea(config) => Arc::new(config.open(variables)?),
            Self::Keycloak(config) => Arc::new(config.open(variables)?),
        })
    }
}

impl PrivacyIdeaConfig {
    fn open(&self, variables: Variables<'_>) -> Result<PrivacyIdea, ConfigError> {
        let there = There {
            url: &self.url,
            ca_file: self.ca_file.as_deref(),
            insecure: self.insecure,
            timeout: self.timeout,
        };
        filled(&[("realm", &self.realm), ("username", &self.username)])?;
        // A comma would make two of one; a star would match factors that are no recovery codes.
        let plain = |kind: &String| {
            !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if self.token_types.is_empty() || !self.token_types.iter().all(plain) {
            return Err(wrong("token_types", "name kinds of token, such as \"paper\" and \"tan\""));
        }
        if !(1..=1000).contains(&self.sheet_length) {
            return Err(wrong("sheet_length", "a sheet has 1 to 1000 codes"));
        }
        let source = SecretSource {
            file: ("password_file", self.password_file.as_deref()),
            variable: ("password_variable", self.password_variable.as_deref()),
        };
        let password = secret(source, variables)?;
        Ok(PrivacyIdea::new(self.clone(), password, there.http()?))
    }
}

impl KeycloakConfig {
    fn open(&self, variables: Variables<'_>) -> Result<Keycloak, ConfigError> {
        let there = There {
            url: &self.url,
            ca_file: self.ca_file.as_deref(),
            insecure: self.insecure,
            timeout: self.timeout,
        };
        filled(&[("realm", &self.realm), ("client_id", &self.client_id)])?;
        let source = SecretSource {
            file: ("client_secret_file", self.client_secret_file.as_deref()),
            variable: ("client_secret_variable", self.client_secret_variable.as_deref()),
        };
        let secret = secret(source, variables)?;
        Ok(Keycloak::new(&self.realm, &self.client_id, secret, there.http()?))
    }
}

/// The settings that say how a system is reached.
struct There<'a> {
    url: &'a str,
    ca_file: Option<&'a Path>,
    insecure: bool,
    timeout: u16,
}

impl There<'_> {
    fn http(&self) -> Result<Http, ConfigError> {
        if !(1..=300).contains(&self.timeout) {
            return Err(wrong("timeout", "a request takes 1 to 300 seconds; choose from these"));
        }
        let url: Option<ureq::http::Uri> = self.url.parse().ok();
        let url = url.filter(|url| {
            let userless = url.authority().is_some_and(|who| !who.as_str().contains('@'));
            userless && url.query().is_none() && url.host().is_some_and(|host| !host.is_empty())
        });
        let Some(url) = url else {
            return Err(wrong("url", "write a URL, without user and query: `https://HOST/`"));
        };
        match url.scheme_str() {
            Some("https") => {}
            Some("http") if self.insecure || url.host().is_some_and(is_loopback) => {}
            Some("http") => {
                let problem = "the password would travel in the clear: use https, or \
                               `insecure = true` where the network is trusted";
                return Err(wrong("url", problem));
            }
            _ => return Err(wrong("url", "only https (and http on this machine) is spoken")),
        }
        let pem = self.ca_file.map(|path| {
            let unread = |error| {
                let problem = format!("cannot read `{}`: {error}", path.display());
                ConfigError { setting: "ca_file", problem }
            };
            std::fs::read(path).map_err(unread)
        });
        let timeout = Duration::from_secs(self.timeout.into());
        Http::new(self.url, pem.transpose()?.as_deref(), timeout)
            .ok_or_else(|| wrong("ca_file", "there is no certificate in it; it holds PEM"))
    }
}

fn wrong(setting: &'static str, problem: &str) -> ConfigError {
    ConfigError { setting, problem: problem.to_owned() }
}

fn filled(settings: &[(&'static str, &String)]) -> Result<(), ConfigError> {
    let empty = settings.iter().find(|(_, value)| value.trim().is_empty());
    empty.map_or(Ok(()), |(setting, _)| Err(wrong(setting, "there is nothing in it")))
}

fn secret(
    source: SecretSource<'_>,
    variables: Variables<'_>,
) -> Result<Zeroizing<String>, ConfigError> {
    source.read(variables).map_err(|(setting, problem)| ConfigError { setting, problem })
}

/// Whether nothing that is sent to `host` leaves this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
