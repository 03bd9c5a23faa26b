//! Asking neighbours: one request, one answer of bounded size, no redirects, no proxy.
//!
//! A request waits on a thread of its own and not on the runtime's: a neighbour that hangs must
//! hold up neither a redemption nor the end of the server.

use std::fmt;
use std::io::Read;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use glassbreak_signals::export::webhook::destination::{Allowed, Destination, Host};
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// The longest that anything but a long poll takes.
const TIME_MAX: Duration = Duration::from_secs(10);
/// The longest that a poll takes, which the other side may hold for some time.
pub(super) const POLL_TIME_MAX: Duration = Duration::from_secs(40);
/// The largest answer that is read, in bytes: a poll may bring many tokens.
const BODY_MAX: u64 = 8 * 1024 * 1024;
const HEAD_MAX: usize = 16 * 1024;

/// A way to ask.
#[derive(Clone)]
pub(super) struct Http {
    tls: TlsConfig,
    time_max: Duration,
    /// Where it may lead, if a neighbour and not the configuration says where.
    allowed: Option<Allowed>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<u64>,
    pub(super) body: Vec<u8>,
}

/// Why nothing came back. It holds nothing that the neighbour said.
#[derive(Debug)]
pub(super) struct Failure(&'static str);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A request.
pub(super) struct Ask {
    pub(super) url: String,
    /// The whole `Authorization`, if one is shown.
    pub(super) authorization: Option<String>,
    /// The body with its media type; a `GET` without one.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
}

impl Http {
    /// Trusts what is in the file in place of the public authorities.
    ///
    /// # Errors
    /// If the file cannot be read, or holds no certificate.
    pub(super) fn open(ca_file: Option<&Path>) -> anyhow::Result<Self> {
        // Given by hand: a library does not install a provider for the whole process.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if let Some(path) = ca_file {
            let shown = path.display();
            let pem =
                std::fs::read(path).with_context(|| format!("`ca_file`: cannot read `{shown}`"))?;
            let trusted = certificates(&pem);
            let trusted = trusted.with_context(|| format!("`{shown}` holds no certificates"))?;
            tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
        }
        Ok(Self { tls: tls.build(), time_max: TIME_MAX, allowed: None })
    }

    /// The same, leading nowhere but where it is allowed (SW-11).
    pub(super) fn within(self, allowed: Allowed) -> Self {
        Self { allowed: Some(allowed), ..self }
    }

    /// The same, waiting so long.
    pub(super) fn waiting(&self, time_max: Duration) -> Self {
        Self { time_max, ..self.clone() }
    }

    /// Asks.
    ///
    /// # Errors
    /// [`Failure`] if there was no whole answer: whether the request arrived is unknown.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let (http, (tell, told)) = (self.clone(), tokio::sync::oneshot::channel());
        let asking = std::thread::Builder::new().name("ssf-ask".to_owned());
        let asking = asking.spawn(move || drop(tell.send(http.ask_here(ask))));
        asking.map_err(|_| Failure("no thread could be started"))?;
        told.await.unwrap_or(Err(Failure("the request ended badly")))
    }

    fn ask_here(&self, ask: Ask) -> Result<Answer, Failure> {
        let agent = self.agent(&ask.url)?;
        let authorization = ask.authorization.as_deref();
        let sent = match ask.body {
            None => {
                let request = agent.get(&ask.url).header("accept", "application/json");
                let shown = authorization.into_iter();
                shown.fold(request, |request, shown| request.header("authorization", shown)).call()
            }
            Some((media_type, body)) => {
                let request = agent.post(&ask.url).header("content-type", media_type);
                let request = request.header("accept", "application/json");
                let shown = authorization.into_iter();
                shown
                    .fold(request, |request, shown| request.header("authorization", shown))
                    .send(&body[..])
            }
        };
        let mut answer = sent.map_err(|error| failure(&error))?;
        let retry_after = answer.headers().get("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        let mut reader = answer.body_mut().as_reader().take(BODY_MAX + 1);
        reader.read_to_end(&mut body).map_err(|_| Failure("the answer was cut off"))?;
        if body.len() as u64 > BODY_MAX {
            return Err(Failure("the answer is too large"));
        }
        Ok(Answer { status: answer.status().as_u16(), retry_after, body })
    }

    fn agent(&self, url: &str) -> Result<Agent, Failure> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(HEAD_MAX)
            .max_idle_connections(0)
            // The environment must not decide who hears of events.
            .proxy(None)
            .timeout_connect(Some(self.time_max / 2))
            .timeout_global(Some(self.time_max))
            .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
            .tls_config(self.tls.clone())
            .build();
        let Some(allowed) = &self.allowed else { return Ok(config.new_agent()) };
        let admitted = Admitted(admit(url, allowed)?);
        Ok(Agent::with_parts(config, DefaultConnector::default(), admitted))
    }
}

/// The addresses that a URL leads to, if all of them are allowed.
fn admit(url: &str, allowed: &Allowed) -> Result<Vec<SocketAddr>, Failure> {
    let destination = Destination::parse(url, allowed);
    let destination = destination.map_err(|_| Failure("its URL is not allowed"))?;
    let resolved: Vec<IpAddr> = match destination.host() {
        Host::Address(_) => Vec::new(),
        Host::Name(name) => (name.as_str(), destination.port())
            .to_socket_addrs()
            .map_err(|_| Failure("its name has no address"))?
            .map(|address| address.ip())
            .collect(),
    };
    let admitted = destination.admit(&resolved, allowed);
    admitted.map_err(|_| Failure("its address is not allowed"))
}

/// Gives the addresses that were looked at, and asks for the name no second time: the second
/// answer could be another one.
#[derive(Debug)]
struct Admitted(Vec<SocketAddr>);

impl Resolver for Admitted {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = DefaultResolver::default().empty();
        self.0.iter().take(16).for_each(|address| addresses.push(*address));
        Ok(addresses)
    }
}

fn failure(error: &ureq::Error) -> Failure {
    Failure(match error {
        ureq::Error::Timeout(_) => "it gave no answer in time",
        ureq::Error::HostNotFound => "its name has no address",
        ureq::Error::ConnectionFailed => "it takes no connection",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => {
            "TLS with it failed"
        }
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "it takes no connection"
        }
        _ => "the connection broke",
    })
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
