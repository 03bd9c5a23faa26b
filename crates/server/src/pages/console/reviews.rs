//! `/console/reviews`: what somebody has to look at again: recoveries under break-glass (E3), and
//! sets that are overdue.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::recovery::Review;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::RecoveryQuery;
use glassbreak_engine::{Engine, Error};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use uuid::Uuid;

use super::common::distance;
use crate::access::{Approve, Audit};
use crate::body::IdPath;
use crate::pages::dress::{go, shown};
use crate::pages::form::Sent;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;

/// The most recoveries that the page lists.
const LISTED: usize = 100;

/// A recovery that waits for its review.
struct Due {
    recovery: RecoveryId,
    subject: String,
    by: Timestamp,
    is_late: bool,
    /// Where the reviewer gets what to sign.
    options: Option<String>,
}

/// How many sets are to be looked at, as they were last counted.
struct Sets {
    overdue: u64,
    never_confirmed: u64,
    as_of: String,
}

#[derive(Template)]
#[template(path = "console/reviews.html")]
struct Reviews {
    f: Frame,
    due: Vec<Due>,
    sets: Option<Sets>,
    request: Uuid,
}

/// `GET /console/reviews`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let query = RecoveryQuery { review_due: true, limit: LISTED, ..RecoveryQuery::default() };
    let page = engine.recoveries(visit.reach(), &query).await?;
    let name = visit.name(&engine).await?.filter(|_| visit.has(Scope::Approve));
    let now = engine.now();
    let due = page.rows.into_iter().filter_map(|row| {
        let Some(Review::Due { by }) = row.recovery.review else { return None };
        let (recovery, subject) = (row.recovery.id, row.reference.map(String::from));
        let options = name.as_ref().map(|name| {
            let reviewer = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC);
            format!("/v1/recoveries/{recovery}/review/options?reviewer={reviewer}")
        });
        let subject = subject.unwrap_or_else(|| row.recovery.subject.to_string());
        Some(Due { recovery, subject, by, is_late: by < now, options })
    });
    let due = due.collect();
    let (f, request) = (visit.frame, engine.new_id()?);
    // Never a walk over every set while somebody waits for the page.
    let sets = engine.counted_inventory(now).await.map(|counted| Sets {
        overdue: counted.summary.overdue,
        never_confirmed: counted.summary.never_confirmed,
        as_of: distance(&f, counted.as_of, now),
    });
    shown(&Reviews { f, due, sets, request })
}

/// The form of a review.
#[derive(Deserialize)]
pub(crate) struct Reviewing {
    request: Uuid,
    assertion: String,
}

/// `POST /console/reviews/{recovery}`.
pub(crate) async fn review(
    State(engine): State<Engine>,
    IdPath(recovery): IdPath<Uuid>,
    Sent { visit, form }: Sent<Approve, Reviewing>,
) -> Result<Response, Problem> {
    let reviewer = visit.name(&engine).await?;
    let reviewer = reviewer.ok_or_else(|| Problem::plain("not_appointed"))?;
    let caller = visit.caller.naming(Some(format!("{}/{recovery}", form.request)));
    let signed = form.assertion.as_bytes();
    let done: Result<_, Error> =
        engine.review(&caller, RecoveryId(recovery), &reviewer, signed).await;
    done?;
    go("/console/reviews")
}
