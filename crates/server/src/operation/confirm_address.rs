//! `POST /v1/subjects/{subject}/addresses/confirmations/{confirmation_id}/confirm`: the code came
//! back, the address is established (N63B-IC-08).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::SentId;
use glassbreak_engine::core::operation::confirm_address::Reply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Issue};
use crate::body::{Body, IdPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;

/// The proof.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmingAddress {
    /// The code that was sent, as typed. It is used up.
    code: String,
}

/// The address is confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddressConfirmed {
    /// The confirmation.
    confirmation_id: Uuid,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Confirm an address with the code that was sent to it.
///
/// A wrong code is charged like any other guess, and every reason to refuse looks alike.
#[utoipa::path(post, tag = "subjects",
    path = "/v1/subjects/{subject}/addresses/confirmations/{confirmation_id}/confirm",
    request_body = ConfirmingAddress,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("confirmation_id" = Uuid, Path)),
    responses((status = 200, body = AddressConfirmed),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn confirm_address(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    IdPath((reference, confirmation)): IdPath<(String, Uuid)>,
    Body(body): Body<ConfirmingAddress>,
) -> Result<Json<AddressConfirmed>, Problem> {
    let (reference, confirmation_id) = (subject(reference)?, confirmation);
    let confirmation = SentId(confirmation);
    let applied =
        engine.confirm_address(&allowed.caller, &reference, confirmation, &body.code).await?;
    let evidence = evidence(&applied);
    match applied.into_reply() {
        Reply::Confirmed => Ok(Json(AddressConfirmed { confirmation_id, evidence })),
        Reply::NotAccepted => Err(Problem::not_accepted()),
        Reply::Throttled { retry_at } => {
            Err(Problem::plain("throttled").retry_at(retry_at, engine.now()))
        }
    }
}
