//! A recovery as callers see it. Never a code, an address or a grant.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::core::id::{RecoveryId, SubjectId, SubjectRef};
use glassbreak_engine::core::recovery::{
    Item, Obligation, Recovery, RecoveryState, Review, Window,
};
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::store::RecoveryRow;
use glassbreak_engine::{Engine, Need};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::word;
use crate::problem::Problem;

/// A recovery: where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoverySummary {
    /// Its id.
    recovery_id: Uuid,
    /// Whose it is, by the caller's name; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// `open`, `window`, `completed`, `lapsed`, `refused` or `cancelled`.
    state: &'static str,
    /// What it waits for, where that was asked: `evidence`, `approval`, `release` or `enrolment`;
    /// missing where nothing would satisfy it.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'static str>,
    /// Why the subject could not get in.
    cause: &'static str,
    /// `subject`, or `agent` for a support case.
    opened_by: String,
    /// The ticket or change that stands for it elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The bundle that is to be opened in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle_id: Option<Uuid>,
    /// When it was opened (RFC 3339).
    opened_at: String,
    /// While it is open: when it lapses unless there is enough evidence (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// When there was enough evidence (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    satisfied_at: Option<String>,
    /// While its window is open: when that closes (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    window_ends_at: Option<String>,
    /// While its window is open: what is left to do in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    obligations: Vec<&'static str>,
    /// When it was completed, lapsed, refused or cancelled (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// By when somebody has to review it (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    review_due_by: Option<String>,
    /// When it was reviewed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_at: Option<String>,
}

impl RecoverySummary {
    /// The same with what it waits for.
    pub(crate) fn waiting_for(self, need: Option<Need>) -> Self {
        Self { waits_for: need.map(Need::name), ..self }
    }

    /// A recovery of the subject that the caller names so.
    pub(crate) fn of(recovery: &Recovery, subject: Option<SubjectRef>) -> Self {
        let window = recovery.window();
        let (review_due_by, reviewed_at) = match &recovery.review {
            Some(Review::Due { by }) => (Some(by.to_string()), None),
            Some(Review::Done { at, .. }) => (None, Some(at.to_string())),
            None => (None, None),
        };
        let ended_at = match &recovery.state {
            RecoveryState::Completed { at }
            | RecoveryState::Lapsed { at, .. }
            | RecoveryState::Refused { at, .. }
            | RecoveryState::Cancelled { at } => Some(at.to_string()),
            RecoveryState::Open {} | RecoveryState::Window(_) => None,
        };
        let open = matches!(recovery.state, RecoveryState::Open {});
        Self {
            recovery_id: recovery.id.0,
            subject: subject.map(String::from),
            state: recovery.state.name(),
            waits_for: None,
            cause: recovery.opening.cause.name(),
            opened_by: word(&recovery.opening.by.opener()),
            reference: recovery.opening.reference.clone().map(String::from),
            bundle_id: recovery.opening.bundle.map(|bundle| bundle.0),
            opened_at: recovery.opened_at.to_string(),
            expires_at: open.then(|| recovery.opening.expires_at.to_string()),
            satisfied_at: recovery.satisfied_at.map(|at| at.to_string()),
            window_ends_at: window.map(|window| window.ends_at.to_string()),
            obligations: window.map(|window| names(&window.obligations)).unwrap_or_default(),
            ended_at,
            review_due_by,
            reviewed_at,
        }
    }
}

impl From<RecoveryRow> for RecoverySummary {
    fn from(row: RecoveryRow) -> Self {
        Self::of(&row.recovery, row.reference)
    }
}

/// A recovery with everything gathered in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryDetail {
    /// Where it stands.
    #[serde(flatten)]
    summary: RecoverySummary,
    /// The agent who opened the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// The person who asked for it, where that is not the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    requester: Option<String>,
    /// What was gathered, in order.
    items: Vec<ItemShape>,
    /// The codes that were sent, in order; only the last one counts.
    sent_codes: Vec<SentShape>,
    /// The approvals of the case.
    approvals: Approvals,
    /// The smallest further evidence that would open its window, one of these.
    alternatives: Vec<Vec<String>>,
    /// Who declined it.
    #[serde(skip_serializing_if = "Option::is_none")]
    declined_by: Option<String>,
    /// Who reviewed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reviewed_by: Option<String>,
}

/// Something presented in a recovery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemShape {
    /// `vouched`, `proofing`, `second_verification` or `code`.
    kind: &'static str,
    /// What was vouched for, or what the code counts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// The identity assurance level reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
    /// What was looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<String>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// Where the record of it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The redemption that presented the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    redemption_id: Option<Uuid>,
}

/// A code that was sent. Neither the code nor where to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentShape {
    /// Its id.
    sent_id: Uuid,
    /// How it went out.
    channel: &'static str,
    /// The opaque id of the recovery contact it went to, if it went to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_id: Option<Uuid>,
    /// When it expires (RFC 3339).
    expires_at: String,
    /// True where it did not go out, for certain; it is dead, and not counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    undelivered: bool,
}

/// Approvals, and what an approver signs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Approvals {
    /// How many count now. A change of the case voids those before it; so does the dismissal of who
    /// gave one, and the removal of the passkey that signed it.
    given: usize,
    /// How many are needed, by the policy in force.
    needed: usize,
    /// Who gave those that count.
    approvers: Vec<String>,
    /// SHA-256 of the case as it stands, hexadecimal.
    case_digest: String,
    /// The same digest, base64url: the challenge of a `WebAuthn` assertion.
    challenge: String,
    /// The case as it stands, in the canonical form that the digest is of.
    #[schema(value_type = Object)]
    case: serde_json::Value,
}

