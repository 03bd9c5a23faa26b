//! Who calls: the one place where a request becomes a caller.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::operator::Operator;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Caller, Engine, Reach};
use glassbreak_signals::oidc::{Claims, Kind};

use super::cookies::{Cookie, must_be_ours};
use super::provider::Unverified;
use super::roles::Claimed;
use super::sessions::Token;
use super::{Identities, Peer, People};
use crate::problem::Problem;

/// A caller, and what it may do.
pub(crate) struct Identity {
    /// The caller, with whom it reaches and in whose name it acts.
    pub(crate) caller: Caller,
    /// What it may do.
    pub(crate) scopes: Vec<Scope>,
    /// Who it is, for itself to read.
    pub(crate) who: Who,
}

/// Who a caller is.
pub(crate) enum Who {
    /// An API key.
    ApiKey {
        /// Its public id.
        id: String,
        /// What people call it.
        label: String,
    },
    /// An operator who signed in.
    Operator {
        /// The roles.
        claimed: Claimed,
        /// When the token or the session ends.
        until: Timestamp,
    },
    /// A machine, by its certificate.
    Machine {
        /// Its name in the configuration.
        name: String,
    },
}

/// Who calls. What is in `Authorization` counts alone; then the session of a browser; then the
/// certificate of the connection.
///
/// # Errors
/// `unauthenticated`, `not_appointed`, `cross_site`, `provider_unavailable`.
pub(crate) async fn identify(parts: &Parts, engine: &Engine) -> Result<Identity, Problem> {
    let nobody = || Problem::plain("unauthenticated");
    let identities = parts.extensions.get::<Arc<Identities>>();
    let people = identities.and_then(|identities| identities.people.as_ref());
    if parts.headers.contains_key(AUTHORIZATION) {
        let presented = bearer(&parts.headers).ok_or_else(nobody)?;
        return match people {
            Some(people) if !presented.starts_with("gbk_") => {
                people.by_token(presented, engine).await
            }
            _ => by_key(presented, engine).await,
        };
    }
    if let Some(people) = people
        && let Some(value) = Cookie::Session.read(&parts.headers, &people.public_url)
    {
        must_be_ours(&parts.method, &parts.headers, &people.public_url)?;
        let token = Token::parse(&value).ok_or_else(nobody)?;
        return people.by_session(&token, engine).await;
    }
    let peer = parts.extensions.get::<Arc<Peer>>();
    let machine = peer.zip(identities).and_then(|(peer, known)| known.machines.find(peer));
    machine.ok_or_else(nobody)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let presented = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, presented) = presented.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| presented.trim_start())
}

async fn by_key(presented: &str, engine: &Engine) -> Result<Identity, Problem> {
    let key = engine.authenticate(presented).await?;
    let key = key.ok_or_else(|| Problem::plain("unauthenticated"))?;
    let caller = Caller::api_key(key.id.clone());
    let caller = caller.reaching(Reach::of_groups(key.groups)).acting_as(key.operator);
    let who = Who::ApiKey { id: key.id, label: key.label };
    Ok(Identity { caller, scopes: key.scopes, who })
}

impl People {
    /// The holder of an access token.
    async fn by_token(&self, token: &str, engine: &Engine) -> Result<Identity, Problem> {
        let audience = self.config.oidc.audience.as_deref();
        let audience = audience.ok_or_else(|| Problem::plain("unauthenticated"))?;
        let kind = Kind::Access {
            audience,
            clients: &self.clients,
            may_be_unmarked: self.config.oidc.unmarked_tokens,
        };
        let claims = self.claims(token, kind, engine.now(), "unauthenticated").await?;
        let (operator, claimed) = self.appointed(&claims, engine).await?;
        Ok(self.identity(&operator, claimed, claims.expires_at))
    }

    /// The claims of a token, checked but for whose they are; `refused` is the code of a refusal.
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
        let wanted = &self.config.oidc.acr_values;
        let acr = claims.text("acr");
        if !wanted.is_empty() && !acr.is_some_and(|acr| wanted.iter().any(|one| one == acr)) {
            tracing::info!("a sign-in was not as strong as `acr_values` asks");
            return Err(Problem::plain(refused));
        }
        Ok(claims)
    }

    /// The operator whom claims are about, and what they say.
    pub(super) async fn appointed(
        &self,
        claims: &Claims,
        engine: &Engine,
    ) -> Result<(Operator, Claimed), Problem> {
        let out = || Problem::plain("not_appointed");
        let claim = self.config.oidc.subject_claim.as_str();
        // An address that the provider did not verify is whoever wrote it down.
        if claim == "email" && !claims.is_true("email_verified") {
            return Err(out());
        }
        let name = claims.text(claim).map(str::to_owned).map(SubjectRef::try_from);
        let name = name.and_then(Result::ok).ok_or_else(out)?;
        let operator = engine.operator(&Reach::Everybody, &name).await?;
        let operator = operator.filter(Operator::has_a_duty).ok_or_else(out)?;
        Ok((operator, self.roles.of(claims)))
    }

    /// The holder of a session.
    async fn by_session(&self, token: &Token, engine: &Engine) -> Result<Identity, Problem> {
        let session = self.sessions.seen(token).await?;
        let session = session.ok_or_else(|| Problem::plain("unauthenticated"))?;
        let Some(operator) = engine.on_duty(session.operator).await? else {
            self.sessions.end(token).await?;
            return Err(Problem::plain("not_appointed"));
        };
        let until = session.until(self.sessions.config());
        Ok(self.identity(&operator, session.claimed, until))
    }

    fn identity(&self, operator: &Operator, claimed: Claimed, until: Timestamp) -> Identity {
        let scopes = self.roles.scopes(&claimed, operator);
        let caller = Caller::operator(operator.subject).reaching(claimed.reach());
        Identity { caller, scopes, who: Who::Operator { claimed, until } }
    }
}
