//! The thread that sends to the collector.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context;
use glassbreak_engine::meter::Counter;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use super::Resource;
use crate::config::TelemetryConfig;

/// The most spans in one request.
const BATCH: usize = 512;
/// How long a span waits for others.
const GATHER: Duration = Duration::from_secs(1);
/// The longest that one request to the collector may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often a request is made that the collector did not take.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt; twice that before the third.
const WAIT: Duration = Duration::from_millis(500);

/// What is queued.
pub(crate) enum Item {
    /// A span.
    Span(Box<Value>),
    /// Metrics.
    Metrics(Box<Value>),
    /// Nothing more comes; say so once all is sent.
    Last(mpsc::Sender<()>),
}

/// What the thread owns.
pub(crate) struct Sender {
    agent: Agent,
    endpoint: String,
    headers: Vec<(String, Zeroizing<String>)>,
    resource: Resource,
    dropped: Arc<Counter>,
}

impl Sender {
    /// Reads what the configuration names; asks no collector.
    pub(crate) fn open(
        config: &TelemetryConfig,
        endpoint: String,
        resource: Resource,
        dropped: Arc<Counter>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            agent: agent(config)?,
            endpoint,
            headers: config.headers(|name| std::env::var(name).ok())?,
            resource,
            dropped,
        })
    }

    /// Sends until the last.
    pub(crate) fn run(&self, items: &Receiver<Item>) {
        let mut spans = Vec::new();
        let mut since = Instant::now();
        loop {
            let wait = if spans.is_empty() {
                Duration::from_hours(1)
            } else {
                GATHER.saturating_sub(since.elapsed())
            };
            match items.recv_timeout(wait) {
                Ok(Item::Span(span)) => {
                    if spans.is_empty() {
                        since = Instant::now();
                    }
                    spans.push(*span);
                    if spans.len() < BATCH {
                        continue;
                    }
                }
                Ok(Item::Metrics(metrics)) => {
                    self.send("/v1/metrics", &self.resource.metrics(&metrics), 1);
                    continue;
                }
                Ok(Item::Last(done)) => {
                    self.flush(&mut spans);
                    // Nobody hears it where the process did not wait for so long.
                    let _ = done.send(());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.flush(&mut spans);
                    return;
                }
            }
            self.flush(&mut spans);
        }
    }

    fn flush(&self, spans: &mut Vec<Value>) {
        if !spans.is_empty() {
            self.send("/v1/traces", &self.resource.traces(spans), spans.len() as u64);
            spans.clear();
        }
    }

    /// Sends one request; counts what is in it as dropped if the collector never takes it.
    fn send(&self, path: &str, body: &Value, count: u64) {
        let url = format!("{}{path}", self.endpoint);
        let body = body.to_string();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(WAIT * attempt);
            }
            let mut request = self.agent.post(&url).header("content-type", "application/json");
            for (name, value) in &self.headers {
                request = request.header(name, value.as_str());
            }
            match request.send(&body).map(|answer| answer.status().as_u16()) {
                Ok(200..300) => return,
                // The collector understood, and will never take it.
                Ok(status) if ![408, 429, 502, 503, 504].contains(&status) => {
                    tracing::warn!(status, "the collector refuses what it is sent");
                    break;
                }
                Ok(status) => tracing::debug!(status, "the collector takes nothing now"),
                // Without its words: they may repeat a header.
                Err(_) => tracing::debug!("the collector gave no answer"),
            }
        }
        self.dropped.add(count);
    }
}

fn agent(config: &TelemetryConfig) -> anyhow::Result<Agent> {
    // Given by hand: a library does not install a provider for the whole process.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    if let Some(file) = &config.ca_file {
        let pem = std::fs::read(file)
            .with_context(|| format!("`telemetry.ca_file`: cannot read `{}`", file.display()))?;
        let items: Vec<PemItem> =
            parse_pem(&pem).collect::<Result<_, _>>().context("`telemetry.ca_file`")?;
        let trusted = items.into_iter().filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        });
        let trusted: Vec<Certificate<'static>> = trusted.collect();
        anyhow::ensure!(!trusted.is_empty(), "`telemetry.ca_file` holds no certificate");
        tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
    }
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build());
    Ok(agent.build().new_agent())
}
