//! Who asks.

use glassbreak_core::event::Actor;

use crate::reach::Reach;

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
    /// Whom the caller reaches.
    pub reach: Reach,
}

impl Caller {
    /// The application that embeds the engine.
    pub const fn embedder() -> Self {
        Self { actor: Actor::Embedder, request: None, source: None, reach: Reach::Everybody }
    }

    /// Glassbreak itself.
    pub(crate) const fn system() -> Self {
        Self { actor: Actor::System, request: None, source: None, reach: Reach::Everybody }
    }

    /// The holder of an API key that is bound to nothing.
    pub const fn api_key(id: String) -> Self {
        Self { actor: Actor::ApiKey { id }, request: None, source: None, reach: Reach::Everybody }
    }

    /// The same caller, reaching these and nobody else.
    #[must_use]
    pub fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
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
