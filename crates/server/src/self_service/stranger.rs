//! Somebody whom nobody knows, and where they ask from.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use glassbreak_engine::Caller;

use super::SelfService;
use crate::listen::Source;

/// Somebody whom nobody knows, with where they ask from if that is known: the limits per source
/// (`source_limit`) are on that.
pub(crate) struct Stranger(pub(crate) Caller);

impl<S: Send + Sync> FromRequestParts<S> for Stranger {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let own = parts.extensions.get::<Option<Arc<SelfService>>>().and_then(Option::as_ref);
        let header = own.and_then(|own| own.config.source_header.as_deref());
        let peer = parts.extensions.get::<Source>();
        Ok(Self(Caller::visitor().from(source(header, &parts.headers, peer))))
    }
}

/// Where a request came from: what the proxy in front says in `header`, where one is configured,
/// and where the connection comes from otherwise.
fn source(header: Option<&str>, headers: &HeaderMap, peer: Option<&Source>) -> Option<String> {
    let Some(name) = header else { return peer.map(ToString::to_string) };
    // The last of several is the one that our own proxy wrote.
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let last = value.rsplit(',').next().map(str::trim).filter(|last| !last.is_empty())?;
    Some(last.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::listen::Peers;

    #[test]
    fn the_last_proxy_says_where_a_request_came_from_and_the_connection_where_there_is_none() {
        let peer = Peers::Clients.source(([192, 0, 2, 7], 4000).into());
        let of = |header: Option<&str>, lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-from", HeaderValue::from_static(line));
            }
            source(header, &headers, peer.as_ref())
        };
        let named = Some("x-from");
        assert_eq!(of(named, &["1.2.3.4, 10.0.0.1"]).as_deref(), Some("10.0.0.1"));
        assert_eq!(of(named, &["9.9.9.9", "10.0.0.2"]).as_deref(), Some("10.0.0.2"));
        // Of a proxy that does not say it, the connection is everybody's.
        assert_eq!(of(named, &[""]), None);
        assert_eq!(of(named, &[]), None);
        // Without a proxy anybody may have written the header.
        assert_eq!(of(None, &["1.2.3.4"]).as_deref(), Some("192.0.2.7"));
    }
}
