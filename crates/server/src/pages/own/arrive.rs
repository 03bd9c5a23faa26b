//! `/self/sign-in` and `/self/sign-out`: the ways in, and out.

use askama::Template;
use axum::http::HeaderMap;
use axum::response::{Html, Response};
use glassbreak_engine::core::subject::Assurance;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::body::Parameters;
use crate::operators::is_own_path;
use crate::pages::dress::{go, shown};
use crate::pages::form::PlainForm;
use crate::pages::frame::Frame;
use crate::pages::sign_in::with_cookie;
use crate::problem::Problem;
use crate::self_service::{self, Own};
use crate::shape::word;

#[derive(Template)]
#[template(path = "own/sign_in.html")]
struct SignIn {
    f: Frame,
    return_to: String,
    step_up: Option<String>,
    has_provider: bool,
    redeems: bool,
    is_out: bool,
}

/// What leads here.
#[derive(Deserialize)]
pub(crate) struct Asked {
    return_to: Option<String>,
    step_up: Option<Assurance>,
    out: Option<String>,
}

/// Where somebody goes on: a page of self-service, or the one where codes are used.
fn own_path(path: Option<String>) -> String {
    let ours = |path: &String| {
        let place = path.split(['?', '#']).next().unwrap_or_default();
        is_own_path(path)
            && (place == "/self" || place == "/recover" || place.starts_with("/self/"))
    };
    path.filter(ours).unwrap_or_else(|| "/self".to_owned())
}

/// `GET /self/sign-in`: the ways in. Who cannot sign in sees here what else there is.
pub(crate) async fn show(
    Own(own): Own,
    f: Frame,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    shown(&SignIn {
        f,
        return_to: own_path(asked.return_to),
        step_up: asked.step_up.as_ref().map(word),
        has_provider: own.has_provider(),
        redeems: own.config.redeem,
        is_out: asked.out.is_some(),
    })
}

/// `GET /self/sign-in/provider`: on to the identity provider. Nothing is kept here of it.
pub(crate) async fn begin(
    Own(own): Own,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    self_service::begin(&own, own_path(asked.return_to), asked.step_up).await
}

/// `POST /self/sign-out`: the session ends, at once.
pub(crate) async fn leave(
    Own(own): Own,
    headers: HeaderMap,
    _: PlainForm<IgnoredAny>,
) -> Result<Response, Problem> {
    own.leave(&headers).await?;
    with_cookie(go("/self/sign-in?out=1")?, &own.cookie(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_from_self_service_to_another_place() {
        for path in ["/self", "/self/codes/new?a=b", "/recover"] {
            assert_eq!(own_path(Some(path.to_owned())), path);
        }
        for path in ["/selfish", "/console", "//evil.example", "https://evil.example", "/self x"] {
            assert_eq!(own_path(Some(path.to_owned())), "/self", "{path}");
        }
        assert_eq!(own_path(None), "/self");
    }
}
