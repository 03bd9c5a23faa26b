//! `GET /self/recovery`: the window that a code opened: how long it is open, and what is to be done
//! in it (C4, C5).

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::recovery::{Obligation, RecoveryState};
use glassbreak_engine::core::time::Timestamp;
use zeroize::Zeroizing;

use super::Visit;
use crate::pages::dress::{POLICY, shown};
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// Where the recovery stands.
enum Stands {
    /// More has to come.
    Open,
    /// It is the person's turn.
    Window(Box<Turn>),
    /// Everyday sign-in is back.
    Completed,
    /// Its time ran out, or something ended it.
    Ended,
}

/// What is left to do.
struct Turn {
    ends_at: Timestamp,
    now: Timestamp,
    /// A new authenticator is bound.
    is_bound: bool,
    /// A new set was taken.
    is_replaced: bool,
    /// The grant, and where it goes.
    enrol: Option<(String, Zeroizing<String>)>,
}

#[derive(Template)]
#[template(path = "own/recovery.html")]
struct Page {
    f: Frame,
    stands: Stands,
}

pub(crate) async fn show(State(engine): State<Engine>, visit: Visit) -> Result<Response, Problem> {
    let unknown = || Problem::plain("recovery_unknown");
    // Who came in to report a loss and nothing else is not handed the grant.
    if visit.present.session.only_reports() {
        return Err(Problem::plain("not_allowed"));
    }
    let id = visit.present.session.recovery().ok_or_else(unknown)?;
    let recovery = engine.recovery(visit.reach(), id).await?.ok_or_else(unknown)?;
    let now = engine.now();
    let stands = match &recovery.state {
        RecoveryState::Open {} if !recovery.is_due(now) => Stands::Open,
        RecoveryState::Window(window) if window.ends_at > now => {
            let left = |obligation| window.obligations.contains(&obligation);
            let is_bound = !left(Obligation::BindAuthenticator);
            let place = visit.own.config.reenrol_url.clone().filter(|_| !is_bound);
            let enrol = match place {
                Some(place) => {
                    let grant = engine.grant(visit.name(), window).await?;
                    Some((place, Zeroizing::new(grant)))
                }
                None => None,
            };
            let (ends_at, is_replaced) = (window.ends_at, !left(Obligation::ReplaceCodes));
            Stands::Window(Box::new(Turn { ends_at, now, is_bound, is_replaced, enrol }))
        }
        RecoveryState::Completed { .. } => Stands::Completed,
        _ => Stands::Ended,
    };
    let policy = match (&stands, visit.own.config.reenrol_origin()) {
        (Stands::Window(_), Some(origin)) => policy_for(&origin),
        _ => POLICY.to_owned(),
    };
    let mut response = shown(&Page { f: visit.frame, stands })?.into_response();
    let policy = HeaderValue::try_from(policy).map_err(|_| Problem::plain("internal"))?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// The pages' policy, with one place more that a form may go to: the identity provider's.
fn policy_for(origin: &str) -> String {
    POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_go_to_the_identity_provider_and_nowhere_else() {
        let policy = policy_for("https://id.example");
        assert!(policy.contains("form-action 'self' https://id.example;"), "{policy}");
        assert_eq!(policy.replace(" https://id.example", ""), POLICY);
    }
}
