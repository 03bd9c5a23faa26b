//! TLS to destinations, with rustls over the one crypto core (docs/decisions/0002).

use std::fmt;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// How a destination is known, and how we are known to it.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

/// Certificates or a key that cannot be used. What they hold is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTls {
    /// No authority in what should hold them.
    #[error("there is no certificate in it; it holds PEM certificates")]
    Authorities,
    /// No certificate of ours, or no key that belongs to it.
    #[error("certificate and key are no pair; both are PEM")]
    Identity,
    /// TLS itself could not be set up.
    #[error("TLS could not be set up")]
    Unusable,
}

impl Tls {
    /// One that trusts the authorities in `authorities` (PEM), or the usual public ones, and shows
    /// `identity`: our certificates, the own one first, and its key (PEM both).
    ///
    /// # Errors
    /// [`InvalidTls`] says which of them cannot be used.
    pub fn new(
        authorities: Option<&[u8]>,
        identity: Option<(&[u8], &[u8])>,
    ) -> Result<Self, InvalidTls> {
        let roots = match authorities {
            Some(pem) => authorities_of(pem)?,
            None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        };
        // Given by hand: a library does not install a provider for the whole process.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| InvalidTls::Unusable)?
            .with_root_certificates(roots);
        let config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificates, key)) => {
                let chain = CertificateDer::pem_slice_iter(certificates);
                let chain: Vec<_> =
                    chain.collect::<Result<_, _>>().map_err(|_| InvalidTls::Identity)?;
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| InvalidTls::Identity)?;
                builder.with_client_auth_cert(chain, key).map_err(|_| InvalidTls::Identity)?
            }
        };
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

fn authorities_of(pem: &[u8]) -> Result<RootCertStore, InvalidTls> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| InvalidTls::Authorities)?;
        roots.add(certificate).map_err(|_| InvalidTls::Authorities)?;
    }
    if roots.is_empty() { Err(InvalidTls::Authorities) } else { Ok(roots) }
}
