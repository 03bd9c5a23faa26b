//! `/v1/destinations/{destination}/..`: send again, go on, throw a dead letter away (G3).
//!
//! What is wished for is seen to by whichever server reads the destination's feed, within a second
//! or two; the answer says that it is wished for.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Admin, AllowedEverywhere};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};
use crate::read::destinations::{AtDesk, desk};

/// From where on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replaying {
    /// The index in the log of the first entry to send again. Where the destination has not come to
    /// yet, nothing changes: no entry is passed over.
    from_index: u64,
}

/// What is wished for now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Wished {
    /// The destination.
    destination: String,
    /// The index in the log that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
}

type Accepted = (StatusCode, Json<Wished>);

fn accepted(destination: String, index: Option<u64>) -> Accepted {
    (StatusCode::ACCEPTED, Json(Wished { destination, index }))
}

/// Send the log again from an index on. Receivers know the entries again by their ids.
#[utoipa::path(post, path = "/v1/destinations/{destination}/replay", tag = "destinations",
    params(("destination" = String, Path)), request_body = Replaying,
    responses((status = 202, body = Wished),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn replay(
    allowed: AllowedEverywhere<Admin>,
    at_desk: AtDesk,
    IdPath(name): IdPath<String>,
    Body(body): Body<Replaying>,
) -> Result<Accepted, Problem> {
    desk(at_desk)?.replay(&name, body.from_index).await?;
    tracing::info!(destination = name, from = body.from_index, by = ?allowed.caller, "replay");
    Ok(accepted(name, Some(body.from_index)))
}

/// Go on, now, with a destination that is paused or waited for.
#[utoipa::path(post, path = "/v1/destinations/{destination}/resume", tag = "destinations",
    params(("destination" = String, Path)),
    responses((status = 202, body = Wished),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn resume(
    allowed: AllowedEverywhere<Admin>,
    at_desk: AtDesk,
    IdPath(name): IdPath<String>,
) -> Result<Accepted, Problem> {
    desk(at_desk)?.resume(&name).await?;
    tracing::info!(destination = name, by = ?allowed.caller, "resume");
    Ok(accepted(name, None))
}

/// Send a dead letter again, once. It stays one if it is not taken.
#[utoipa::path(post, path = "/v1/destinations/{destination}/dead-letters/{index}/replay",
    tag = "destinations", params(("destination" = String, Path), ("index" = u64, Path)),
    responses((status = 202, body = Wished),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn replay_dead_letter(
    allowed: AllowedEverywhere<Admin>,
    at_desk: AtDesk,
    IdPath((name, index)): IdPath<(String, u64)>,
) -> Result<Accepted, Problem> {
    desk(at_desk)?.replay_letter(&name, index).await?;
    tracing::info!(destination = name, index, by = ?allowed.caller, "dead letter: replay");
    Ok(accepted(name, Some(index)))
}

/// Throw a dead letter away. The entry stays in the log.
#[utoipa::path(post, path = "/v1/destinations/{destination}/dead-letters/{index}/discard",
    tag = "destinations", params(("destination" = String, Path), ("index" = u64, Path)),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn discard_dead_letter(
    allowed: AllowedEverywhere<Admin>,
    at_desk: AtDesk,
    IdPath((name, index)): IdPath<(String, u64)>,
) -> Result<StatusCode, Problem> {
    let letter = desk(at_desk)?.discard(&name, index).await?;
    // Nothing else tells that it was there and who threw it away.
    let (id, cause) = (letter.id, letter.cause.name());
    tracing::warn!(destination = name, index, %id, cause, by = ?allowed.caller, "dead letter: discard");
    Ok(StatusCode::NO_CONTENT)
}
