//! `GET /v1/operators`: who works at the desk, who approves and who administers.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Admin, AllowedEverywhere};
use crate::problem::Problem;
use crate::shape::word;

/// The operators.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Operators {
    /// Whoever has a duty or a passkey, in the order in which they were registered.
    items: Vec<OperatorListed>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatorListed {
    /// Who, as the caller names them; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The duties.
    duties: Vec<String>,
    /// The credential ids of the passkeys that they sign approvals with, base64url.
    passkeys: Vec<String>,
}

/// Everybody who has a duty or a passkey. They are few, and come in one page.
#[utoipa::path(get, path = "/v1/operators", tag = "operators",
    responses((status = 200, body = Operators)))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Admin>,
) -> Result<Json<Operators>, Problem> {
    let found = engine.operators().await?.into_iter();
    let items = found.map(|(operator, name)| OperatorListed {
        subject: name.map(String::from),
        duties: operator.appointment.duties.iter().map(word).collect(),
        passkeys: operator.appointment.passkeys.into_iter().map(|it| it.credential).collect(),
    });
    Ok(Json(Operators { items: items.collect() }))
}
