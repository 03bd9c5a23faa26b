//! Somebody who is signed in and looks at a page of the desk or the console.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::{SubjectId, SubjectRef};
use glassbreak_engine::{Caller, Engine, Reach};

use super::frame::Frame;
use crate::access::Needs;
use crate::operators::{Claimed, Identities, Sender, Who, by_browser};
use crate::problem::Problem;
use crate::shape::recovery::person;

/// A visitor that has a scope which `S` names. What it does goes through `caller`, like what an
/// API key does.
pub(crate) struct Visit<S> {
    /// The caller.
    pub(crate) caller: Caller,
    /// What it may do.
    pub(crate) scopes: Vec<Scope>,
    /// The operator that it is, if it is one: what a case or an approval names.
    pub(crate) operator: Option<SubjectId>,
    /// What the provider said of it, if it signed in there.
    pub(crate) claimed: Option<Claimed>,
    /// The frame of the page.
    pub(crate) frame: Frame,
    needs: PhantomData<S>,
}

impl<S> Visit<S> {
    /// Whether the visitor has `scope` too.
    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whom the visitor reaches.
    pub(crate) const fn reach(&self) -> &Reach {
        &self.caller.reach
    }
}

impl<S> Visit<S> {
    /// What the operator is called, if the visitor is one: who opens, approves or asks.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn name(&self, engine: &Engine) -> Result<Option<SubjectRef>, Problem> {
        let Some(operator) = self.operator else { return Ok(None) };
        Ok(engine.reference(operator).await?)
    }
}

impl<S: Needs> Visit<S> {
    /// The visitor that a request is of.
    ///
    /// # Errors
    /// `unauthenticated`, which leads to the sign-in; `scope_missing`; `cross_site`.
    pub(crate) async fn of(parts: &Parts, engine: &Engine) -> Result<Self, Problem> {
        let identities = parts.extensions.get::<Arc<Identities>>();
        let (identities, browsers) = identities
            .and_then(|identities| Some((identities, identities.browsers.as_ref()?)))
            .ok_or_else(|| Problem::plain("unauthenticated"))?;
        let found = by_browser(Sender::Browser, parts, identities, browsers, engine).await?;
        let (identity, token) = found;
        if !S::ANY_OF.iter().any(|scope| identity.scopes.contains(scope)) {
            return Err(crate::access::missing(S::ANY_OF));
        }
        let operator = identity.caller.operator;
        let name = person(engine, operator).await?;
        let (label, claimed) = match identity.who {
            Who::ApiKey { label, .. } => (Some(label), None),
            Who::Operator { claimed, .. } => (None, Some(claimed)),
            Who::Machine { .. } => (None, None),
        };
        let name = name.or(label);
        let mut frame = Frame::new(parts);
        frame.csrf = token.derived("glassbreak/form/v1", "");
        frame.signed_in(name.unwrap_or_default(), &identity.scopes, &identity.caller.reach);
        let (caller, scopes) = (identity.caller, identity.scopes);
        Ok(Self { caller, scopes, operator, claimed, frame, needs: PhantomData })
    }
}

impl<S: Needs + Send> FromRequestParts<Engine> for Visit<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        Self::of(parts, engine).await
    }
}
