//! `GET /v1/destinations`: who is told of what is in the log, and what was not taken (G3).

use axum::{Extension, Json};
use glassbreak_outbound::{DeadLetter, Desk, DeskError, Failed, Overview};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Audit};
use crate::body::{IdPath, Parameters};
use crate::problem::{Problem, ProblemBody};

/// The desk, where a server has one.
pub(crate) type AtDesk = Option<Extension<Desk>>;

/// The desk of this server.
pub(crate) fn desk(desk: AtDesk) -> Result<Desk, Problem> {
    desk.map(|Extension(desk)| desk).ok_or_else(|| DeskError::DestinationUnknown.into())
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::DestinationUnknown => Self::new("destination_unknown", error.to_string()),
            DeskError::DeadLetterUnknown => Self::new("dead_letter_unknown", error.to_string()),
            DeskError::Engine(error) => error.into(),
        }
    }
}

/// The destinations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DestinationList {
    /// Those that the configuration names, by name.
    items: Vec<DestinationDetail>,
}

/// A destination, and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DestinationDetail {
    /// Its name.
    pub(crate) name: String,
    /// `webhook` or `syslog`.
    pub(crate) kind: &'static str,
    /// Host and port.
    pub(crate) to: String,
    /// `delivering`; `waiting`, to try again; or `paused`, since it said that it is gone.
    pub(crate) state: &'static str,
    /// The index of the entry that is next.
    pub(crate) position: u64,
    /// How many entries of the log wait for it.
    pub(crate) behind: u64,
    /// How many entries it would not take.
    pub(crate) dead_letters: u64,
    /// So many attempts came to nothing since it last took something.
    pub(crate) failures: u32,
    /// When it last took something (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_success: Option<String>,
    /// The last attempt that came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_failure: Option<FailureDetail>,
    /// When it is tried again (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_attempt: Option<String>,
    /// Since when it is paused (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) paused: Option<String>,
}

/// An attempt that came to nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureDetail {
    /// When (RFC 3339).
    at: String,
    /// Why: `not_reached`, `forbidden_address`, `tls_failed`, `timeout`, `connection_lost`,
    /// `not_understood`, `redirected`, `turned_away`, `throttled`, `server_failed`, `refused`,
    /// `gone`, `too_long` or `not_writable`.
    cause: &'static str,
    /// The status of the answer, of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// At which entry, by its index in the log.
    index: u64,
}

impl From<Overview> for DestinationDetail {
    fn from(overview: Overview) -> Self {
        let Overview { described, position, behind, state, dead_letters } = overview;
        let word = match (state.paused, state.next_attempt) {
            (Some(_), _) => "paused",
            (None, Some(_)) => "waiting",
            (None, None) => "delivering",
        };
        Self {
            name: described.name,
            kind: described.kind.name(),
            to: described.to,
            state: word,
            position,
            behind,
            dead_letters,
            failures: state.failures,
            last_success: state.last_success.map(|at| at.to_string()),
            last_failure: state.last_failure.map(FailureDetail::from),
            next_attempt: state.next_attempt.map(|at| at.to_string()),
            paused: state.paused.map(|at| at.to_string()),
        }
    }
}

impl From<Failed> for FailureDetail {
    fn from(failed: Failed) -> Self {
        let Failed { at, cause, status, index } = failed;
        Self { at: at.to_string(), cause: cause.name(), status, index }
    }
}

/// Where each destination stands.
#[utoipa::path(get, path = "/v1/destinations", tag = "destinations",
    responses((status = 200, body = DestinationList)))]
pub(crate) async fn list(
    _: AllowedEverywhere<Audit>,
    desk: AtDesk,
) -> Result<Json<DestinationList>, Problem> {
    let Some(Extension(desk)) = desk else {
        return Ok(Json(DestinationList { items: Vec::new() }));
    };
    let items = desk.list().await?.into_iter().map(DestinationDetail::from).collect();
    Ok(Json(DestinationList { items }))
}

/// Which dead letters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// From the page before, `next_cursor`.
    cursor: Option<u64>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A page of dead letters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterPage {
    /// The oldest first.
    items: Vec<DeadLetterDetail>,
    /// Where the next page begins; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An entry that a destination would not take.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadLetterDetail {
    /// Its index in the log, by which it is replayed or discarded.
    index: u64,
    /// Its event's id; of a webhook, `webhook-id`.
    id: Uuid,
    /// The event's name.
    event: String,
    /// The subject, by its opaque id.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Why it was not taken; one of the causes of `GET /v1/destinations`.
    cause: &'static str,
    /// The status of the last answer, of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// How often it was tried.
    attempts: u32,
    /// Since when it is a dead letter (RFC 3339).
    since: String,
}

impl From<DeadLetter> for DeadLetterDetail {
    fn from(letter: DeadLetter) -> Self {
        Self {
            index: letter.index,
            id: letter.id.0,
            event: letter.event,
            subject: letter.subject.map(|subject| subject.to_string()),
            cause: letter.cause.name(),
            status: letter.status,
            attempts: letter.attempts,
            since: letter.since.to_string(),
        }
    }
}

/// What a destination would not take.
#[utoipa::path(get, path = "/v1/destinations/{destination}/dead-letters", tag = "destinations",
    params(("destination" = String, Path), Which),
    responses((status = 200, body = DeadLetterPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn dead_letters(
    _: AllowedEverywhere<Audit>,
    at_desk: AtDesk,
    IdPath(name): IdPath<String>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<DeadLetterPage>, Problem> {
    let limit = which.limit.unwrap_or(100).clamp(1, 1000);
    let letters = desk(at_desk)?.dead_letters(&name, which.cursor, limit).await?;
    let last = letters.last().filter(|_| letters.len() == limit);
    let next_cursor = last.map(|last| last.index.to_string());
    let items = letters.into_iter().map(DeadLetterDetail::from).collect();
    Ok(Json(DeadLetterPage { items, next_cursor }))
}
