//! `GET /self/codes/new`: what will happen when a set is made, and where it will be kept (B1).
//!
//! The engine foresees it by the rules that decide then, so the page promises nothing else.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::code_set::Custody;
use glassbreak_engine::core::operation::issue::{Foreseen, Refusal};
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, SystemEntropy};
use zeroize::Zeroizing;

use super::holder::Holder;
use super::{PLACES, SetView, sets};
use crate::operators::Token;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "own/codes/new.html")]
struct New {
    f: Frame,
    /// The name of the request that the form makes.
    key: Zeroizing<String>,
    /// The live sets, whose place the new one takes.
    live: Vec<SetView>,
    is_in_recovery: bool,
    count: u8,
    expires: String,
    confirm_by: Option<String>,
    places: [&'static str; 4],
    /// Whether the form was sent without a place.
    is_unplaced: bool,
}

impl New {
    fn place(&self, custody: &str, what: &str) -> String {
        super::place(&self.f, custody, what)
    }
}

/// Why nothing is issued, and what helps.
#[derive(Template)]
#[template(path = "own/codes/refused.html")]
struct Refused {
    f: Frame,
    code: &'static str,
    /// The rules that refused.
    reasons: Vec<String>,
    /// When it may be tried again.
    retry_at: Option<String>,
    /// The assurance with which the rules would allow it.
    step_up: Option<&'static str>,
    can_step_up: bool,
    has_live: bool,
}

/// `GET /self/codes/new`.
pub(super) async fn show(
    State(engine): State<Engine>,
    holder: Holder,
) -> Result<Response, Problem> {
    page(&engine, holder, false).await
}

/// The page, as things stand now.
pub(super) async fn page(
    engine: &Engine,
    holder: Holder,
    is_unplaced: bool,
) -> Result<Response, Problem> {
    let (live, _) = sets(engine, &holder).await?;
    let request = holder.asks_for(!live.is_empty(), None);
    let foreseen = engine.foresee_issue(&holder.0.caller, holder.0.name(), &request).await?;
    let Foreseen { plan, refusal, expires_at, confirm_by, .. } = foreseen;
    if let Some(refusal) = refusal {
        return refused(engine, holder, refusal, !live.is_empty()).await;
    }
    let key = Token::draw(&SystemEntropy::default());
    let key = key.map_err(|_| Problem::plain("entropy_unavailable"))?.text();
    let is_in_recovery = holder.is_in_recovery();
    let f = holder.0.frame;
    let (expires, confirm_by) = (f.day(expires_at), confirm_by.map(|at| f.moment(at)));
    let view = New {
        key,
        live,
        is_in_recovery,
        count: plan.count,
        expires,
        confirm_by,
        places: PLACES.map(Custody::name),
        is_unplaced,
        f,
    };
    let status = if is_unplaced { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, shown(&view)?).into_response())
}

/// The page of a refusal: what is missing, and who can give it.
pub(super) async fn refused(
    engine: &Engine,
    holder: Holder,
    refusal: Refusal,
    has_live: bool,
) -> Result<Response, Problem> {
    let step_up = match &refusal {
        Refusal::Policy(_) => stronger(engine, &holder, has_live).await?,
        _ => None,
    };
    let can_step_up = holder.0.own.has_provider();
    let (code, f) = (refusal.code(), holder.0.frame);
    let now = engine.now();
    let (status, reasons, at): (_, _, Option<Timestamp>) = match refusal {
        Refusal::Policy(reasons) => (StatusCode::FORBIDDEN, reasons, None),
        Refusal::Limit { retry_at } | Refusal::Throttled { retry_at } => {
            (StatusCode::TOO_MANY_REQUESTS, Vec::new(), Some(retry_at))
        }
        Refusal::Suspended | Refusal::Contained => (StatusCode::CONFLICT, Vec::new(), None),
    };
    let retry_at = at.map(|at| f.moment(at));
    let view = Refused { f, code, reasons, retry_at, step_up, can_step_up, has_live };
    let mut response = (status, shown(&view)?).into_response();
    if let Some(at) = at {
        let seconds = at.seconds_from(now).max(1);
        response.headers_mut().insert(axum::http::header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// The weakest assurance above the session's with which the same rules would allow it.
async fn stronger(
    engine: &Engine,
    holder: &Holder,
    replaces: bool,
) -> Result<Option<&'static str>, Problem> {
    for (assurance, name) in [(Assurance::Aal2, "aal2"), (Assurance::Aal3, "aal3")] {
        if assurance <= holder.0.present.session.assurance {
            continue;
        }
        let mut request = holder.asks_for(replaces, None);
        request.session_assurance = assurance;
        let foreseen = engine.foresee_issue(&holder.0.caller, holder.0.name(), &request).await?;
        if !matches!(foreseen.refusal, Some(Refusal::Policy(_))) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
