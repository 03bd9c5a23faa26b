//! `/self/open#TOKEN`: a link is opened. To look at the page changes nothing, whoever does: a
//! person, a mail scanner, a link preview, a browser that fetches ahead (REG-28). What is behind
//! the `#` comes here in the body of a form, once.

use askama::Template;
use axum::response::{Html, Response};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::pages::dress::{go, shown};
use crate::pages::form::PlainForm;
use crate::pages::frame::Frame;
use crate::pages::sign_in::with_cookie;
use crate::problem::Problem;
use crate::self_service::Own;

#[derive(Template)]
#[template(path = "own/open.html")]
struct Open {
    f: Frame,
}

/// What opens it.
#[derive(Deserialize)]
pub(crate) struct Opening {
    token: Zeroizing<String>,
}

/// `GET /self/open`.
pub(crate) async fn show(f: Frame) -> Result<Html<String>, Problem> {
    shown(&Open { f })
}

/// `POST /self/open`: the link is used up, and a session begins.
pub(crate) async fn enter(
    Own(own): Own,
    headers: axum::http::HeaderMap,
    PlainForm(form): PlainForm<Opening>,
) -> Result<Response, Problem> {
    // Who had no script pasted the whole link.
    let token = form.token.rsplit('#').next().unwrap_or_default().trim();
    let begun = own.by_link(&headers, token).await?;
    // A new value each time, and none beside it (ASVS 7.2.4).
    own.leave(&headers).await?;
    with_cookie(go("/self")?, &own.cookie(Some(&begun)))
}
