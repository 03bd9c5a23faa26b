//! HTTP as all anchors speak it.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::config::ConfigError;

/// The longest that one call may take. A server that starts waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read: the longest checkpoint.
pub(crate) const ANSWER_LEN_MAX: u64 = 1_000_000;

/// A client that trusts the usual roots, or only the ones in `ca_pem`.
pub(crate) fn agent(ca_pem: Option<&[u8]>) -> Result<Agent, ConfigError> {
    // Given by hand: a library does not install a provider for the whole process.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    if let Some(pem) = ca_pem {
        let items: Vec<PemItem> =
            parse_pem(pem).collect::<Result<_, _>>().map_err(|_| ConfigError::NoCertificates)?;
        let trusted: Vec<Certificate<'static>> = items
            .into_iter()
            .filter_map(|item| match item {
                PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            })
            .collect();
        if trusted.is_empty() {
            return Err(ConfigError::NoCertificates);
        }
        tls = tls.root_certs(RootCerts::new_with_certs(&trusted));
    }
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("glassbreak/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls.build());
    Ok(config.build().new_agent())
}
