//! `GET /console/sets/{id}`: one set, what became of it, and revoking it (G4).

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::code_set::SetState;
use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::store::InventoryRow;
use serde::Deserialize;
use uuid::Uuid;

use super::common::{SetRow, subject_page};
use super::timeline::{Happening, Telling};
use crate::access::{Audit, Revoke};
use crate::body::{IdPath, Parameters};
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::{RevokeWord, word};

/// So many of the subject's newest entries are looked through for those of the set.
const LOOK_AT: usize = 500;

#[derive(Template)]
#[template(path = "console/set.html")]
struct SetPage {
    f: Frame,
    set: SetRow,
    profile: String,
    reason: String,
    session: String,
    failures: u32,
    confirm_by: Option<String>,
    replace_by: Option<String>,
    ended: Option<String>,
    /// Who had it issued, and so was shown its codes.
    seen_by: Option<String>,
    happenings: Vec<Happening>,
    is_cut: bool,
    may_revoke: bool,
    was_revoked: bool,
    reasons: Vec<(&'static str, String, String)>,
}

/// What led back here.
#[derive(Deserialize)]
pub(super) struct Came {
    #[serde(default)]
    revoked: String,
}

/// The form that revokes it.
#[derive(Deserialize)]
pub(super) struct Revoking {
    reason: RevokeWord,
}

fn unknown() -> Problem {
    glassbreak_engine::Error::Denied(Denial::SetUnknown).into()
}

/// What the log says of a set.
#[derive(Default)]
struct Entries {
    happenings: Vec<Happening>,
    /// Whether there may be more.
    is_cut: bool,
    seen_by: Option<String>,
}

/// The entries of a set among the newest of its subject.
async fn entries(
    engine: &Engine,
    visit: &Visit<Audit>,
    row: &InventoryRow,
) -> Result<Entries, Problem> {
    let Some(name) = &row.reference else { return Ok(Entries::default()) };
    let Some((subject, _)) = engine.subject(visit.reach(), name).await? else {
        return Ok(Entries::default());
    };
    let newest = engine.newest_of(&subject, None, LOOK_AT).await?;
    let is_cut = newest.len() == LOOK_AT;
    let has_proof = visit.reach().must_be_everybody().is_ok();
    let mut telling = Telling::new(engine, &visit.frame, has_proof);
    let mut all = Entries { is_cut, ..Entries::default() };
    for entry in &newest {
        let read = entry.entry().map_err(glassbreak_engine::Error::from)?;
        if read.happened.set() != Some(row.set.id) {
            continue;
        }
        let happening = telling.one(entry.index, &read).await?;
        if matches!(read.happened, Happened::CodeSetIssued { .. }) {
            all.seen_by = Some(happening.by.clone());
            all.is_cut = false;
        }
        all.happenings.push(happening);
    }
    Ok(all)
}

/// `GET /console/sets/{id}`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    IdPath(id): IdPath<Uuid>,
    Parameters(came): Parameters<Came>,
) -> Result<Html<String>, Problem> {
    let row = engine.code_set(visit.reach(), SetId(id)).await?.ok_or_else(unknown)?;
    let Entries { happenings, is_cut, seen_by } = entries(&engine, &visit, &row).await?;
    let may_revoke = visit.has(Scope::Revoke) && row.set.state.is_live();
    let (f, now) = (visit.frame, engine.now());
    let confirm_by = match row.set.state {
        SetState::Offered { confirm_by } => Some(f.moment(confirm_by)),
        _ => None,
    };
    let ended = match row.set.state {
        SetState::Revoked { at, reason } => {
            let why = f.word("revoke-reason", reason.name());
            Some(format!("{} ({why})", f.moment(at)))
        }
        SetState::Exhausted { at }
        | SetState::Expired { at }
        | SetState::Superseded { at, .. }
        | SetState::Disabled { at }
        | SetState::Lapsed { at } => Some(f.moment(at)),
        SetState::Offered { .. } | SetState::Active { .. } => None,
    };
    let reasons = ["requested", "lost", "leaked"].map(|reason| {
        let more = f.language.phrase(format!("revoke-{reason}-more")).to_string();
        (reason, f.word("revoke-reason", reason).to_string(), more)
    });
    shown(&SetPage {
        set: SetRow::of(&f, &row, now),
        profile: f.word("profile", word(&row.set.issued.profile)).to_string(),
        reason: f.word("issue-reason", word(&row.set.issued.reason)).to_string(),
        session: word(&row.set.issued.session_assurance).to_uppercase(),
        failures: row.set.failures,
        replace_by: row.set.replace_by.map(|by| f.moment(by)),
        confirm_by,
        ended,
        seen_by,
        happenings,
        is_cut,
        may_revoke,
        was_revoked: !came.revoked.is_empty() && !row.set.state.is_live(),
        reasons: reasons.to_vec(),
        f,
    })
}

/// `POST /console/sets/{id}/revoke`.
pub(super) async fn revoke(
    State(engine): State<Engine>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Revoke, Revoking>,
) -> Result<Response, Problem> {
    engine.revoke(&visit.caller, SetId(id), form.reason.into()).await?;
    if visit.has(Scope::Audit) {
        return go(&format!("/console/sets/{id}?revoked=1"));
    }
    let row = engine.code_set(visit.reach(), SetId(id)).await?;
    let page = row.and_then(|row| row.reference.as_ref().map(subject_page));
    go(&page.unwrap_or_else(|| "/console/inventory".to_owned()))
}
