//! Forms that are sent from pages.
//!
//! One counts if the browser says that a page of ours sent it (`Sec-Fetch-Site`, `Origin`), and, of
//! somebody who is signed in, if it has the value in it that only pages of that session know: the
//! field `csrf` (ASVS 3.5.1).

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use glassbreak_engine::Engine;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use zeroize::Zeroizing;

use super::visit::Visit;
use crate::access::Needs;
use crate::operators::{Identities, Sender, must_be_ours};
use crate::problem::Problem;

/// A form of somebody who is signed in and has a scope that `S` names.
pub(crate) struct Sent<S, T> {
    /// Who sent it.
    pub(crate) visit: Visit<S>,
    /// What is in it.
    pub(crate) form: T,
}

/// A form that anybody may send, from a page of ours.
pub(crate) struct PlainForm<T>(pub(crate) T);

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: Zeroizing<String>,
}

/// The fields of a form. What is wrong is told without what was in it.
pub(crate) fn fields<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_html_form::from_bytes(bytes).map_err(|_| {
        Problem::new("invalid_request", "a field of the form is missing, or is not of its kind")
    })
}

/// The body of a form.
pub(crate) async fn body(request: Request, engine: &Engine) -> Result<Bytes, Problem> {
    let read = Bytes::from_request(request, engine).await;
    read.map_err(|rejected| match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::plain("too_large"),
        _ => Problem::new("invalid_request", "the form could not be read"),
    })
}

/// Refuses a form without the value that pages of a session have in them.
///
/// # Errors
/// `cross_site`.
pub(crate) fn must_have_token(bytes: &[u8], expected: &str) -> Result<(), Problem> {
    let token: Token = fields(bytes)?;
    let same = aws_lc_rs::constant_time::verify_slices_are_equal(
        token.csrf.as_bytes(),
        expected.as_bytes(),
    );
    same.map_err(|_| Problem::plain("cross_site"))
}

/// Refuses a form that a page elsewhere had the browser send.
///
/// # Errors
/// `cross_site`.
pub(crate) fn must_be_from_here(parts: &Parts) -> Result<(), Problem> {
    let identities = parts.extensions.get::<Arc<Identities>>();
    let browsers = identities.and_then(|identities| identities.browsers.as_ref());
    let browsers = browsers.ok_or_else(|| Problem::plain("cross_site"))?;
    must_be_ours(Sender::Browser, &parts.method, &parts.headers, &browsers.public_url)
}

impl<S: Needs + Send, T: DeserializeOwned> FromRequest<Engine> for Sent<S, T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Problem> {
        let (parts, body_of) = request.into_parts();
        let visit = Visit::of(&parts, engine).await?;
        let bytes = body(Request::from_parts(parts, body_of), engine).await?;
        must_have_token(&bytes, &visit.frame.csrf)?;
        Ok(Self { visit, form: fields(&bytes)? })
    }
}

impl<T: DeserializeOwned> FromRequest<Engine> for PlainForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Problem> {
        let (parts, body_of) = request.into_parts();
        must_be_from_here(&parts)?;
        let bytes = body(Request::from_parts(parts, body_of), engine).await?;
        Ok(Self(fields(&bytes)?))
    }
}
