//! `GET /self/recovery`: the window that a code opened: how long it is open, and what is to be done
//! in it (C4, C5).

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::recovery::{Obligation, RecoveryState, Window};
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::RecoveryQuery;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Visit;
use crate::body::Parameters;
use crate::pages::dress::{POLICY, shown};
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// Among so many of the newest recoveries is the one whose window is open.
const LATELY: usize = 20;

/// Where the recovery stands.
enum Stands {
    /// More has to come.
    Open,
    /// It is the person's turn.
    Window(Box<Turn>),
    /// Everyday sign-in is back, at that place.
    Completed(Option<String>),
    /// Its time ran out, or something ended it.
    Ended,
}

/// What is left to do.
struct Turn {
    ends_at: Timestamp,
    now: Timestamp,
    /// A new authenticator is bound.
    is_bound: bool,
    /// The new codes.
    codes: NewCodes,
    /// The grant, and where it goes.
    enrol: Option<(String, Zeroizing<String>)>,
}

impl Turn {
    /// How many things.
    fn left(&self) -> u8 {
        u8::from(!self.is_bound) + u8::from(!matches!(self.codes, NewCodes::Taken))
    }
}

/// How the new codes stand.
enum NewCodes {
    /// They were taken.
    Taken,
    /// This browser may take them now.
    Ready,
    /// They come after the new authenticator.
    Later,
    /// Its holder signs in with the new authenticator before; here, if people do that here.
    AfterSignIn { is_here: bool },
}

#[derive(Template)]
#[template(path = "own/recovery.html")]
struct Page {
    f: Frame,
    stands: Stands,
    /// Whether they said that the new authenticator is set up.
    has_looked: bool,
}

/// The window that is open of a visitor: the one that a code opened in this browser, or another
/// that they see when they come in another way.
pub(super) async fn window(engine: &Engine, visit: &Visit) -> Result<Option<Window>, Problem> {
    if let Some(window) = &visit.present.window {
        return Ok(Some(window.clone()));
    }
    if visit.present.session.only_reports() {
        return Ok(None);
    }
    let newest = RecoveryQuery {
        newest: true,
        limit: LATELY,
        subject: Some(visit.present.subject.id),
        ..RecoveryQuery::default()
    };
    let (page, now) = (engine.recoveries(visit.reach(), &newest).await?, engine.now());
    let mut windows = page.rows.into_iter().filter_map(|row| row.recovery.window().cloned());
    Ok(windows.find(|window| window.ends_at > now))
}

/// What led here.
#[derive(Deserialize)]
pub(crate) struct Came {
    looked: Option<String>,
}

pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit,
    Parameters(came): Parameters<Came>,
) -> Result<Response, Problem> {
    let unknown = || Problem::plain("recovery_unknown");
    // Who came in to report a loss and nothing else is not handed the grant.
    if visit.present.session.only_reports() {
        return Err(Problem::plain("not_allowed"));
    }
    let (present, session) = (&visit.present, &visit.present.session);
    let here = present.window.as_ref().map(|window| window.recovery);
    // Who came by a code, or finished here what it opened, looks at that also when it is over.
    let stays = session.came_by_code() || present.is_back;
    let own = if stays { session.recovery } else { here };
    let id = match own {
        Some(id) => id,
        None => window(&engine, &visit).await?.ok_or_else(unknown)?.recovery,
    };
    let recovery = engine.recovery(visit.reach(), id).await?.ok_or_else(unknown)?;
    let now = engine.now();
    let stands = match &recovery.state {
        RecoveryState::Open {} if !recovery.is_due(now) => Stands::Open,
        RecoveryState::Window(window) if window.ends_at > now => {
            let left = |obligation| window.obligations.contains(&obligation);
            let is_bound = !left(Obligation::BindAuthenticator);
            // Of the browser that the code was typed into, and of no other: a password alone is
            // handed nothing with which an authenticator is bound.
            let is_handed = own.is_some() && !is_bound;
            let place = visit.own.config.reenrol_url.clone().filter(|_| is_handed);
            let enrol = match place {
                Some(place) => {
                    let grant = engine.grant(visit.name(), window).await?;
                    Some((place, Zeroizing::new(grant)))
                }
                None => None,
            };
            let ends_at = window.ends_at;
            // What codes are issued with at the least (SP 800-63B-4 section 3.1.2.1).
            let wanted = visit.present.subject.profile.assurance.max(Assurance::Aal2);
            let may_take = visit.present.session.assurance >= wanted;
            let codes = match (left(Obligation::ReplaceCodes), may_take, is_bound) {
                (false, ..) => NewCodes::Taken,
                (true, true, _) => NewCodes::Ready,
                (true, false, false) => NewCodes::Later,
                (true, false, true) => NewCodes::AfterSignIn { is_here: visit.own.has_provider() },
            };
            let turn = Turn { ends_at, now, is_bound, codes, enrol };
            Stands::Window(Box::new(turn))
        }
        RecoveryState::Completed { .. } => Stands::Completed(visit.own.config.sign_in_url.clone()),
        _ => Stands::Ended,
    };
    let policy = match (&stands, visit.own.config.reenrol_origin()) {
        (Stands::Window(_), Some(origin)) => policy_for(&origin),
        _ => POLICY.to_owned(),
    };
    let mut response =
        shown(&Page { f: visit.frame, stands, has_looked: came.looked.is_some() })?.into_response();
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
