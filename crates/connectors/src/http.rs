//! HTTP as all connectors speak it: JSON in, JSON out, and every failure one of a closed list.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use crate::{ConnectorError, Fault};

/// The most bytes of an answer that are read. A page of a thousand audit entries is a tenth of it.
const ANSWER_LEN_MAX: u64 = 16 * 1024 * 1024;
/// The largest head of an answer that is read, in bytes.
const HEAD_LEN_MAX: usize = 16 * 1024;
/// The longest wait that another system may ask for, in seconds.
const RETRY_AFTER_MAX: u64 = 86_400;

/// What stays as it is in a path segment and in a query (RFC 3986 `unreserved`).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A part of a path or a query, so that nothing in it can become another part.
pub(crate) fn escaped(text: &str) -> String {
    // A segment that is only dots would name another resource.
    if !text.is_empty() && text.bytes().all(|byte| byte == b'.') {
        return "%2E".repeat(text.len());
    }
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Another system, by its URL.
#[derive(Clone)]
pub(crate) struct Http {
    agent: Agent,
    /// Without a slash at its end.
    base: String,
}

impl Http {
    /// A client that trusts the public roots, or only the ones in `ca_pem`. `None` if there are
    /// none in it.
    pub(crate) fn new(base: &str, ca_pem: Option<&[u8]>, timeout: Duration) -> Option<Self> {
        // Given by hand: a library does not install a provider for the whole process.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if let Some(pem) = ca_pem {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(pem)?));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would show the password to whom the configuration does not name.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(HEAD_LEN_MAX)
            .proxy(None)
            .timeout_global(Some(timeout))
            .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        let agent = config.build().new_agent();
        Some(Self { agent, base: base.trim_end_matches('/').to_owned() })
    }

    /// Sends `call` once.
    pub(crate) fn send(&self, call: &Call<'_>) -> Result<Answer, ConnectorError> {
        let mut url = format!("{}{}", self.base, call.path);
        for (at, (name, value)) in call.query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.extend([name, "=", &escaped(value)]);
        }
        let mut request = Request::builder().method(call.method.clone()).uri(url);
        request = request.header("accept", "application/json");
        if let Some(authorization) = call.authorization {
            request = request.header("authorization", authorization);
        }
        let built = match &call.body {
            Body::None => request.body(Zeroizing::new(String::new())),
            Body::Form(fields) => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form(fields)),
        };
        let (parts, body) = built
            .map_err(|_| ConnectorError::NotUnderstood("a name that no URL can hold"))?
            .into_parts();
        let answer = if call.method == Method::POST {
            self.agent.run(Request::from_parts(parts, body.as_bytes()))
        } else {
            self.agent.run(Request::from_parts(parts, ()))
        };
        read(answer.map_err(|error| unreachable(&error))?)
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("base", &self.base).finish_non_exhaustive()
    }
}

/// A request.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Below the base, beginning with a slash; its parts are [`escaped`].
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) body: Body,
}

impl Call<'_> {
    /// `GET path?query`.
    pub(crate) fn get(path: String, query: &[(&'static str, &str)]) -> Self {
        let query = query.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Call { method: Method::GET, path, query, authorization: None, body: Body::None }
    }
}

/// What is sent with a request.
pub(crate) enum Body {
    None,
    /// Wiped once it is sent: a form signs in.
    Form(Vec<(&'static str, Zeroizing<String>)>),
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Null` if there is nothing, or no JSON.
    pub(crate) json: Value,
}

fn form(fields: &[(&'static str, Zeroizing<String>)]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(1024));
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend([name, "=", &Zeroizing::new(escaped(value))]);
    }
    text
}

fn certificates(pem: &[u8]) -> Option<Vec<Certificate<'static>>> {
    let items: Vec<PemItem> = parse_pem(pem).collect::<Result<_, _>>().ok()?;
    let trusted = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let trusted: Vec<_> = trusted.collect();
    (!trusted.is_empty()).then_some(trusted)
}

/// Reads an answer, and takes those out that mean the same for every system.
fn read(answer: Response<ureq::Body>) -> Result<Answer, ConnectorError> {
    let status = answer.status().as_u16();
    match status {
        429 => return Err(ConnectorError::RateLimited { retry_after: retry_after(&answer) }),
        // A redirect is not followed, and nobody's answer.
        300..=399 => return Err(ConnectorError::NotUnderstood("it sends us elsewhere")),
        500.. => return Err(ConnectorError::Unreachable(Fault::Failing(status))),
        _ => {}
    }
    let body = answer.into_body().into_with_config().limit(ANSWER_LEN_MAX).read_to_vec();
    let body = body.map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => ConnectorError::NotUnderstood("it is too long"),
        error => unreachable(&error),
    })?;
    Ok(Answer { status, json: serde_json::from_slice(&body).unwrap_or(Value::Null) })
}

fn retry_after<B>(answer: &Response<B>) -> Option<Duration> {
    let value = answer.headers().get("retry-after")?.to_str().ok()?;
    let seconds: u64 = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(RETRY_AFTER_MAX)))
}

fn unreachable(error: &ureq::Error) -> ConnectorError {
    let fault = match error {
        ureq::Error::Timeout(_) => Fault::Timeout,
        ureq::Error::HostNotFound => Fault::Name,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Fault::Tls,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Fault::Timeout,
        ureq::Error::Io(error) if is_tls(error) => Fault::Tls,
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) | ureq::Error::Http(_) => {
            return ConnectorError::NotUnderstood("it is no HTTP");
        }
        _ => Fault::Connection,
    };
    ConnectorError::Unreachable(fault)
}

/// Whether rustls is what failed below an error of the connection.
fn is_tls(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_reaches_out_of_its_part_of_the_url() {
        for (name, written) in [
            ("anna", "anna"),
            ("a/b?c#d&e=f", "a%2Fb%3Fc%23d%26e%3Df"),
            ("..", "%2E%2E"),
            ("ä b@x", "%C3%A4%20b%40x"),
            ("", ""),
        ] {
            assert_eq!(escaped(name), written);
        }
    }
}
