//! `/console/inventory/revocations`: revoking what was chosen, or all that a filter finds. First
//! what would happen is shown, then it is confirmed, then it is under way (G4).

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::event::Actor;
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::{Engine, Reach};
use serde::Deserialize;
use uuid::Uuid;

use super::common::{Badge, distance, short, stamp, subject_page};
use super::inventory::Asked;
use crate::access::{Revoke, RevokeOrAudit};
use crate::body::IdPath;
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::plot::{amount, percent};
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::revocation::{HOLDERS_MAX, Revocation, Revocations, Stage, StoppedBy, Which};
use crate::shape::recovery::person;
use crate::shape::{RevokeWord, word};

/// Above so many sets their number has to be typed.
const TYPED_ABOVE: u64 = 10;
/// Sets that were left, on the page of the result.
const LEFT_MAX: usize = 100;
/// Revocations in the list.
const LISTED: usize = 50;
/// The reasons, each with its word.
const REASONS: [&str; 3] = ["requested", "lost", "leaked"];

/// The form of the inventory's table.
#[derive(Deserialize)]
pub(super) struct Choosing {
    which: String,
    #[serde(default)]
    filter: String,
    #[serde(default)]
    set: Vec<Uuid>,
}

/// The form that confirms one.
#[derive(Deserialize)]
pub(super) struct Confirming {
    reason: Option<RevokeWord>,
    #[serde(default)]
    typed: String,
}

/// Somebody who would be left without another path.
struct Bare {
    name: String,
    page: String,
}

/// A set that was left as it is.
struct LeftRow {
    set: Uuid,
    short: String,
    why: String,
}

/// What is the same on every page of one.
struct Facts {
    id: Uuid,
    sets: String,
    count: u64,
    asked: String,
    asked_stamp: String,
    by: String,
    /// The inventory with the same filter; empty where sets were chosen one by one.
    filter: String,
}

#[derive(Template)]
#[expect(clippy::struct_excessive_bools, reason = "the template asks each by itself")]
#[template(path = "console/revocation_confirm.html")]
struct Confirm {
    f: Frame,
    facts: Facts,
    ended: u64,
    ended_text: String,
    tiers: Vec<(String, String)>,
    holders: String,
    /// What is known of holders without another path.
    paths: String,
    named: Vec<Bare>,
    more_named: bool,
    reasons: Vec<(&'static str, String, String)>,
    must_type: bool,
    may_revoke: bool,
    is_unreasoned: bool,
    is_mistyped: bool,
}

#[derive(Template)]
#[template(path = "console/revocation.html")]
struct Progress {
    f: Frame,
    facts: Facts,
    title: String,
    state: Badge,
    is_running: bool,
    reason: String,
    done: u64,
    percent: u64,
    said: String,
    revoked: String,
    changed: String,
    refused: String,
    ended: Option<String>,
    /// Why it stopped, if nobody pressed the button.
    cut_short: Option<String>,
    left: Vec<LeftRow>,
    more_left: bool,
    may_stop: bool,
}

/// A revocation in the list.
struct Row {
    id: Uuid,
    asked: String,
    by: String,
    sets: String,
    revoked: String,
    state: Badge,
}

#[derive(Template)]
#[template(path = "console/revocations.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
}

fn page_of(id: Uuid) -> String {
    format!("/console/inventory/revocations/{id}")
}

fn state(f: &Frame, stage: &Stage) -> Badge {
    let class = match stage {
        Stage::Done { .. } => "good",
        Stage::Running { .. } | Stage::Asked {} | Stage::Finding {} => "care",
        Stage::Stopped { .. } => "harm",
    };
    Badge::new(class, f.word("revocation", stage.name()))
}

/// Who did something, by the name that people know.
pub(super) async fn doer(engine: &Engine, f: &Frame, actor: &Actor) -> Result<String, Problem> {
    Ok(match actor {
        Actor::ApiKey { id } => {
            let label = engine.api_key(id).await?.map(|key| key.label);
            f.t("actor-key").with("name", label.unwrap_or_else(|| id.clone())).to_string()
        }
        Actor::Operator { id } | Actor::Subject { id } => {
            person(engine, Some(*id)).await?.unwrap_or_default()
        }
        Actor::Visitor => f.t("actor-visitor").to_string(),
        Actor::Machine { name } => f.t("actor-machine").with("name", name).to_string(),
        Actor::Embedder => f.t("actor-embedder").to_string(),
        Actor::System => f.t("actor-system").to_string(),
    })
}

