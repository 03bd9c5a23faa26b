//! What we tell neighbours: entries of the log become events, events lie on a shelf for each
//! stream, and from there they are pushed or polled.
//!
//! ```text
//! log ──feed──> happening ──> outbox, for each stream ──> push: until it is taken
//!                                                     └─> poll: until it is acknowledged
//! ```
//!
//! A token is signed when it leaves, under the name that it got when its entry was read: whatever
//! is sent twice has one `jti`.

mod feed;
mod happening;
mod manage;
mod outbox;
mod poll;
mod push;
mod signing;
mod streams;
mod subjects;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use glassbreak_engine::Engine;
use glassbreak_engine::core::time::Seconds;
use glassbreak_signals::export::webhook::destination::{Allowed, Destination};
use glassbreak_signals::set::discovery;
use glassbreak_signals::set::event::{CAEP, RISC};
use glassbreak_signals::set::stream::Offer;
use tokio::sync::watch;

use super::error::Refused;
use super::http::Http;
use super::is_name;
use super::subject::Mapping;
use super::token::{Known, Source};
use crate::background::Background;
use crate::config::signals::{ReceiverConfig, TransmitConfig};
use outbox::Outbox;
use signing::Signers;
use streams::Streams;
use subjects::Subjects;

/// How long it takes until a verification may be asked for again.
const VERIFY_EVERY: Seconds = Seconds(5);
/// The largest poll, in bytes: it may acknowledge many tokens.
const POLL_BODY_MAX: usize = 1 << 20;

/// All receivers, and what is told to them.
pub(super) struct Transmitter {
    engine: Engine,
    issuer: String,
    /// Under which others reach us: `https://host/ssf`.
    base: String,
    events: Vec<String>,
    peers: BTreeMap<String, Peer>,
    signers: Signers,
    streams: Streams,
    subjects: Subjects,
    outbox: Outbox,
    /// Wakes pushers and polls that wait: something lies in an outbox, or a stream is another.
    changed: watch::Sender<()>,
}

/// A receiver of our events.
struct Peer {
    name: String,
    token: Known,
    audience: Vec<String>,
    mapping: Mapping,
    push_urls: Vec<String>,
    allowed: Allowed,
    http: Http,
}

impl Transmitter {
    /// Reads what `config` names; asks nobody. Makes the signing key if there is none yet.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(super) async fn open(
        config: &TransmitConfig,
        engine: &Engine,
    ) -> anyhow::Result<Arc<Self>> {
        let location = discovery::location(&config.issuer);
        location.context("`signals.transmit.issuer` is an https URL without a query")?;
        let base = config.base_url.as_ref().unwrap_or(&config.issuer).trim_end_matches('/');
        discovery::location(base).context("`signals.transmit.base_url` is an https URL")?;
        let peers = config.receivers.iter().map(|(name, peer)| {
            let opened = Peer::open(name, peer, &config.issuer);
            let place = || format!("`signals.transmit.receivers.{name}`");
            Ok((name.clone(), opened.with_context(place)?))
        });
        Ok(Arc::new(Self {
            engine: engine.clone(),
            issuer: config.issuer.clone(),
            base: format!("{base}/ssf"),
            events: events(),
            peers: peers.collect::<anyhow::Result<_>>()?,
            signers: Signers::open(engine).await?,
            streams: Streams::of(engine),
            subjects: Subjects::of(engine),
            outbox: Outbox::of(engine),
            changed: watch::Sender::new(()),
        }))
    }

    /// Draws another key to sign with, and gives its name.
    ///
    /// # Errors
    /// As [`Signers::rotate`].
    pub(super) async fn rotate_key(&self) -> anyhow::Result<String> {
        self.signers.rotate().await
    }

    /// Whose token a request shows.
    fn peer(&self, headers: &HeaderMap) -> Result<&Peer, Refused> {
        let found = self.peers.values().find(|peer| peer.token.is_shown(headers));
        found.ok_or_else(Refused::stranger)
    }

    /// What we say of a receiver's stream.
    fn offer<'a>(&'a self, poll_endpoint: &'a str) -> Offer<'a> {
        Offer {
            issuer: &self.issuer,
            events_supported: &self.events,
            poll_endpoint,
            min_verification_interval: VERIFY_EVERY,
            inactivity_timeout: None,
        }
    }

    /// Where the stream of this id is polled.
    fn poll_endpoint(&self, stream_id: &str) -> String {
        format!("{}/poll/{stream_id}", self.base)
    }
}

