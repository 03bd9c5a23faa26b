//! `/console/policy/trial`: what a change to the rules would have decided otherwise (E1, E5).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use serde::Deserialize;

use crate::access::Audit;
use crate::body::Parameters;
use crate::operation::load_policy::PolicyInForce;
use crate::pages::dress::shown;
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::read::decisions::{LAST, TrialResult};

#[derive(Template)]
#[template(path = "console/policy_trial.html")]
struct Trial {
    f: Frame,
    names: Vec<String>,
    file: String,
    text: String,
    /// What came of it; none before anything was tried.
    result: Option<TrialResult>,
    /// Why the set cannot be read.
    unreadable: Vec<String>,
}

/// Which file to change.
#[derive(Deserialize)]
pub(crate) struct Asked {
    file: Option<String>,
}

/// The file of a set that is asked for, or else its first.
fn file(files: &BTreeMap<String, String>, asked: Option<String>) -> Result<String, Problem> {
    let found = asked.filter(|name| files.contains_key(name));
    let found = found.or_else(|| files.keys().next().cloned());
    found.ok_or_else(|| Problem::plain("not_found"))
}

/// `GET /console/policy/trial`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let files = PolicyInForce::now(&engine).await?.files;
    let file = file(&files, asked.file)?;
    let text = files.get(&file).cloned().unwrap_or_default();
    let names = files.into_keys().collect();
    shown(&Trial { f: visit.frame, names, file, text, result: None, unreadable: Vec::new() })
}

/// The form: a file as it would be.
#[derive(Deserialize)]
pub(crate) struct Trying {
    file: String,
    text: String,
}

/// `POST /console/policy/trial`: nothing is put in force.
pub(crate) async fn try_it(
    State(engine): State<Engine>,
    Sent { visit, form }: Sent<Audit, Trying>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let mut files = PolicyInForce::now(&engine).await?.files;
    let file = file(&files, Some(form.file))?;
    let names = files.keys().cloned().collect();
    // Browsers send lines with two characters at their ends; rules have one.
    let text = form.text.replace("\r\n", "\n");
    files.insert(file.clone(), text.clone());
    let tried = TrialResult::tried(&engine, visit.reach(), files, LAST).await;
    let (result, unreadable) = match tried {
        Ok(result) => (Some(result), Vec::new()),
        Err(problem) if problem.code() == "policy_refused" => (None, problem.reasons().to_vec()),
        Err(problem) => return Err(problem),
    };
    shown(&Trial { f: visit.frame, names, file, text, result, unreadable })
}
