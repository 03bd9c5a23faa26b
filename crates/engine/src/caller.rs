//! Who asks.

use std::borrow::Cow;

use glassbreak_core::event::Actor;
use glassbreak_core::id::{SubjectId, SubjectRef};

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
    /// The one operator in whose name the caller acts, if it acts in one name only.
    pub operator: Option<SubjectId>,
}

impl Caller {
    const fn of(actor: Actor) -> Self {
        Self { actor, request: None, source: None, reach: Reach::Everybody, operator: None }
    }

    /// Whoever that is, bound to nothing.
    pub(crate) const fn by(actor: Actor) -> Self {
        Self::of(actor)
    }

    /// Somebody who presented no key. What follows from it is Glassbreak's own doing.
    pub const fn nobody() -> Self {
        Self::system()
    }

    /// The application that embeds the engine.
    pub const fn embedder() -> Self {
        Self::of(Actor::Embedder)
    }

    /// Glassbreak itself.
    pub(crate) const fn system() -> Self {
        Self::of(Actor::System)
    }

    /// The holder of an API key that is bound to nothing.
    pub const fn api_key(id: String) -> Self {
        Self::of(Actor::ApiKey { id })
    }

    /// An operator who signed in, acting in their own name and no other.
    pub fn operator(id: SubjectId) -> Self {
        Self::of(Actor::Operator { id }).acting_as(Some(id))
    }

    /// A subject on the pages of self-service, who reaches itself and nobody else.
    pub fn subject(id: SubjectId, name: SubjectRef) -> Self {
        Self { reach: Reach::Subject(name), ..Self::of(Actor::Subject { id }) }
    }

    /// Somebody on a page of ours who showed nothing but what is asked about: a code.
    pub const fn visitor() -> Self {
        Self::of(Actor::Visitor)
    }

    /// A program that the configuration knows by its certificate, under this name.
    pub const fn machine(name: String) -> Self {
        Self::of(Actor::Machine { name })
    }

    /// The same caller, reaching these and nobody else.
    #[must_use]
    pub fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The same caller, acting in this operator's name and no other.
    #[must_use]
    pub fn acting_as(self, operator: Option<SubjectId>) -> Self {
        Self { operator, ..self }
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
    pub(crate) fn id(&self) -> Cow<'_, str> {
        match &self.actor {
            Actor::ApiKey { id } => id.into(),
            // No id of a key has a colon in it.
            Actor::Operator { id } => format!("operator:{id}").into(),
            Actor::Subject { id } => format!("subject:{id}").into(),
            Actor::Machine { name } => format!("machine:{name}").into(),
            Actor::Visitor => "visitor".into(),
            Actor::Embedder => "embedder".into(),
            Actor::System => "system".into(),
        }
    }
}
