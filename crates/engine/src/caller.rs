//! Who asks.

use glassbreak_core::event::Actor;

/// Who asks, from where, and under which name for the request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// The `Idempotency-Key`: the caller's own name for this request, so that a retry is safe.
    pub request: Option<String>,
    /// Where the attempt came from, as the caller saw it (an address). Only a keyed pseudonym of it
    /// is kept.
    pub source: Option<String>,
}

impl Caller {
    /// The application that embeds the engine.
    pub const fn embedder() -> Self {
        Self { actor: Actor::Embedder, request: None, source: None }
    }

    /// Glassbreak itself.
    pub(crate) const fn system() -> Self {
        Self { actor: Actor::System, request: None, source: None }
    }

    /// The holder of an API key.
    pub const fn api_key(id: String) -> Self {
        Self { actor: Actor::ApiKey { id }, request: None, source: None }
    }

    /// The same caller, naming its request.
    #[must_use]
    pub fn naming(self, request: Option<String>) -> Self {
        Self { request, ..self }
    }

    /// The same caller, telling where the attempt came from.
    #[must_use]
    pub fn from(self, source: Option<String>) -> Self {
        Self { source, ..self }
    }

    /// The caller's id, for what is kept per caller.
    pub(crate) fn id(&self) -> &str {
        match &self.actor {
            Actor::ApiKey { id } => id,
            Actor::Embedder => "embedder",
            Actor::System => "system",
        }
    }
}
