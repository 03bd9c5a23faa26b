//! `GET /v1/subjects/{subject}` and its timeline.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::subject::Subject;
use glassbreak_engine::store::InventoryQuery;
use glassbreak_engine::{Engine, Reach};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Audit};
use crate::body::{Parameters, SubjectPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{EntryPage, Set, word};

/// A subject as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Seen {
    /// The subject, as the caller names it.
    subject: String,
    /// Its opaque id, by which the log knows it.
    id: Uuid,
    /// `person`, `service` or `agent`.
    kind: String,
    /// The class of policy.
    tier: String,
    /// The highest authenticator assurance level.
    assurance: String,
    /// The identity assurance level.
    ial: String,
    /// The accountable owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// The groups it belongs to.
    groups: Vec<String>,
    /// Where it is notified.
    notification_addresses: Vec<SeenAddress>,
    /// `active`, `suspended` or `departed`.
    standing: &'static str,
    /// When it was first registered (RFC 3339).
    registered_at: String,
    /// Its newest sets, at most 100.
    code_sets: Vec<Set>,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SeenAddress {
    /// How the message travels.
    channel: String,
    /// The address on that channel.
    address: String,
    /// Whether codes may be sent to it.
    verified: bool,
}

/// A subject as it stands, with its sets. Never a code of them.
#[utoipa::path(get, path = "/v1/subjects/{subject}", tag = "subjects",
    params(("subject" = String, Path, description = "The caller's own stable id")),
    responses((status = 200, body = Seen),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    SubjectPath(reference): SubjectPath,
) -> Result<Json<Seen>, Problem> {
    let reach = &allowed.caller.reach;
    let found = engine.subject(reach, &reference).await?;
    let (subject, directory) = found.ok_or_else(|| Problem::plain("subject_unknown"))?;
    let query = InventoryQuery {
        subject: Some(reference.clone()),
        limit: 100,
        ..InventoryQuery::default()
    };
    let sets = engine.inventory(reach, &query).await?.rows;
    let owner = match subject.profile.owner {
        Some(owner) => engine.reference(owner).await?.map(String::from),
        None => None,
    };
    let book = engine.addresses(&subject).await?;
    let salt = directory.salt;
    let addresses = directory.notification_addresses.iter();
    Ok(Json(Seen {
        subject: reference.into(),
        id: subject.id.0,
        kind: word(&subject.profile.kind),
        tier: subject.profile.tier.as_str().to_owned(),
        assurance: word(&subject.profile.assurance),
        ial: word(&subject.profile.ial),
        owner,
        groups: directory.groups,
        notification_addresses: addresses
            .map(|to| SeenAddress {
                channel: word(&to.channel),
                address: to.address.clone(),
                verified: to.verified || book.is_confirmed(&to.digest(&salt)),
            })
            .collect(),
        standing: subject.standing.name(),
        registered_at: subject.registered_at.to_string(),
        code_sets: sets.iter().map(Set::from).collect(),
    }))
}

/// Which part of a timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// `next_cursor` of the page before.
    cursor: Option<u64>,
    /// With `true`: the newest first.
    newest: Option<bool>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// Everything the log says of a subject, in order, or the newest first.
#[utoipa::path(get, path = "/v1/subjects/{subject}/timeline", tag = "subjects",
    params(("subject" = String, Path, description = "The caller's own stable id"), Part),
    responses((status = 200, body = EntryPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn timeline(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    SubjectPath(reference): SubjectPath,
    Parameters(part): Parameters<Part>,
) -> Result<Json<EntryPage>, Problem> {
    let subject = known(&engine, &allowed.caller.reach, &reference).await?;
    let limit = part.limit.unwrap_or(100).clamp(1, 1000);
    if part.newest.unwrap_or(false) {
        let entries = engine.newest_of(&subject, part.cursor, limit).await?;
        return EntryPage::newest(entries, limit).map(Json);
    }
    let entries = engine.timeline(&subject, part.cursor.unwrap_or(0), limit).await?;
    EntryPage::of(entries, limit).map(Json)
}

async fn known(engine: &Engine, reach: &Reach, reference: &SubjectRef) -> Result<Subject, Problem> {
    let found = engine.subject(reach, reference).await?;
    found.map(|(subject, _)| subject).ok_or_else(|| Problem::plain("subject_unknown"))
}