impl Facts {
    async fn of(engine: &Engine, f: &Frame, found: &Revocation) -> Result<Self, Problem> {
        let filter = if found.filter.is_empty() {
            String::new()
        } else {
            format!("/console/inventory?{}", found.filter)
        };
        Ok(Self {
            id: found.id,
            sets: amount(f, found.found.sets),
            count: found.found.sets,
            asked: distance(f, found.asked_at, engine.now()),
            asked_stamp: stamp(found.asked_at),
            by: doer(engine, f, &found.actor).await?,
            filter,
        })
    }
}

/// `POST /console/inventory/revocations`: finds what is to be revoked. Nothing is revoked yet.
pub(super) async fn ask(
    State(engine): State<Engine>,
    Extension(all): Extension<Revocations>,
    Sent { visit, form }: Sent<Revoke, Choosing>,
) -> Result<Response, Problem> {
    let which = if form.which == "all" {
        let query = Asked::read(&form.filter)?.query(engine.now())?;
        Which::Matching(Box::new(query), form.filter)
    } else {
        Which::These(form.set.into_iter().map(SetId).collect())
    };
    let id = all.ask(&visit.caller, which).await?;
    go(&page_of(id))
}

/// `GET /console/inventory/revocations/{id}`.
pub(super) async fn show(
    State(engine): State<Engine>,
    Extension(all): Extension<Revocations>,
    visit: Visit<RevokeOrAudit>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Response, Problem> {
    let found = known(&all, visit.reach(), id).await?;
    let may_revoke = visit.has(Scope::Revoke);
    let f = visit.frame;
    if matches!(found.stage, Stage::Finding {} | Stage::Asked {}) {
        let page = confirm_page(&engine, f, &found, may_revoke).await?;
        return Ok(shown(&page)?.into_response());
    }
    let page = progress_page(&engine, &all, f, &found, may_revoke).await?;
    Ok(shown(&page)?.into_response())
}

async fn known(all: &Revocations, reach: &Reach, id: Uuid) -> Result<Revocation, Problem> {
    all.get(reach, id).await?.ok_or_else(|| Problem::plain("not_found"))
}

async fn confirm_page(
    engine: &Engine,
    f: Frame,
    found: &Revocation,
    may_revoke: bool,
) -> Result<Confirm, Problem> {
    let what = &found.found;
    let mut named = Vec::new();
    for subject in &what.named {
        let name = engine.reference(*subject).await?;
        named.push(Bare {
            page: name.as_ref().map(subject_page).unwrap_or_default(),
            name: name.map_or_else(|| f.t("erased").to_string(), String::from),
        });
    }
    let key = match (what.bare, what.holders > what.looked) {
        (0, false) => "paths-none",
        (0, true) => "paths-none-of",
        (_, false) => "paths-bare",
        (_, true) => "paths-bare-of",
    };
    let paths = f.t(key).count("n", what.bare).with("looked", amount(&f, what.looked));
    let tiers = what.tiers.iter().map(|(tier, sets)| (tier.clone(), amount(&f, *sets)));
    let reasons = REASONS.map(|reason| {
        let more = f.language.phrase(format!("revoke-{reason}-more")).to_string();
        (reason, f.word("revoke-reason", reason).to_string(), more)
    });
    Ok(Confirm {
        facts: Facts::of(engine, &f, found).await?,
        ended: what.ended,
        ended_text: f.t("revoke-ended").count("n", what.ended).to_string(),
        tiers: tiers.collect(),
        holders: f.t("revoke-holders").count("n", what.holders).to_string(),
        paths: paths.to_string(),
        more_named: what.bare > what.named.len() as u64
            || (what.holders > HOLDERS_MAX as u64 && what.bare > 0),
        named,
        reasons: reasons.to_vec(),
        must_type: what.sets > TYPED_ABOVE,
        may_revoke,
        is_unreasoned: false,
        is_mistyped: false,
        f,
    })
}

async fn progress_page(
    engine: &Engine,
    all: &Revocations,
    f: Frame,
    found: &Revocation,
    may_stop: bool,
) -> Result<Progress, Problem> {
    let (tally, now) = (found.tally, engine.now());
    let is_running = matches!(found.stage, Stage::Running { .. });
    let (reason, ended, cut_short) = match &found.stage {
        Stage::Running { reason, .. } => (Some(reason), None, None),
        Stage::Done { reason, at } => (Some(reason), Some(at), None),
        Stage::Stopped { reason, at, by } => (Some(reason), Some(at), why_cut_short(*by)),
        Stage::Finding {} | Stage::Asked {} => (None, None, None),
    };
    let reason = reason.map(|reason| f.word("revoke-reason", word(reason)).to_string());
    let (left, more_left) = left(all, &f, found).await?;
    let done = tally.looked_at();
    let said = f.t("revoke-progress").with("done", amount(&f, done));
    let title = f.language.phrase(format!("revoke-title-{}", found.stage.name()));
    Ok(Progress {
        facts: Facts::of(engine, &f, found).await?,
        title: title.to_string(),
        state: state(&f, &found.stage),
        is_running,
        reason: reason.unwrap_or_default(),
        done,
        percent: percent(done, found.found.sets),
        said: said.with("all", amount(&f, found.found.sets)).to_string(),
        revoked: amount(&f, tally.revoked),
        changed: amount(&f, tally.changed),
        refused: amount(&f, tally.refused),
        ended: ended.map(|at| distance(&f, *at, now)),
        cut_short: cut_short.map(|key| f.t(key).to_string()),
        left,
        more_left,
        may_stop: may_stop && is_running,
        f,
    })
}

/// The text that says why a revocation stopped without anybody's press.
const fn why_cut_short(by: StoppedBy) -> Option<&'static str> {
    match by {
        StoppedBy::Somebody => None,
        StoppedBy::LossOfRight => Some("revoke-lost-right"),
        StoppedBy::LossOfSets => Some("revoke-lost-sets"),
    }
}

