//! How an anchor is named in the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use glassbreak_tlog::VerifierKey;
use glassbreak_tlog::anchor::Anchor;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use ureq::http::Uri;
use zeroize::Zeroizing;

use crate::{FileAnchor, ObjectAnchor, WitnessAnchor, http};

/// Where the newest checkpoint is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnchorConfig {
    /// A folder, on a disk that is not restored together with the database.
    File {
        /// The folder; made if it is not there.
        folder: PathBuf,
    },
    /// An object in an S3-compatible store that knows conditional puts.
    Object(ObjectConfig),
    /// A C2SP witness.
    Witness(WitnessConfig),
}

/// An object in an S3-compatible store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectConfig {
    /// The store: `https://s3.example.org`.
    pub endpoint: String,
    /// Its region, as it is signed.
    #[serde(default = "region_default")]
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What the name of the object begins with.
    #[serde(default)]
    pub prefix: String,
    /// The access key's id.
    pub access_key: String,
    /// The environment variable that holds the secret key.
    pub secret_variable: String,
    /// A file of certificates to trust instead of the usual roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

fn region_default() -> String {
    "us-east-1".to_owned()
}

/// A C2SP witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Its submission prefix: `https://witness.example.org/submit`.
    pub url: String,
    /// Its verifier key, as it hands it out.
    pub vkey: String,
    /// Its monitoring prefix, where it shows what it keeps; its submission prefix, if none is
    /// named. What it does not show there, it cannot prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring_url: Option<String>,
    /// A file of certificates to trust instead of the usual roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// What is wrong with the configuration of an anchor.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Not a URL that can be used.
    #[error(
        "`{key}` is `https://` and a host (`http://` on this machine only), without a user in it"
    )]
    Url {
        /// Which setting.
        key: &'static str,
    },
    /// The environment has no such variable, or it is empty.
    #[error("the environment variable `{0}` that `secret_variable` names is not set")]
    NoSecret(String),
    /// Not a verifier key of a witness.
    #[error("`vkey` is a witness's verifier key: `<name>+<id>+<base64>` of type 4")]
    Vkey,
    /// The bucket's name cannot be used in a URL.
    #[error("`bucket` cannot be part of a URL")]
    Bucket,
    /// The file of certificates cannot be read.
    #[error("`ca_file` cannot be read")]
    CaFile(#[source] std::io::Error),
    /// There is none in it.
    #[error("`ca_file` has no certificates in it")]
    NoCertificates,
}

impl AnchorConfig {
    /// The anchor; asks nobody. `variable` reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn open(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Arc<dyn Anchor>, ConfigError> {
        let pem = |file: &Option<PathBuf>| match file {
            Some(file) => std::fs::read(file).map(Some).map_err(ConfigError::CaFile),
            None => Ok(None),
        };
        Ok(match self {
            Self::File { folder } => Arc::new(FileAnchor::new(folder.clone())),
            Self::Object(config) => {
                url(&config.endpoint, "endpoint")?;
                let name = &config.secret_variable;
                let secret = variable(name).filter(|secret| !secret.is_empty()).map(Zeroizing::new);
                let secret = secret.ok_or_else(|| ConfigError::NoSecret(name.clone()))?;
                let agent = http::agent(pem(&config.ca_file)?.as_deref())?;
                Arc::new(ObjectAnchor::new(config, &secret, agent)?)
            }
            Self::Witness(config) => {
                url(&config.url, "url")?;
                let monitoring = config.monitoring_url.as_ref().unwrap_or(&config.url);
                url(monitoring, "monitoring_url")?;
                let key = VerifierKey::parse(&config.vkey).map_err(|_| ConfigError::Vkey)?;
                let agent = http::agent(pem(&config.ca_file)?.as_deref())?;
                Arc::new(WitnessAnchor::new(&config.url, monitoring, key, agent)?)
            }
        })
    }
}

/// Checks that a URL is one that a checkpoint may be sent to. A checkpoint is no secret; but who
/// can answer in the anchor's place can say that nothing was restored.
fn url(text: &str, key: &'static str) -> Result<(), ConfigError> {
    let uri: Option<Uri> = text.parse().ok();
    let fits = |uri: &Uri| {
        let userless = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        let host = uri.host().unwrap_or_default();
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let scheme = uri.scheme_str();
        userless && !host.is_empty() && (scheme == Some("https") || scheme == Some("http") && local)
    };
    if uri.as_ref().is_some_and(fits) { Ok(()) } else { Err(ConfigError::Url { key }) }
}
