//! `GET /console/subjects`: who there is, found by how a name begins, and who has to wait.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::subject::{Standing, Tier};
use glassbreak_engine::store::{SubjectQuery, SubjectRow};
use serde::Deserialize;
use uuid::Uuid;

use super::common::{Badge, distance, state_of_set, subject_page, title, with_query};
use crate::access::Audit;
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::patience::Patience;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::word;

/// Subjects on one page.
const ROWS: usize = 50;
/// The most that one read looks at. A page of a filter that few pass reads on for as long as
/// [`Patience`] lets it.
const LOOK_AT: usize = 2_000;

/// The search, as the form has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    prefix: String,
    tier: String,
    group: String,
    uncovered: String,
    throttled: String,
    cursor: String,
}

/// A subject in the table.
struct Row {
    name: String,
    page: String,
    kind: String,
    tier: String,
    assurance: String,
    standing: Badge,
    /// The set that stands for it.
    set: Option<(Uuid, Badge, String)>,
}

/// Somebody who has to wait.
struct Waiting {
    name: String,
    page: String,
    tier: String,
    failures: u32,
    until: String,
}

#[derive(Template)]
#[template(path = "console/subjects.html")]
struct Subjects {
    f: Frame,
    title: String,
    asked: Asked,
    tiers: Vec<(String, bool)>,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
    is_everybody: bool,
}

#[derive(Template)]
#[template(path = "console/throttled.html")]
struct Throttled {
    f: Frame,
    rows: Vec<Waiting>,
    next: Option<String>,
}

/// How somebody stands, as a badge.
pub(super) fn standing(f: &Frame, standing: Standing) -> Badge {
    let class = match standing {
        Standing::Active => "good",
        Standing::Suspended { .. } => "harm",
        Standing::Departed { .. } => "",
    };
    Badge::new(class, f.word("standing", standing.name()))
}

fn row(f: &Frame, row: &SubjectRow) -> Row {
    let profile = &row.subject.profile;
    let set = row.set.as_ref().map(|set| {
        let left = f.t("left-of").with("left", set.unused()).with("all", set.issued.count);
        (set.id.0, state_of_set(f, &set.state), left.to_string())
    });
    Row {
        name: row.directory.reference.as_str().to_owned(),
        page: subject_page(&row.directory.reference),
        kind: f.word("subject-kind", word(&profile.kind)).to_string(),
        tier: profile.tier.as_str().to_owned(),
        assurance: word(&profile.assurance).to_uppercase(),
        standing: standing(f, row.subject.standing),
        set,
    }
}

fn cursor(text: &str) -> Result<Option<SubjectId>, Problem> {
    let id = (!text.is_empty()).then(|| Uuid::parse_str(text)).transpose();
    let wrong = || Problem::new("invalid_request", "`cursor` is the one of the page before");
    Ok(id.map_err(|_| wrong())?.map(SubjectId))
}

/// `GET /console/subjects`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    let after = cursor(&asked.cursor)?;
    if !asked.throttled.is_empty() {
        return Ok(throttled(&engine, visit, after).await?.into_response());
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let tier = some(&asked.tier).map(Tier::try_from).transpose();
    let mut query = SubjectQuery {
        prefix: asked.prefix.trim().to_owned(),
        tier: tier.map_err(|error| Problem::new("invalid_request", error.to_string()))?,
        group: some(&asked.group),
        uncovered: !asked.uncovered.is_empty(),
        after,
        limit: ROWS,
        look_at: Some(LOOK_AT),
    };
    let (mut found, patience) = (Vec::new(), Patience::begin());
    let next = loop {
        let page = engine.subjects(visit.reach(), &query).await?;
        found.extend(page.rows);
        if found.len() >= ROWS || page.next.is_none() || patience.is_over() {
            break page.next;
        }
        (query.after, query.limit) = (page.next, ROWS - found.len());
    };
    let is_everybody = visit.reach().must_be_everybody().is_ok();
    let f = visit.frame;
    let beyond = |cursor: &str| {
        let pairs = [
            ("prefix", asked.prefix.as_str()),
            ("tier", &asked.tier),
            ("group", &asked.group),
            ("uncovered", &asked.uncovered),
            ("cursor", cursor),
        ];
        with_query("/console/subjects", &pairs)
    };
    let tiers = engine.settings().tiers.keys().map(|tier| tier.as_str().to_owned());
    let only =
        if asked.uncovered.is_empty() { String::new() } else { f.t("field-uncovered").to_string() };
    let further = if asked.cursor.is_empty() { "" } else { "…" };
    let set = [asked.prefix.as_str(), &asked.tier, &asked.group, &only, further];
    let title = title(&f.t("nav-subjects").to_string(), set);
    let view = Subjects {
        title,
        tiers: tiers.map(|tier| (tier.clone(), tier == asked.tier)).collect(),
        rows: found.iter().map(|it| row(&f, it)).collect(),
        next: next.map(|SubjectId(id)| beyond(&id.to_string())),
        first: (!asked.cursor.is_empty()).then(|| beyond("")),
        is_everybody,
        asked,
        f,
    };
    Ok(shown(&view)?.into_response())
}

/// Those who have to wait after wrong codes.
async fn throttled(
    engine: &Engine,
    visit: Visit<Audit>,
    after: Option<SubjectId>,
) -> Result<Html<String>, Problem> {
    let page = engine.throttled(visit.reach(), after, ROWS).await?;
    let (f, now) = (visit.frame, engine.now());
    let rows = page.rows.iter().map(|row| Waiting {
        name: row
            .reference
            .as_ref()
            .map_or_else(|| f.t("erased").to_string(), |name| name.as_str().to_owned()),
        page: row.reference.as_ref().map(subject_page).unwrap_or_default(),
        tier: row.tier.as_str().to_owned(),
        failures: row.failures,
        until: distance(&f, row.retry_at, now),
    });
    let rows = rows.collect();
    let next = page.next.map(|SubjectId(id)| {
        with_query("/console/subjects", &[("throttled", "true"), ("cursor", &id.to_string())])
    });
    shown(&Throttled { f, rows, next })
}
