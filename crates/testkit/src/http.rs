//! A small HTTP client for tests and benches: one kept connection, JSON in and out.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

pub use hyper::Method;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; `Null` if it is not.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The stable code of a problem; empty if it is none.
    pub fn code(&self) -> String {
        let body = self.json();
        body.get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Why there was no answer.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A client with one connection, made when needed and kept.
pub struct Client {
    addr: SocketAddr,
    key: Option<String>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// A client of the server at `addr` that presents `key`.
    pub fn new(addr: SocketAddr, key: Option<&str>) -> Self {
        Self { addr, key: key.map(str::to_owned), connection: None }
    }

    /// Another client of the same server, with the same key and a connection of its own.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::new(self.addr, self.key.as_deref())
    }

    /// Another client of the same server that presents `key`, or none.
    #[must_use]
    pub fn presenting(&self, key: Option<&str>) -> Self {
        Self::new(self.addr, key)
    }

    /// Sends a request; `headers` go beside the key, or in its place.
    ///
    /// # Errors
    /// If the connection breaks before the answer is whole. Nothing is sent twice.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.addr.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body.into()))?;
        if let Some(key) = &self.key {
            request.headers_mut().insert(AUTHORIZATION, format!("Bearer {key}").try_into()?);
        }
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name)?, (*value).try_into()?);
        }
        let connection = self.connected().await?;
        let answered = async {
            let response = connection.send_request(request).await?;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await?.to_bytes().to_vec();
            Ok::<_, hyper::Error>(Answer {
                status: parts.status.as_u16(),
                headers: parts.headers,
                bytes,
            })
        };
        let answer = answered.await;
        if answer.is_err() {
            self.connection = None;
        }
        Ok(answer?)
    }

    async fn connected(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, Failure> {
        let open = match self.connection.take() {
            Some(mut open) if !open.is_closed() => open.ready().await.is_ok().then_some(open),
            _ => None,
        };
        let open = if let Some(open) = open {
            open
        } else {
            let stream = TcpStream::connect(self.addr).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender
        };
        Ok(self.connection.insert(open))
    }

    /// `GET path`.
    pub async fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// `POST path` with JSON.
    pub async fn post(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::POST, path, &[], body.to_string()).await
    }

    /// `PUT path` with JSON.
    pub async fn put(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::PUT, path, &[], body.to_string()).await
    }
}
