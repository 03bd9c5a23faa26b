//! A gateway for text messages, calls, letters or pushes: a POST of JSON, signed in the form of
//! Standard Webhooks (SW-01 to SW-09).
//!
//! SW-07 would have thin bodies without secrets. A gateway cannot fetch a code from us: it is to
//! send it, so the code is in the body, and the body goes over TLS (docs/decisions/0012).

mod body;
mod reply;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use glassbreak_core::time::Timestamp;
use glassbreak_signals::export::webhook::{Headers, InvalidKey, MessageId, Signer};
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, SendBody};
use zeroize::Zeroizing;

use crate::config::{ConfigError, Place, WebhookConfig, is_loopback};
use crate::error::{Cause, DeliveryError};
use crate::message::Message;
use crate::secret_source::{SecretSource, Variables};
use crate::{Answer, Delivery, Receipt};

/// The largest head of an answer that is read, in bytes. Its body is not read at all: nothing in
/// it matters, and it may repeat the address.
const HEAD_MAX: usize = 16 * 1024;

/// A gateway.
pub struct Webhook {
    agent: Agent,
    url: Uri,
    signer: Signer,
}

impl Webhook {
    /// Reads what `config` names; asks no server.
    pub(crate) fn open(
        config: &WebhookConfig,
        place: Place<'_>,
        variables: Variables<'_>,
    ) -> Result<Self, ConfigError> {
        let url = url(config, place)?;
        let source = SecretSource {
            names: ("secret_file", "secret_variable"),
            file: config.secret_file.as_deref(),
            variable: config.secret_variable.as_deref(),
        };
        let secret = source.read(variables).map_err(|(name, what)| place.wrong(&name, what))?;
        let name = if config.secret_variable.is_some() { "secret_variable" } else { "secret_file" };
        let secret = secret.ok_or_else(|| {
            place.wrong(name, "webhooks are signed: set this or `secret_variable`")
        })?;
        let signer = Signer::parse(&secret)
            .map_err(|error: InvalidKey| place.wrong(name, format!("{error}; one key a line")))?;
        let agent = agent(config, place)?;
        Ok(Self { agent, url, signer })
    }
}

fn url(config: &WebhookConfig, place: Place<'_>) -> Result<Uri, ConfigError> {
    let url: Option<Uri> = config.url.parse().ok();
    let url = url.filter(|url| {
        let userless = url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        userless && url.host().is_some_and(|host| !host.is_empty())
    });
    let url =
        url.ok_or_else(|| place.wrong("url", "write a URL: `https://gateway.example/send`"))?;
    match url.scheme_str() {
        Some("https") => Ok(url),
        Some("http") if config.insecure || url.host().is_some_and(is_loopback) => Ok(url),
        Some("http") => {
            let problem = "codes would travel in the clear: use https, or `insecure = true` where \
                           the network is trusted";
            Err(place.wrong("url", problem))
        }
        _ => Err(place.wrong("url", "only https (and http on this machine) is spoken")),
    }
}

fn agent(config: &WebhookConfig, place: Place<'_>) -> Result<Agent, ConfigError> {
    let timeout = place.timeout(config.timeout)?;
    // Given by hand: a library does not install a provider for the whole process.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    if let Some(path) = &config.ca_file {
        let pem = place.ca_file(path)?;
        let trusted = certificates(&pem).ok_or_else(|| place.no_certificates(path))?;
        tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_response_header_size(HEAD_MAX)
        // A connection that sat idle fails where it hurts, after the code was sent.
        .max_idle_connections(0)
        // The environment must not decide whom codes are shown to.
        .proxy(None)
        .timeout_resolve(Some(timeout / 2))
        .timeout_connect(Some(timeout / 2))
        .timeout_global(Some(timeout))
        .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build())
        .build();
    Ok(config.new_agent())
}

fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let items: Vec<PemItem> = parse_pem(pem).collect::<Result<_, _>>().ok()?;
    let trusted: Vec<_> = items
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    (!trusted.is_empty()).then_some(trusted)
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The host alone: paths of gateways hold account ids and tokens.
        f.debug_struct("Webhook").field("host", &self.url.host()).finish_non_exhaustive()
    }
}

impl Delivery for Webhook {
    fn deliver<'a>(&'a self, message: &'a Message, now: Timestamp) -> Answer<'a> {
        Box::pin(async move {
            message.check_alive(now)?;
            let body = body::write(message)?;
            // An id of ours is always one of theirs.
            let id = MessageId::try_from(message.id().to_string())
                .map_err(|_| DeliveryError::refused(Cause::MessageRefused))?;
            let headers = self.signer.sign(&id, now, &body);
            let post = Post { agent: self.agent.clone(), url: self.url.clone(), headers, body };
            let posted = tokio::task::spawn_blocking(move || post.send()).await;
            // The task is never cancelled; it can only have panicked, at who knows what point.
            posted.unwrap_or(Err(DeliveryError::unknown(Cause::NotUnderstood)))
        })
    }
}

/// One attempt, with all that it needs to run on a thread of its own.
struct Post {
    agent: Agent,
    url: Uri,
    headers: Headers,
    body: Zeroizing<Vec<u8>>,
}

impl Post {
    fn send(self) -> Result<Receipt, DeliveryError> {
        let handed_over = Arc::new(AtomicBool::new(false));
        let mut request = self
            .agent
            .post(self.url)
            .header("content-type", "application/json")
            .header("content-length", self.body.len().to_string());
        for (name, value) in self.headers.pairs() {
            request = request.header(name, value);
        }
        let body = Watched { bytes: self.body, at: 0, read_from: Arc::clone(&handed_over) };
        let answer = request.send(SendBody::from_owned_reader(body));
        let handed_over = handed_over.load(Ordering::Relaxed);
        match answer {
            Ok(answer) => reply::judge(answer.status().as_u16(), reply::retry_after(&answer)),
            Err(error) => Err(reply::failure(&error, handed_over)),
        }
    }
}

/// A body that remembers whether anybody has read from it. Until then, nothing of it can have
/// left.
struct Watched {
    bytes: Zeroizing<Vec<u8>>,
    at: usize,
    read_from: Arc<AtomicBool>,
}

impl std::io::Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.read_from.store(true, Ordering::Relaxed);
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        let read = rest.read(into)?;
        self.at = self.at.saturating_add(read);
        Ok(read)
    }
}
