//! Where a connection comes from, for the limits per source.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{Extension, Router};

/// How much of an IPv6 address says who it is: a customer has a whole /64 (RFC 6177), and a limit
/// on one address of it would be none.
const NETWORK: u128 = !0 << 64;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peers {
    /// Whoever asks.
    Clients,
    /// A proxy that asks for many.
    Proxies,
}

impl Peers {
    /// Where a connection of such a peer comes from. Nowhere that is known, if it is a proxy's, or
    /// if it is of this machine: there too a proxy may ask for everybody, and a limit would lock
    /// everybody out.
    pub(crate) fn source(self, addr: SocketAddr) -> Option<Source> {
        let ip = addr.ip().to_canonical();
        if self == Self::Proxies || ip.is_loopback() {
            return None;
        }
        Some(Source(match ip {
            IpAddr::V4(_) => ip,
            IpAddr::V6(ip) => Ipv6Addr::from(ip.to_bits() & NETWORK).into(),
        }))
    }

    /// The routes for a connection of such a peer: handlers find [`Source`] beside each request.
    pub(super) fn telling(self, router: &Router, addr: SocketAddr) -> Router {
        match self.source(addr) {
            Some(source) => router.clone().layer(Extension(source)),
            None => router.clone(),
        }
    }
}

/// Where a connection comes from: an IPv4 address, or the network of an IPv6 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source(IpAddr);

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::routing::get;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;

    #[tokio::test]
    async fn a_handler_finds_it_beside_the_request() {
        let said = async |from: Option<Extension<Source>>| match from {
            Some(Extension(source)) => source.to_string(),
            None => "nowhere".to_owned(),
        };
        let router = Router::new().route("/", get(said));
        for (addr, expected) in [([192, 0, 2, 7], "192.0.2.7"), ([127, 0, 0, 1], "nowhere")] {
            let told = Peers::Clients.telling(&router, (addr, 4000).into());
            let answer = TowerToHyperService::new(told).call(Request::new(Body::empty())).await;
            let said = to_bytes(answer.unwrap().into_body(), 64).await.unwrap();
            assert_eq!(said, expected.as_bytes());
        }
    }

    #[test]
    fn a_connection_tells_where_it_comes_from_unless_a_proxy_may_have_made_it() {
        let of = |peers: Peers, addr: &str| {
            peers.source(addr.parse().unwrap()).map(|source| source.to_string())
        };
        for (addr, source) in [
            ("192.0.2.7:4000", Some("192.0.2.7")),
            ("[2001:db8:0:1:2:3:4:5]:4000", Some("2001:db8:0:1::")),
            ("[::ffff:192.0.2.7]:4000", Some("192.0.2.7")),
            ("127.0.0.1:4000", None),
            ("[::1]:4000", None),
            ("[::ffff:127.0.0.1]:4000", None),
        ] {
            assert_eq!(of(Peers::Clients, addr).as_deref(), source, "{addr}");
            assert_eq!(of(Peers::Proxies, addr), None, "{addr}");
        }
    }
}
