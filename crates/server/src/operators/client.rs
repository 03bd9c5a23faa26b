//! Our client at an identity provider: the authorisation code flow with PKCE, for whoever signs in
//! (OpenID Connect Core 1.0; RFC 9700). Operators have one, and self-service has another.
//!
//! A sign-in that is under way is in the browser's cookie and nowhere else, so that nobody fills
//! our memory by beginning some. `state`, `nonce` and the PKCE verifier are derived from the
//! cookie's random value: whoever lacks it can neither finish the sign-in nor make another finish
//! theirs.

use std::sync::Arc;

use anyhow::Context;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_signals::oidc::{Claims, Kind};
use serde::Deserialize;
use utoipa::IntoParams;
use zeroize::Zeroizing;

use super::config::OidcConfig;
use super::cookies::{Cookie, is_own_path};
use super::fetch::{Fetch, basic, form, with_query};
use super::provider::{Known, Provider, Unverified};
use super::secret;
use super::sessions::Token;
use crate::problem::Problem;

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
pub(crate) struct UnderWay {
    token: Token,
    /// Where the browser goes on.
    pub(crate) return_to: String,
}

impl UnderWay {
    /// One that begins, and goes on at a path of this server.
    pub(crate) const fn new(token: Token, return_to: String) -> Self {
        Self { token, return_to }
    }

    /// What the cookie holds.
    pub(crate) fn cookie(&self) -> String {
        let return_to = URL_SAFE_NO_PAD.encode(&self.return_to);
        format!("{}.{return_to}", *self.token.text())
    }

    fn read(cookie: Cookie, headers: &HeaderMap, public_url: &str) -> Option<Self> {
        let cookie = cookie.read(headers, public_url)?;
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

pub(crate) fn refused(why: &str) -> Problem {
    tracing::info!(why, "a sign-in was refused");
    Problem::plain("sign_in_refused")
}

/// Our client.
pub(crate) struct OidcClient {
    /// What it is called there, and how it is asked.
    pub(super) oidc: OidcConfig,
    secret: Option<Zeroizing<String>>,
    /// Where browsers are sent back to.
    redirect: String,
    fetch: Fetch,
    provider: Provider,
}

impl OidcClient {
    /// As configured at `at`. The provider is not asked yet: it may start later than we do.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(oidc: &OidcConfig, redirect: String, at: &str) -> anyhow::Result<Self> {
        let secret = secret(oidc).with_context(|| format!("`{at}`"))?;
        let fetch = Fetch::new(oidc.ca_file.as_deref(), oidc.timeout);
        let fetch = fetch.with_context(|| format!("`{at}.ca_file`"))?;
        let provider = Provider::new(oidc.issuer.clone(), fetch.clone());
        Ok(Self { oidc: oidc.clone(), secret, redirect, fetch, provider })
    }

    /// The claim that is somebody's name here.
    pub(crate) fn subject_claim(&self) -> &str {
        &self.oidc.subject_claim
    }

    /// What is known of the provider.
    ///
    /// # Errors
    /// `provider_unavailable`.
    pub(super) async fn known(&self, now: Timestamp) -> Result<Arc<Known>, Problem> {
        let known = self.provider.known(now).await;
        known.map_err(|_| Problem::plain("provider_unavailable"))
    }

    /// Where the browser goes to sign in. `acr` is how strongly; as configured unless named. With
    /// `anew`, somebody who is signed in there shows it once more.
    ///
    /// # Errors
    /// `provider_unavailable`.
    pub(crate) async fn begin(
        &self,
        now: Timestamp,
        under_way: &UnderWay,
        acr: Option<&str>,
        anew: bool,
    ) -> Result<String, Problem> {
        let known = self.known(now).await?;
        let oidc = &self.oidc;
        let mut scopes = vec!["openid"];
        scopes.extend(oidc.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"));
        let (scopes, as_configured) = (scopes.join(" "), oidc.acr_values.join(" "));
        let acr = acr.unwrap_or(&as_configured);
        let (state, nonce) = (under_way.state(), under_way.nonce());
        let challenge = challenge(&under_way.verifier());
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &oidc.client_id),
            ("redirect_uri", &self.redirect),
            ("scope", &scopes),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if !acr.is_empty() {
            parameters.push(("acr_values", acr));
        }
        if anew {
            parameters.push(("max_age", "0"));
        }
        Ok(with_query(&known.description.authorization_endpoint, &parameters))
    }

    /// Where the browser goes to sign out of the provider too, if it has such a page.
    pub(super) async fn end(&self, now: Timestamp, after: &str) -> Option<String> {
        let ending = self.known(now).await.ok()?.description.end_session_endpoint.clone()?;
        let parameters =
            [("client_id", self.oidc.client_id.as_str()), ("post_logout_redirect_uri", after)];
        Some(with_query(&ending, &parameters))
    }

    /// The claims of a token, checked but for whose they are; `refused` is the code of a refusal.
    ///
    /// # Errors
    /// `refused`, `provider_unavailable`.
    pub(super) async fn claims(
        &self,
        token: &str,
        kind: Kind<'_>,
        now: Timestamp,
        refused: &'static str,
    ) -> Result<Claims, Problem> {
        let claims = self.provider.receive(token, kind, now).await.map_err(|why| match why {
            Unverified::Refused(refusal) => {
                tracing::info!(%refusal, "a token of the identity provider was refused");
                Problem::plain(refused)
            }
            Unverified::NoAnswer => Problem::plain("provider_unavailable"),
        })?;
        let wanted = &self.oidc.acr_values;
        let acr = claims.text("acr");
        if !wanted.is_empty() && !acr.is_some_and(|acr| wanted.iter().any(|one| one == acr)) {
            tracing::info!("a sign-in was not as strong as `acr_values` asks");
            return Err(Problem::plain(refused));
        }
        Ok(claims)
    }

    /// Exchanges the code that the browser came back with, and reads who signed in; and where the
    /// browser goes on.
    ///
    /// # Errors
    /// `sign_in_refused`, `provider_unavailable`.
    pub(crate) async fn finish(
        &self,
        now: Timestamp,
        (cookie, headers, public_url): (Cookie, &HeaderMap, &str),
        answered: &Answered,
    ) -> Result<(Claims, String), Problem> {
        let under_way = UnderWay::read(cookie, headers, public_url);
        let under_way = under_way.ok_or_else(|| refused("this browser has not begun one"))?;
        if answered.state.as_deref() != Some(under_way.state().as_str()) {
            return Err(refused("`state` is another"));
        }
        let known = self.known(now).await?;
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
        let kind = Kind::Id { client: &self.oidc.client_id, nonce: &nonce };
        let claims = self.claims(&id_token, kind, now, "sign_in_refused").await?;
        Ok((claims, under_way.return_to))
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
        let verifier = under_way.verifier();
        let client = self.oidc.client_id.as_str();
        let mut parameters = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect),
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
