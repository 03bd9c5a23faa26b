//! `GET /v1/signals/received`: what neighbours told us, and what became of it (J2).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Audit};
use crate::body::{IdPath, Parameters};
use crate::problem::{Problem, ProblemBody};
use crate::ssf::receive::{self, Book, Filter, Received, Reported};

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
    /// In this state: `pending`, `applied`, `kept`, `asked`, `failed` or `resolved`.
    state: Option<String>,
    /// From the transmitter that configuration names so.
    stream: Option<String>,
    /// About the subject of this name.
    subject: Option<String>,
}

/// A signal: a security event token that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Signal {
    /// Its id here.
    id: Uuid,
    /// The transmitter, as configuration names it.
    stream: String,
    /// The token's name there.
    jti: String,
    /// The event's type.
    event_type: String,
    /// Who it is about, as the transmitter says it (RFC 9493).
    #[schema(value_type = Object)]
    about: Value,
    /// The same by the names that subjects have here, whether anybody has that name or not.
    subjects: Vec<String>,
    /// When it was said (RFC 3339).
    issued_at: String,
    /// When it happened, by the transmitter's word (RFC 3339).
    occurred_at: String,
    /// When it came (RFC 3339).
    received_at: String,
    /// `pending`, `applied`, `kept`, `asked`, `failed` or `resolved`.
    state: &'static str,
    /// Why it was kept, what a person is asked, or why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The lifecycle events that were reported.
    reported: Vec<SignalReport>,
    /// The API key with which a person decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_by: Option<String>,
    /// When (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<String>,
    /// The ticket of the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// Everything the token says; of a single signal only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    claims: Option<Value>,
}

/// A lifecycle event that was reported.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalReport {
    /// Of whom.
    subject: String,
    /// What.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "device_replaced")]
    kind: LifecycleKind,
    /// The events written; empty where they had been written before a crash.
    evidence: Vec<Uuid>,
}

/// One page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalPage {
    /// The signals, in the order in which they came.
    items: Vec<Signal>,
    /// Hand it in as `cursor` for the next page; not there on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

impl Signal {
    /// What is shown of it, without its claims.
    pub(crate) fn of(received: &Received) -> Self {
        use receive::State;
        let (why, reported, resolution) = match &received.state {
            State::Pending => (None, &[][..], None),
            State::Applied { reported } => (None, &reported[..], None),
            State::Kept { why } => (Some(why.name().to_owned()), &[][..], None),
            State::Asked { question } => (Some(question.clone()), &[][..], None),
            State::Failed { cause } => (Some(cause.clone()), &[][..], None),
            State::Resolved(made) => (Some(made.was.clone()), &made.reported[..], Some(made)),
        };
        let shown = |report: &Reported| SignalReport {
            subject: report.subject.clone(),
            kind: report.kind,
            evidence: report.evidence.clone(),
        };
        Self {
            id: received.id,
            stream: received.stream.clone(),
            jti: received.jti.clone(),
            event_type: received.event_type.clone(),
            about: received.subject.clone(),
            subjects: received.named.clone(),
            issued_at: received.issued_at.to_string(),
            occurred_at: received.occurred_at.to_string(),
            received_at: received.received_at.to_string(),
            state: received.state.name(),
            why,
            reported: reported.iter().map(shown).collect(),
            resolved_by: resolution.map(|made| made.by.clone()),
            resolved_at: resolution.map(|made| made.at.to_string()),
            reference: resolution.and_then(|made| made.reference.clone()),
            claims: None,
        }
    }
}

/// What neighbours told us, oldest first.
#[utoipa::path(get, path = "/v1/signals/received", tag = "signals", params(Part),
    responses((status = 200, body = SignalPage)))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
    Parameters(part): Parameters<Part>,
) -> Result<Json<SignalPage>, Problem> {
    let limit = part.limit.unwrap_or(100).clamp(1, 1000);
    let filter = Filter { state: part.state, stream: part.stream, subject: part.subject };
    let page = Book::of(&engine).page(part.cursor, limit, &filter).await?;
    let items = page.items.iter().map(Signal::of).collect();
    Ok(Json(SignalPage { items, next_cursor: page.next }))
}

/// One signal, with everything its token says.
#[utoipa::path(get, path = "/v1/signals/received/{signal_id}", tag = "signals",
    params(("signal_id" = Uuid, Path)),
    responses((status = 200, body = Signal),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Json<Signal>, Problem> {
    let found = Book::of(&engine).get(id).await?;
    let (received, _) = found.ok_or_else(|| Problem::plain("signal_unknown"))?;
    let claims = Some(received.claims.clone());
    Ok(Json(Signal { claims, ..Signal::of(&received) }))
}
