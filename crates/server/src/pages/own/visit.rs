//! Somebody who looks after their own recovery, on a page of theirs.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::{Caller, Engine, Reach};
use serde::de::DeserializeOwned;

use crate::operators::{Sender, must_be_ours};
use crate::pages::form::{body, fields, must_have_token};
use crate::pages::frame::Frame;
use crate::problem::Problem;
use crate::self_service::{Own, Present, SelfService};

/// Who looks.
pub(crate) struct Visit {
    /// Who is in, as they stand now.
    pub(crate) present: Present,
    /// The caller: the subject, in its own name and within its own reach.
    pub(crate) caller: Caller,
    /// The frame of the page.
    pub(crate) frame: Frame,
    /// Self-service.
    pub(crate) own: Arc<SelfService>,
}

/// A form of such a page.
pub(crate) struct Sent<T> {
    /// Who sent it.
    pub(crate) visit: Visit,
    /// What is in it.
    pub(crate) form: T,
}

impl Visit {
    /// The name of the subject.
    pub(crate) const fn name(&self) -> &SubjectRef {
        &self.present.entry.reference
    }

    /// Whom the visitor reaches: itself.
    pub(crate) const fn reach(&self) -> &Reach {
        &self.caller.reach
    }

    /// The visitor that a request is of.
    ///
    /// # Errors
    /// `unauthenticated`, which leads to the ways in; `contained`; `cross_site`.
    pub(crate) async fn of(parts: &mut Parts) -> Result<Self, Problem> {
        let Own(own) = Own::from_request_parts(parts, &()).await?;
        let present = own.present(&parts.headers).await?;
        must_be_ours(Sender::Browser, &parts.method, &parts.headers, &own.public_url)?;
        let mut frame = Frame::new(parts);
        frame.csrf = present.token.derived("glassbreak/self-service-form/v1", "");
        frame.who = Some(present.entry.reference.as_str().to_owned());
        let caller = present.caller();
        Ok(Self { present, caller, frame, own })
    }
}

impl FromRequestParts<Engine> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Engine) -> Result<Self, Problem> {
        Self::of(parts).await
    }
}

impl<T: DeserializeOwned> FromRequest<Engine> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Problem> {
        let (mut parts, body_of) = request.into_parts();
        let visit = Visit::of(&mut parts).await?;
        let bytes = body(Request::from_parts(parts, body_of), engine).await?;
        must_have_token(&bytes, &visit.frame.csrf)?;
        Ok(Self { visit, form: fields(&bytes)? })
    }
}