impl Peer {
    fn open(name: &str, config: &ReceiverConfig, issuer: &str) -> anyhow::Result<Self> {
        if !is_name(name) {
            anyhow::bail!("its name is 1 to 64 small letters, digits, `-` and `_`");
        }
        if config.audience.is_empty() || config.audience.iter().any(String::is_empty) {
            anyhow::bail!("`audience`: tokens are for somebody; name who that is");
        }
        let token = Source {
            names: ("token_file", "token_variable"),
            file: config.token_file.as_deref(),
            variable: config.token_variable.as_deref(),
        };
        let token = token.read()?.context("`token_file`: say how the receiver is known")?;
        let networks = config.networks.iter().map(|text| text.parse()).collect::<Result<_, _>>();
        let networks = networks.context("`networks`")?;
        let allowed = Allowed { http: false, ports: config.ports.clone(), networks };
        for url in &config.push_urls {
            Destination::parse(url, &allowed).with_context(|| format!("`push_urls`: `{url}`"))?;
        }
        let http = Http::open(config.ca_file.as_deref())?.within(allowed.clone());
        Ok(Self {
            name: name.to_owned(),
            token: Known::new(&token),
            audience: config.audience.clone(),
            mapping: Mapping::new(&config.subjects, vec![issuer.to_owned()]),
            push_urls: config.push_urls.clone(),
            allowed,
            http,
        })
    }
}

/// The event types that we send.
fn events() -> Vec<String> {
    let caep = ["credential-change", "session-revoked", "risk-level-change"];
    let risc = ["recovery-activated", "recovery-information-changed", "credential-compromise"];
    let caep = caep.into_iter().map(|name| format!("{CAEP}{name}"));
    caep.chain(risc.into_iter().map(|name| format!("{RISC}{name}"))).collect()
}

/// Starts what reads the log, and what pushes to each receiver.
pub(super) fn spawn(transmitter: &Arc<Transmitter>, background: &mut Background) {
    if transmitter.peers.is_empty() {
        return;
    }
    let all = Arc::clone(transmitter);
    background.spawn(move |stopped| async move { feed::run(&all, stopped).await });
    for name in transmitter.peers.keys() {
        let (all, name) = (Arc::clone(transmitter), name.clone());
        background.spawn(move |stopped| async move { push::run(&all, &name, stopped).await });
    }
}

/// What SSF has a transmitter offer.
pub(super) fn routes() -> Router<Engine> {
    let streams = get(manage::show)
        .post(manage::create)
        .patch(manage::update)
        .put(manage::replace)
        .delete(manage::delete);
    let poll = post(poll::poll).layer(DefaultBodyLimit::max(POLL_BODY_MAX));
    Router::new()
        .route("/.well-known/ssf-configuration", get(manage::describe))
        .route("/.well-known/ssf-configuration/{*path}", get(manage::describe))
        .route("/ssf/jwks.json", get(manage::jwks))
        .route("/ssf/streams", streams)
        .route("/ssf/status", get(manage::status).post(manage::change_status))
        .route("/ssf/subjects/add", post(manage::add_subject))
        .route("/ssf/subjects/remove", post(manage::remove_subject))
        .route("/ssf/verification", post(manage::verify))
        .route("/ssf/poll/{stream_id}", poll)
}
