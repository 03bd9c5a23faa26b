//! Where a webhook may go (SW-11): whoever names a URL must not make the server speak to what only
//! the server can reach.
//!
//! ```text
//! text ── parse ──> Destination ── addresses of its host ──> admit ──> the addresses to connect to
//! ```
//!
//! The caller resolves the name itself and connects to nothing but what [`Destination::admit`] gave
//! back, without asking for the name again: the second answer could be another one. All addresses
//! have to be allowed, not one of them. No redirect is followed (SW-09).

mod network;
mod special;
mod url;

use std::net::{IpAddr, SocketAddr};

pub use network::{InvalidNetwork, Network};
pub use special::Special;
pub use url::{Host, MalformedUrl, Scheme};

/// The ports there are besides those that are configured.
const PORTS_HTTPS: [u16; 2] = [443, 8443];
const PORTS_HTTP: [u16; 2] = [80, 8080];

/// What is allowed beyond https to public addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Whether http will do: what is sent is then signed and not secret.
    pub http: bool,
    /// Further ports.
    pub ports: Vec<u16>,
    /// Networks of one's own that may be reached although they are not public. Services of cloud
    /// providers that give out credentials stay closed, and so does what is no single machine.
    pub networks: Vec<Network>,
}

/// A place that a webhook may go to, as far as its URL tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    scheme: Scheme,
    host: Host,
    port: u16,
    target: String,
}

/// Why nothing is sent to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// It is no URL, or one that readers disagree about.
    #[error("the URL is malformed: {0}")]
    Malformed(#[from] MalformedUrl),
    /// In the clear.
    #[error("only https is spoken")]
    Http,
    /// A port that webhooks do not listen at.
    #[error("port {0} is not among those allowed")]
    Port(u16),
    /// The name has no address.
    #[error("the host has no address")]
    NoAddress,
    /// An address that is not public.
    #[error("{address} is not a public address: {special}")]
    Address {
        /// Which.
        address: IpAddr,
        /// What it is instead.
        special: Special,
    },
}

impl Destination {
    /// Reads a URL: `https`, a name or an address, a port, a path. No user, no fragment.
    ///
    /// # Errors
    /// [`Forbidden`] for what is malformed, for http unless it is allowed, for a port that is not,
    /// and for an address that is not public.
    pub fn parse(text: &str, allowed: &Allowed) -> Result<Self, Forbidden> {
        let url::Parts { scheme, host, port, target } = url::parse(text)?;
        let (usual, known) = match scheme {
            Scheme::Https => (443, PORTS_HTTPS),
            Scheme::Http if allowed.http => (80, PORTS_HTTP),
            Scheme::Http => return Err(Forbidden::Http),
        };
        let port = port.unwrap_or(usual);
        if !known.contains(&port) && !allowed.ports.contains(&port) {
            return Err(Forbidden::Port(port));
        }
        if let Host::Address(address) = host {
            check(address, allowed)?;
        }
        Ok(Self { scheme, host, port, target })
    }

    /// The name to resolve, or the address that needs no resolving.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The scheme.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, as a request line has them.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Where to connect to, given what the host's name resolved to; for an address, itself.
    ///
    /// # Errors
    /// [`Forbidden`] if there is no address, or one of them is not allowed.
    pub fn admit(
        &self,
        resolved: &[IpAddr],
        allowed: &Allowed,
    ) -> Result<Vec<SocketAddr>, Forbidden> {
        let own;
        let addresses = match self.host {
            Host::Address(address) => {
                own = [address];
                &own[..]
            }
            Host::Name(_) => resolved,
        };
        if addresses.is_empty() {
            return Err(Forbidden::NoAddress);
        }
        for address in addresses {
            check(*address, allowed)?;
        }
        Ok(addresses.iter().map(|address| SocketAddr::new(*address, self.port)).collect())
    }
}

fn check(address: IpAddr, allowed: &Allowed) -> Result<(), Forbidden> {
    let Some(special) = Special::of(address) else { return Ok(()) };
    let listed = || allowed.networks.iter().any(|network| network.contains(address));
    if special.can_be_allowed() && listed() {
        return Ok(());
    }
    Err(Forbidden::Address { address, special })
}
