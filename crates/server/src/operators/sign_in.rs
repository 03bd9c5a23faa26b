//! `/auth/..`: people sign in and out with a browser (OpenID Connect Core 1.0, authorisation code
//! with PKCE; RFC 9700).
//!
//! A sign-in that is under way is in the browser's cookie and nowhere else, so that nobody fills
//! our memory by beginning some. `state`, `nonce` and the PKCE verifier are derived from the
//! cookie's random value: whoever lacks it can neither finish the sign-in nor make another finish
//! theirs.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::Engine;
use glassbreak_signals::oidc::Kind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

use super::cookies::{Cookie, is_own_path, must_be_ours};
use super::fetch::{basic, form, with_query};
use super::provider::Known;
use super::sessions::Token;
use super::{Identities, People};
use crate::body::Parameters;
use crate::problem::{Problem, ProblemBody};

/// How long somebody may take at the provider, in seconds.
const SIGN_IN_TIME_MAX: u32 = 600;

type Ours = Option<Extension<Arc<Identities>>>;

/// How people sign in, if they do.
fn people(identities: &Ours) -> Result<&People, Problem> {
    let people = identities.as_ref().and_then(|Extension(identities)| identities.people.as_ref());
    let detail = "people sign in where `operators.oidc` is configured";
    people.ok_or_else(|| Problem::new("not_configured", detail))
}

fn refused(why: &str) -> Problem {
    tracing::info!(why, "a sign-in was refused");
    Problem::plain("sign_in_refused")
}

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Beginning {
    /// A path of this server to go on at; `/` unless named.
    return_to: Option<String>,
}

/// What the provider sends the browser back with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Answered {
    /// The code.
    code: Option<String>,
    /// What was sent with the sign-in.
    state: Option<String>,
    /// The provider, by its own word (RFC 9207).
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// A sign-in that is under way.
struct UnderWay {
    token: Token,
    return_to: String,
}

impl UnderWay {
    /// What the cookie holds.
    fn cookie(&self) -> String {
        let return_to = URL_SAFE_NO_PAD.encode(&self.return_to);
        format!("{}.{return_to}", *self.token.text())
    }

    fn read(headers: &HeaderMap, public_url: &str) -> Option<Self> {
        let cookie = Cookie::SignIn.read(headers, public_url)?;
        let (token, return_to) = cookie.split_once('.')?;
        let return_to = String::from_utf8(URL_SAFE_NO_PAD.decode(return_to).ok()?).ok()?;
        let token = Token::parse(token)?;
        is_own_path(&return_to).then_some(Self { token, return_to })
    }

    fn state(&self) -> Zeroizing<String> {
        self.token.derived("glassbreak/sign-in/state/v1", &self.return_to)
    }

    fn nonce(&self) -> Zeroizing<String> {
        self.token.derived("glassbreak/sign-in/nonce/v1", "")
    }

    /// RFC 7636: 43 characters.
    fn verifier(&self) -> Zeroizing<String> {
        self.token.derived("glassbreak/sign-in/verifier/v1", "")
    }
}

/// The challenge of a PKCE verifier, `S256`.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
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
    let known = people.known(&engine).await?;
    let token = Token::draw(&people.entropy).map_err(|_| Problem::plain("entropy_unavailable"))?;
    let under_way = UnderWay { token, return_to };
    let oidc = &people.config.oidc;
    let mut scopes = vec!["openid"];
    scopes.extend(oidc.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"));
    let (scopes, acr) = (scopes.join(" "), oidc.acr_values.join(" "));
    let (redirect, state) = (people.redirect(), under_way.state());
    let (nonce, challenge) = (under_way.nonce(), challenge(&under_way.verifier()));
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", &oidc.client_id),
        ("redirect_uri", &redirect),
        ("scope", &scopes),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if !acr.is_empty() {
        parameters.push(("acr_values", &acr));
    }
    let place = with_query(&known.description.authorization_endpoint, &parameters);
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
            let lifetime = people.config.session.lifetime.0;
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
    must_be_ours(&Method::POST, &parts.headers, &people.public_url)?;
    let token = Cookie::Session.read(&parts.headers, &people.public_url);
    if let Some(token) = token.and_then(|token| Token::parse(&token)) {
        people.sessions.end(&token).await?;
    }
    // The session here is over, whether the provider answers or not.
    let ending = match people.known(&engine).await {
        Ok(known) => known.description.end_session_endpoint.clone(),
        Err(_) => None,
    };
    let after = format!("{}/", people.public_url);
    let parameters = [
        ("client_id", people.config.oidc.client_id.as_str()),
        ("post_logout_redirect_uri", &after),
    ];
    let continue_at = ending.map(|place| with_query(&place, &parameters));
    let mut response = Json(SignedOut { continue_at }).into_response();
    set_cookies(&mut response, &[Cookie::Session.set("", 0, &people.public_url)])?;
    Ok(response)
}

