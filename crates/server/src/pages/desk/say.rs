//! `POST /desk/cases/{recovery}/word`: an approver's yes or no, signed by their passkey.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::operation::Opinion;
use serde::Deserialize;
use uuid::Uuid;

use super::act::{named, reason_missing};
use super::case::after;
use crate::access::Approve;
use crate::body::IdPath;
use crate::courier::Courier;
use crate::operation::approve::OfferedWord;
use crate::pages::form::Sent;
use crate::problem::Problem;
use crate::shape::EndReasonWord;

/// The form of a word.
#[derive(Deserialize)]
pub(crate) struct Saying {
    request: Uuid,
    word: OfferedWord,
    /// What the passkey gave; nothing where no script ran.
    #[serde(default)]
    assertion: String,
    reason: Option<EndReasonWord>,
}

pub(crate) async fn say(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    IdPath(id): IdPath<Uuid>,
    Sent { visit, form }: Sent<Approve, Saying>,
) -> Result<Response, Problem> {
    let caller = visit.caller.clone().naming(Some(form.request.to_string()));
    let done = async {
        let approver = named(&engine, &visit).await?;
        if form.assertion.is_empty() {
            let detail = "`assertion` comes from a passkey, and that needs a script";
            return Err(Problem::new("invalid_request", detail));
        }
        let signed = form.assertion.as_bytes();
        let (opinion, told) = match form.word {
            OfferedWord::Approve => (Opinion::Approve(signed), "approved"),
            OfferedWord::Decline => {
                let why = form.reason.ok_or_else(reason_missing)?;
                (Opinion::Decline(signed, Some(why.into())), "declined")
            }
        };
        engine.approve(&caller, RecoveryId(id), &approver, opinion).await?;
        Ok(told)
    };
    after(&engine, &*courier, &visit, id, done.await).await
}
