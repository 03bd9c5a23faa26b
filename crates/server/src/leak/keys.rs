//! The keys under which GitHub signs its reports: fetched where they are published, kept for a
//! while, and fetched again when a report names one that is not among them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::sync::Mutex;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::GithubConfig;

/// How long keys are used without asking again: one that was withdrawn is out after that.
const FRESH: Duration = Duration::from_hours(1);
/// How often within a minute it is asked for an unknown key: whoever makes names up does not make
/// us ask without end.
const ASKS_MAX: usize = 5;
/// The longest that asking may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest list of keys, in bytes.
const LIST_MAX: u64 = 1 << 20;
/// The longest signature, in characters.
const SIGNATURE_MAX: usize = 256;

/// The keys, and where they come from.
pub(super) struct Keys {
    agent: Agent,
    url: String,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: BTreeMap<String, Arc<ParsedPublicKey>>,
    /// When it was asked, within the last minute.
    asked: Vec<Instant>,
    fetched: Option<Instant>,
}

#[derive(Deserialize)]
struct Published {
    public_keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
struct PublishedKey {
    key_identifier: String,
    key: String,
}

impl Keys {
    /// As configured; nobody is asked yet.
    pub(super) fn open(config: &GithubConfig) -> anyhow::Result<Self> {
        let url: ureq::http::Uri = config.keys_url.parse().context("`leaks.github.keys_url`")?;
        let host = url.host().unwrap_or_default();
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        if !(url.scheme_str() == Some("https") || url.scheme_str() == Some("http") && is_here) {
            anyhow::bail!("`leaks.github.keys_url`: write an https URL");
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if let Some(path) = &config.ca_file {
            let pem = std::fs::read(path).with_context(|| {
                format!("`leaks.github.ca_file`: cannot read `{}`", path.display())
            })?;
            let trusted: Vec<Certificate<'static>> = parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            if trusted.is_empty() {
                anyhow::bail!(
                    "`leaks.github.ca_file`: there is no certificate in `{}`",
                    path.display()
                );
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
        }
        let agent = Agent::config_builder()
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        let agent = agent.build().new_agent();
        Ok(Self { agent, url: config.keys_url.clone(), known: Mutex::default() })
    }

    /// Whether `body` was signed under the published key of that name.
    pub(super) async fn verify(&self, key: &str, signature: &str, body: &[u8]) -> bool {
        if signature.len() > SIGNATURE_MAX {
            return false;
        }
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        match self.key(key).await {
            Some(key) => key.verify_sig(body, &signature).is_ok(),
            None => false,
        }
    }

    async fn key(&self, name: &str) -> Option<Arc<ParsedPublicKey>> {
        let mut known = self.known.lock().await;
        let is_within = |at: Option<Instant>, time| at.is_some_and(|at| at.elapsed() < time);
        if is_within(known.fetched, FRESH)
            && let Some(key) = known.keys.get(name)
        {
            return Some(Arc::clone(key));
        }
        known.asked.retain(|at| at.elapsed() < Duration::from_mins(1));
        if known.asked.len() < ASKS_MAX {
            known.asked.push(Instant::now());
            let (agent, url) = (self.agent.clone(), self.url.clone());
            match tokio::task::spawn_blocking(move || fetch(&agent, &url)).await {
                Ok(Ok(keys)) => {
                    (known.keys, known.fetched) = (keys, Some(Instant::now()));
                }
                Ok(Err(error)) => {
                    tracing::error!(%error, "the keys of leak reports could not be fetched");
                }
                Err(_) => tracing::error!("fetching the keys of leak reports ended badly"),
            }
        }
        is_within(known.fetched, FRESH).then(|| known.keys.get(name).cloned()).flatten()
    }
}

fn fetch(agent: &Agent, url: &str) -> anyhow::Result<BTreeMap<String, Arc<ParsedPublicKey>>> {
    let mut answer = agent.get(url).call()?;
    let bytes = answer.body_mut().with_config().limit(LIST_MAX).read_to_vec()?;
    let published: Published = serde_json::from_slice(&bytes).context("the list of keys")?;
    // A key that cannot be read is none; the others stay of use.
    let read = |listed: PublishedKey| Some((listed.key_identifier, Arc::new(parse(&listed.key)?)));
    Ok(published.public_keys.into_iter().filter_map(read).collect())
}

/// A public key of P-256 as PEM has it.
fn parse(pem: &str) -> Option<ParsedPublicKey> {
    let inner = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?;
    let inner = inner.strip_suffix("-----END PUBLIC KEY-----")?;
    let text: String = inner.split_ascii_whitespace().collect();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, STANDARD.decode(text).ok()?).ok()
}