impl People {
    fn redirect(&self) -> String {
        format!("{}/auth/callback", self.public_url)
    }

    async fn known(&self, engine: &Engine) -> Result<Arc<Known>, Problem> {
        let known = self.provider.known(engine.now()).await;
        known.map_err(|_| Problem::plain("provider_unavailable"))
    }

    /// Exchanges the code, and begins a session.
    async fn finish(
        &self,
        engine: &Engine,
        headers: &HeaderMap,
        answered: &Answered,
    ) -> Result<(Token, String), Problem> {
        let under_way = UnderWay::read(headers, &self.public_url);
        let under_way = under_way.ok_or_else(|| refused("this browser has not begun one"))?;
        if answered.state.as_deref() != Some(under_way.state().as_str()) {
            return Err(refused("`state` is another"));
        }
        let known = self.known(engine).await?;
        // RFC 9207: an answer of another provider is not exchanged at this one.
        match answered.iss.as_deref() {
            Some(iss) if iss == known.description.issuer => {}
            None if !known.description.names_itself => {}
            _ => return Err(refused("`iss` is another, or is missing")),
        }
        let code = match (&answered.code, &answered.error) {
            (Some(code), None) if !code.is_empty() => code,
            _ => return Err(refused("the provider sent an error in place of a code")),
        };
        let id_token = self.exchange(&known, code, &under_way).await?;
        let nonce = under_way.nonce();
        let kind = Kind::Id { client: &self.config.oidc.client_id, nonce: &nonce };
        let claims = self.claims(&id_token, kind, engine.now(), "sign_in_refused").await?;
        let (operator, claimed) = self.appointed(&claims, engine).await?;
        // A new value at each sign-in, so that nobody can have put one there before (ASVS 7.2.4).
        let token = Token::draw(&self.entropy);
        let token = token.map_err(|_| Problem::plain("entropy_unavailable"))?;
        let old = Cookie::Session.read(headers, &self.public_url);
        if let Some(old) = old.and_then(|old| Token::parse(&old)) {
            self.sessions.end(&old).await?;
        }
        self.sessions.begin(&token, operator.subject, claimed).await?;
        tracing::info!(operator = %operator.subject, "an operator signed in");
        Ok((token, under_way.return_to))
    }

    /// The ID token for a code.
    async fn exchange(
        &self,
        known: &Known,
        code: &str,
        under_way: &UnderWay,
    ) -> Result<Zeroizing<String>, Problem> {
        #[derive(Deserialize)]
        struct Tokens {
            id_token: String,
        }
        let (redirect, verifier) = (self.redirect(), under_way.verifier());
        let client = self.config.oidc.client_id.as_str();
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect),
            ("code_verifier", &verifier),
        ];
        let basic = self.secret.as_ref().map(|secret| basic(client, secret));
        if basic.is_none() {
            parameters.push(("client_id", client));
        }
        let form = Zeroizing::new(form(&parameters));
        let answer = self.fetch.post(&known.description.token_endpoint, form, basic).await;
        let answer = answer.map_err(|why| refused(&why))?;
        let tokens: Result<Tokens, _> = serde_json::from_slice(&answer);
        let tokens = tokens.map_err(|_| refused("the provider gave no ID token"))?;
        Ok(Zeroizing::new(tokens.id_token))
    }
}

fn onwards(place: &str, cookies: &[String]) -> Result<Response, Problem> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::try_from(place).map_err(|_| Problem::plain("internal"))?;
    response.headers_mut().insert(header::LOCATION, place);
    set_cookies(&mut response, cookies)?;
    Ok(response)
}

fn set_cookies(response: &mut Response, cookies: &[String]) -> Result<(), Problem> {
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
