//! `[metrics]`, `[telemetry]` and `[logs]`: what is told about the server itself.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::Context;
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::telemetry::threshold;

/// Where metrics are read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricsConfig {
    /// An address of their own, on which `/metrics` needs no key. Without it they are read at the
    /// server's own address, with a key that has the scope `audit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<SocketAddr>,
}

/// The OpenTelemetry collector.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelemetryConfig {
    /// Where the collector takes OTLP over HTTP, without `/v1/traces`. Nothing is sent without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// Whether a span is sent for each request.
    pub(crate) traces: bool,
    /// The share of the requests without a `traceparent` that are recorded, 0 to 1.
    pub(crate) share: f64,
    /// Whether the metrics are sent as well.
    pub(crate) metrics: bool,
    /// How often metrics are sent, in seconds.
    pub(crate) metrics_every: NonZeroU32,
    /// What the collector knows this server as.
    pub(crate) service_name: String,
    /// An environment variable with headers to send, such as a key: `name=value,name=value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) headers_variable: Option<String>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Whether plain HTTP to another machine is meant.
    pub(crate) insecure: bool,
}

/// Every minute.
const METRICS_EVERY: NonZeroU32 = match NonZeroU32::new(60) {
    Some(seconds) => seconds,
    None => NonZeroU32::MIN,
};

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            traces: true,
            share: 1.0,
            metrics: false,
            metrics_every: METRICS_EVERY,
            service_name: "glassbreak".to_owned(),
            headers_variable: None,
            ca_file: None,
            insecure: false,
        }
    }
}

impl TelemetryConfig {
    /// The collector's address without a slash at its end, if there is one.
    ///
    /// # Errors
    /// What is no address, or plain HTTP to another machine.
    pub(crate) fn endpoint(&self) -> anyhow::Result<Option<String>> {
        anyhow::ensure!((0.0..=1.0).contains(&self.share), "`telemetry.share` is 0 to 1");
        let Some(endpoint) = &self.endpoint else { return Ok(None) };
        let uri: Uri = endpoint.parse().context("`telemetry.endpoint` is not a URL")?;
        let host = uri.host().unwrap_or_default();
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        let has_login = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        anyhow::ensure!(!has_login, "`telemetry.endpoint` holds a login; use `headers_variable`");
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_here || self.insecure => {}
            Some("http") => anyhow::bail!(
                "`telemetry.endpoint` is plain HTTP to another machine; use https, or \
                 `insecure = true` where the network in between is yours alone"
            ),
            _ => anyhow::bail!("`telemetry.endpoint` begins with https:// or http://"),
        }
        Ok(Some(endpoint.trim_end_matches('/').to_owned()))
    }

    /// The headers in the variable.
    ///
    /// # Errors
    /// A variable that is not there, or is not a list of headers. Its value is not told.
    pub(crate) fn headers(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Vec<(String, Zeroizing<String>)>> {
        let Some(name) = &self.headers_variable else { return Ok(Vec::new()) };
        let value = variable(name).map(Zeroizing::new);
        let value = value.with_context(|| format!("the variable `{name}` is not set"))?;
        let header = |part: &str| {
            let (name, value) = part.split_once('=')?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let is_header = !name.trim().is_empty() && name.trim().chars().all(is_name);
            let visible = value.trim().chars().all(|c| c.is_ascii_graphic() || c == ' ');
            (is_header && visible)
                .then(|| (name.trim().to_owned(), Zeroizing::new(value.trim().to_owned())))
        };
        let headers: Option<Vec<_>> = value.split(',').map(header).collect();
        headers.with_context(|| format!("the variable `{name}` is not `name=value,name=value`"))
    }

    /// The threshold for the share that is recorded.
    pub(crate) fn sampled_below(&self) -> u64 {
        threshold(self.share)
    }
}

/// What the log tells.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogsConfig {
    /// From which level on: `error`, `warn`, `info`, `debug`, `trace`, or a filter by part of the
    /// program. The variable `GLASSBREAK_LOG` comes before it.
    pub(crate) level: String,
}

impl Default for LogsConfig {
    fn default() -> Self {
        Self { level: "info".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_beyond_this_machine_is_spoken_to_in_tls() {
        let of = |endpoint: &str, insecure| {
            let endpoint = Some(endpoint.to_owned());
            TelemetryConfig { endpoint, insecure, ..TelemetryConfig::default() }.endpoint()
        };
        assert_eq!(of("http://127.0.0.1:4318/", false).unwrap().unwrap(), "http://127.0.0.1:4318");
        assert!(of("https://otel.example.org", false).is_ok());
        assert!(of("http://otel.example.org", false).is_err());
        assert!(of("http://otel.example.org", true).is_ok());
        assert!(of("https://me:secret@otel.example.org", false).is_err());
        assert!(of("ftp://127.0.0.1", false).is_err());
    }

    #[test]
    fn headers_that_cannot_be_are_refused_without_telling_them() {
        let config = TelemetryConfig {
            headers_variable: Some("OTEL_HEADERS".to_owned()),
            ..TelemetryConfig::default()
        };
        let of = |value: &str| config.headers(|_| Some(value.to_owned()));
        let headers = of("api-key=abc=, x=y z").unwrap();
        let told: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(told, [("api-key", "abc="), ("x", "y z")]);
        let error = format!("{:#}", of("planted-secret").unwrap_err());
        assert!(!error.contains("planted") && error.contains("OTEL_HEADERS"), "{error}");
        assert!(config.headers(|_| None).is_err());
    }
}
