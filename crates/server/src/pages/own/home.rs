//! `GET /self`: what recovery I have. Never a code.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use glassbreak_engine::core::code_set::{CodeSet, Custody, SetKind, SetState};
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::self_service::Purpose;
use glassbreak_engine::core::subject::Standing;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::store::InventoryQuery;
use serde::Deserialize;

use super::Visit;
use super::codes::PLACES;
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::problem::Problem;

/// How long before its end a set is said to expire soon.
const SOON: Seconds = Seconds::days(30);
/// The most sets that are looked through.
const SETS_MAX: usize = 200;

/// A set, as its holder is told of it.
pub(super) struct Held {
    /// What it is for.
    pub(super) kind: &'static str,
    /// Where it stands, by what is true now.
    pub(super) state: &'static str,
    /// Codes that are left, and how many there were.
    pub(super) unused: u8,
    pub(super) count: u8,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// By when it is to be replaced, if it is.
    pub(super) replace_by: Option<Timestamp>,
    /// By when it lapses unless it is confirmed.
    pub(super) confirm_by: Option<Timestamp>,
    /// Where they said they keep it.
    pub(super) custody: Option<&'static str>,
    /// Whether they are asked again, and by which id.
    asked: Option<SetId>,
    /// When they said it last.
    declared: Option<Timestamp>,
    pub(super) expires_soon: bool,
    /// Whole days since it was made.
    pub(super) age_days: u64,
}

impl Held {
    /// `every`: after how long they are asked where it is kept (B1).
    fn of(set: &CodeSet, now: Timestamp, every: Seconds) -> Self {
        let expires_at = set.issued.expires_at;
        let confirm_by = match set.state {
            SetState::Offered { confirm_by } => Some(confirm_by),
            _ => None,
        };
        let is_over = set.state.is_live() && expires_at <= now;
        Self {
            kind: set.issued.kind.name(),
            state: if is_over { "expired" } else { set.state.name() },
            unused: set.unused(),
            count: set.issued.count,
            issued_at: set.issued_at,
            expires_at,
            replace_by: set.replace_by,
            confirm_by,
            custody: set.custody().map(Custody::name),
            asked: set.custody_review_at(every).filter(|at| *at <= now).map(|_| set.id),
            declared: set.custody_declared_at(),
            age_days: now.seconds_from(set.issued_at) / u64::from(Seconds::days(1).0),
            expires_soon: !is_over && expires_at <= now.plus(SOON),
        }
    }

    fn works(&self) -> bool {
        ["active", "offered"].contains(&self.state)
    }
}

#[derive(Template)]
#[template(path = "own/home.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows a part of the page or does not")]
struct Home {
    f: Frame,
    sets: Vec<Held>,
    /// The last one that ended, where none works.
    ended: Option<Held>,
    rests: bool,
    may_make: bool,
    may_report: bool,
    in_window: bool,
    is_back: bool,
    until: Timestamp,
    /// The places that a set may be kept in.
    places: [&'static str; 4],
    /// Whether a place was just written down.
    is_noted: bool,
}

/// What led here.
#[derive(Deserialize)]
pub(crate) struct Came {
    noted: Option<String>,
}

/// The sets of a visitor, the newest first. Decoys are nobody's to see.
pub(super) async fn sets(engine: &Engine, visit: &Visit) -> Result<Vec<CodeSet>, Problem> {
    let subject = Some(visit.name().clone());
    let mut query = InventoryQuery { subject, limit: SETS_MAX, ..InventoryQuery::default() };
    let mut sets = Vec::new();
    loop {
        let page = engine.inventory(visit.reach(), &query).await?;
        let rows = page.rows.into_iter().map(|row| row.set);
        sets.extend(rows.filter(|set| set.issued.kind != SetKind::Canary));
        query.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    sets.sort_by_key(|set| std::cmp::Reverse(set.issued_at));
    Ok(sets)
}

pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit,
    Parameters(came): Parameters<Came>,
) -> Result<Html<String>, Problem> {
    visit.present.must(Purpose::View)?;
    let now = engine.now();
    let tier = engine.settings().tier(&visit.present.subject.profile.tier);
    let every = tier.map_or(Seconds(0), |tier| tier.custody_review);
    let all: Vec<Held> =
        sets(&engine, &visit).await?.iter().map(|set| Held::of(set, now, every)).collect();
    let (sets, mut ended): (Vec<_>, Vec<_>) = all.into_iter().partition(Held::works);
    let ended = (sets.is_empty() && !ended.is_empty()).then(|| ended.swap_remove(0));
    let session = &visit.present.session;
    let may = |purpose| session.purposes.contains(&purpose);
    shown(&Home {
        sets,
        ended,
        rests: visit.present.subject.standing != Standing::Active,
        // In a window the new codes come in their turn.
        may_make: may(Purpose::Codes) && visit.present.window.is_none(),
        may_report: may(Purpose::Report),
        in_window: super::recovery::window(&engine, &visit).await?.is_some(),
        is_back: visit.present.is_back,
        places: PLACES.map(Custody::name),
        is_noted: came.noted.is_some(),
        until: session.until(visit.own.config.session),
        f: visit.frame,
    })
}
