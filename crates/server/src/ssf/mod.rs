//! OpenID Shared Signals, both ways (J2; docs/SIGNALS.md): tokens that neighbours send come in
//! under [`receive`], and what happens here goes out under [`transmit`]. What a token is, what an
//! event means and what a stream may be, `glassbreak-signals` knows; here are connections, keys,
//! and the shelves on which tokens lie.
//!
//! These endpoints speak RFC 8935, RFC 8936 and SSF to neighbours with tokens of their own. They
//! are not part of our API, take no API key, and are in no `OpenAPI` description.

mod error;
mod http;
pub(crate) mod receive;
mod subject;
mod token;
mod transmit;

use std::sync::Arc;

use axum::Router;
use glassbreak_engine::Engine;

use crate::background::Background;
use crate::config::signals::SignalsConfig;
use receive::Receivers;
use transmit::Transmitter;

/// All neighbours, and what is done for them.
pub(crate) struct Ssf {
    receivers: Arc<Receivers>,
    transmitter: Option<Arc<Transmitter>>,
}

impl Ssf {
    /// Opens what is configured; asks nobody. Makes the signing key if there is none yet.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) async fn open(config: &SignalsConfig, engine: &Engine) -> anyhow::Result<Arc<Self>> {
        let receivers = Arc::new(Receivers::open(&config.receive, engine)?);
        let transmitter = match &config.transmit {
            Some(config) => Some(Transmitter::open(config, engine).await?),
            None => None,
        };
        Ok(Arc::new(Self { receivers, transmitter }))
    }

    /// Draws another key to sign our tokens with, and gives its name. `None` if nothing is
    /// transmitted.
    ///
    /// # Errors
    /// If it could not be stored, or another server does the same just now.
    pub(crate) async fn rotate_key(&self) -> Option<anyhow::Result<String>> {
        Some(self.transmitter.as_ref()?.rotate_key().await)
    }

    /// Starts what is done besides answering.
    pub(crate) fn spawn(&self, background: &mut Background) {
        receive::spawn(&self.receivers, background);
        if let Some(transmitter) = &self.transmitter {
            transmit::spawn(transmitter, background);
        }
    }
}

/// The endpoints for neighbours. The caller lays an `Extension` with the [`Ssf`] over them;
/// without one there are no neighbours.
pub(crate) fn routes() -> Router<Engine> {
    receive::routes().merge(transmit::routes())
}

/// What a name in the configuration may be: it becomes part of a path and of keys.
fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}
