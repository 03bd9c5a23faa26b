//! `/self/sign-in` at the identity provider, and back: a subject signs in where it signs in to
//! everything else. What the provider says of how it did (`acr`) is its assurance here.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::self_service::{Entrance, Purpose};
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, Reach};
use glassbreak_signals::oidc::Claims;

use super::{LetIn, Own, SelfService, Way};
use crate::body::Parameters;
use crate::operators::sign_in::{SIGN_IN_TIME_MAX, onwards, set_cookies};
use crate::operators::{Answered, Cookie, OidcClient, UnderWay, refused};
use crate::problem::Problem;

/// The browser is sent to the identity provider, and comes back to `return_to`. With `step_up`, it
/// is to show once more who is there, that strongly.
///
/// # Errors
/// `not_configured`, `provider_unavailable`, `entropy_unavailable`.
pub(crate) async fn begin(
    own: &SelfService,
    return_to: String,
    step_up: Option<Assurance>,
) -> Result<Response, Problem> {
    let provider = provider(own)?;
    let under_way = UnderWay::new(own.draw()?, return_to);
    let acr = step_up.map(|wanted| as_acr(&own.config.acr_assurance, wanted));
    let acr = acr.as_deref().filter(|acr| !acr.is_empty());
    let now = own.engine.now();
    let place = provider.begin(now, &under_way, acr, step_up.is_some()).await?;
    let cookie = Cookie::OwnSignIn.set(&under_way.cookie(), SIGN_IN_TIME_MAX, &own.public_url);
    onwards(&place, &[cookie])
}

/// `GET /self/callback`: the identity provider sent the browser back. What it brings is worth
/// something once, and with the cookie of the browser that began (REG-28).
pub(crate) async fn callback(
    State(engine): State<Engine>,
    Own(own): Own,
    headers: HeaderMap,
    Parameters(answered): Parameters<Answered>,
) -> Result<Response, Problem> {
    let over = Cookie::OwnSignIn.set("", 0, &own.public_url);
    match own.finish(&engine, &headers, &answered).await {
        Ok((begun, return_to)) => onwards(&return_to, &[over, own.cookie(Some(&begun))]),
        Err(problem) => {
            let mut response = problem.into_response();
            set_cookies(&mut response, &[over])?;
            Ok(response)
        }
    }
}

fn provider(own: &SelfService) -> Result<&OidcClient, Problem> {
    let detail = "people sign in where `self_service.oidc` is configured";
    own.provider.as_ref().ok_or_else(|| Problem::new("not_configured", detail))
}

/// The words of the provider for an assurance, and for those above it: the weakest first, because
/// that is asked for.
fn as_acr(map: &BTreeMap<String, Assurance>, wanted: Assurance) -> String {
    let mut fit: Vec<_> = map.iter().filter(|(_, assurance)| **assurance >= wanted).collect();
    fit.sort_by_key(|(acr, assurance)| (**assurance, (*acr).clone()));
    fit.iter().map(|(acr, _)| acr.as_str()).collect::<Vec<_>>().join(" ")
}

impl SelfService {
    async fn finish(
        &self,
        engine: &Engine,
        headers: &HeaderMap,
        answered: &Answered,
    ) -> Result<(LetIn, String), Problem> {
        let provider = provider(self)?;
        let browser = (Cookie::OwnSignIn, headers, self.public_url.as_str());
        let (claims, return_to) = provider.finish(engine.now(), browser, answered).await?;
        let name = name_in(&claims, provider.subject_claim());
        let name = name.ok_or_else(|| refused("the claims name nobody"))?;
        let found = engine.subject(&Reach::Everybody, &name).await?;
        let (subject, _) = found.ok_or_else(|| refused("nobody is registered as that"))?;
        let acr = claims.text("acr").and_then(|acr| self.config.acr_assurance.get(acr));
        let signed_in_at = claims.seconds("auth_time");
        let signed_in_at = signed_in_at.and_then(|seconds| seconds.checked_mul(1000));
        let recovery = self.under_way(headers, subject.id).await?;
        let way = Way {
            subject: subject.id,
            assurance: acr.copied().unwrap_or(Assurance::Aal1),
            authenticated_at: signed_in_at
                .map_or_else(|| engine.now(), Timestamp::from_millis)
                .min(engine.now()),
            purposes: Purpose::ALL.to_vec(),
            entrance: Entrance::Provider {},
            recovery,
            is_vouched_for: acr.is_some(),
            ends_at: None,
            using_up: None,
        };
        let begun = self.let_in(way).await?.ok_or_else(|| refused("they have left"))?;
        // A new value at each sign-in, and none beside it (ASVS 7.2.4). Not before there is one.
        self.leave(headers).await?;
        Ok((begun, return_to))
    }
}

/// The subject whom claims are about. An address that the provider did not verify is whoever wrote
/// it down.
fn name_in(claims: &Claims, claim: &str) -> Option<SubjectRef> {
    if claim == "email" && !claims.is_true("email_verified") {
        return None;
    }
    SubjectRef::try_from(claims.text(claim)?.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_up_asks_for_what_is_enough_and_for_what_is_more() {
        let map = [("mfa", Assurance::Aal2), ("phr", Assurance::Aal3), ("pwd", Assurance::Aal1)];
        let map = map.map(|(acr, assurance)| (acr.to_owned(), assurance)).into();
        assert_eq!(as_acr(&map, Assurance::Aal2), "mfa phr");
        assert_eq!(as_acr(&map, Assurance::Aal3), "phr");
        assert_eq!(as_acr(&BTreeMap::new(), Assurance::Aal2), "");
    }
}
