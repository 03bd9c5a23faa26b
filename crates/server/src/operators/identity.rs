//! Who calls: the one place where a request becomes a caller.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use glassbreak_engine::core::access::{ApiKey, Scope};
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::operator::Operator;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Caller, Engine, Reach};
use glassbreak_signals::oidc::{Claims, Kind};

use super::cookies::{Cookie, Sender, must_be_ours};
use super::roles::Claimed;
use super::sessions::{Holder, Token};
use super::{Browsers, Identities, Peer, People};
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
    if let Some(identities) = identities
        && let Some(browsers) = &identities.browsers
        && Cookie::Session.read(&parts.headers, &browsers.public_url).is_some()
    {
        let found = by_browser(Sender::Script, parts, identities, browsers, engine).await?;
        return Ok(found.0);
    }
    let peer = parts.extensions.get::<Arc<Peer>>();
    let machine = peer.zip(identities).and_then(|(peer, known)| known.machines.find(peer));
    machine.ok_or_else(nobody)
}

/// Who is signed in with the browser that sends a request, and the value of its session.
///
/// # Errors
/// `unauthenticated`, `not_appointed`, `cross_site`.
pub(crate) async fn by_browser(
    sender: Sender,
    parts: &Parts,
    identities: &Identities,
    browsers: &Browsers,
    engine: &Engine,
) -> Result<(Identity, Token), Problem> {
    let nobody = || Problem::plain("unauthenticated");
    let value = Cookie::Session.read(&parts.headers, &browsers.public_url).ok_or_else(nobody)?;
    must_be_ours(sender, &parts.method, &parts.headers, &browsers.public_url)?;
    let token = Token::parse(&value).ok_or_else(nobody)?;
    let session = browsers.sessions.seen(&token).await?.ok_or_else(nobody)?;
    let until = session.until(browsers.sessions.config());
    let identity = match (session.holder, &identities.people) {
        (Holder::Operator { operator, claimed }, Some(people)) => {
            let operator = engine.on_duty(operator).await?;
            operator.map(|operator| people.identity(&operator, claimed, until))
        }
        (Holder::Key { id }, _) => engine.api_key(&id).await?.map(of_key),
        (Holder::Operator { .. }, None) => None,
    };
    if let Some(identity) = identity {
        return Ok((identity, token));
    }
    browsers.sessions.end(&token).await?;
    Err(Problem::plain("not_appointed"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let presented = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, presented) = presented.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| presented.trim_start())
}

async fn by_key(presented: &str, engine: &Engine) -> Result<Identity, Problem> {
    let key = engine.authenticate(presented).await?;
    key.map(of_key).ok_or_else(|| Problem::plain("unauthenticated"))
}

fn of_key(key: ApiKey) -> Identity {
    let caller = Caller::api_key(key.id.clone());
    let caller = caller.reaching(Reach::of_groups(key.groups)).acting_as(key.operator);
    let who = Who::ApiKey { id: key.id, label: key.label };
    Identity { caller, scopes: key.scopes, who }
}

impl People {
    /// The holder of an access token.
    async fn by_token(&self, token: &str, engine: &Engine) -> Result<Identity, Problem> {
        let audience = self.client.oidc.audience.as_deref();
        let audience = audience.ok_or_else(|| Problem::plain("unauthenticated"))?;
        let kind = Kind::Access {
            audience,
            clients: &self.clients,
            may_be_unmarked: self.client.oidc.unmarked_tokens,
        };
        let claims = self.client.claims(token, kind, engine.now(), "unauthenticated").await?;
        let (operator, claimed) = self.appointed(&claims, engine).await?;
        Ok(self.identity(&operator, claimed, claims.expires_at))
    }

    /// The operator whom claims are about, and what they say.
    pub(super) async fn appointed(
        &self,
        claims: &Claims,
        engine: &Engine,
    ) -> Result<(Operator, Claimed), Problem> {
        let out = || Problem::plain("not_appointed");
        let claim = self.client.oidc.subject_claim.as_str();
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

    fn identity(&self, operator: &Operator, claimed: Claimed, until: Timestamp) -> Identity {
        let scopes = self.roles.scopes(&claimed, operator);
        let caller = Caller::operator(operator.subject).reaching(claimed.reach());
        Identity { caller, scopes, who: Who::Operator { claimed, until } }
    }
}
