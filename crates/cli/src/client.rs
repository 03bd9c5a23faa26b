//! The HTTP client: one server, one API key, JSON both ways.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde::Serialize;
use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;
use ureq::http::request::Builder;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use crate::exit::{Failure, Problem};
use crate::secret;

/// The largest answer that is read.
const BODY_MAX: u64 = 32 * 1024 * 1024;
/// The longest that an answer is waited for.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(2);

/// Where the server is and how to reach it.
#[derive(Debug, Clone, clap::Args)]
pub struct Connection {
    /// The server.
    #[arg(
        long,
        global = true,
        env = "GLASSBREAK_URL",
        default_value = "http://127.0.0.1:8787",
        help_heading = "Connection"
    )]
    pub url: String,

    /// A file with the API key. Otherwise the environment variable `GLASSBREAK_API_KEY`, and for a
    /// server on this machine `admin-key` in the data directory.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    pub api_key_file: Option<PathBuf>,

    /// The data directory of a server on this machine.
    #[arg(
        long,
        global = true,
        env = "GLASSBREAK_DATA_DIR",
        default_value = "glassbreak-data",
        value_name = "DIR",
        help_heading = "Connection"
    )]
    pub data_dir: PathBuf,

    /// Certificates (PEM) to trust in place of the public ones.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connection")]
    pub ca_file: Option<PathBuf>,

    /// Send keys and codes over plain HTTP to another machine.
    #[arg(long, global = true, help_heading = "Connection")]
    pub allow_plain_http: bool,
}

impl Connection {
    /// A client that shows the API key.
    pub fn client(&self) -> Result<Client, Failure> {
        let client = Client::new(self)?;
        let local = is_loopback(&self.url);
        if !local && self.url.starts_with("http://") && !self.allow_plain_http {
            return Err(Failure::Usage(format!(
                "`{}` is plain HTTP to another machine, and the API key would travel in the \
                 clear: use https, or `--allow-plain-http` where the network is trusted",
                self.url
            )));
        }
        let beside = local.then(|| self.data_dir.join("admin-key"));
        let key = secret::api_key(self.api_key_file.as_deref(), beside.as_deref())?;
        Ok(client.with_key(&key))
    }

    /// A client that shows no key.
    pub fn keyless_client(&self) -> Result<Client, Failure> {
        Client::new(self)
    }

    /// A client for the log: its entries need a key unless the server's configuration opens them.
    /// It shows a key if there is one and it may travel; otherwise none.
    pub fn open_client(&self) -> Result<Client, Failure> {
        match self.client() {
            Err(Failure::Usage(_)) => Client::new(self),
            with_key_or_wrong => with_key_or_wrong,
        }
    }
}

/// A server, and the right to talk to it.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    authorization: Option<Arc<Zeroizing<String>>>,
}

/// An answer of any status.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, `null` if there is none.
    pub body: Value,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Put in place.
    Put,
    /// Do.
    Post,
    /// Take away.
    Delete,
}

