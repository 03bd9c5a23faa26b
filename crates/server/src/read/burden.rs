//! `GET /v1/recoveries/burden`: what recovery costs people, so that friction can be balanced (F6).

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::id::{RecoveryId, SubjectId};
use glassbreak_engine::core::recovery::{Opener, Recovery, RecoveryState};
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::store::RecoveryQuery;
use glassbreak_engine::{Engine, Reach};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::access::{AllowedEverywhere, Audit};
use crate::body::Parameters;
use crate::problem::{Problem, ProblemBody};
use crate::shape::moment;
use crate::shape::recovery::person;

/// How many recoveries are read at a time.
const PAGE: usize = 1000;

/// The period unless told.
const PERIOD: Seconds = Seconds::days(30);

/// Over which period.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// Recoveries opened from then on (RFC 3339); 30 days before `until` unless told.
    since: Option<String>,
    /// And before then (RFC 3339); now unless told.
    until: Option<String>,
}

/// What recovery cost people in a period.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Burden {
    /// The start of the period (RFC 3339).
    since: String,
    /// Its end (RFC 3339).
    until: String,
    /// How many recoveries were opened.
    pub(crate) opened: u64,
    /// How many of them were support cases.
    pub(crate) cases: u64,
    /// How many cases, by the agent who opened them.
    by_agent: BTreeMap<String, u64>,
    /// How many, by cause.
    pub(crate) by_cause: BTreeMap<&'static str, u64>,
    /// How many, by where they stand now.
    pub(crate) by_outcome: BTreeMap<&'static str, u64>,
    /// From opening to completion, of those completed.
    pub(crate) time_to_restore: Spread,
    /// From opening until now, of those that still gather evidence.
    pub(crate) waiting: Spread,
}

/// How long things took, in seconds.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Spread {
    /// How many.
    pub(crate) count: usize,
    /// Half of them took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) median_seconds: Option<u64>,
    /// Nine of ten took no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p90_seconds: Option<u64>,
    /// None took longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) longest_seconds: Option<u64>,
}

impl Spread {
    /// The spread of some lengths of time, by the nearest rank.
    fn of(mut seconds: Vec<u64>) -> Self {
        seconds.sort_unstable();
        let count = seconds.len();
        let rank = |percent: usize| {
            let place = (count * percent).div_ceil(100).saturating_sub(1);
            seconds.get(place).copied()
        };
        Self { count, median_seconds: rank(50), p90_seconds: rank(90), longest_seconds: rank(100) }
    }
}

#[derive(Default)]
struct Tally {
    opened: u64,
    cases: u64,
    by_agent: BTreeMap<SubjectId, u64>,
    by_cause: BTreeMap<&'static str, u64>,
    by_outcome: BTreeMap<&'static str, u64>,
    restored: Vec<u64>,
    waiting: Vec<u64>,
}

impl Tally {
    fn count(&mut self, recovery: &Recovery, now: Timestamp) {
        self.opened += 1;
        self.cases += u64::from(recovery.opening.by.opener() == Opener::Agent);
        if let Some(agent) = recovery.opening.by.agent() {
            *self.by_agent.entry(agent).or_default() += 1;
        }
        *self.by_cause.entry(recovery.opening.cause.name()).or_default() += 1;
        *self.by_outcome.entry(recovery.state.name()).or_default() += 1;
        match recovery.state {
            RecoveryState::Completed { at } => {
                self.restored.push(at.seconds_from(recovery.opened_at));
            }
            RecoveryState::Open {} => self.waiting.push(now.seconds_from(recovery.opened_at)),
            _ => {}
        }
    }
}

/// The burden of recovery over a period: time to restore, what waits, and the causes (F6).
#[utoipa::path(get, path = "/v1/recoveries/burden", tag = "recoveries", params(Period),
    responses((status = 200, body = Burden),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn burden(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Audit>,
    Parameters(period): Parameters<Period>,
) -> Result<Json<Burden>, Problem> {
    let now = engine.now();
    let given = |text: Option<String>, field| text.map(|text| moment(&text, field)).transpose();
    let until = given(period.until, "until")?.unwrap_or(now);
    let since = given(period.since, "since")?.unwrap_or_else(|| until.minus(PERIOD));
    measure(&engine, &allowed.caller.reach, since, until).await.map(Json)
}

/// The figures of recoveries that were opened from `since` on and before `until`.
pub(crate) async fn measure(
    engine: &Engine,
    reach: &Reach,
    since: Timestamp,
    until: Timestamp,
) -> Result<Burden, Problem> {
    let (now, mut tally) = (engine.now(), Tally::default());
    // Ids begin with the time, so the listing begins where the period does.
    let mut query = RecoveryQuery {
        after: Some(RecoveryId::new(since.minus(Seconds(1)), [0xff; 10])),
        limit: PAGE,
        ..RecoveryQuery::default()
    };
    loop {
        let page = engine.recoveries(reach, &query).await?;
        let opened = page.rows.iter().map(|row| &row.recovery);
        for recovery in opened.filter(|it| it.opened_at >= since && it.opened_at < until) {
            tally.count(recovery, now);
        }
        let past = page.rows.last().is_some_and(|row| row.recovery.opened_at >= until);
        if past || page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    let mut by_agent = BTreeMap::new();
    for (agent, cases) in tally.by_agent {
        by_agent.extend(person(engine, Some(agent)).await?.map(|name| (name, cases)));
    }
    Ok(Burden {
        since: since.to_string(),
        until: until.to_string(),
        opened: tally.opened,
        cases: tally.cases,
        by_agent,
        by_cause: tally.by_cause,
        by_outcome: tally.by_outcome,
        time_to_restore: Spread::of(tally.restored),
        waiting: Spread::of(tally.waiting),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f6_the_spread_is_by_the_nearest_rank() {
        assert_eq!(Spread::of(Vec::new()), Spread::default());
        let one = Spread::of(vec![7]);
        assert_eq!(
            (one.median_seconds, one.p90_seconds, one.longest_seconds),
            (Some(7), Some(7), Some(7))
        );
        let ten = Spread::of((1..=10).rev().collect());
        assert_eq!(
            (ten.median_seconds, ten.p90_seconds, ten.longest_seconds),
            (Some(5), Some(9), Some(10))
        );
    }
}
