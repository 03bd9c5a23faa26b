//! `POST /self/codes/custody`: the holder says where a set is kept, when `/self` asks again (B1).

use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::core::code_set::Custody;
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::{Engine, Error};
use serde::Deserialize;
use uuid::Uuid;

use super::holder::HoldersForm;
use crate::pages::dress::go;
use crate::problem::Problem;

/// The answer: still there, or elsewhere. Who cannot find them reports that.
#[derive(Deserialize)]
pub(super) struct Said {
    set: Uuid,
    place: Custody,
}

/// `POST /self/codes/custody`. Sent twice, it is said twice, and nothing else comes of it.
pub(super) async fn custody(
    State(engine): State<Engine>,
    HoldersForm(holder, form): HoldersForm<Said>,
) -> Result<Response, Problem> {
    match engine.declare(&holder.0.caller, SetId(form.set), form.place).await {
        Ok(_) => go("/self?noted=1"),
        // It has ended meanwhile: the page says what there is now.
        Err(Error::Denied(Denial::SetEnded { .. })) => go("/self"),
        Err(error) => Err(error.into()),
    }
}
