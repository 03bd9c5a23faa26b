//! What neighbours tell us: taken by push or by poll, stored, acknowledged, and then applied.
//!
//! ```text
//! push, poll ──> take: verified, stored ──> 202, ack
//!                            └──> apply: reported, kept, or a person is asked
//! ```

mod apply;
mod book;
mod keys;
mod latest;
mod poll;
mod push;
mod take;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU16;

use anyhow::Context;
use axum::Router;
use axum::routing::post;
use glassbreak_engine::Engine;
use glassbreak_engine::core::time::Seconds;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::http::Http;
use super::is_name;
use super::subject::Mapping;
use super::token::{Known, Source};
use crate::background::Background;
use crate::config::signals::ReceiveConfig;
use keys::Keys;

pub(crate) use apply::{applied_by, report};
pub(crate) use book::{Book, Filter, Received, Reported, Resolution, State, Why};

/// Every transmitter we hear.
pub(super) struct Receivers {
    engine: Engine,
    book: Book,
    streams: BTreeMap<String, Receiver>,
    /// Wakes what applies: something was stored.
    stored: Notify,
    /// Keeps what comes within one millisecond in its order.
    counter: AtomicU16,
}

/// A transmitter we hear.
struct Receiver {
    name: String,
    issuer: String,
    audiences: Vec<String>,
    mapping: Mapping,
    keys: Keys,
    skew: Seconds,
    age_max: Seconds,
    push_token: Option<Known>,
    polled: Option<Polled>,
}

/// How it is polled.
struct Polled {
    http: Http,
    url: String,
    token: Zeroizing<String>,
    interval: std::time::Duration,
    long: bool,
}

impl Receivers {
    /// Reads what `config` names; asks nobody.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(super) fn open(
        config: &BTreeMap<String, ReceiveConfig>,
        engine: &Engine,
    ) -> anyhow::Result<Self> {
        let opened = config.iter().map(|(name, config)| {
            let receiver = Receiver::open(name, config);
            Ok((name.clone(), receiver.with_context(|| format!("`signals.receive.{name}`"))?))
        });
        Ok(Self {
            engine: engine.clone(),
            book: Book::of(engine),
            streams: opened.collect::<anyhow::Result<_>>()?,
            stored: Notify::new(),
            counter: AtomicU16::new(0),
        })
    }
}

impl Receiver {
    fn open(name: &str, config: &ReceiveConfig) -> anyhow::Result<Self> {
        if !is_name(name) {
            anyhow::bail!("its name is 1 to 64 small letters, digits, `-` and `_`");
        }
        if config.issuer.is_empty() || config.audience.is_empty() {
            anyhow::bail!("`issuer` and `audience` name the two sides; neither can be empty");
        }
        if config.clock_skew > 300 || !(3600..=90 * 86_400).contains(&config.age_max) {
            anyhow::bail!("`clock_skew` is at most 300 s, `age_max` an hour to 90 days");
        }
        let http = Http::open(config.ca_file.as_deref())?;
        let push_token = Source {
            names: ("push_token_file", "push_token_variable"),
            file: config.push_token_file.as_deref(),
            variable: config.push_token_variable.as_deref(),
        };
        let push_token = push_token.read()?.map(|token| Known::new(&token));
        let polled = Polled::open(config, &http)?;
        if push_token.is_none() && polled.is_none() {
            anyhow::bail!("say how events arrive: `push_token_file`, or `poll_url`");
        }
        if let Some(uri) = &config.jwks_uri {
            check_url(uri, "jwks_uri", config.insecure)?;
        }
        let issuers = match config.subject_issuers.as_slice() {
            [] => vec![config.issuer.clone()],
            named => named.to_vec(),
        };
        Ok(Self {
            name: name.to_owned(),
            issuer: config.issuer.clone(),
            audiences: config.audience.clone(),
            mapping: Mapping::new(&config.subjects, issuers),
            keys: Keys::new(http, &config.issuer, config.jwks_uri.clone())?,
            skew: Seconds(config.clock_skew.into()),
            age_max: Seconds(config.age_max),
            push_token,
            polled,
        })
    }
}

impl Polled {
    fn open(config: &ReceiveConfig, http: &Http) -> anyhow::Result<Option<Self>> {
        let Some(url) = &config.poll_url else { return Ok(None) };
        check_url(url, "poll_url", config.insecure)?;
        if !(1..=3600).contains(&config.poll_interval) {
            anyhow::bail!("`poll_interval` is 1 to 3600 s");
        }
        let token = Source {
            names: ("poll_token_file", "poll_token_variable"),
            file: config.poll_token_file.as_deref(),
            variable: config.poll_token_variable.as_deref(),
        };
        let token = token.read()?.context("`poll_token_file`: a transmitter asks who polls it")?;
        let interval = std::time::Duration::from_secs(config.poll_interval.into());
        let long = config.long_poll;
        let http = if long { http.waiting(super::http::POLL_TIME_MAX) } else { http.clone() };
        Ok(Some(Self { http, url: url.clone(), token, interval, long }))
    }
}

/// A URL of the configuration: keys and events come from there, so nobody on the way may change
/// them.
fn check_url(url: &str, setting: &str, insecure: bool) -> anyhow::Result<()> {
    let parsed: Option<ureq::http::Uri> = url.parse().ok();
    let parsed = parsed.filter(|url| url.authority().is_some_and(|a| !a.as_str().contains('@')));
    let parsed = parsed.with_context(|| format!("`{setting}`: write a URL, `https://...`"))?;
    let local = |host: &str| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    match parsed.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if insecure || parsed.host().is_some_and(local) => Ok(()),
        _ => anyhow::bail!("`{setting}`: only https is trusted to another machine"),
    }
}

/// Starts what applies, and a poller for each transmitter that is polled.
pub(super) fn spawn(receivers: &Arc<Receivers>, background: &mut Background) {
    if receivers.streams.is_empty() {
        return;
    }
    let all = Arc::clone(receivers);
    background.spawn(move |stopped| apply::run(all, stopped));
    let book = receivers.book.clone();
    background.spawn(move |stopped| book.forget_the_old(stopped));
    for (name, receiver) in &receivers.streams {
        if receiver.polled.is_some() {
            let (all, name) = (Arc::clone(receivers), name.clone());
            background.spawn(move |stopped| async move { poll::run(&all, &name, stopped).await });
        }
    }
}

/// Where transmitters push to.
pub(super) fn routes() -> Router<Engine> {
    Router::new().route("/ssf/push/{name}", post(push::push))
}
