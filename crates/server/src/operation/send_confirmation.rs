//! `POST /v1/subjects/{subject}/addresses/confirmations`: send a code to an address that was not
//! verified in proofing (N63B-IC-08).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::operation::send_confirmation::Unconfirmed;
use glassbreak_engine::core::recovery::Sent;
use glassbreak_engine::core::subject::NotificationAddress;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Sending, SentIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::contacts::{contact_channel, label};
use super::send::deliver;
use crate::access::{Allowed, Issue};
use crate::body::{Body, SubjectPath};
use crate::courier::Courier;
use crate::problem::{Problem, ProblemBody};
use crate::shape::{ChannelWord, evidence};

/// The address to be confirmed: `channel` and `address` of the subject, or a `contact`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendingConfirmation {
    /// The channel of one of the subject's registered addresses.
    channel: Option<ChannelWord>,
    /// That address, as it is registered.
    address: Option<String>,
    /// Or the label of a recovery contact.
    contact: Option<String>,
    /// How long the code lives; the channel's longest unless named, as for a recovery code.
    lifetime_seconds: Option<u32>,
}

/// The code that went out, without the code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentConfirmation {
    /// The confirmation: what the code is handed in under.
    confirmation_id: Uuid,
    /// How it went out.
    channel: &'static str,
    /// When it expires (RFC 3339).
    expires_at: String,
    /// True on a retry: it was drawn before, and nothing was sent now.
    sent_before: bool,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Send a code that confirms an address, of the subject or of a recovery contact.
///
/// The code is like one of a recovery, and in no answer. It is dead after its use, its time, too
/// many wrong ones, a newer one for the same address, or a change of the address.
#[utoipa::path(post, path = "/v1/subjects/{subject}/addresses/confirmations", tag = "subjects",
    request_body = SendingConfirmation,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = SentConfirmation),
        (status = 200, body = SentConfirmation, description = "A retry"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn send_confirmation(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    allowed: Allowed<Issue>,
    SubjectPath(reference): SubjectPath,
    Body(body): Body<SendingConfirmation>,
) -> Result<Response, Problem> {
    let lifetime = body.lifetime_seconds.map(Seconds);
    let to = match (body.channel, body.address, body.contact) {
        (Some(channel), Some(address), None) => {
            let channel = channel.into();
            Unconfirmed::Own(NotificationAddress { channel, address, verified: false })
        }
        (None, None, Some(contact)) => Unconfirmed::Contact(label(contact)?),
        _ => {
            let detail = "name either `channel` and `address` of the subject, or a `contact`";
            return Err(Problem::new("invalid_request", detail));
        }
    };
    let channel = match &to {
        Unconfirmed::Own(to) => Some(to.channel),
        // Where there is none of that label, the decision says so.
        Unconfirmed::Contact(label) => {
            contact_channel(&engine, &allowed.caller.reach, &reference, label).await?
        }
    };
    // Before anything is drawn: a code that cannot leave is not made.
    if channel.is_some_and(|channel| !courier.carries(channel)) {
        return Err(Problem::plain("channel_not_configured"));
    }
    let applied = engine.send_confirmation(&allowed.caller, &reference, to, lifetime).await?;
    let evidence = evidence(&applied);
    match applied.into_reply() {
        Sending::New(outgoing) => {
            let sent = SentConfirmation::of(&outgoing.sent, false, evidence);
            let sent_in = SentIn::Confirmation(reference);
            let delivered = deliver((engine, courier), outgoing, sent_in).await;
            delivered.map(|()| (StatusCode::CREATED, Json(sent)).into_response())
        }
        Sending::Before(sent) => {
            Ok(Json(SentConfirmation::of(&sent, true, evidence)).into_response())
        }
    }
}

impl SentConfirmation {
    fn of(sent: &Sent, sent_before: bool, evidence: Vec<Uuid>) -> Self {
        Self {
            confirmation_id: sent.id.0,
            channel: sent.channel.name(),
            expires_at: sent.expires_at.to_string(),
            sent_before,
            evidence,
        }
    }
}