impl Client {
    fn new(connection: &Connection) -> Result<Self, Failure> {
        let base = connection.url.trim_end_matches('/').to_owned();
        if !(base.starts_with("http://") || base.starts_with("https://")) {
            let message = format!("`{base}` is not a URL: it begins with http:// or https://");
            return Err(Failure::Usage(message));
        }
        let mut tls = TlsConfig::builder();
        if let Some(file) = &connection.ca_file {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(file)?));
        }
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(256)
            .max_idle_connections_per_host(256)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(ANSWER_TIME_MAX))
            .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build()
            .new_agent();
        Ok(Self { agent, base, authorization: None })
    }

    /// The same client, showing `key`.
    #[must_use]
    pub fn with_key(self, key: &Zeroizing<String>) -> Self {
        let bearer = Zeroizing::new(format!("Bearer {}", key.as_str()));
        Self { authorization: Some(Arc::new(bearer)), ..self }
    }

    /// The server's address, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        accepted(self.call(Method::Get, path, None::<&Value>, None)?)
    }

    /// Puts in place.
    pub fn put(&self, path: &str, body: &impl Serialize) -> Result<Value, Failure> {
        accepted(self.call(Method::Put, path, Some(body), None)?)
    }

    /// Does; under the name `request` if there is one, so that a retry is safe.
    pub fn post(
        &self,
        path: &str,
        body: &impl Serialize,
        request: Option<&str>,
    ) -> Result<Value, Failure> {
        accepted(self.call(Method::Post, path, Some(body), request)?)
    }

    /// Does, and gives the file that comes of it. It may hold codes, so it is wiped when dropped.
    ///
    /// # Errors
    /// What the server refuses with.
    pub fn post_for_file(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let bytes = Zeroizing::new(serde_json::to_vec(body).map_err(Failure::other)?);
        let response = self.send(Method::Post, path, Some(&bytes), None)?;
        let status = response.status().as_u16();
        let bytes = Zeroizing::new(self.read(response)?);
        if status == 200 {
            return Ok(bytes);
        }
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Err(Failure::Refused(Box::new(problem(Reply { status, body }))))
    }

    /// Takes away.
    pub fn delete(&self, path: &str) -> Result<Value, Failure> {
        accepted(self.call(Method::Delete, path, None::<&Value>, None)?)
    }

    /// Any call; the answer may be of any status.
    pub fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        request: Option<&str>,
    ) -> Result<Reply, Failure> {
        let bytes = match body {
            Some(body) => Some(Zeroizing::new(serde_json::to_vec(body).map_err(Failure::other)?)),
            None => None,
        };
        let response = self.send(method, path, bytes.as_deref().map(Vec::as_slice), request)?;
        let status = response.status().as_u16();
        let bytes = Zeroizing::new(self.read(response)?);
        if bytes.is_empty() {
            return Ok(Reply { status, body: Value::Null });
        }
        match serde_json::from_slice(&bytes) {
            Ok(body) => Ok(Reply { status, body }),
            // A proxy's page, or nothing of ours: say so with the status.
            Err(_) if status >= 400 => Ok(Reply { status, body: Value::Null }),
            Err(_) => Err(anyhow!("`{}{path}` did not answer in JSON", self.base).into()),
        }
    }

    /// A file as it is, `None` if there is none.
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let response = self.send(Method::Get, path, None, None)?;
        match response.status().as_u16() {
            200 => self.read(response).map(Some),
            404 => Ok(None),
            status => Err(Failure::Refused(Box::new(Problem {
                status,
                title: format!("`{path}` could not be had"),
                ..Problem::default()
            }))),
        }
    }

    /// An answer that may be of any length, as it comes: it is read for as long as more of it
    /// comes, and an error of the reader means that it is not whole.
    ///
    /// # Errors
    /// What the server refuses with.
    pub fn stream(&self, path: &str) -> Result<impl Read + use<>, Failure> {
        let request = self.request("GET", path, None).body(()).map_err(malformed)?;
        // However long it takes as a whole: it ends if nothing comes.
        let request = self.agent.configure_request(request).timeout_global(None);
        let request = request.timeout_per_read(Some(ANSWER_TIME_MAX)).build();
        let response = self.agent.run(request).map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        if status == 200 {
            return Ok(response.into_body().into_with_config().limit(u64::MAX).reader());
        }
        let body = serde_json::from_slice(&self.read(response)?).unwrap_or(Value::Null);
        Err(Failure::Refused(Box::new(problem(Reply { status, body }))))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
        request: Option<&str>,
    ) -> Result<Response<ureq::Body>, Failure> {
        let name = match method {
            Method::Get => "GET",
            Method::Put => "PUT",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        };
        let builder = self.request(name, path, request);
        let sent = match body {
            Some(body) => {
                let builder = builder.header("content-type", "application/json");
                self.agent.run(builder.body(body).map_err(malformed)?)
            }
            None => self.agent.run(builder.body(()).map_err(malformed)?),
        };
        sent.map_err(|error| self.unreachable(&error))
    }

    fn request(&self, method: &str, path: &str, request: Option<&str>) -> Builder {
        let mut builder = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("accept", "application/json");
        if let Some(bearer) = &self.authorization {
            builder = builder.header("authorization", bearer.as_str());
        }
        if let Some(request) = request {
            builder = builder.header("idempotency-key", request);
        }
        builder
    }

    fn read(&self, mut response: Response<ureq::Body>) -> Result<Vec<u8>, Failure> {
        let read = response.body_mut().with_config().limit(BODY_MAX).read_to_vec();
        read.map_err(|error| self.unreachable(&error))
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        Failure::Unreachable(format!("no answer from `{}`: {error}", self.base))
    }
}

/// The message of a bad header value is not passed on: it may be the key.
fn malformed(_: ureq::http::Error) -> anyhow::Error {
    anyhow!("the URL, the API key or the request's name is malformed")
}

/// The body of an answer that is not a problem.
pub fn accepted(reply: Reply) -> Result<Value, Failure> {
    if reply.status < 300 {
        return Ok(reply.body);
    }
    Err(Failure::Refused(Box::new(problem(reply))))
}

/// The problem that an answer tells of.
pub fn problem(reply: Reply) -> Problem {
    let problem: Problem = serde_json::from_value(reply.body).unwrap_or_default();
    Problem { status: reply.status, ..problem }
}

/// A path segment with everything but letters, digits and `-._~` escaped (RFC 3986).
pub fn segment(text: &str) -> String {
    let digit =
        |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase();
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
        out
    })
}

/// A query string, with what is `None` left out.
pub fn query(pairs: &[(&str, Option<String>)]) -> String {
    let present = pairs.iter().filter_map(|(name, value)| {
        value.as_ref().map(|value| format!("{name}={}", segment(value)))
    });
    let joined = present.collect::<Vec<_>>().join("&");
    if joined.is_empty() { joined } else { format!("?{joined}") }
}

fn certificates(file: &std::path::Path) -> Result<Vec<Certificate<'static>>, Failure> {
    let pem = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let items = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    let found = items.collect::<Result<Vec<_>, _>>();
    let found = found.with_context(|| format!("`{}` is not PEM", file.display()))?;
    if found.is_empty() {
        return Err(anyhow!("`{}` has no certificate in it", file.display()).into());
    }
    Ok(found)
}

/// Whether a URL leads to this machine.
fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<ureq::http::Uri>() else { return false };
    let Some(host) = uri.host() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_escaped() {
        assert_eq!(segment("anna@example.org"), "anna%40example.org");
        assert_eq!(segment("a/b?c d"), "a%2Fb%3Fc%20d");
        assert_eq!(segment("Zoë-1._~"), "Zo%C3%AB-1._~");
    }

    #[test]
    fn queries_leave_out_what_is_not_asked() {
        let pairs = [("a", Some("1 2".to_owned())), ("b", None), ("c", Some("x".to_owned()))];
        assert_eq!(query(&pairs), "?a=1%202&c=x");
        assert_eq!(query(&[("b", None)]), "");
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for url in
            ["http://127.0.0.1:8787", "http://localhost", "http://[::1]:1", "http://127.8.8.8"]
        {
            assert!(is_loopback(url), "{url}");
        }
        for url in
            ["http://example.org", "http://127.0.0.1.example.org", "http://localhost.evil.example"]
        {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
