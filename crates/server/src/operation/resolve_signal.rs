//! `POST /v1/signals/received/{signal_id}/resolve`: a person says what a neighbour's event means
//! here.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::event::Actor;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Revoke};
use crate::body::{Body, IdPath, reference, subject};
use crate::problem::{Problem, ProblemBody};
use crate::read::signals::Signal;
use crate::ssf::receive::{self, Book, Received, Resolution};

/// What was decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolving {
    /// The lifecycle event that it comes to, as for `lifecycle-events`; none if it means nothing
    /// here.
    #[schema(value_type = Option<String>, example = "primary_factor_compromised")]
    report: Option<LifecycleKind>,
    /// Of whom it is reported; of whom the signal names, unless told.
    subject: Option<String>,
    /// The ticket of the decision.
    reference: Option<String>,
}

/// Decide on a signal that waits for a person, that found nobody, or that could not be applied.
#[utoipa::path(post, path = "/v1/signals/received/{signal_id}/resolve", tag = "signals",
    request_body = Resolving, params(("signal_id" = Uuid, Path)),
    responses((status = 200, body = Signal),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn resolve_signal(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Revoke>,
    IdPath(id): IdPath<Uuid>,
    Body(body): Body<Resolving>,
) -> Result<Json<Signal>, Problem> {
    let book = Book::of(&engine);
    let found = book.get(id).await?;
    let (received, version) = found.ok_or_else(|| Problem::plain("signal_unknown"))?;
    let was = open_question(&received)?;
    let ticket = body.reference.map(|text| reference(text, engine.prefix())).transpose()?;
    let subjects = match body.subject {
        Some(named) => vec![String::from(subject(named)?)],
        None => received.named.clone(),
    };
    let mut reported = Vec::new();
    if let Some(kind) = body.report {
        let kinds = [kind];
        reported = receive::report(&engine, &allowed.caller, &received, &kinds, &subjects).await?;
        if reported.is_empty() {
            return Err(Problem::plain("subject_unknown"));
        }
    }
    let by = match allowed.caller.actor {
        Actor::ApiKey { id } => id,
        Actor::Operator { id } | Actor::Subject { id } => id.to_string(),
        Actor::Machine { name } => name,
        Actor::Visitor | Actor::Embedder | Actor::System => String::new(),
    };
    let (at, reference) = (engine.now(), ticket.map(|ticket| ticket.as_str().to_owned()));
    let state = receive::State::Resolved(Resolution { was, by, at, reference, reported });
    let resolved = Received { state, ..received };
    if !book.settle(&resolved, version).await? {
        return Err(Problem::plain("signal_state"));
    }
    Ok(Json(Signal::of(&resolved)))
}

/// What is to be decided. What was applied, what has no effect and what was decided is past that.
fn open_question(received: &Received) -> Result<String, Problem> {
    use receive::{State, Why};
    match &received.state {
        State::Asked { question } => Ok(question.clone()),
        State::Failed { cause } => Ok(cause.clone()),
        State::Kept {
            why: why @ (Why::SubjectUnknown | Why::SubjectUnnamed | Why::TypeUnknown),
        } => Ok(why.name().to_owned()),
        State::Kept { .. } | State::Pending | State::Applied { .. } | State::Resolved(_) => {
            Err(Problem::plain("signal_state"))
        }
    }
}
