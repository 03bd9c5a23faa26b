//! `/sign-in` and `/sign-out`: operators come and go.
//!
//! People sign in at the organisation's identity provider. Where there is none, and on a server of
//! one machine, whoever has an API key signs in with it: the browser gets a session, and the key
//! stays where it was. What the key may do is looked up at each page, so a revoked one is out.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use serde::Deserialize;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::dress::{go, shown};
use super::form::PlainForm;
use super::frame::Frame;
use crate::body::Parameters;
use crate::operators::{Browsers, Cookie, Holder, Identities, Token, is_own_path};
use crate::problem::Problem;

/// Where somebody goes on who did not say.
const HOME: &str = "/console";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    f: Frame,
    return_to: String,
    takes_keys: bool,
    is_refused: bool,
    is_out: bool,
}

/// What leads here.
#[derive(Deserialize)]
pub(crate) struct Asked {
    return_to: Option<String>,
    out: Option<String>,
}

/// The form with a key.
#[derive(Deserialize)]
pub(crate) struct WithKey {
    key: Zeroizing<String>,
    #[serde(default)]
    return_to: String,
}

fn browsers(identities: &Identities) -> Result<&Browsers, Problem> {
    let detail = "say where browsers find this server: `pages.public_url`";
    identities.browsers.as_ref().ok_or_else(|| Problem::new("not_configured", detail))
}

fn own_path(path: Option<String>) -> String {
    path.filter(|path| is_own_path(path)).unwrap_or_else(|| HOME.to_owned())
}

/// `GET /sign-in`.
pub(crate) async fn show(
    f: Frame,
    Extension(identities): Extension<Arc<Identities>>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    let takes_keys = browsers(&identities)?.takes_keys;
    let return_to = own_path(asked.return_to);
    let is_out = asked.out.is_some();
    Ok(shown(&SignIn { f, return_to, takes_keys, is_refused: false, is_out })?.into_response())
}

/// `POST /sign-in`: with an API key.
pub(crate) async fn with_key(
    State(engine): State<Engine>,
    f: Frame,
    Extension(identities): Extension<Arc<Identities>>,
    headers: HeaderMap,
    PlainForm(form): PlainForm<WithKey>,
) -> Result<Response, Problem> {
    let browsers = browsers(&identities)?;
    let return_to = own_path(Some(form.return_to));
    if !browsers.takes_keys {
        return Err(Problem::new("not_configured", "`pages.key_sign_in` is off"));
    }
    let Some(key) = engine.authenticate(form.key.trim()).await? else {
        let view = SignIn { f, return_to, takes_keys: true, is_refused: true, is_out: false };
        return Ok((StatusCode::UNAUTHORIZED, shown(&view)?).into_response());
    };
    let token = Token::draw(&browsers.entropy);
    let token = token.map_err(|_| Problem::plain("entropy_unavailable"))?;
    leave(&headers, browsers).await?;
    browsers.sessions.begin(&token, Holder::Key { id: key.id.clone() }).await?;
    tracing::info!(key = key.id, "a browser signed in with an API key");
    let lifetime = browsers.sessions.config().lifetime.0;
    with_cookie(
        go(&return_to)?,
        &Cookie::Session.set(&token.text(), lifetime, &browsers.public_url),
    )
}

/// `POST /sign-out`: the session ends, at once.
pub(crate) async fn end(
    Extension(identities): Extension<Arc<Identities>>,
    headers: HeaderMap,
    _: PlainForm<IgnoredAny>,
) -> Result<Response, Problem> {
    let browsers = browsers(&identities)?;
    leave(&headers, browsers).await?;
    with_cookie(go("/sign-in?out=1")?, &Cookie::Session.set("", 0, &browsers.public_url))
}

/// Ends the session that a browser has.
async fn leave(headers: &HeaderMap, browsers: &Browsers) -> Result<(), Problem> {
    let old = Cookie::Session.read(headers, &browsers.public_url);
    if let Some(old) = old.and_then(|old| Token::parse(&old)) {
        browsers.sessions.end(&old).await?;
    }
    Ok(())
}

/// With a cookie set.
pub(crate) fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, Problem> {
    let cookie = HeaderValue::try_from(cookie).map_err(|_| Problem::plain("internal"))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
