//! `GET /desk`: the cases, by what each waits for and since when.

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::containment::ContainmentScope;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::recovery::{Opener, Recovery, RecoveryState};
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::{RecoveryPage, RecoveryQuery, RecoveryRow};
use glassbreak_engine::{Engine, Need, Outlook, Visitor};
use serde::Deserialize;
use uuid::Uuid;

use super::people::{CouldApprove, Names};
use super::steps::{Stage, Told};
use crate::access::Desk;
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::patience::Patience;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::word;

/// How many of those that ended are looked at in one go.
const LOOKED_AT: usize = 10_000;
/// How many cases a page shows. The first page of the open ones has as many of the visitor's own
/// in front of them.
const SHOWN: usize = 50;

/// One case.
struct Row {
    id: Uuid,
    subject: String,
    tier: String,
    privileged: bool,
    ial: String,
    cause: String,
    state: &'static str,
    /// What it waits for: the end of a step's keys.
    waits_for: Option<&'static str>,
    age: String,
    since: String,
    agent: String,
    is_mine: bool,
    /// Whether the visitor's own approval is what it waits for, if they have a passkey to sign
    /// with or not.
    wants_me: bool,
    opened_at: Timestamp,
}

/// The page.
#[derive(Template)]
#[template(path = "desk/queue.html")]
struct Queue {
    f: Frame,
    rows: Vec<Row>,
    /// Where the next page is, and from a later one the first.
    next: Option<String>,
    first: Option<String>,
    /// `open` or `closed`.
    shows: &'static str,
    waits_for_me: usize,
    /// Whether the visitor has a passkey to sign with.
    may_sign: bool,
    /// Whether recovery is switched off for everybody.
    is_contained: bool,
    may_open: bool,
}

/// Which cases.
#[derive(Deserialize)]
pub(crate) struct Asked {
    show: Option<String>,
    cursor: Option<Uuid>,
}

pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Desk>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let closed = asked.show.as_deref() == Some("closed");
    let (found, next) = cases(&engine, &visit, closed, asked.cursor).await?;
    let (mut rows, mut may_sign) = (Vec::new(), false);
    for row in found {
        if let Some(outlook) =
            engine.outlook(visit.reach(), row.recovery.id, visit.operator).await?
        {
            may_sign |= outlook.visitor.as_ref().is_some_and(Visitor::has_passkey);
            rows.push(told(&engine, &visit, &outlook).await?);
        }
    }
    if !closed {
        rows.sort_by_key(|row| (!row.wants_me, !row.is_mine, row.opened_at));
    }
    let waits_for_me = rows.iter().filter(|row| row.wants_me).count();
    let is_contained = engine.containments().await?.held.iter().any(|held| {
        held.containment.is_in_force() && held.containment.terms.scope == ContainmentScope::All {}
    });
    let shows = if closed { "closed" } else { "open" };
    let may_open = visit.has(Scope::Support);
    let next = next.map(|RecoveryId(id)| format!("/desk?show={shows}&cursor={id}"));
    let first = asked.cursor.map(|_| format!("/desk?show={shows}"));
    shown(&Queue {
        f: visit.frame,
        rows,
        next,
        first,
        shows,
        waits_for_me,
        may_sign,
        is_contained,
        may_open,
    })
}

/// A page of the cases that are live, the oldest first, or of those that ended, the newest first;
/// and where the next begins after. What subjects opened is not the desk's. In front of the first
/// page of the live ones are the visitor's own, wherever they would come: an agent's work is not
/// behind a thousand cases of others.
async fn cases(
    engine: &Engine,
    visit: &Visit<Desk>,
    ended: bool,
    cursor: Option<Uuid>,
) -> Result<(Vec<RecoveryRow>, Option<RecoveryId>), Problem> {
    let query = RecoveryQuery {
        limit: SHOWN,
        newest: ended,
        live: !ended,
        ended,
        opener: Some(Opener::Agent),
        after: cursor.map(RecoveryId),
        look_at: ended.then_some(LOOKED_AT),
        ..RecoveryQuery::default()
    };
    let (all, next) = read(engine, visit, query.clone()).await?;
    if ended || cursor.is_some() || visit.operator.is_none() {
        return Ok((all, next));
    }
    let own = RecoveryQuery { agent: visit.operator, ..query };
    let (mut found, _) = read(engine, visit, own).await?;
    let known: Vec<_> = found.iter().map(|row| row.recovery.id).collect();
    found.extend(all.into_iter().filter(|row| !known.contains(&row.recovery.id)));
    Ok((found, next))
}

