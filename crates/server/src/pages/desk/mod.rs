//! `/desk`: support cases. A page offers what the engine's own decision would permit its visitor,
//! and nothing else; whoever presses too late comes back to the page with the reason.

mod act;
mod burden;
mod burdens;
mod case;
mod choices;
mod new_case;
pub(super) mod passkeys;
mod people;
mod plot;
mod queue;
pub(super) mod refusal;
mod say;
mod signing;
mod steps;
mod story;

use axum::routing::{get, post};
use axum::{Extension, Router};
use glassbreak_engine::Engine;

pub(super) use people::duties;

/// The pages.
pub(crate) fn routes() -> Router<Engine> {
    Router::new()
        .route("/desk", get(queue::show))
        .route("/desk/new", get(new_case::show).post(new_case::open))
        .route("/desk/burden", get(burden::show))
        .route("/desk/passkeys", get(passkeys::show))
        .route("/desk/cases/{recovery}", get(case::show))
        .route("/desk/cases/{recovery}/proofing", post(act::proof))
        .route("/desk/cases/{recovery}/second-verification", post(act::verify_again))
        .route("/desk/cases/{recovery}/codes", post(act::release))
        .route("/desk/cases/{recovery}/cancel", post(act::cancel))
        .route("/desk/cases/{recovery}/word", post(say::say))
        .layer(Extension(burdens::Burdens::default()))
}
