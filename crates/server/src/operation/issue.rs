//! `POST /v1/subjects/{subject}/code-sets`: issue a code set, and show it once.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::operation::issue::{IssueRequest, Refusal, Reply};
use glassbreak_engine::core::time::Seconds;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Issue};
use crate::body::{Body, SubjectPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{
    AssuranceWord, CustodyWord, KindWord, ProfileWord, ReasonWord, Set, evidence, set_ids, word,
};

/// The set asked for. Codes and times are the server's to make; fields that name them are refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issuing {
    /// The controlled moment.
    reason: ReasonWord,
    /// What the set is for; `saved` unless named.
    kind: Option<KindWord>,
    /// The form of the codes; the tier's own unless named.
    profile: Option<ProfileWord>,
    /// How many codes, 1 to 32; the tier's own unless named.
    count: Option<u8>,
    /// How long they live; the tier's own unless named, never longer.
    lifetime_seconds: Option<u32>,
    /// The assurance of the session in which the person will see the codes.
    session_assurance: AssuranceWord,
    /// Where the holder says the set will be kept.
    custody: Option<CustodyWord>,
}

/// The set, with its codes this one time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    /// The set.
    #[serde(flatten)]
    set: Set,
    /// The codes, by number. This is the one time they are seen.
    codes: Vec<String>,
    /// The sets whose place it took.
    superseded: Vec<Uuid>,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// A retry: the set exists, and was shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownBefore {
    /// The set as it stands now.
    #[serde(flatten)]
    set: Set,
    /// Always true.
    shown_before: bool,
}

/// Issue a code set, and show it once.
///
/// A retry under the same `Idempotency-Key` never shows codes again: it says that the set exists
/// and was shown. If the answer was lost, issue a replacement; the lost set dies with it.
#[utoipa::path(post, path = "/v1/subjects/{subject}/code-sets", tag = "code sets",
    request_body = Issuing,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = Shown), (status = 200, body = ShownBefore),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn issue(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    SubjectPath(reference): SubjectPath,
    Body(body): Body<Issuing>,
) -> Result<Response, Problem> {
    let request = IssueRequest {
        kind: body.kind.unwrap_or(KindWord::Saved).into(),
        reason: body.reason.into(),
        session_assurance: body.session_assurance.into(),
        profile: body.profile.map(Into::into),
        count: body.count,
        lifetime: body.lifetime_seconds.map(Seconds),
        custody: body.custody.map(Into::into),
    };
    let applied = engine.issue(&allowed.caller, &reference, &request).await?;
    let evidence = evidence(&applied);
    let mut response = match applied.into_reply() {
        Reply::Shown { set, codes, superseded } => {
            let codes = codes.iter().map(|code| code.expose_display().to_string()).collect();
            let set = Set {
                subject: Some(reference.into()),
                kind: Some(word(&request.kind)),
                reason: Some(word(&request.reason)),
                custody: request.custody.as_ref().map(word),
                ..Set::from(&set)
            };
            let superseded = set_ids(&superseded);
            (StatusCode::CREATED, Json(Shown { set, codes, superseded, evidence })).into_response()
        }
        Reply::ShownBefore { set } => {
            let set = Set { subject: Some(reference.into()), ..Set::from(&set) };
            Json(ShownBefore { set, shown_before: true }).into_response()
        }
        Reply::Refused(refusal) => return Err(refused(refusal, &engine)),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn refused(refusal: Refusal, engine: &Engine) -> Problem {
    let code = refusal.code();
    match refusal {
        Refusal::Policy(reasons) => {
            let detail = format!("refused by {}", reasons.join(", "));
            Problem::new(code, detail).because(reasons)
        }
        Refusal::Limit { retry_at } => {
            let detail = "the subject was issued as many sets as its tier allows in a period";
            Problem::new(code, detail).retry_at(retry_at, engine.now())
        }
        Refusal::Throttled { retry_at } => {
            let detail =
                "guesses are being slowed down for this subject; a new set is no way round it";
            Problem::new(code, detail).retry_at(retry_at, engine.now())
        }
        Refusal::Suspended | Refusal::Contained => Problem::plain(code),
    }
}
