//! `/console/operators`: who works at the desk, who approves, who administers; and the links with
//! which they enrol their passkeys themselves.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::operator::Duty;
use serde::Deserialize;
use uuid::Uuid;

use crate::access::Admin;
use crate::body::{Parameters, subject};
use crate::operation::offer_enrolment::{link, public_url};
use crate::operators::Identities;
use crate::pages::desk::duties;
use crate::pages::desk::passkeys::short;
use crate::pages::desk::refusal::{Refusal, is_for_the_page};
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::DutyWord;

/// One operator.
struct Row {
    /// None where the name was erased: nothing can be done then but at the log.
    name: Option<String>,
    duties: String,
    /// Each duty there is, with whether it is theirs.
    all: Vec<(&'static str, bool)>,
    /// The passkeys: the whole id, and as much of it as people need.
    passkeys: Vec<(String, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "console/operators.html")]
struct Operators {
    f: Frame,
    request: Uuid,
    rows: Vec<Row>,
    all: Vec<&'static str>,
    refusal: Option<Refusal>,
    is_done: bool,
}

/// The page with a link, shown once.
#[derive(Template)]
#[template(path = "console/enrolment_link.html")]
struct Link {
    f: Frame,
    who: String,
    link: String,
    until: String,
}

/// What the last press did.
#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<String>,
}

async fn look(engine: &Engine, visit: &Visit<Admin>) -> Result<Operators, Problem> {
    visit.reach().must_be_everybody()?;
    let mut f = visit.frame.clone();
    "/console/operators".clone_into(&mut f.here);
    let all: Vec<&'static str> = Duty::ALL.iter().map(|duty| duty.name()).collect();
    let row = |(operator, name): (glassbreak_engine::core::operator::Operator, Option<_>)| {
        let own = &operator.appointment.duties;
        let passkeys = operator.appointment.passkeys.iter().map(|it| it.credential.clone());
        Row {
            name: name.map(String::from),
            duties: duties(&f, own),
            all: Duty::ALL.iter().map(|duty| (duty.name(), own.contains(duty))).collect(),
            passkeys: passkeys.map(|id| (id.clone(), short(&id))).collect(),
        }
    };
    let rows = engine.operators().await?.into_iter().map(row).collect();
    let request = engine.new_id()?;
    Ok(Operators { request, rows, all, refusal: None, is_done: false, f })
}

/// `GET /console/operators`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Admin>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let page = look(&engine, &visit).await?;
    shown(&Operators { is_done: asked.done.is_some(), ..page })
}

async fn after(
    engine: &Engine,
    visit: &Visit<Admin>,
    done: Result<(), Problem>,
) -> Result<Response, Problem> {
    let problem = match done {
        Ok(()) => return go("/console/operators?done=1"),
        Err(problem) if is_for_the_page(&problem) => problem,
        Err(problem) => return Err(problem),
    };
    let page = look(engine, visit).await?;
    let refusal = Some(Refusal::of(&page.f, &problem));
    let status = StatusCode::from_u16(problem.body().status()).unwrap_or(StatusCode::CONFLICT);
    Ok((status, shown(&Operators { refusal, ..page })?).into_response())
}

/// The form of an appointment.
#[derive(Deserialize)]
pub(crate) struct Appointing {
    request: Uuid,
    subject: String,
    #[serde(default)]
    duties: Vec<DutyWord>,
}

/// `POST /console/operators`.
pub(crate) async fn appoint(
    State(engine): State<Engine>,
    Sent { visit, form }: Sent<Admin, Appointing>,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        let who = subject(form.subject.trim().to_owned())?;
        let duties = form.duties.into_iter().map(Into::into).collect();
        engine.appoint(&caller, &who, duties).await?;
        Ok(())
    };
    after(&engine, &visit, done.await).await
}

/// The form of a link.
#[derive(Deserialize)]
pub(crate) struct Offering {
    request: Uuid,
    subject: String,
}

/// `POST /console/operators/link`. The link is on the page that answers, and nowhere else.
pub(crate) async fn offer(
    State(engine): State<Engine>,
    Extension(identities): Extension<Arc<Identities>>,
    Sent { visit, form }: Sent<Admin, Offering>,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        let who = subject(form.subject)?;
        let offered = engine.offer_enrolment(&caller, &who).await?.into_reply();
        let link = link(public_url(&identities)?, &offered.token);
        Ok((String::from(who), link, offered.ends_at))
    };
    let (who, link, ends_at) = match done.await {
        Ok(offered) => offered,
        Err(problem) => return after(&engine, &visit, Err(problem)).await,
    };
    let mut f = visit.frame;
    "/console/operators".clone_into(&mut f.here);
    let until = f.moment(ends_at);
    Ok(shown(&Link { f, who, link, until })?.into_response())
}

/// The form of a removal.
#[derive(Deserialize)]
pub(crate) struct Removing {
    request: Uuid,
    subject: String,
    credential: String,
}

/// `POST /console/operators/passkey`: takes one away. What it signed stays checkable.
pub(crate) async fn remove_passkey(
    State(engine): State<Engine>,
    Sent { visit, form }: Sent<Admin, Removing>,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        engine.remove_passkey(&caller, &subject(form.subject)?, form.credential).await?;
        Ok(())
    };
    after(&engine, &visit, done.await).await
}
