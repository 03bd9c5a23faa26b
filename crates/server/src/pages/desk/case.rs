//! `GET /desk/cases/{recovery}`: one case, with what is done, what is missing and who can give it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::policy::Stake;
use glassbreak_engine::core::recovery::{Opener, RecoveryState};
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::{Engine, Error, Outlook, Reach};
use serde::Deserialize;
use uuid::Uuid;

use super::choices::{Choice, May, checks, levels, ways};
use super::people::{CouldApprove, Names, could_approve};
use super::refusal::{Refusal, is_for_the_page};
use super::signing::{Signing, signing, why_not_sign};
use super::steps::{Step, Told};
use super::story::{Line, Story};
use crate::access::Desk;
use crate::body::{IdPath, Parameters};
use crate::courier::Courier;
use crate::pages::dress::{go, shown};
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::word;

/// The page.
#[derive(Template)]
#[template(path = "desk/case.html")]
struct Case {
    f: Frame,
    id: Uuid,
    request: Uuid,
    subject: String,
    tier: String,
    assurance: String,
    ial: String,
    state: &'static str,
    is_live: bool,
    privileged: bool,
    facts: Vec<(String, String)>,
    /// When time alone ends it: in words, and as programs write it; and now.
    until: Option<(String, String, String)>,
    refusal: Option<Refusal>,
    told: Option<&'static str>,
    /// Why nothing is opened for the subject.
    rests: Option<&'static str>,
    /// Why the visitor has no forms here, where they might expect some.
    why_not: Option<&'static str>,
    steps: Vec<Step>,
    levels: Vec<Choice>,
    checks: Vec<Choice>,
    second_checks: Vec<Choice>,
    ways: Vec<Choice>,
    /// Whether a code was sent before.
    was_sent: bool,
    may: May,
    signing: Option<Signing>,
    why_not_sign: Option<&'static str>,
    /// The policy's own answer: each a set that would be enough.
    enough: Enough,
    lines: Vec<Line>,
}

/// What the last press did.
#[derive(Deserialize)]
pub(crate) struct Asked {
    told: Option<String>,
}

/// What a page may say of the last press.
const TOLD: [&str; 7] =
    ["opened", "proofing", "second", "sent", "approved", "declined", "cancelled"];

pub(crate) async fn show(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    visit: Visit<Desk>,
    IdPath(id): IdPath<Uuid>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let told = TOLD.into_iter().find(|known| asked.told.as_deref() == Some(known));
    let mut page = look(&engine, &*courier, &visit, id).await?;
    page.told = told;
    shown(&page)
}

/// The answer to a press on the page: back to it with what was done, or the page with why not.
pub(super) async fn after<S>(
    engine: &Engine,
    courier: &dyn Courier,
    visit: &Visit<S>,
    id: Uuid,
    done: Result<&'static str, Problem>,
) -> Result<Response, Problem> {
    let problem = match done {
        Ok(told) => return go(&format!("/desk/cases/{id}?told={told}")),
        Err(problem) if is_for_the_page(&problem) => problem,
        Err(problem) => return Err(problem),
    };
    let mut page = look(engine, courier, visit, id).await?;
    page.refusal = Some(Refusal::of(&page.f, &problem));
    let status = StatusCode::from_u16(problem.body().status()).unwrap_or(StatusCode::CONFLICT);
    Ok((status, shown(&page)?).into_response())
}

