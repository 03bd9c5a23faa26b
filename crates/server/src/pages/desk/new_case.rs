//! `/desk/new`: open a case.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::core::recovery::Cause;
use glassbreak_engine::operation::Opening;
use glassbreak_engine::{Engine, Error};
use serde::Deserialize;
use uuid::Uuid;

use super::act::named;
use super::refusal::{Refusal, is_for_the_page};
use crate::access::Support;
use crate::body::{Parameters, reference, subject};
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::CauseWord;

/// The page.
#[derive(Template)]
#[template(path = "desk/new_case.html")]
struct NewCase {
    f: Frame,
    request: Uuid,
    refusal: Option<Refusal>,
    /// Whether the visitor has a name of their own.
    is_somebody: bool,
    causes: Vec<&'static str>,
    /// What was typed before.
    typed: Typed,
}

/// What is in the fields.
#[derive(Default, Clone)]
struct Typed {
    subject: String,
    cause: String,
    requester: String,
    reference: String,
}

/// Whom it is about, where another page leads here.
#[derive(Deserialize)]
pub(crate) struct Asked {
    subject: Option<String>,
}

fn page(
    engine: &Engine,
    visit: &Visit<Support>,
    typed: Typed,
    refusal: Option<Refusal>,
) -> Result<Html<String>, Problem> {
    shown(&NewCase {
        f: visit.frame.clone(),
        request: engine.new_id()?,
        refusal,
        is_somebody: visit.operator.is_some(),
        causes: Cause::ALL.iter().map(|cause| cause.name()).collect(),
        typed,
    })
}

/// `GET /desk/new`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Support>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let subject = asked.subject.unwrap_or_default();
    page(&engine, &visit, Typed { subject, ..Typed::default() }, None)
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Asking {
    request: Uuid,
    subject: String,
    cause: Option<CauseWord>,
    #[serde(default)]
    requester: String,
    #[serde(default)]
    reference: String,
}

/// `POST /desk/new`.
pub(crate) async fn open(
    State(engine): State<Engine>,
    Sent { visit, form }: Sent<Support, Asking>,
) -> Result<Response, Problem> {
    let problem = match begin(&engine, &visit, &form).await {
        Ok(id) => return go(&format!("/desk/cases/{id}?told=opened")),
        Err(problem) if is_for_the_page(&problem) => problem,
        Err(problem) => return Err(problem),
    };
    // What reads as a code is not shown again: whoever pasted one is told, and nobody else.
    let keeps = reference(form.reference.trim().to_owned(), engine.prefix()).is_ok();
    let typed = Typed {
        subject: form.subject,
        cause: form.cause.map(|cause| Cause::from(cause).name().to_owned()).unwrap_or_default(),
        requester: form.requester,
        reference: if keeps { form.reference } else { String::new() },
    };
    let refusal = Refusal::of(&visit.frame, &problem);
    let status = StatusCode::from_u16(problem.body().status()).unwrap_or(StatusCode::CONFLICT);
    Ok((status, page(&engine, &visit, typed, Some(refusal))?).into_response())
}

async fn begin(engine: &Engine, visit: &Visit<Support>, form: &Asking) -> Result<Uuid, Problem> {
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let name = subject(form.subject.trim().to_owned())
        .map_err(|_| Problem::new("invalid_request", "`name` is 1 to 256 characters"))?;
    let cause = form.cause.ok_or_else(|| {
        Problem::new("invalid_request", "`cause` says why the person cannot get in")
    })?;
    let opening = Opening {
        agent: Some(named(engine, visit).await?),
        cause: cause.into(),
        requester: said(&form.requester).map(subject).transpose()?,
        reference: said(&form.reference)
            .map(|text| reference(text, engine.prefix()))
            .transpose()?,
        bundle: None,
    };
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    match engine.open_recovery(&caller, &name, &opening).await {
        Ok(applied) => Ok(applied.reply().recovery.id.0),
        Err(error @ Error::Throttled { retry_at }) => {
            Err(Problem::from(error).retry_at(retry_at, engine.now()))
        }
        Err(error) => Err(error.into()),
    }
}
