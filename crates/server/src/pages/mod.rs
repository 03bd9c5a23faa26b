//! What people see in a browser: self-service for subjects, the support desk, and the console.
//!
//! A page is a template, a view that fills it, and a handler that asks the engine, the view and the
//! handler in one file. To look at a page changes nothing (REG-28); what changes something is a
//! form that is sent from a page of ours ([`form`]). Nothing on a page comes from elsewhere.
//! docs/PAGES.md, docs/decisions/0041.

mod asset;
mod console;
mod desk;
mod dress;
mod enrol;
mod form;
mod frame;
mod language;
mod own;
mod patience;
mod plot;
mod sign_in;
mod site;
mod text;
mod visit;
mod welcome;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use glassbreak_engine::Engine;

use crate::app::in_time;
use crate::body::BODY_MAX;
use crate::config::Config;
use crate::problem::Problem;
use site::Site;

/// Every page; where there are to be none, the one alone that notices lead to.
pub(crate) fn routes(config: &Config, engine: Engine) -> Router {
    let always = own::of_notices().route("/language", post(language::choose));
    let pages = if config.pages.enabled { always.merge(others()) } else { always };
    pages
        .method_not_allowed_fallback(async || Problem::plain("method_not_allowed"))
        .layer(middleware::from_fn(in_time))
        // Around it: who waited too long is told on a page.
        .layer(middleware::from_fn(dress::dress))
        .route("/assets/{version}/{name}", get(asset::show))
        .layer(Extension(Arc::new(Site::new(config))))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(engine)
}

fn others() -> Router<Engine> {
    Router::new()
        .route("/", get(welcome::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::with_key))
        .route("/sign-out", post(sign_in::end))
        .route("/enrol", get(enrol::show))
        .merge(own::routes())
        .merge(desk::routes())
        .merge(console::routes())
}
