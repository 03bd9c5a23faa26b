//! `/console/containment`: switch recovery off, for somebody, a group or everyone, and see what is
//! switched off (I1).

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::operation::Containing;
use serde::Deserialize;
use uuid::Uuid;

use super::containment::{approvals_left, wants};
use crate::access::{Contain, SeeContainment};
use crate::body::{Parameters, reference};
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::containment::{ContainmentDetail, ContainmentReasonWord, ScopeWord, whom};

/// Why recovery is switched off, as the form has it.
pub(super) const REASONS: [&str; 4] =
    ["primary_factor_compromised", "codes_leaked", "insider_suspected", "precaution"];

/// One containment.
struct Row {
    it: ContainmentDetail,
    /// Whether it waits for the visitor's own approval.
    wants_me: bool,
    /// Whether the visitor may lift it now.
    may_lift: bool,
}

#[derive(Template)]
#[template(path = "console/containments.html")]
struct Containments {
    f: Frame,
    in_force: Vec<Row>,
    lifted: Vec<Row>,
    /// How many wait for the visitor's own approval.
    waits_for_me: usize,
    may_contain: bool,
    /// How many sets are live, as they were counted last.
    live: Option<u64>,
    /// Whom the form is filled in for.
    subject: String,
    /// The name of the request, so that a form that is sent twice contains once.
    request: Uuid,
    reasons: [&'static str; 4],
}

/// What leads here.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// Whom to fill the form in for.
    subject: Option<String>,
}

/// `GET /console/containment`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<SeeContainment>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let name = visit.name(&engine).await?.map(String::from);
    let (mut in_force, mut lifted) = (Vec::new(), Vec::new());
    let may_contain = visit.has(Scope::Contain);
    for held in engine.containments().await?.held.iter().rev() {
        let it = ContainmentDetail::with_progress(&engine, held).await?;
        let list = if held.containment.is_in_force() { &mut in_force } else { &mut lifted };
        let may_lift = it.state == "in_force" && may_contain && approvals_left(&it) == 0;
        list.push(Row { wants_me: wants(&visit, name.as_ref(), &it), may_lift, it });
    }
    shown(&Containments {
        waits_for_me: in_force.iter().filter(|row| row.wants_me).count(),
        may_contain,
        live: live(&engine).await,
        f: visit.frame,
        in_force,
        lifted,
        subject: asked.subject.unwrap_or_default(),
        request: engine.new_id()?,
        reasons: REASONS,
    })
}

/// How many sets would end if everyone were contained.
async fn live(engine: &Engine) -> Option<u64> {
    let counted = engine.counted_inventory(engine.now()).await?;
    Some(counted.summary.by_kind.values().sum())
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Beginning {
    request: Uuid,
    /// `subject`, `group` or `all`.
    scope: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    group: String,
    reason: ContainmentReasonWord,
    #[serde(default)]
    reference: String,
    /// That whoever sends it knows what it does.
    #[serde(default)]
    understood: Option<String>,
}

/// `POST /console/containment`.
pub(crate) async fn begin(
    State(engine): State<Engine>,
    Sent { visit, form }: Sent<Contain, Beginning>,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    if form.understood.is_none() {
        let detail = "say that you know what it does: tick the box above the button";
        return Err(Problem::new("invalid_request", detail));
    }
    let scope = match form.scope.as_str() {
        "subject" => ScopeWord::Subject(form.subject.trim().to_owned()),
        "group" => ScopeWord::Group(form.group.trim().to_owned()),
        "all" => ScopeWord::All,
        _ => return Err(Problem::new("invalid_request", "say whom it is to cover")),
    };
    let ticket = form.reference.trim();
    let ticket = (!ticket.is_empty()).then(|| reference(ticket.to_owned(), engine.prefix()));
    let asked = Containing {
        whom: whom(scope)?,
        reason: form.reason.into(),
        reference: ticket.transpose()?,
        requester: visit.name(&engine).await?,
    };
    let caller = visit.caller.naming(Some(form.request.to_string()));
    let applied = engine.begin_containment(&caller, &asked).await?;
    Ok(go(&format!("/console/containment/{}", applied.reply().id))?.into_response())
}
