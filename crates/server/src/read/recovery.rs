//! `/v1/recoveries`: who is trying to get back in, and how far they are.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::recovery::{Opener, Recovery};
use glassbreak_engine::core::subject::Standing;
use glassbreak_engine::store::{RecoveryPage, RecoveryQuery};
use glassbreak_engine::{Engine, Error, Need, Reach, WaitingPage};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Audit, Recover, SeeRecovery};
use crate::body::{IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::{Granted, RecoveryDetail, RecoverySummary};
use crate::shape::{moment, unstored};

/// The states a recovery can be in.
const STATES: [&str; 6] = ["open", "window", "completed", "lapsed", "refused", "cancelled"];

/// The most recoveries that one page looks at where it walks over all of them: a page of a filter
/// that few pass is short, and goes on where it ended.
const LOOK_AT: usize = 20_000;

/// Which recoveries to list; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only this subject's.
    subject: Option<String>,
    /// Only in this state.
    state: Option<String>,
    /// Only `case`, those that agents opened, or `own`, those that subjects opened.
    kind: Option<String>,
    /// Only the cases that this agent opened.
    agent: Option<String>,
    /// Only those under way that wait for this: `evidence`, `approval`, `release` or `enrolment`.
    /// With `any`: all that are under way. Either way each says what it waits for.
    needs: Option<String>,
    /// Only those opened then or later (RFC 3339).
    opened_after: Option<String>,
    /// Only those opened before then (RFC 3339).
    opened_before: Option<String>,
    /// With `true`: only those whose review is due.
    review_due: Option<bool>,
    /// With `true`: the newest first.
    newest: Option<bool>,
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A page of recoveries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Recoveries {
    /// The recoveries, in the order in which they were opened; the newest first where that was
    /// asked for.
    items: Vec<RecoverySummary>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

/// The recoveries that pass the filter.
#[utoipa::path(get, path = "/v1/recoveries", tag = "recoveries", params(Filter),
    responses((status = 200, body = Recoveries),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Recoveries>, Problem> {
    let reach = &allowed.caller.reach;
    let needs = match filter.needs.as_deref() {
        None => None,
        Some("any") => Some(None),
        Some(name) => Some(Some(Need::named(name).ok_or_else(|| {
            let names = Need::ALL.map(Need::name).join(", ");
            Problem::new("invalid_request", format!("`needs` is one of {names}, any"))
        })?)),
    };
    let Some(query) = filter.query(&engine, reach).await? else {
        return Ok(Json(Recoveries { items: Vec::new(), next_cursor: None }));
    };
    let (items, next) = match needs {
        None => {
            let RecoveryPage { rows, next } = engine.recoveries(reach, &query).await?;
            (rows.into_iter().map(RecoverySummary::from).collect(), next)
        }
        Some(need) => {
            let WaitingPage { rows, next } = engine.waiting(reach, &query, need).await?;
            let told = |(row, need)| RecoverySummary::from(row).waiting_for(need);
            (rows.into_iter().map(told).collect(), next)
        }
    };
    Ok(Json(Recoveries { items, next_cursor: next.map(|RecoveryId(id)| id) }))
}

impl Filter {
    /// What to ask the store; `None` if nobody of that name has any.
    async fn query(self, engine: &Engine, reach: &Reach) -> Result<Option<RecoveryQuery>, Problem> {
        if self.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
            let detail = format!("`state` is one of {}", STATES.join(", "));
            return Err(Problem::new("invalid_request", detail));
        }
        let opener = match self.kind.as_deref() {
            None => None,
            Some("case") => Some(Opener::Agent),
            Some("own") => Some(Opener::Subject),
            Some(_) => return Err(Problem::new("invalid_request", "`kind` is one of case, own")),
        };
        let mut named = [None, None];
        for (found, name) in named.iter_mut().zip([self.subject, self.agent]) {
            let Some(name) = name else { continue };
            match engine.subject(reach, &subject(name)?).await? {
                Some((known, _)) => *found = Some(known.id),
                None => return Ok(None),
            }
        }
        let [of, agent] = named;
        let time = |text: Option<String>, field| text.map(|text| moment(&text, field)).transpose();
        Ok(Some(RecoveryQuery {
            newest: self.newest.unwrap_or(false),
            after: self.cursor.map(RecoveryId),
            limit: self.limit.unwrap_or(100).clamp(1, 1000),
            subject: of,
            state: self.state,
            review_due: self.review_due.unwrap_or(false),
            live: false,
            ended: false,
            opener,
            agent,
            opened_after: time(self.opened_after, "opened_after")?,
            opened_before: time(self.opened_before, "opened_before")?,
            look_at: Some(LOOK_AT),
        }))
    }
}

/// A recovery with everything gathered in it: for whoever works on it (`recover`, `support`,
/// `approve`) and whoever checks it (`audit`). Never a code, an address or a grant.
#[utoipa::path(get, path = "/v1/recoveries/{recovery_id}", tag = "recoveries",
    params(("recovery_id" = Uuid, Path)),
    responses((status = 200, body = RecoveryDetail),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    allowed: Allowed<SeeRecovery>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Json<RecoveryDetail>, Problem> {
    let recovery = known(&engine, &allowed.caller.reach, id).await?;
    RecoveryDetail::of(&engine, &recovery).await.map(Json)
}

/// The grant of an open window, for the program that brings the subject back in.
///
/// The last piece of evidence may come from a support agent or an approver, and neither is handed
/// the grant (F4): the program with the scope `recover` fetches it here. The same window gives the
/// same grant.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/grant", tag = "recoveries",
    params(("recovery_id" = Uuid, Path)),
    responses((status = 200, body = Granted),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn grant(
    State(engine): State<Engine>,
    allowed: Allowed<Recover>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Response, Problem> {
    let recovery = known(&engine, &allowed.caller.reach, id).await?;
    let window = recovery.window().filter(|window| window.ends_at > engine.now());
    let window = window.ok_or_else(|| {
        let wants = "only an open window has a grant";
        Problem::from(Error::Denied(Denial::RecoveryState { state: recovery.state.name(), wants }))
    })?;
    let name = engine.reference(recovery.subject).await?;
    let name = name.ok_or_else(|| Problem::plain("subject_unknown"))?;
    let found = engine.subject(&allowed.caller.reach, &name).await?;
    // What put recovery to rest since the window opened keeps the grant back, too.
    if !found.is_some_and(|(subject, _)| subject.standing == Standing::Active) {
        return Err(Problem::plain("subject_suspended"));
    }
    Ok(unstored(Json(Granted::of(&engine, &name, window).await?)))
}

async fn known(engine: &Engine, reach: &Reach, id: Uuid) -> Result<Recovery, Problem> {
    let found = engine.recovery(reach, RecoveryId(id)).await?;
    Ok(found.ok_or(Error::Denied(Denial::RecoveryUnknown))?)
}
