//! `/console/containment/{containment}`: one containment, and the two people who lift it.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::ContainmentId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::{Engine, Error};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::{Approve, Contain, SeeContainment};
use crate::body::IdPath;
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::containment::{ContainmentDetail, ScopeWord};

#[derive(Template)]
#[template(path = "console/containment.html")]
struct OneContainment {
    f: Frame,
    it: ContainmentDetail,
    /// Where the approver gets what to sign; none for who cannot approve.
    options: Option<String>,
    /// Why the visitor cannot approve: the key of a phrase.
    why_not: Option<&'static str>,
    may_lift: bool,
    request: Uuid,
}

impl OneContainment {
    fn approvals_left(&self) -> usize {
        approvals_left(&self.it)
    }
}

/// How many approvals are missing before it can be lifted.
pub(super) fn approvals_left(it: &ContainmentDetail) -> usize {
    it.approvers_needed.saturating_sub(it.approvers.len())
}

/// Why the visitor, who is called `name`, cannot approve that it is lifted: the key of a phrase.
fn why_not<S>(
    visit: &Visit<S>,
    name: Option<&String>,
    it: &ContainmentDetail,
) -> Option<&'static str> {
    match (visit.has(Scope::Approve), name) {
        (false, _) => Some("lift-not-approver"),
        (true, None) => Some("lift-no-person"),
        (true, Some(_)) if it.requester.as_ref() == name => Some("lift-asked-yourself"),
        (true, Some(name)) if it.approvers.contains(name) => Some("lift-approved-already"),
        _ => None,
    }
}

/// Whether it waits for the visitor's own approval.
pub(super) fn wants<S>(visit: &Visit<S>, name: Option<&String>, it: &ContainmentDetail) -> bool {
    it.state == "in_force" && approvals_left(it) > 0 && why_not(visit, name, it).is_none()
}

/// `GET /console/containment/{containment}`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<SeeContainment>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let all = engine.containments().await?;
    let held = all.get(ContainmentId(id));
    let held = held.ok_or(Error::Denied(Denial::ContainmentUnknown))?;
    let it = ContainmentDetail::with_progress(&engine, held).await?;
    let name = visit.name(&engine).await?.map(String::from);
    let options = name.as_deref().map(|name| {
        let approver = utf8_percent_encode(name, NON_ALPHANUMERIC);
        format!("/v1/containments/{id}/approvals/options?approver={approver}")
    });
    let why_not = why_not(&visit, name.as_ref(), &it);
    let options = options.filter(|_| why_not.is_none());
    let may_lift = visit.has(Scope::Contain);
    let request = engine.new_id()?;
    shown(&OneContainment { f: visit.frame, it, options, why_not, may_lift, request })
}

/// The form of an approval.
#[derive(Deserialize)]
pub(crate) struct Approving {
    request: Uuid,
    assertion: String,
}

/// `POST /console/containment/{containment}/approve`.
pub(crate) async fn approve(
    State(engine): State<Engine>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Approve, Approving>,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    let name = visit.name(&engine).await?;
    let approver = name.ok_or_else(|| Problem::plain("not_appointed"))?;
    let caller = visit.caller.naming(Some(form.request.to_string()));
    let signed = form.assertion.as_bytes();
    engine.approve_containment(&caller, ContainmentId(id), &approver, signed).await?;
    go(&format!("/console/containment/{id}"))
}

/// The form of a lifting.
#[derive(Deserialize)]
pub(crate) struct Lifting {
    request: Uuid,
}

/// `POST /console/containment/{containment}/lift`.
pub(crate) async fn lift(
    State(engine): State<Engine>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Contain, Lifting>,
) -> Result<Response, Problem> {
    visit.reach().must_be_everybody()?;
    let caller = visit.caller.naming(Some(form.request.to_string()));
    engine.lift_containment(&caller, ContainmentId(id)).await?;
    go(&format!("/console/containment/{id}"))
}
