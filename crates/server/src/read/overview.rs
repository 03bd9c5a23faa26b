//! `GET /v1/overview`: how things stand, in one answer, at once (G4).

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use glassbreak_engine::store::{Live, Raised};
use glassbreak_engine::{CountedInventory, Day, Days, Engine, Overview};
use serde::Serialize;
use utoipa::ToSchema;

use super::inventory::Summary;
use crate::access::{AllowedEverywhere, Audit};
use crate::problem::Problem;
use crate::shape::recovery::RecoverySummary;

/// How things stand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Standing {
    /// The moment of all that names no other one (RFC 3339).
    now: String,
    /// Recoveries that subjects opened and that are under way.
    recoveries: UnderWay,
    /// Support cases that are under way.
    cases: UnderWay,
    /// The open windows that end first, at most 20.
    windows: Vec<RecoverySummary>,
    /// Recoveries whose review is due.
    reviews_due: u64,
    /// Subjects that have to wait after wrong codes.
    throttled: u64,
    /// Containments in force.
    containments: u64,
    /// Alerts by level, all five of them.
    alerts: BTreeMap<&'static str, RaisedOf>,
    /// Subjects and sets; missing until they were counted for the first time since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<Inventory>,
    /// What happened day by day.
    days: DayList,
}

/// How many recoveries are under way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnderWay {
    /// Those that gather evidence.
    open: u64,
    /// Those whose window is open.
    window: u64,
}

/// Alerts of one level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RaisedOf {
    /// In the last 24 hours.
    last_day: u64,
    /// In the last seven days, that one included.
    last_week: u64,
}

/// The inventory in figures, as of a moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inventory {
    /// The moment (RFC 3339). At most a minute ago while somebody looks, or twenty times as long
    /// as counting took.
    as_of: String,
    /// How long counting took, in milliseconds.
    counted_in_ms: u64,
    /// The figures.
    #[serde(flatten)]
    figures: Summary,
}

/// The last 30 days, the oldest first, without gaps, today the last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayList {
    /// The moment of the newest entry that was counted (RFC 3339); missing if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    /// The days.
    items: Vec<DayFigures>,
}

/// What happened on one day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayFigures {
    /// The day in UTC, as `2026-11-22`.
    day: String,
    /// Codes that were accepted.
    accepted: u64,
    /// Codes that were refused.
    refused: u64,
    /// Attempts that came too early.
    throttled: u64,
    /// Sets that were issued.
    issued: u64,
    /// Recoveries that were opened.
    recoveries_opened: u64,
    /// Recoveries that were completed.
    recoveries_completed: u64,
    /// Alerts that were raised.
    alerts: u64,
}

impl From<Live> for UnderWay {
    fn from(live: Live) -> Self {
        Self { open: live.open, window: live.window }
    }
}

impl From<&CountedInventory> for Inventory {
    fn from(counted: &CountedInventory) -> Self {
        Self {
            as_of: counted.as_of.to_string(),
            counted_in_ms: u64::try_from(counted.took.as_millis()).unwrap_or(u64::MAX),
            figures: counted.summary.clone().into(),
        }
    }
}

impl From<Days> for DayList {
    fn from(days: Days) -> Self {
        let figures = |day: Day| DayFigures {
            accepted: day.accepted(),
            refused: day.refused(),
            throttled: day.throttled(),
            issued: day.count(&["code_set.issued"]),
            recoveries_opened: day.count(&["recovery.opened"]),
            recoveries_completed: day.count(&["recovery.completed"]),
            alerts: day.count(&["alert.raised"]),
            day: day.day,
        };
        let as_of = days.as_of.map(|as_of| as_of.to_string());
        Self { as_of, items: days.days.into_iter().map(figures).collect() }
    }
}

impl From<Overview> for Standing {
    fn from(overview: Overview) -> Self {
        let Overview { now, standings, containments, inventory, days } = overview;
        let raised = |level: glassbreak_engine::core::event::AlertLevel| {
            let Raised { day, week } = standings.alerts.get(&level).copied().unwrap_or_default();
            (level.name(), RaisedOf { last_day: day, last_week: week })
        };
        let alerts = glassbreak_engine::core::event::AlertLevel::ALL.map(raised).into();
        Self {
            now: now.to_string(),
            recoveries: standings.own.into(),
            cases: standings.cases.into(),
            windows: standings.windows.into_iter().map(RecoverySummary::from).collect(),
            reviews_due: standings.reviews_due,
            throttled: standings.throttled,
            containments,
            alerts,
            inventory: inventory.as_deref().map(Inventory::from),
            days: days.into(),
        }
    }
}

/// How things stand: coverage by tier and assurance, ages, what is under way, who has to wait,
/// alerts, and the last 30 days.
///
/// What an index tells is of this moment. What needs a look at every subject is counted beside the
/// requests, and says of when it is; so does what is counted by days, which follows the log.
#[utoipa::path(get, path = "/v1/overview", tag = "inventory",
    responses((status = 200, body = Standing)))]
pub(crate) async fn overview(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Audit>,
) -> Result<Json<Standing>, Problem> {
    Ok(Json(engine.overview(&allowed.caller.reach).await?.into()))
}
