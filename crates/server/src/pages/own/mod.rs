//! `/self` and `/recover`: what people do for themselves.

mod arrive;
mod codes;
mod home;
mod open;
mod recover;
mod recovery;
mod report;
mod repudiate;
mod visit;

use axum::Router;
use axum::routing::{get, post};
use glassbreak_engine::Engine;

use crate::self_service;

pub(crate) use visit::{Sent, Visit};

/// The page that notices lead to, whether there are others or not.
pub(crate) fn of_notices() -> Router<Engine> {
    Router::new().route("/repudiate", get(repudiate::show).post(repudiate::send))
}

/// The pages.
pub(crate) fn routes() -> Router<Engine> {
    Router::new()
        .route("/self", get(home::show))
        .route(self_service::OPEN, get(open::show).post(open::enter))
        .route("/self/sign-in", get(arrive::show))
        .route("/self/sign-in/provider", get(arrive::begin))
        .route(self_service::CALLBACK, get(self_service::callback))
        .route("/self/sign-out", post(arrive::leave))
        .route("/self/report", get(report::show).post(report::send))
        .route("/self/report/done", get(report::done))
        .route("/self/recovery", get(recovery::show))
        .route("/recover", get(recover::show).post(recover::send))
        .merge(codes::routes())
}
