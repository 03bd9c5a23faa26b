//! `GET /v1/alerts`: what was raised, why, and on which entries it rests (G3).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::event::{AlertFacts, AlertLevel, Happened};
use glassbreak_engine::store::{AlertPage, AlertQuery, AlertRow};
use glassbreak_engine::{Engine, Reach};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Audit};
use crate::body::{Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::moment;

/// Which alerts to list; all that are given must hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only those of this level and above: `informational`, `low`, `medium`, `high`, `critical`.
    #[param(value_type = Option<String>)]
    pub(crate) level: Option<AlertLevel>,
    /// Only those of this rule, or of this name where no rule raises it (`break_glass_used`).
    pub(crate) rule: Option<String>,
    /// Only those about this subject.
    pub(crate) subject: Option<String>,
    /// Only those raised then or later (RFC 3339).
    pub(crate) since: Option<String>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<u64>,
    /// At most so many, 1 to 1000; 100 unless told.
    pub(crate) limit: Option<usize>,
}

/// An alert.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlertItem {
    /// The leaf index of the entry that raised it.
    pub(crate) index: u64,
    /// That event's id.
    pub(crate) id: Uuid,
    /// When it was raised (RFC 3339).
    pub(crate) at: String,
    /// The rule that raised it, or its name where no rule raises it.
    pub(crate) rule: String,
    /// `informational`, `low`, `medium`, `high` or `critical`.
    pub(crate) level: &'static str,
    /// The subject it is about, by the caller's name; missing where it is about none, or that was
    /// erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// Why, in sentences.
    pub(crate) reasons: Vec<String>,
    /// The ids of the entries it rests on, the one at which it was raised last.
    pub(crate) entries: Vec<Uuid>,
    /// The recovery it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recovery_id: Option<Uuid>,
    /// The set of decoys of which a code was presented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) set_id: Option<Uuid>,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alerts {
    /// The alerts, the newest first.
    pub(crate) items: Vec<AlertItem>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<u64>,
}

impl AlertItem {
    fn of(row: AlertRow) -> Result<Self, Problem> {
        let entry = row.entry.entry().map_err(|_| Problem::plain("corrupt"))?;
        let facts = AlertFacts::of(&entry).ok_or_else(|| Problem::plain("corrupt"))?;
        let Happened::AlertRaised { recovery, rule, canary, .. } = entry.happened else {
            return Err(Problem::plain("corrupt"));
        };
        let (reasons, entries) = rule.map(|rule| (rule.reasons, rule.entries)).unwrap_or_default();
        Ok(Self {
            index: row.entry.index,
            id: row.entry.id.0,
            at: entry.at.to_string(),
            rule: facts.name,
            level: facts.level.name(),
            subject: row.reference.map(String::from),
            reasons,
            entries: entries.into_iter().map(|id| id.0).collect(),
            recovery_id: recovery.map(|id| id.0),
            set_id: canary.map(|canary| canary.set.0),
        })
    }
}

/// The alerts that pass the filter, the newest first.
#[utoipa::path(get, path = "/v1/alerts", tag = "log", params(Filter),
    responses((status = 200, body = Alerts),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Alerts>, Problem> {
    Alerts::of(&engine, &allowed.caller.reach, filter).await.map(Json)
}

impl Alerts {
    /// The alerts within `reach` that pass the filter.
    pub(crate) async fn of(
        engine: &Engine,
        reach: &Reach,
        filter: Filter,
    ) -> Result<Self, Problem> {
        let of = match filter.subject {
            None => None,
            Some(name) => match engine.subject(reach, &subject(name)?).await? {
                Some((found, _)) => Some(found.id),
                None => return Ok(Self { items: Vec::new(), next_cursor: None }),
            },
        };
        let query = AlertQuery {
            before: filter.cursor,
            limit: filter.limit.unwrap_or(100).clamp(1, 1000),
            subject: of,
            name: filter.rule,
            level: filter.level,
            since: filter.since.map(|text| moment(&text, "since")).transpose()?,
        };
        let AlertPage { rows, next } = engine.alerts(reach, &query).await?;
        let items = rows.into_iter().map(AlertItem::of).collect::<Result<_, _>>()?;
        Ok(Self { items, next_cursor: next })
    }
}