/// A page of what the visitor reaches. Whoever reaches few of many is read on for, for a while.
async fn read(
    engine: &Engine,
    visit: &Visit<Desk>,
    mut query: RecoveryQuery,
) -> Result<(Vec<RecoveryRow>, Option<RecoveryId>), Problem> {
    let (patience, mut found) = (Patience::begin(), Vec::new());
    loop {
        let RecoveryPage { rows, next } = engine.recoveries(visit.reach(), &query).await?;
        found.extend(rows);
        if found.len() >= SHOWN || next.is_none() || patience.is_over() {
            return Ok((found, next));
        }
        query.after = next;
        query.limit = SHOWN.saturating_sub(found.len());
    }
}

async fn told(engine: &Engine, visit: &Visit<Desk>, outlook: &Outlook) -> Result<Row, Problem> {
    let (f, now, recovery) = (&visit.frame, engine.now(), &outlook.recovery);
    let names = Names::of(engine, outlook).await?;
    let told = Told {
        f,
        outlook,
        names: &names,
        story: None,
        could_approve: &CouldApprove::default(),
        now,
    };
    let steps = told.steps();
    let waits_for = steps.iter().find(|step| step.stage == Stage::Now).map(|step| step.key);
    let agent = recovery.opening.by.agent();
    let is_open = matches!(recovery.state, RecoveryState::Open {});
    let may_approve = outlook.visitor.as_ref().is_some_and(Visitor::may_approve);
    let since = since(recovery);
    Ok(Row {
        id: recovery.id.0,
        subject: names.name(outlook.subject.id),
        tier: outlook.subject.profile.tier.as_str().to_owned(),
        privileged: outlook.privileged,
        ial: word(&outlook.subject.profile.ial).to_uppercase(),
        cause: f.word("desk-cause", recovery.opening.cause.name()).to_string(),
        state: recovery.state.name(),
        waits_for,
        age: age(f, now.seconds_from(since)),
        since: f.moment(since),
        agent: agent.map(|agent| names.name(agent)).unwrap_or_default(),
        is_mine: agent.is_some() && agent == visit.operator,
        wants_me: is_open
            && may_approve
            && visit.has(Scope::Approve)
            && outlook.need == Some(Need::Approval),
        opened_at: recovery.opened_at,
    })
}

/// The last moment at which something is known to have moved.
fn since(recovery: &Recovery) -> Timestamp {
    let approvals = recovery.approvals.iter().map(|approval| approval.at);
    let sent = recovery.sent.iter().map(|sent| sent.sent_at);
    let ended = match recovery.state {
        RecoveryState::Completed { at }
        | RecoveryState::Lapsed { at, .. }
        | RecoveryState::Refused { at, .. }
        | RecoveryState::Cancelled { at } => Some(at),
        RecoveryState::Open {} | RecoveryState::Window(_) => None,
    };
    let all = approvals.chain(sent).chain(recovery.satisfied_at).chain(ended);
    all.chain([recovery.opened_at]).max().unwrap_or(recovery.opened_at)
}

/// A length of time in its largest unit.
pub(super) fn age(f: &Frame, seconds: u64) -> String {
    let (key, n) = match seconds {
        0..60 => return f.t("desk-age-now").to_string(),
        60..3600 => ("desk-age-minutes", seconds / 60),
        3600..86_400 => ("desk-age-hours", seconds / 3600),
        _ => ("desk-age-days", seconds / 86_400),
    };
    f.t(key).count("n", n).to_string()
}
