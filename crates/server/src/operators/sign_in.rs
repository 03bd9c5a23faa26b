//! `/auth/..`: people sign in and out with a browser (OpenID Connect Core 1.0, authorisation code
//! with PKCE; RFC 9700).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::client::{Answered, UnderWay};
use super::cookies::{Cookie, Sender, is_own_path, must_be_ours};
use super::sessions::{Holder, Token};
use super::{Identities, People};
use crate::body::Parameters;
use crate::problem::{Problem, ProblemBody};

/// How long somebody may take at the provider, in seconds.
pub(crate) const SIGN_IN_TIME_MAX: u32 = 600;

type Ours = Option<Extension<Arc<Identities>>>;

/// How people sign in, if they do.
fn people(identities: &Ours) -> Result<&People, Problem> {
    let people = identities.as_ref().and_then(|Extension(identities)| identities.people.as_ref());
    let detail = "people sign in where `operators.oidc` is configured";
    people.ok_or_else(|| Problem::new("not_configured", detail))
}

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Beginning {
    /// A path of this server to go on at; `/` unless named.
    return_to: Option<String>,
}

/// Begin to sign in: the browser is sent to the identity provider.
#[utoipa::path(get, path = "/auth/login", tag = "operators", params(Beginning), security(()),
    responses((status = 303, description = "To the identity provider"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn login(
    State(engine): State<Engine>,
    identities: Ours,
    Parameters(asked): Parameters<Beginning>,
) -> Result<Response, Problem> {
    let people = people(&identities)?;
    let return_to = asked.return_to.unwrap_or_else(|| "/".to_owned());
    if !is_own_path(&return_to) {
        let detail = "`return_to` is a path of this server: it begins with one `/`";
        return Err(Problem::new("invalid_request", detail));
    }
    let token = Token::draw(&people.entropy).map_err(|_| Problem::plain("entropy_unavailable"))?;
    let under_way = UnderWay::new(token, return_to);
    let place = people.client.begin(engine.now(), &under_way, None, false).await?;
    let cookie = Cookie::SignIn.set(&under_way.cookie(), SIGN_IN_TIME_MAX, &people.public_url);
    onwards(&place, &[cookie])
}

/// Finish to sign in: the identity provider sent the browser back.
#[utoipa::path(get, path = "/auth/callback", tag = "operators", params(Answered), security(()),
    responses((status = 303, description = "On, with a session"),
        (status = 400, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn callback(
    State(engine): State<Engine>,
    identities: Ours,
    headers: HeaderMap,
    Parameters(answered): Parameters<Answered>,
) -> Result<Response, Problem> {
    let people = people(&identities)?;
    let over = Cookie::SignIn.set("", 0, &people.public_url);
    // Once: whatever comes of it, the same answer is worth nothing any more in this browser.
    match people.finish(&engine, &headers, &answered).await {
        Ok((token, return_to)) => {
            let lifetime = people.sessions.config().lifetime.0;
            let cookie = Cookie::Session.set(&token.text(), lifetime, &people.public_url);
            onwards(&return_to, &[over, cookie])
        }
        Err(problem) => {
            let mut response = problem.into_response();
            set_cookies(&mut response, &[over])?;
            Ok(response)
        }
    }
}

/// Where to sign out of the identity provider too.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedOut {
    /// The provider's page; the browser goes there (RP-Initiated Logout 1.0).
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_at: Option<String>,
}

/// Sign out: the session ends here at once. The page goes on at `continue_at`, to end the sign-in
/// at the identity provider as well.
#[utoipa::path(post, path = "/auth/logout", tag = "operators", security(()),
    responses((status = 200, body = SignedOut),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn logout(
    State(engine): State<Engine>,
    identities: Ours,
    parts: Parts,
) -> Result<Response, Problem> {
    let people = people(&identities)?;
    must_be_ours(Sender::Script, &Method::POST, &parts.headers, &people.public_url)?;
    let token = Cookie::Session.read(&parts.headers, &people.public_url);
    if let Some(token) = token.and_then(|token| Token::parse(&token)) {
        people.sessions.end(&token).await?;
    }
    // The session here is over, whether the provider answers or not.
    let after = format!("{}/", people.public_url);
    let continue_at = people.client.end(engine.now(), &after).await;
    let mut response = Json(SignedOut { continue_at }).into_response();
    set_cookies(&mut response, &[Cookie::Session.set("", 0, &people.public_url)])?;
    Ok(response)
}

impl People {
    /// Exchanges the code, and begins a session.
    async fn finish(
        &self,
        engine: &Engine,
        headers: &HeaderMap,
        answered: &Answered,
    ) -> Result<(Token, String), Problem> {
        let browser = (Cookie::SignIn, headers, self.public_url.as_str());
        let (claims, return_to) = self.client.finish(engine.now(), browser, answered).await?;
        let (operator, claimed) = self.appointed(&claims, engine).await?;
        // A new value at each sign-in, so that nobody can have put one there before (ASVS 7.2.4).
        let token = Token::draw(&self.entropy);
        let token = token.map_err(|_| Problem::plain("entropy_unavailable"))?;
        let old = Cookie::Session.read(headers, &self.public_url);
        if let Some(old) = old.and_then(|old| Token::parse(&old)) {
            self.sessions.end(&old).await?;
        }
        let holder = Holder::Operator { operator: operator.subject, claimed };
        self.sessions.begin(&token, holder).await?;
        tracing::info!(operator = %operator.subject, "an operator signed in");
        Ok((token, return_to))
    }
}

/// The browser goes on at `place`, with these cookies.
pub(crate) fn onwards(place: &str, cookies: &[String]) -> Result<Response, Problem> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::try_from(place).map_err(|_| Problem::plain("internal"))?;
    response.headers_mut().insert(header::LOCATION, place);
    set_cookies(&mut response, cookies)?;
    Ok(response)
}

/// With these cookies set.
pub(crate) fn set_cookies(response: &mut Response, cookies: &[String]) -> Result<(), Problem> {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Where somebody goes on must not learn `code` and `state`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for cookie in cookies {
        let cookie = HeaderValue::try_from(cookie).map_err(|_| Problem::plain("internal"))?;
        headers.append(header::SET_COOKIE, cookie);
    }
    Ok(())
}
