//! `/console/policy`: the rules in force, and what the lint says of them (E1, E5).

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;

use crate::access::Audit;
use crate::operation::load_policy::PolicyInForce;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "console/policy.html")]
struct Policy {
    f: Frame,
    it: PolicyInForce,
}

/// `GET /console/policy`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let it = PolicyInForce::now(&engine).await?;
    shown(&Policy { f: visit.frame, it })
}
