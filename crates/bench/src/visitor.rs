//! Somebody with a browser, as far as a server can tell: a cookie, pages that are opened, and forms
//! that are sent from them. One kept connection.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::{Context, Result, anyhow, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use glassbreak_testkit::http::{Answer, Client, Method};

use crate::seed::failed;

/// Somebody with a browser.
pub(crate) struct Visitor {
    client: Client,
    /// As the server names itself.
    host: String,
    cookie: String,
}

impl Visitor {
    /// Somebody who has not signed in.
    pub(crate) fn anybody(addr: SocketAddr) -> Self {
        let host = format!("localhost:{}", addr.port());
        Self { client: Client::new(addr, None), host, cookie: String::new() }
    }

    /// An operator, signed in with a key.
    pub(crate) async fn operator(addr: SocketAddr, key: &str) -> Result<Self> {
        let mut visitor = Self::anybody(addr);
        visitor.come_in("/sign-in", &[("key", key)]).await?;
        Ok(visitor)
    }

    /// A subject on the pages of self-service, by a link that the holder of `key` made.
    pub(crate) async fn subject(addr: SocketAddr, key: &str, subject: &str) -> Result<Self> {
        let path = format!("/v1/subjects/{subject}/self-service-links");
        let body = serde_json::json!({ "session_assurance": "aal2" });
        let made = Client::new(addr, Some(key)).post(&path, &body).await.map_err(failed)?.json();
        let url = made.get("url").and_then(|url| url.as_str()).context("no link was made")?;
        let (_, token) = url.split_once('#').context("a link without a token")?;
        let mut visitor = Self::anybody(addr);
        visitor.come_in("/self/open", &[("token", token)]).await?;
        Ok(visitor)
    }

    /// The same person with a connection of their own.
    pub(crate) fn another(&self) -> Self {
        let (host, cookie) = (self.host.clone(), self.cookie.clone());
        Self { client: self.client.another(), host, cookie }
    }

    async fn come_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<()> {
        let answer = self.send(path, fields).await?;
        let cookie = answer.headers.get("set-cookie").and_then(|line| line.to_str().ok());
        let cookie = cookie.and_then(|line| line.split(';').next());
        let cookie = cookie.ok_or_else(|| anyhow!("{path}: {}", answer.text()))?;
        cookie.clone_into(&mut self.cookie);
        Ok(())
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, path: &str) -> Result<Answer> {
        let headers = [("host", self.host.as_str()), ("cookie", self.cookie.as_str())];
        let answer = self.client.send(Method::GET, path, &headers, "").await.map_err(failed)?;
        ensure!(answer.status == 200, "{path} was answered {}: {}", answer.status, answer.text());
        Ok(answer)
    }

    /// Sends a form, as from a page of the server.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let encoded = |text: &str| {
            text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat()
        };
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let origin = format!("http://{}", self.host);
        let headers = [
            ("host", self.host.as_str()),
            ("cookie", self.cookie.as_str()),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let answer = self.client.send(Method::POST, path, &headers, body).await.map_err(failed)?;
        ensure!(answer.status == 303, "{path} was answered {}: {}", answer.status, answer.text());
        Ok(answer)
    }

    /// What a page with all that it names weighs, packed: the page itself as a proxy would pack it,
    /// its style and scripts as they are sent.
    pub(crate) async fn weight(&mut self, page: &Answer) -> Result<usize> {
        let mut all = packed(&page.bytes)?.len();
        let text = page.text();
        let mut seen = std::collections::BTreeSet::new();
        for part in text.split('"').filter(|part| part.starts_with("/assets/")) {
            if seen.insert(part.to_owned()) {
                let headers = [("host", self.host.as_str()), ("accept-encoding", "gzip")];
                let sent = self.client.send(Method::GET, part, &headers, "").await;
                all += sent.map_err(failed)?.bytes.len();
            }
        }
        Ok(all)
    }
}

/// The value of a hidden field of a page.
pub(crate) fn hidden(page: &Answer, name: &str) -> Result<String> {
    let text = page.text();
    let (_, rest) = text
        .split_once(&format!("name=\"{name}\" value=\""))
        .with_context(|| format!("there is no field `{name}`"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

/// With gzip.
pub(crate) fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