impl RecoveryDetail {
    /// Everything there is to see of a recovery.
    pub(crate) async fn of(engine: &Engine, recovery: &Recovery) -> Result<Self, Problem> {
        let mut items = Vec::new();
        for item in &recovery.items {
            items.push(ItemShape::of(engine, item).await?);
        }
        let sent = recovery.sent.iter().map(|sent| SentShape {
            sent_id: sent.id.0,
            channel: sent.channel.name(),
            contact_id: sent.contact.map(|contact| contact.0),
            expires_at: sent.expires_at.to_string(),
            undelivered: recovery.undelivered.contains(&sent.id),
        });
        let alternatives = engine.alternatives(recovery).await?;
        let declined_by = match recovery.state {
            RecoveryState::Refused { by, .. } => Some(by),
            _ => None,
        };
        let reviewed_by = match recovery.review {
            Some(Review::Done { reviewer, .. }) => Some(reviewer),
            _ => None,
        };
        let opening = &recovery.opening;
        let subject = engine.reference(recovery.subject).await?;
        Ok(Self {
            summary: RecoverySummary::of(recovery, subject),
            agent: person(engine, opening.by.agent()).await?,
            requester: person(engine, opening.requester).await?,
            items,
            sent_codes: sent.collect(),
            approvals: Approvals::of(engine, recovery, &alternatives).await?,
            alternatives: words(&alternatives),
            declined_by: person(engine, declined_by).await?,
            reviewed_by: person(engine, reviewed_by).await?,
        })
    }
}

impl ItemShape {
    async fn of(engine: &Engine, item: &Item) -> Result<Self, Problem> {
        let bare = |kind| Self {
            kind,
            method: None,
            level: None,
            checks: Vec::new(),
            agent: None,
            reference: None,
            redemption_id: None,
        };
        Ok(match item {
            Item::Vouched { method } => Self { method: Some(word(method)), ..bare("vouched") },
            Item::Proofed { level, checks, agent, reference } => Self {
                level: Some(word(level)),
                checks: checks.iter().map(word).collect(),
                agent: person(engine, Some(*agent)).await?,
                reference: Some(reference.clone().into()),
                ..bare("proofing")
            },
            Item::VerifiedAgain { check, agent, reference } => Self {
                checks: vec![word(check)],
                agent: person(engine, Some(*agent)).await?,
                reference: Some(reference.clone().into()),
                ..bare("second_verification")
            },
            Item::Presented { method, redemption, .. } => Self {
                method: Some(word(method)),
                redemption_id: Some(redemption.0),
                ..bare("code")
            },
        })
    }
}

impl Approvals {
    async fn of(
        engine: &Engine,
        recovery: &Recovery,
        alternatives: &[Vec<Method>],
    ) -> Result<Self, Problem> {
        let corrupt = || Problem::plain("corrupt");
        let digest = recovery.case().map_err(|_| corrupt())?;
        let bytes = recovery.case_bytes().map_err(|_| corrupt())?;
        let mut approvers = Vec::new();
        for approver in engine.approvers(recovery).await? {
            approvers.extend(person(engine, Some(approver)).await?);
        }
        let missing = |set: &Vec<Method>| {
            let approval = |it: &&Method| matches!(it, Method::Approval | Method::SecondApproval);
            set.iter().filter(approval).count()
        };
        let given = approvers.len();
        Ok(Self {
            given,
            needed: given + alternatives.iter().map(missing).min().unwrap_or_default(),
            approvers,
            case_digest: digest.to_string(),
            challenge: URL_SAFE_NO_PAD.encode(digest.0),
            case: serde_json::from_slice(&bytes).map_err(|_| corrupt())?,
        })
    }
}

/// The window that a satisfied recovery opened, with the token that opens it: shown once, to the
/// program that brings the subject back in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Granted {
    /// The recovery.
    pub(crate) recovery_id: Uuid,
    /// The grant: a JWT of type `glassbreak-grant+jwt`, good for enrolling a new authenticator and
    /// nothing else. `/.well-known/jwks.json` has its keys.
    pub(crate) grant: String,
    /// When the window closes (RFC 3339).
    pub(crate) window_ends_at: String,
    /// What has to be done until then.
    pub(crate) obligations: Vec<&'static str>,
}

impl Granted {
    /// The grant of a window of `subject`.
    pub(crate) async fn of(
        engine: &Engine,
        subject: &SubjectRef,
        window: &Window,
    ) -> Result<Self, Problem> {
        let RecoveryId(recovery_id) = window.recovery;
        Ok(Self {
            recovery_id,
            grant: engine.grant(subject, window).await?,
            window_ends_at: window.ends_at.to_string(),
            obligations: names(&window.obligations),
        })
    }
}

/// Obligations as they travel.
pub(crate) fn names(obligations: &[Obligation]) -> Vec<&'static str> {
    obligations.iter().map(|obligation| obligation.name()).collect()
}

/// Alternatives as they travel.
pub(crate) fn words(alternatives: &[Vec<Method>]) -> Vec<Vec<String>> {
    alternatives.iter().map(|set| set.iter().map(word).collect()).collect()
}

/// The caller's name for somebody, or the opaque id where that was erased.
pub(crate) async fn person(
    engine: &Engine,
    id: Option<SubjectId>,
) -> Result<Option<String>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let name = engine.reference(id).await?;
    Ok(Some(name.map_or_else(|| id.to_string(), String::from)))
}
