//! `PUT /v1/subjects/{subject}`: register a subject, or bring its registration up to date.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_channels::check_address;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::operation::register::Change;
use glassbreak_engine::core::subject::{NotificationAddress, Standing, Tier};
use glassbreak_engine::operation::Registration;
use glassbreak_engine::{Engine, Reach};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Issue};
use crate::body::{Body, SubjectPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{AssuranceWord, ChannelWord, ProofingWord, SubjectKindWord, evidence, set_ids};

/// The longest group name and the longest address, in bytes.
pub(super) const TEXT_MAX: usize = 256;

/// What a subject is registered as.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registering {
    /// Person, service or agent.
    kind: SubjectKindWord,
    /// The class of policy; `standard` unless named.
    tier: Option<String>,
    /// The highest authenticator assurance level.
    assurance: AssuranceWord,
    /// The identity assurance level; `none` unless named.
    ial: Option<ProofingWord>,
    /// The accountable owner of a service or an agent, by its id; registered before.
    owner: Option<String>,
    /// The groups it belongs to; at most 256.
    #[serde(default)]
    groups: Vec<String>,
    /// Where it is notified; at most 256.
    #[serde(default)]
    notification_addresses: Vec<Address>,
}

/// An address.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {
    /// How the message travels.
    pub(crate) channel: ChannelWord,
    /// The address on that channel: `name@host` for mail, `+` and 7 to 15 digits for `sms` and
    /// `voice`.
    pub(crate) address: String,
    /// Whether it was verified in proofing, by your word. One that was confirmed by a code stays so
    /// whatever this says. Codes are sent to no other.
    #[serde(default)]
    pub(crate) verified: bool,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Registered {
    /// The subject, as the caller names it.
    subject: String,
    /// Its opaque id, by which the log knows it.
    id: Uuid,
    /// `created`, `updated` or `unchanged`.
    change: &'static str,
    /// The sets that the change revoked: a change of tier, assurance or owner is a lifecycle event.
    revoked: Vec<Uuid>,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// Register a subject, or bring its registration up to date.
///
/// Repeating it changes nothing. A change of tier, kind, assurance or owner, or less proofing, has
/// the effect of its lifecycle event. To ask for less protection than there is (a tier without dual
/// control, less assurance or proofing, another kind) the key needs the scope `admin` as well. A
/// key that is bound to groups registers subjects in one of them, and no others: `group_missing`.
#[utoipa::path(put, path = "/v1/subjects/{subject}", tag = "subjects", request_body = Registering,
    params(("subject" = String, Path, description = "The caller's own stable id")),
    responses((status = 200, body = Registered), (status = 201, body = Registered),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn register(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    SubjectPath(reference): SubjectPath,
    Body(body): Body<Registering>,
) -> Result<Response, Problem> {
    let registration = body.registration()?;
    if lowers(&engine, &allowed.caller.reach, &reference, &registration).await? {
        // Enrolment could otherwise turn a privileged subject into one that recovers with a code.
        allowed.must(Scope::Admin)?;
    }
    let applied = engine.register(&allowed.caller, &reference, registration).await?;
    let evidence = evidence(&applied);
    let registered = applied.into_reply();
    let (status, change) = match registered.change {
        Change::Created => (StatusCode::CREATED, "created"),
        Change::Updated => (StatusCode::OK, "updated"),
        Change::Unchanged => (StatusCode::OK, "unchanged"),
    };
    let body = Registered {
        subject: reference.into(),
        id: registered.id.0,
        change,
        revoked: set_ids(&registered.revoked),
        evidence,
    };
    Ok((status, Json(body)).into_response())
}

/// Whether a registration asks for less protection than there is: a tier without dual control, less
/// assurance, less proofing, or another kind of subject.
async fn lowers(
    engine: &Engine,
    reach: &Reach,
    reference: &SubjectRef,
    registration: &Registration,
) -> Result<bool, Problem> {
    let Some((subject, _)) = engine.subject(reach, reference).await? else { return Ok(false) };
    if matches!(subject.standing, Standing::Departed { .. }) {
        return Ok(false);
    }
    let dual = |tier: &Tier| engine.settings().tier(tier).is_some_and(|tier| tier.privileged);
    let before = &subject.profile;
    Ok((dual(&before.tier) && !dual(&registration.tier))
        || registration.assurance < before.assurance
        || registration.ial < before.ial
        || registration.kind != before.kind)
}

impl Registering {
    fn registration(self) -> Result<Registration, Problem> {
        let invalid = |detail: String| Problem::new("invalid_request", detail);
        let tier = match self.tier {
            None => Tier::standard(),
            Some(tier) => Tier::try_from(tier).map_err(|error| invalid(error.to_string()))?,
        };
        let addresses = self.notification_addresses;
        let texts = self.groups.iter().chain(addresses.iter().map(|to| &to.address));
        if texts.into_iter().any(|text| text.is_empty() || text.len() > TEXT_MAX) {
            return Err(invalid("groups and addresses are 1 to 256 bytes long".to_owned()));
        }
        let notification_addresses: Vec<_> = addresses
            .into_iter()
            .map(|to| NotificationAddress {
                channel: to.channel.into(),
                address: to.address,
                verified: to.verified,
            })
            .collect();
        for (place, to) in notification_addresses.iter().enumerate() {
            // By its place, and not as it is: problems hold no personal data.
            check_address(to.channel, &to.address)
                .map_err(|error| invalid(format!("`notification_addresses[{place}]` {error}")))?;
        }
        Ok(Registration {
            kind: self.kind.into(),
            tier,
            assurance: self.assurance.into(),
            ial: self.ial.unwrap_or(ProofingWord::None).into(),
            owner: self.owner.map(subject).transpose()?,
            groups: self.groups,
            notification_addresses,
        })
    }
}
