//! Requests to the identity provider: few, short, and to nowhere else.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

/// The longest answer that is read, in bytes.
const ANSWER_MAX: u64 = 256 * 1024;

/// What goes into a query or a form as it is (RFC 3986 2.3).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Text for a query or a form.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// Text from a query.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Parameters as a query or a form has them.
pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A URL with more parameters.
pub(crate) fn with_query(url: &str, parameters: &[(&str, &str)]) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{}", form(parameters))
}

/// Speaks to the provider. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Fetch(Agent);

impl Fetch {
    /// With the authorities of a file in place of the public ones.
    ///
    /// # Errors
    /// A file without certificates.
    pub(crate) fn new(ca_file: Option<&Path>, timeout: u16) -> anyhow::Result<Self> {
        // Given by hand: a library does not install a provider for the whole process.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if let Some(path) = ca_file {
            let pem =
                std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            let items = parse_pem(&pem).collect::<Result<Vec<_>, _>>()?;
            let trusted: Vec<_> = items
                .into_iter()
                .filter_map(|item| match item {
                    PemItem::Certificate(certificate) => Some(certificate),
                    _ => None,
                })
                .collect();
            if trusted.is_empty() {
                anyhow::bail!("there is no PEM certificate in `{}`", path.display());
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A description, keys and tokens are where they are said to be (ASVS-15.3.2).
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(u64::from(timeout))))
            .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        Ok(Self(config.build().new_agent()))
    }

    /// The body at a URL.
    ///
    /// # Errors
    /// A text for our log: no answer, or not 200.
    pub(crate) async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let (agent, url) = (self.0.clone(), url.to_owned());
        on_a_thread(move || read(agent.get(&url).header("accept", "application/json").call())).await
    }

    /// The answer to a form.
    ///
    /// # Errors
    /// A text for our log: no answer, or not 200.
    pub(crate) async fn post(
        &self,
        url: &str,
        form: Zeroizing<String>,
        basic: Option<Zeroizing<String>>,
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let (agent, url) = (self.0.clone(), url.to_owned());
        let read = on_a_thread(move || {
            let mut request = agent
                .post(&url)
                .header("accept", "application/json")
                .header("content-type", "application/x-www-form-urlencoded");
            if let Some(basic) = basic {
                request = request.header("authorization", basic.as_str());
            }
            read(request.send(form.as_bytes()))
        });
        Ok(Zeroizing::new(read.await?))
    }
}

/// Our name and secret as a header has them (RFC 6749 2.3.1: encoded as in a form first).
pub(crate) fn basic(client: &str, secret: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{}:{}", encoded(client), encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

async fn on_a_thread(
    work: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
) -> Result<Vec<u8>, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, String> {
    let answer = answer.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    let mut reader = answer.into_body().into_reader().take(ANSWER_MAX + 1);
    reader.read_to_end(&mut body).map_err(|error| error.to_string())?;
    if body.len() as u64 > ANSWER_MAX {
        return Err("the answer is too long".to_owned());
    }
    if status == 200 { Ok(body) } else { Err(format!("it answered with status {status}")) }
}