/// The first of the sets that were left as they are, and whether there are more.
async fn left(
    all: &Revocations,
    f: &Frame,
    found: &Revocation,
) -> Result<(Vec<LeftRow>, bool), Problem> {
    let (mut rows, mut expected) = (Vec::new(), found.tally.changed + found.tally.refused);
    for at in 0..found.found.lots {
        if expected == 0 || rows.len() >= LEFT_MAX {
            break;
        }
        let Some(lot) = all.lot(found.id, at).await? else { break };
        expected = expected.saturating_sub(lot.left.len() as u64);
        rows.extend(lot.left.iter().map(|left| LeftRow {
            set: left.set.0,
            short: short(left.set.0),
            why: f.word("left", &left.why).to_string(),
        }));
    }
    let is_more = expected > 0 || rows.len() > LEFT_MAX;
    rows.truncate(LEFT_MAX);
    Ok((rows, is_more))
}

/// `POST /console/inventory/revocations/{id}`: confirms it.
pub(super) async fn confirm(
    State(engine): State<Engine>,
    Extension(all): Extension<Revocations>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Revoke, Confirming>,
) -> Result<Response, Problem> {
    let found = known(&all, visit.reach(), id).await?;
    let typed: String = form.typed.chars().filter(char::is_ascii_digit).collect();
    let is_typed = found.found.sets <= TYPED_ABOVE || typed == found.found.sets.to_string();
    let (Some(reason), true) = (form.reason, is_typed) else {
        let page = confirm_page(&engine, visit.frame, &found, true).await?;
        let is_unreasoned = form.reason.is_none();
        let page = Confirm { is_unreasoned, is_mistyped: !is_typed, ..page };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)?).into_response());
    };
    all.confirm(&visit.caller, visit.claimed.as_ref(), id, reason.into()).await?;
    go(&page_of(id))
}

/// `POST /console/inventory/revocations/{id}/stop`.
pub(super) async fn stop(
    Extension(all): Extension<Revocations>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, .. }: Sent<Revoke, Nothing>,
) -> Result<Response, Problem> {
    all.stop(visit.reach(), id).await?;
    go(&page_of(id))
}

/// A form with nothing in it but that it is ours.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// `GET /console/inventory/revocations`: those that were confirmed, the newest first.
pub(super) async fn list(
    State(engine): State<Engine>,
    Extension(all): Extension<Revocations>,
    visit: Visit<RevokeOrAudit>,
) -> Result<Html<String>, Problem> {
    let found = all.newest(visit.reach(), LISTED).await?;
    let f = visit.frame;
    let mut rows = Vec::new();
    for found in &found {
        rows.push(Row {
            id: found.id,
            asked: f.moment(found.asked_at),
            by: doer(&engine, &f, &found.actor).await?,
            sets: amount(&f, found.found.sets),
            revoked: amount(&f, found.tally.revoked),
            state: state(&f, &found.stage),
        });
    }
    shown(&List { f, rows })
}
