//! `/console`: what security engineers and auditors look at.

mod alerts;
mod common;
mod containment;
mod containments;
mod inventory;
mod log;
mod operators;
mod overview;
mod policy;
mod policy_trial;
mod receipt;
mod recoveries;
mod recovery;
mod reviews;
mod revocations;
mod set;
mod settings;
mod subject;
mod subjects;
mod timeline;

use axum::Router;
use axum::routing::{get, post};
use glassbreak_engine::Engine;

/// The pages.
pub(crate) fn routes() -> Router<Engine> {
    Router::new()
        .route("/console", get(overview::show))
        .route("/console/alerts", get(alerts::show))
        .route("/console/policy", get(policy::show))
        .route("/console/policy/trial", get(policy_trial::show).post(policy_trial::try_it))
        .route("/console/reviews", get(reviews::show))
        .route("/console/reviews/{recovery}", post(reviews::review))
        .route("/console/settings", get(settings::show))
        .route("/console/operators", get(operators::show).post(operators::appoint))
        .route("/console/operators/link", post(operators::offer))
        .route("/console/operators/passkey", post(operators::remove_passkey))
        .route("/console/inventory", get(inventory::show))
        .route("/console/inventory/revocations", get(revocations::list).post(revocations::ask))
        .route(
            "/console/inventory/revocations/{id}",
            get(revocations::show).post(revocations::confirm),
        )
        .route("/console/inventory/revocations/{id}/stop", post(revocations::stop))
        .route("/console/sets/{id}", get(set::show))
        .route("/console/sets/{id}/revoke", post(set::revoke))
        .route("/console/subjects", get(subjects::show))
        .route("/console/subjects/{subject}", get(subject::show))
        .route("/console/subjects/{subject}/lifecycle-events", post(subject::report))
        .route("/console/subjects/{subject}/timeline.jsonl", get(subject::proofs))
        .route("/console/recoveries", get(recoveries::show))
        .route("/console/recoveries/{id}", get(recovery::show))
        .merge(of_containments())
        .merge(of_the_log())
}

fn of_containments() -> Router<Engine> {
    Router::new()
        .route("/console/containment", get(containments::show).post(containments::begin))
        .route("/console/containment/{containment}", get(containment::show))
        .route("/console/containment/{containment}/approve", post(containment::approve))
        .route("/console/containment/{containment}/lift", post(containment::lift))
}

/// The log's pages: for auditors who are signed in, and at `/log` for anybody.
fn of_the_log() -> Router<Engine> {
    ["/console/log", "/log"].into_iter().fold(Router::new(), |router, base| {
        router
            .route(base, get(log::show))
            .route(&format!("{base}/find"), get(receipt::find))
            .route(&format!("{base}/log.vkey"), get(receipt::keys))
            .route(&format!("{base}/entries/{{event_id}}"), get(receipt::show))
            .route(&format!("{base}/receipts/{{event_id}}"), get(receipt::download))
    })
}
