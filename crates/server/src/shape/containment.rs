//! The shapes of containments.

use glassbreak_engine::Engine;
use glassbreak_engine::core::containment::{
    APPROVERS_NEEDED, Containment, ContainmentReason, ContainmentScope, HeldContainment,
};
use glassbreak_engine::core::id::SubjectRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::recovery::person;
use crate::problem::Problem;

/// Whom a containment covers: `{"subject": "alice"}`, `{"group": "finance"}` or `"all"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScopeWord {
    /// One subject, by the caller's own stable id.
    Subject(String),
    /// Whoever is registered with this group.
    Group(String),
    /// Everyone.
    All,
}

/// Why recovery is to be switched off.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ContainmentReasonWord {
    /// The identity provider, passwords or a session store are compromised (D9).
    PrimaryFactorCompromised,
    /// Codes were seen where they must not be.
    CodesLeaked,
    /// Somebody of our own may be behind it.
    InsiderSuspected,
    /// Nobody knows yet.
    Precaution,
}

impl From<ContainmentReasonWord> for ContainmentReason {
    fn from(word: ContainmentReasonWord) -> Self {
        match word {
            ContainmentReasonWord::PrimaryFactorCompromised => Self::PrimaryFactorCompromised,
            ContainmentReasonWord::CodesLeaked => Self::CodesLeaked,
            ContainmentReasonWord::InsiderSuspected => Self::InsiderSuspected,
            ContainmentReasonWord::Precaution => Self::Precaution,
        }
    }
}

/// A containment as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContainmentDetail {
    /// Its id.
    pub(crate) containment_id: Uuid,
    /// Whom it covers.
    pub(crate) scope: ScopeWord,
    /// `primary_factor_compromised`, `codes_leaked`, `insider_suspected`, `precaution`, or
    /// `restored`, which only the server itself finds out: its database is behind an anchor.
    pub(crate) reason: &'static str,
    /// The incident's ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requester: Option<String>,
    /// `in_force` or `lifted`.
    pub(crate) state: &'static str,
    /// Who approved that it is lifted.
    pub(crate) approvers: Vec<String>,
    /// How many have to.
    pub(crate) approvers_needed: usize,
    /// Since when it is in force (RFC 3339).
    pub(crate) begun_at: String,
    /// When it was lifted (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lifted_at: Option<String>,
    /// When all that was live from before it was written down as ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<String>,
    /// Of how many subjects something from before it is still written down as live. It is refused
    /// all the same. Missing in the answer that begins one, which waits for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<u64>,
    /// The SHA-256 digest of the canonical form, which approvers sign.
    pub(crate) case: String,
}

/// A containment after a call that may have changed it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContainmentNow {
    /// Where it stands.
    #[serde(flatten)]
    pub(crate) containment: ContainmentDetail,
    /// The events written; empty on a retry.
    pub(crate) evidence: Vec<Uuid>,
}

impl ContainmentDetail {
    /// A containment for people, with the caller's names for them.
    pub(crate) async fn of(engine: &Engine, containment: &Containment) -> Result<Self, Problem> {
        let all = engine.containments().await?;
        let held = all.get(containment.id);
        let group = held.and_then(|held| held.group.as_ref()).map(|group| group.name.clone());
        let scope = match containment.terms.scope {
            ContainmentScope::Subject { subject, .. } => {
                ScopeWord::Subject(person(engine, Some(subject)).await?.unwrap_or_default())
            }
            ContainmentScope::Group { .. } => ScopeWord::Group(group.unwrap_or_default()),
            ContainmentScope::All {} => ScopeWord::All,
        };
        let mut approvers = Vec::new();
        for approver in containment.approved_by() {
            approvers.extend(person(engine, Some(approver)).await?);
        }
        let terms = &containment.terms;
        Ok(Self {
            containment_id: containment.id.0,
            scope,
            reason: terms.reason.name(),
            reference: terms.reference.as_ref().map(|text| text.as_str().to_owned()),
            requester: person(engine, terms.requester).await?,
            state: containment.state.name(),
            approvers,
            approvers_needed: APPROVERS_NEEDED,
            begun_at: containment.begun_at.to_string(),
            lifted_at: containment.lifted_at().map(|at| at.to_string()),
            finished_at: containment.finished_at.map(|at| at.to_string()),
            left: None,
            case: containment.case().map_err(|_| Problem::plain("corrupt"))?.to_string(),
        })
    }

    /// The same, with how far it has come.
    pub(crate) async fn with_progress(
        engine: &Engine,
        held: &HeldContainment,
    ) -> Result<Self, Problem> {
        let left = Some(engine.containment_left(held).await?);
        Ok(Self { left, ..Self::of(engine, &held.containment).await? })
    }
}

/// Whom to contain, checked.
pub(crate) fn whom(scope: ScopeWord) -> Result<glassbreak_engine::operation::Whom, Problem> {
    use glassbreak_engine::operation::Whom;
    Ok(match scope {
        ScopeWord::Subject(name) => {
            let name: SubjectRef = crate::body::subject(name)?;
            Whom::Subject(name)
        }
        ScopeWord::Group(name) => Whom::Group(name),
        ScopeWord::All => Whom::All,
    })
}
