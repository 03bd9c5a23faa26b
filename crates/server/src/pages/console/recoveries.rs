//! `GET /console/recoveries`: who tried to get back in, and how far they came. The agent's queue is
//! at the desk; this list is for who checks (F6).

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::recovery::Opener;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::{RecoveryPage, RecoveryQuery, RecoveryRow};
use glassbreak_engine::{Engine, Need, Reach, WaitingPage};
use serde::Deserialize;
use uuid::Uuid;

use super::common::{Badge, distance, stamp, state_of_recovery, subject_page, title, with_query};
use super::overview::waits_long;
use crate::access::SeeRecovery;
use crate::body::{Parameters, subject};
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::patience::Patience;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::moment;
use crate::shape::recovery::person;

/// Recoveries on one page.
const ROWS: usize = 50;
/// The most that one read looks at; of those that are asked what they wait for. A page of a filter
/// that few pass reads on for as long as [`Patience`] lets it.
const LOOK_AT: usize = 2_000;
const ASK_AT: usize = 100;
const STATES: [&str; 6] = ["open", "window", "completed", "lapsed", "refused", "cancelled"];

/// The filters, as the form has them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    subject: String,
    state: String,
    kind: String,
    agent: String,
    needs: String,
    review_due: String,
    opened_after: String,
    opened_before: String,
    cursor: String,
}

struct Choice {
    value: &'static str,
    text: String,
    is_chosen: bool,
}

/// A recovery in the table.
struct Row {
    id: Uuid,
    subject: String,
    subject_page: String,
    state: Badge,
    /// What it waits for.
    needs: String,
    is_long: bool,
    is_case: bool,
    agent: String,
    cause: String,
    opened: String,
    opened_stamp: String,
    ends: String,
    review: Option<Badge>,
}

#[derive(Template)]
#[template(path = "console/recoveries.html")]
struct Recoveries {
    f: Frame,
    title: String,
    asked: Asked,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    needs: Vec<Choice>,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
    is_everybody: bool,
}