async fn look<S>(
    engine: &Engine,
    courier: &dyn Courier,
    visit: &Visit<S>,
    id: Uuid,
) -> Result<Case, Problem> {
    let outlook = engine.outlook(visit.reach(), RecoveryId(id), visit.operator).await?;
    let outlook = outlook.ok_or(Error::Denied(Denial::RecoveryUnknown))?;
    let (now, mut f) = (engine.now(), visit.frame.clone());
    // A page that a form was sent to is left by going to the case itself.
    f.here = format!("/desk/cases/{id}");
    let mut names = Names::of(engine, &outlook).await?;
    let story = Story::read(engine, &outlook.subject, RecoveryId(id)).await?;
    for person in story.people() {
        names.learn(engine, person).await?;
    }
    let could_approve = match visit.reach() {
        Reach::Everybody => could_approve(engine, &outlook).await?,
        Reach::Groups(_) | Reach::Subject(_) => CouldApprove::default(),
    };
    let told = Told {
        f: &f,
        outlook: &outlook,
        names: &names,
        story: Some(&story),
        could_approve: &could_approve,
        now,
    };
    let steps = told.steps();
    let (recovery, profile) = (&outlook.recovery, &outlook.subject.profile);
    let is_open = matches!(recovery.state, RecoveryState::Open {}) && !recovery.is_due(now);
    let may = if is_open { May::of(visit, &outlook) } else { May::default() };
    let signing = match (is_open, visit.name(engine).await?) {
        (true, Some(name)) if visit.has(Scope::Approve) => {
            signing(engine, visit, &outlook, &told, &name).await?
        }
        _ => None,
    };
    let why_not_sign = why_not_sign(visit, &outlook).filter(|_| is_open);
    let until = recovery.due_at().filter(|_| recovery.is_live() && !recovery.is_due(now));
    Ok(Case {
        id,
        request: engine.new_id()?,
        subject: names.name(outlook.subject.id),
        tier: profile.tier.as_str().to_owned(),
        assurance: word(&profile.assurance).to_uppercase(),
        ial: word(&profile.ial).to_uppercase(),
        state: recovery.state.name(),
        is_live: recovery.is_live(),
        privileged: outlook.privileged,
        facts: facts(&f, &outlook, &names),
        until: until.map(|at| (f.moment(at), at.to_string(), now.to_string())),
        refusal: None,
        told: None,
        rests: rests(&outlook),
        why_not: why_not(visit, &outlook).filter(|_| is_open),
        levels: levels(profile.ial),
        checks: checks(&f, &outlook, false),
        second_checks: checks(&f, &outlook, true),
        ways: ways(&f, courier, &outlook),
        was_sent: !recovery.sent.is_empty(),
        may,
        enough: Enough::of(&f, &outlook),
        lines: story.lines(&f, &names),
        steps,
        signing,
        why_not_sign,
        f: f.clone(),
    })
}

/// What is known of how it was opened: what it is called, and what it is.
pub(super) fn facts(f: &Frame, outlook: &Outlook, names: &Names) -> Vec<(String, String)> {
    let opening = &outlook.recovery.opening;
    let mut facts = vec![("cause", f.word("desk-cause", opening.cause.name()).to_string())];
    let by = opening
        .by
        .agent()
        .map_or_else(|| f.t("desk-by-subject").to_string(), |agent| names.name(agent));
    facts.push(("opened", format!("{by} · {}", f.moment(outlook.recovery.opened_at))));
    facts.extend(opening.requester.map(|requester| ("requester", names.name(requester))));
    facts.extend(opening.reference.iter().map(|it| ("reference", it.as_str().to_owned())));
    let told = |(key, value)| (f.language.phrase(format!("desk-fact-{key}")).to_string(), value);
    facts.into_iter().map(told).collect()
}

fn rests(outlook: &Outlook) -> Option<&'static str> {
    outlook.rests.as_ref().map(|denial| match denial {
        Denial::Contained { .. } => "desk-refused-contained",
        _ => "desk-refused-subject-suspended",
    })
}

fn why_not<S>(visit: &Visit<S>, outlook: &Outlook) -> Option<&'static str> {
    if !visit.has(Scope::Support) {
        return None;
    }
    match &outlook.visitor {
        _ if outlook.recovery.opening.by.opener() == Opener::Subject => {
            Some("desk-refused-not-a-case")
        }
        None => Some("desk-nobody"),
        Some(visitor) if visitor.stake == Stake::Subject => Some("desk-yourself"),
        Some(visitor) if visitor.gathers.is_err() => Some("desk-refused-operator-unknown"),
        Some(_) => None,
    }
}

impl Case {
    /// Whether somebody else does the step, so that the visitor waits for it.
    fn is_others(&self, step: &str) -> bool {
        ["use", "reenrolment"].contains(&step) || (step == "approvals" && self.signing.is_none())
    }
}

/// What the policy would take, in words: any one line of each.
struct Enough {
    /// Beside what is there, to open the window.
    to_let_in: Vec<String>,
    /// What is missing before a code may be sent.
    to_send: Vec<String>,
}

impl Enough {
    fn of(f: &Frame, outlook: &Outlook) -> Self {
        let words = |set: &Vec<Method>| {
            let words = set.iter().map(|it| f.word("desk-method", word(it)).to_string());
            words.collect::<Vec<_>>().join(" + ")
        };
        Self {
            to_let_in: outlook.alternatives.iter().map(words).collect(),
            to_send: outlook.release.alternatives.iter().map(words).collect(),
        }
    }
}
