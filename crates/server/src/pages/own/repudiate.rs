//! `/repudiate`: the page that the link in a notice opens, and the form on it (N63B-NO-07).
//!
//! The token is behind the `#` of the link, so no browser sends it and no proxy writes it down. A
//! script of ours puts it into the form; without scripts the person pastes the link there. To open
//! the page changes nothing, whoever does: a person, a mail scanner, a link preview (REG-28). It is
//! there whether or not there are other pages.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::{Engine, Error};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::operation::repudiate::SOURCE;
use crate::pages::dress::shown;
use crate::pages::form::fields;
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// The longest body of the form, in bytes.
const FORM_MAX: usize = 2048;

/// What the page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Form,
    Done,
    Refused,
    Busy,
}

#[derive(Template)]
#[template(path = "own/repudiate.html")]
struct Page {
    f: Frame,
    says: Says,
}

/// What is in the form.
#[derive(Deserialize)]
struct Presented {
    token: Zeroizing<String>,
}

fn page(f: Frame, status: StatusCode, says: Says) -> Result<Response, Problem> {
    let mut response = (status, shown(&Page { f, says })?).into_response();
    // Where somebody goes on learns nothing of where they were.
    let nothing = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, nothing);
    Ok(response)
}

/// `GET /repudiate`: the form.
pub(crate) async fn show(f: Frame) -> Result<Response, Problem> {
    page(f, StatusCode::OK, Says::Form)
}

/// `POST /repudiate`: the form, sent. What is in it says by itself that it counts, so it may come
/// from anywhere.
pub(crate) async fn send(
    State(engine): State<Engine>,
    f: Frame,
    body: Bytes,
) -> Result<Response, Problem> {
    let token = Zeroizing::new(token_in(&body).unwrap_or_default());
    match engine.repudiate(&token, SOURCE).await {
        Ok(_) => page(f, StatusCode::OK, Says::Done),
        Err(Error::RepudiationRefused) => page(f, StatusCode::UNPROCESSABLE_ENTITY, Says::Refused),
        Err(error) => {
            tracing::warn!(code = error.code(), "an answer to a notice could not be taken");
            page(f, StatusCode::SERVICE_UNAVAILABLE, Says::Busy)
        }
    }
}

/// The token in a form: as it is, or behind the `#` of the whole link.
fn token_in(body: &[u8]) -> Option<String> {
    let body = body.get(..FORM_MAX.min(body.len())).filter(|cut| cut.len() == body.len())?;
    let presented: Presented = fields(body).ok()?;
    Some(presented.token.rsplit('#').next()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_takes_the_token_and_the_whole_link() {
        for (body, token) in [
            ("token=abc-_123", Some("abc-_123")),
            ("x=1&token=+abc%0A", Some("abc")),
            ("token=https%3A%2F%2Fa.example%2Frepudiate%23abc", Some("abc")),
            ("token=", Some("")),
            ("tokens=abc", None),
            ("", None),
        ] {
            assert_eq!(token_in(body.as_bytes()).as_deref(), token, "{body}");
        }
        assert_eq!(token_in(format!("token={}", "a".repeat(FORM_MAX)).as_bytes()), None);
    }
}