fn refused(field: &str) -> Problem {
    Problem::new("invalid_request", format!("`{field}` has none of the values that it takes"))
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 8] {
        [
            ("subject", &self.subject),
            ("state", &self.state),
            ("kind", &self.kind),
            ("agent", &self.agent),
            ("needs", &self.needs),
            ("review_due", &self.review_due),
            ("opened_after", &self.opened_after),
            ("opened_before", &self.opened_before),
        ]
    }

    /// What to ask; `None` if nobody of that name has any.
    async fn query(
        &self,
        engine: &Engine,
        reach: &Reach,
    ) -> Result<Option<RecoveryQuery>, Problem> {
        let some = |text: &str| (!text.is_empty()).then(|| text.trim().to_owned());
        if !self.state.is_empty() && !STATES.contains(&self.state.as_str()) {
            return Err(refused("state"));
        }
        let opener = match self.kind.as_str() {
            "" => None,
            "case" => Some(Opener::Agent),
            "own" => Some(Opener::Subject),
            _ => return Err(refused("kind")),
        };
        let day = |text: &str, field| {
            (!text.is_empty()).then(|| moment(&format!("{text}T00:00:00Z"), field)).transpose()
        };
        let cursor = some(&self.cursor).map(|text| Uuid::parse_str(&text)).transpose();
        let mut query = RecoveryQuery {
            newest: true,
            after: cursor.map_err(|_| refused("cursor"))?.map(RecoveryId),
            limit: ROWS,
            state: some(&self.state),
            review_due: !self.review_due.is_empty(),
            opener,
            opened_after: day(&self.opened_after, "opened_after")?,
            opened_before: day(&self.opened_before, "opened_before")?,
            look_at: Some(LOOK_AT),
            ..RecoveryQuery::default()
        };
        for (name, of) in [(&self.subject, &mut query.subject), (&self.agent, &mut query.agent)] {
            if let Some(name) = some(name) {
                match engine.subject(reach, &subject(name)?).await? {
                    Some((found, _)) => *of = Some(found.id),
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(query))
    }
}

/// What was found, each with what it waits for, where it is under way.
async fn found(
    engine: &Engine,
    reach: &Reach,
    asked: &Asked,
) -> Result<(Vec<(RecoveryRow, Option<Need>)>, Option<RecoveryId>), Problem> {
    let Some(mut query) = asked.query(engine, reach).await? else {
        return Ok((Vec::new(), None));
    };
    let need = (!asked.needs.is_empty()).then(|| Need::named(&asked.needs));
    let need = need.map(|need| need.ok_or_else(|| refused("needs"))).transpose()?;
    let (mut all, patience) = (Vec::new(), Patience::begin());
    loop {
        let next = if need.is_some() {
            query.look_at = Some(ASK_AT);
            let WaitingPage { rows, next } = engine.waiting(reach, &query, need).await?;
            all.extend(rows);
            next
        } else {
            let RecoveryPage { rows, next } = engine.recoveries(reach, &query).await?;
            for row in rows {
                let need = engine.waits_for(&row.recovery).await?;
                all.push((row, need));
            }
            next
        };
        if all.len() >= ROWS || next.is_none() || patience.is_over() {
            return Ok((all, next));
        }
        (query.after, query.limit) = (next, ROWS - all.len());
    }
}

async fn row(
    engine: &Engine,
    f: &Frame,
    row: &RecoveryRow,
    need: Option<Need>,
    now: Timestamp,
) -> Result<Row, Problem> {
    let recovery = &row.recovery;
    let review = recovery.review.as_ref().map(|review| match review {
        glassbreak_engine::core::recovery::Review::Due { .. } => {
            Badge::new("care", f.t("review-due"))
        }
        glassbreak_engine::core::recovery::Review::Done { .. } => {
            Badge::new("good", f.t("review-done"))
        }
    });
    Ok(Row {
        id: recovery.id.0,
        subject: row
            .reference
            .as_ref()
            .map_or_else(|| f.t("erased").to_string(), |name| name.as_str().to_owned()),
        subject_page: row.reference.as_ref().map(subject_page).unwrap_or_default(),
        state: state_of_recovery(f, recovery.state.name()),
        needs: need.map(|need| f.word("needs", need.name()).to_string()).unwrap_or_default(),
        is_long: recovery.is_live() && waits_long(recovery.opened_at, now),
        is_case: recovery.opening.by.opener() == Opener::Agent,
        agent: person(engine, recovery.opening.by.agent()).await?.unwrap_or_default(),
        cause: f.word("cause", recovery.opening.cause.name()).to_string(),
        opened: distance(f, recovery.opened_at, now),
        opened_stamp: stamp(recovery.opened_at),
        ends: recovery.due_at().map(|at| distance(f, at, now)).unwrap_or_default(),
        review,
    })
}

/// `GET /console/recoveries`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<SeeRecovery>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let (found, next) = found(&engine, visit.reach(), &asked).await?;
    let is_everybody = visit.reach().must_be_everybody().is_ok();
    let (f, now) = (visit.frame, engine.now());
    let mut rows = Vec::new();
    for (recovery, need) in &found {
        rows.push(row(&engine, &f, recovery, *need, now).await?);
    }
    let beyond = |cursor: &str| {
        let mut pairs = asked.pairs().to_vec();
        pairs.push(("cursor", cursor));
        with_query("/console/recoveries", &pairs)
    };
    let choices = |kind: &str, values: &[&'static str], chosen: &str| -> Vec<Choice> {
        let all = values.iter().map(|value| Choice {
            value,
            text: f.word(kind, value).to_string(),
            is_chosen: *value == chosen,
        });
        all.collect()
    };
    let word = |kind: &str, value: &str| match value {
        "" => String::new(),
        _ => f.word(kind, value).to_string(),
    };
    let set = [
        asked.subject.clone(),
        word("recovery-state", &asked.state),
        word("recovery-kind", &asked.kind),
        word("needs", &asked.needs),
        asked.agent.clone(),
        if asked.review_due.is_empty() { String::new() } else { f.t("review-due").to_string() },
        asked.opened_after.clone(),
        asked.opened_before.clone(),
        if asked.cursor.is_empty() { String::new() } else { "…".to_owned() },
    ];
    let title = title(&f.t("nav-recoveries").to_string(), set.iter().map(String::as_str));
    shown(&Recoveries {
        title,
        states: choices("recovery-state", &STATES, &asked.state),
        kinds: choices("recovery-kind", &["case", "own"], &asked.kind),
        needs: choices("needs", &Need::ALL.map(Need::name), &asked.needs),
        next: next.map(|RecoveryId(id)| beyond(&id.to_string())),
        first: (!asked.cursor.is_empty()).then(|| beyond("")),
        rows,
        is_everybody,
        asked,
        f,
    })
}
