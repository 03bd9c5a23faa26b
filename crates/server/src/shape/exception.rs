//! The shapes of exceptions.

use glassbreak_engine::Engine;
use glassbreak_engine::core::exception::{Exception, ExceptionKind, ExceptionState};
use glassbreak_engine::core::id::SubjectRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::recovery::person;
use crate::problem::Problem;

/// Which rule an exception sets aside.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExceptionKindWord {
    /// One set is issued although the limit per period is reached (A5).
    OverIssueLimit,
    /// Recoveries are not refused as routine use (C7).
    RoutineUse,
}

impl From<ExceptionKindWord> for ExceptionKind {
    fn from(word: ExceptionKindWord) -> Self {
        match word {
            ExceptionKindWord::OverIssueLimit => Self::OverIssueLimit,
            ExceptionKindWord::RoutineUse => Self::RoutineUse,
        }
    }
}

/// An exception as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionDetail {
    /// Its id.
    exception_id: Uuid,
    /// For whom the rule is set aside, by the caller's name; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// `over_issue_limit` or `routine_use`.
    kind: &'static str,
    /// The ticket or change that says why.
    reason: String,
    /// Who asked for it.
    requester: String,
    /// `pending`, `granted` or `ended`.
    state: &'static str,
    /// Whether it sets its rule aside now. A `granted` one does not once an approver was dismissed,
    /// has left or lost the passkey; a new request of its kind takes its place.
    in_force: bool,
    /// Who approved it.
    approvers: Vec<String>,
    /// When it was asked for (RFC 3339).
    requested_at: String,
    /// Since when it is in force (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    granted_at: Option<String>,
    /// When it ends at the latest (RFC 3339).
    ends_at: String,
    /// When it ended (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// `expired`, `withdrawn`, `used`, `lifecycle` or `void`.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_because: Option<&'static str>,
    /// The SHA-256 digest of its canonical form, which approvers sign.
    case: String,
}

/// An exception after a call that may have changed it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionNow {
    /// Where it stands.
    #[serde(flatten)]
    pub(crate) exception: ExceptionDetail,
    /// The events written; empty on a retry.
    pub(crate) evidence: Vec<Uuid>,
}

impl ExceptionDetail {
    /// An exception for people, with the caller's names for them.
    pub(crate) async fn of(
        engine: &Engine,
        exception: &Exception,
        subject: Option<SubjectRef>,
    ) -> Result<Self, Problem> {
        let mut approvers = Vec::new();
        for approver in exception.approved_by() {
            approvers.extend(person(engine, Some(approver)).await?);
        }
        let terms = &exception.terms;
        let requester = person(engine, Some(terms.requester)).await?;
        let (granted_at, ended) = match exception.state {
            ExceptionState::Pending {} => (None, None),
            ExceptionState::Granted { at } => (Some(at), None),
            ExceptionState::Ended { at, why } => (None, Some((at, why))),
        };
        Ok(Self {
            exception_id: exception.id.0,
            subject: subject.map(String::from),
            kind: terms.kind.name(),
            reason: terms.reason.as_str().to_owned(),
            requester: requester.unwrap_or_default(),
            state: exception.state.name(),
            in_force: engine.is_in_force(exception).await?,
            approvers,
            requested_at: exception.requested_at.to_string(),
            granted_at: granted_at.map(|at| at.to_string()),
            ends_at: terms.ends_at.to_string(),
            ended_at: ended.map(|(at, _)| at.to_string()),
            ended_because: ended.map(|(_, why)| why.name()),
            case: exception.case().map_err(|_| Problem::plain("corrupt"))?.to_string(),
        })
    }
}
