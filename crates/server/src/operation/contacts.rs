//! `/v1/subjects/{subject}/contacts`: view and manage the recovery contacts (N63B-RC-01 to -04).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_channels::check_address;
use glassbreak_engine::core::address_book::ContactLabel;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::{Engine, Reach};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::register::TEXT_MAX;
use crate::access::{Allowed, Issue, IssueOrAudit};
use crate::body::{Body, IdPath, SubjectPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{ChannelWord, evidence};

/// A recovery contact's address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddingContact {
    /// How a message travels to it.
    channel: ChannelWord,
    /// The address on that channel; somebody else's than the subject's.
    address: String,
}

/// The contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactAdded {
    /// What the subject calls it.
    contact: String,
    /// Its opaque id, by which the log knows it.
    id: Uuid,
    /// `added` or `unchanged`.
    change: &'static str,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// A recovery contact as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contact {
    /// What the subject calls it.
    contact: String,
    /// Its opaque id, by which the log knows it.
    id: Uuid,
    /// How a message travels to it.
    channel: &'static str,
    /// The address on that channel.
    address: String,
    /// When its address was confirmed (RFC 3339). Codes are sent to no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
}

/// The recovery contacts of a subject.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Contacts {
    /// At most five, oldest first.
    contacts: Vec<Contact>,
    /// When the subject is next reminded to look at them (RFC 3339, N63B-RC-04).
    #[serde(skip_serializing_if = "Option::is_none")]
    review_due_at: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Add a recovery contact, or give it another address.
///
/// A trusted associate of the subject: a code sent there in a recovery counts as
/// `recovery_contact`. Before that the address is confirmed, like any that was not verified in
/// proofing. The same address again counts as a review; another one has to be confirmed anew.
#[utoipa::path(put, path = "/v1/subjects/{subject}/contacts/{contact}", tag = "subjects",
    request_body = AddingContact,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("contact" = String, Path, description = "What the subject calls the contact; 1 to 64 characters")),
    responses((status = 200, body = ContactAdded), (status = 201, body = ContactAdded),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn add_contact(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    IdPath((reference, contact)): IdPath<(String, String)>,
    Body(body): Body<AddingContact>,
) -> Result<Response, Problem> {
    let (reference, contact) = (subject(reference)?, label(contact)?);
    if body.address.is_empty() || body.address.len() > TEXT_MAX {
        return Err(Problem::new("invalid_request", "addresses are 1 to 256 bytes long"));
    }
    let name = contact.as_str().to_owned();
    let (channel, address) = (body.channel.into(), body.address);
    check_address(channel, &address)
        .map_err(|error| Problem::new("invalid_request", format!("`address` {error}")))?;
    let applied =
        engine.add_contact(&allowed.caller, &reference, contact, channel, address).await?;
    let evidence = evidence(&applied);
    let added = applied.into_reply();
    let (status, change) = if added.unchanged {
        (StatusCode::OK, "unchanged")
    } else {
        (StatusCode::CREATED, "added")
    };
    let body = ContactAdded { contact: name, id: added.id.0, change, evidence };
    Ok((status, Json(body)).into_response())
}

/// Remove a recovery contact; no code is sent to it any more.
#[utoipa::path(delete, path = "/v1/subjects/{subject}/contacts/{contact}", tag = "subjects",
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("contact" = String, Path, description = "What the subject calls the contact")),
    responses((status = 200, body = Done),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn remove_contact(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    IdPath((reference, contact)): IdPath<(String, String)>,
) -> Result<Json<Done>, Problem> {
    let (reference, contact) = (subject(reference)?, label(contact)?);
    let applied = engine.remove_contact(&allowed.caller, &reference, &contact).await?;
    Ok(Json(Done { evidence: evidence(&applied) }))
}

/// Record that the subject has looked at its recovery contacts. The next reminder is a year away.
#[utoipa::path(post, path = "/v1/subjects/{subject}/contact-reviews", tag = "subjects",
    params(("subject" = String, Path, description = "The caller's own stable id")),
    responses((status = 200, body = Done),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn review_contacts(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    SubjectPath(reference): SubjectPath,
) -> Result<Json<Done>, Problem> {
    let applied = engine.review_contacts(&allowed.caller, &reference).await?;
    Ok(Json(Done { evidence: evidence(&applied) }))
}

/// The recovery contacts of a subject, for the subject to look at.
#[utoipa::path(get, path = "/v1/subjects/{subject}/contacts", tag = "subjects",
    params(("subject" = String, Path, description = "The caller's own stable id")),
    responses((status = 200, body = Contacts),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<IssueOrAudit>,
    SubjectPath(reference): SubjectPath,
) -> Result<Json<Contacts>, Problem> {
    let found = engine.subject(&allowed.caller.reach, &reference).await?;
    let (subject, directory) = found.ok_or_else(|| Problem::plain("subject_unknown"))?;
    let book = engine.addresses(&subject).await?;
    let contacts = directory.contacts.into_iter().map(|contact| Contact {
        id: contact.id.0,
        channel: contact.channel.name(),
        confirmed_at: book
            .contact(contact.id)
            .and_then(|known| known.confirmed_at)
            .map(|at| at.to_string()),
        contact: contact.label.into(),
        address: contact.address,
    });
    let contacts = contacts.collect();
    let review_due_at = book.review_due_at().map(|due| due.to_string());
    Ok(Json(Contacts { contacts, review_due_at }))
}

/// A contact's label, checked.
pub(super) fn label(text: String) -> Result<ContactLabel, Problem> {
    ContactLabel::try_from(text).map_err(|error| Problem::new("invalid_request", error.to_string()))
}

/// The channel of a contact, if there is one of that label.
pub(super) async fn contact_channel(
    engine: &Engine,
    reach: &Reach,
    reference: &SubjectRef,
    label: &ContactLabel,
) -> Result<Option<Channel>, Problem> {
    let found = engine.subject(reach, reference).await?;
    let contacts = found.map(|(_, directory)| directory.contacts).unwrap_or_default();
    Ok(contacts.iter().find(|contact| contact.label == *label).map(|contact| contact.channel))
}
