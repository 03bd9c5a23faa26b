//! `POST /v1/recoveries/{recovery_id}/issued-codes`: send a code to the subject, or to one of its
//! recovery contacts. Nobody but its addressee sees it (F4).

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::operation::send::Addressee;
use glassbreak_engine::core::recovery::Sent;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Outgoing, Sending, SentIn};
use glassbreak_engine::{Caller, Engine, Error, Reach};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cancel::of_ones_own;
use super::contacts::{contact_channel, label};
use crate::access::{Allowed, RecoverOrSupport};
use crate::body::{Body, IdPath};
use crate::courier::{Courier, NotDelivered};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{ChannelWord, evidence};

/// The code asked for. Where to, the registration says.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendingCode {
    /// How it travels; the subject's verified address there is taken. This or `contact`.
    channel: Option<ChannelWord>,
    /// The label of a recovery contact of the subject, confirmed before the recovery was opened.
    contact: Option<String>,
    /// How long it lives; the channel's longest unless named: 10 minutes by text message, telephone
    /// and push, 24 hours by mail, 21 days by letter (N63B-IC-03 to -05); to a contact 24 hours
    /// more (N63B-RC-02).
    lifetime_seconds: Option<u32>,
}

/// The code that went out, without the code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentCode {
    /// The recovery.
    recovery_id: Uuid,
    /// The code's id.
    sent_id: Uuid,
    /// How it went out.
    channel: &'static str,
    /// The label of the recovery contact it went to, if it went to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    /// When it expires (RFC 3339).
    expires_at: String,
    /// True on a retry: it was drawn before, and nothing was sent now.
    sent_before: bool,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Send a code to the subject's verified address, or to a recovery contact.
///
/// A recovery that the subject opened needs the scope `recover`, a case `support`. The code is in
/// no answer. A later code of the same recovery takes the place of this one.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/issued-codes", tag = "recoveries",
    request_body = SendingCode,
    params(("recovery_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = SentCode), (status = 200, body = SentCode, description = "A retry"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
        (status = 502, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn send(
    State(engine): State<Engine>,
    Extension(courier): Extension<Arc<dyn Courier>>,
    allowed: Allowed<RecoverOrSupport>,
    IdPath(recovery): IdPath<Uuid>,
    Body(body): Body<SendingCode>,
) -> Result<Response, Problem> {
    let recovery = RecoveryId(recovery);
    of_ones_own(&engine, &allowed, recovery).await?;
    let to = match (body.channel, body.contact) {
        (Some(channel), None) => Addressee::Subject(channel.into()),
        (None, Some(contact)) => Addressee::Contact(label(contact)?),
        _ => {
            let detail = "name either a `channel` of the subject or a `contact`";
            return Err(Problem::new("invalid_request", detail));
        }
    };
    let contact = match &to {
        Addressee::Subject(_) => None,
        Addressee::Contact(label) => Some(label.as_str().to_owned()),
    };
    let lifetime = body.lifetime_seconds.map(Seconds);
    let by = (&engine, &courier);
    let released = release(by, &allowed.caller, recovery, to, lifetime).await?;
    let status = if released.before { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(SentCode::of(recovery, released, contact))).into_response())
}

/// A code that went out.
pub(crate) struct Released {
    sent: Sent,
    /// Whether that was before: this was a retry.
    before: bool,
    evidence: Vec<Uuid>,
}

/// Sends a code of a recovery, for the API and for the desk's page. Who may is asked before.
///
/// # Errors
/// As [`send`].
pub(crate) async fn release(
    (engine, courier): (&Engine, &Arc<dyn Courier>),
    caller: &Caller,
    recovery: RecoveryId,
    to: Addressee,
    lifetime: Option<Seconds>,
) -> Result<Released, Problem> {
    // Before anything is drawn: a code that cannot leave is not made.
    if let Some(channel) = channel_to(engine, &caller.reach, recovery, &to).await?
        && !courier.carries(channel)
    {
        return Err(Problem::plain("channel_not_configured"));
    }
    let applied = engine.send_code(caller, recovery, to, lifetime).await;
    let applied = applied.map_err(|error| match error {
        Error::Denied(Denial::SendLimit { retry_at }) => {
            Problem::plain("send_limit_reached").retry_at(retry_at, engine.now())
        }
        other => other.into(),
    })?;
    let evidence = evidence(&applied);
    match applied.into_reply() {
        Sending::New(outgoing) => {
            let sent = outgoing.sent.clone();
            let by = (engine.clone(), Arc::clone(courier));
            deliver(by, outgoing, SentIn::Recovery(recovery)).await?;
            Ok(Released { sent, before: false, evidence })
        }
        Sending::Before(sent) => Ok(Released { sent, before: true, evidence }),
    }
}

/// The channel a code will travel on; `None` if there is no such contact, which the decision says.
async fn channel_to(
    engine: &Engine,
    reach: &Reach,
    recovery: RecoveryId,
    to: &Addressee,
) -> Result<Option<Channel>, Problem> {
    let label = match to {
        Addressee::Subject(channel) => return Ok(Some(*channel)),
        Addressee::Contact(label) => label,
    };
    let Some(recovery) = engine.recovery(reach, recovery).await? else { return Ok(None) };
    let Some(reference) = engine.reference(recovery.subject).await? else { return Ok(None) };
    contact_channel(engine, reach, &reference, label).await
}

/// Delivers in a task of its own: a caller that hangs up does not leave a code half-way. One that
/// did not go out, for certain, does not count among those of the day.
pub(super) async fn deliver(
    (engine, courier): (Engine, Arc<dyn Courier>),
    outgoing: Outgoing,
    sent_in: SentIn,
) -> Result<(), Problem> {
    let sent = outgoing.sent.id;
    let delivering = tokio::spawn(async move {
        let delivered = courier.deliver(outgoing).await;
        if delivered == Err(NotDelivered::Certain)
            && let Err(error) = engine.give_back(&sent_in, sent).await
        {
            tracing::error!(%sent, %error, "the place of a code that did not go out is lost");
        }
        delivered
    });
    match delivering.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Problem::plain("not_delivered")),
    }
}

impl SentCode {
    fn of(recovery: RecoveryId, released: Released, contact: Option<String>) -> Self {
        let Released { sent, before, evidence } = released;
        Self {
            recovery_id: recovery.0,
            sent_id: sent.id.0,
            channel: sent.channel.name(),
            contact,
            expires_at: sent.expires_at.to_string(),
            sent_before: before,
            evidence,
        }
    }
}
