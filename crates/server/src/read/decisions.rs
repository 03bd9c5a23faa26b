//! `GET /v1/decisions` and `POST /v1/policy/trial`: what the policies decided, and what another set
//! would have decided (E5, G1).

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::event::Outcome;
use glassbreak_engine::core::policy::Policy as _;
use glassbreak_engine::{
    Decided, DecisionPage, DecisionQuery, Engine, Otherwise, Reach, Trial as Tried,
};
use glassbreak_policy::{CedarPolicy, Findings, PolicySet, question_words};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Audit};
use crate::body::{Body, Parameters};
use crate::problem::{Problem, ProblemBody};
use crate::shape::word;

/// The most entries that one page looks at.
const LOOK_AT: usize = 10_000;
/// How many decisions are asked again unless told.
pub(crate) const LAST: usize = 1000;
/// What policies are asked.
const ACTIONS: [&str; 7] =
    ["issue", "confirm", "revoke", "redeem", "recover", "release", "approve"];
/// The most changed decisions in one answer.
const CHANGED_MAX: usize = 200;

/// Which decisions to list; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only of this action: `issue`, `confirm`, `revoke`, `redeem`, `recover`, `release` or
    /// `approve`.
    action: Option<String>,
    /// Only with this outcome: `permit`, `deny` or `more_evidence`.
    #[param(value_type = Option<String>)]
    outcome: Option<Outcome>,
    /// `next_cursor` of the page before.
    cursor: Option<u64>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A decision on record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decision {
    /// The leaf index of its entry.
    pub(crate) index: u64,
    /// Its event's id.
    pub(crate) id: Uuid,
    /// When it was made (RFC 3339).
    pub(crate) at: String,
    /// What came of it: the entry's `type`.
    #[serde(rename = "type")]
    pub(crate) event: &'static str,
    /// Whom it concerns, by the opaque id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject_id: Option<Uuid>,
    /// What was asked for.
    pub(crate) action: &'static str,
    /// `permit`, `deny` or `more_evidence`.
    pub(crate) outcome: String,
    /// The rules that decided it.
    pub(crate) reasons: Vec<String>,
    /// The digest of the set of policies that was in force.
    pub(crate) policy: String,
    /// The whole question, by which it can be asked again.
    #[schema(value_type = Object)]
    pub(crate) asked: serde_json::Value,
    /// The same in words.
    pub(crate) in_words: String,
    /// The exception without which it would have been refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exception_id: Option<Uuid>,
}

/// A page of decisions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decisions {
    /// The decisions, the newest first.
    pub(crate) items: Vec<Decision>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<u64>,
}

impl From<Decided> for Decision {
    fn from(decided: Decided) -> Self {
        let Decided { index, id, at, event, subject, ruling } = decided;
        Self {
            index,
            id: id.0,
            at: at.to_string(),
            event,
            subject_id: subject.map(|subject| subject.0),
            action: ruling.asked.action(),
            outcome: word(&ruling.outcome),
            reasons: ruling.reasons,
            policy: ruling.policy.to_string(),
            in_words: question_words(&ruling.asked),
            asked: serde_json::to_value(&ruling.asked).unwrap_or_default(),
            exception_id: ruling.exception.map(|exception| exception.0),
        }
    }
}

/// The decisions on record, the newest first. A page looks at 10,000 entries; it may be short, or
/// empty, and still have a `next_cursor`.
#[utoipa::path(get, path = "/v1/decisions", tag = "policy", params(Filter),
    responses((status = 200, body = Decisions),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Decisions>, Problem> {
    if filter.action.as_deref().is_some_and(|action| !ACTIONS.contains(&action)) {
        let detail = format!("`action` is one of {}", ACTIONS.join(", "));
        return Err(Problem::new("invalid_request", detail));
    }
    let query = DecisionQuery {
        before: filter.cursor,
        limit: filter.limit.unwrap_or(100).clamp(1, 1000),
        action: filter.action,
        outcome: filter.outcome,
        look_at: LOOK_AT,
    };
    let DecisionPage { rows, next } = engine.decisions(&allowed.caller.reach, &query).await?;
    let items = rows.into_iter().map(Decision::from).collect();
    Ok(Json(Decisions { items, next_cursor: next }))
}

/// A set of policies to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trying {
    /// The Cedar files by name, such as `recover.cedar`.
    files: BTreeMap<String, String>,
    /// Ask the last so many decisions again, 1 to 10,000; 1000 unless told.
    last: Option<usize>,
}

/// What a set of policies would have changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialResult {
    /// What the set calls itself.
    pub(crate) version: String,
    /// Its digest.
    pub(crate) policy: String,
    /// Whether the server would refuse to put it in force.
    pub(crate) refused: bool,
    /// What the lint found.
    pub(crate) findings: Vec<String>,
    /// How many decisions were asked again.
    pub(crate) decisions: u64,
    /// When the oldest of them was made (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<String>,
    /// When the newest of them was made (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<String>,
    /// Whether there are older ones that were not.
    pub(crate) more: bool,
    /// How many would have been decided otherwise.
    pub(crate) changed_count: u64,
    /// Those, the newest first, at most 200.
    pub(crate) changed: Vec<ChangedDecision>,
}

/// A decision that would have been another one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedDecision {
    /// As it was made.
    #[serde(flatten)]
    pub(crate) was: Decision,
    /// What would have been decided.
    pub(crate) would_be: String,
    /// The rules that would have decided it.
    pub(crate) would_be_by: Vec<String>,
}

impl TrialResult {
    /// What the set that `files` are would have made of the `last` decisions on record.
    pub(crate) async fn tried(
        engine: &Engine,
        reach: &Reach,
        files: BTreeMap<String, String>,
        last: usize,
    ) -> Result<Self, Problem> {
        let (set, again) = (PolicySet::new(files.clone()), PolicySet::new(files));
        // The lint asks every question there is; that takes a while on one thread.
        let loading = tokio::task::spawn_blocking(move || match set.load() {
            Ok(loaded) => {
                let findings = loaded.findings().clone();
                Ok((CedarPolicy::from_set(loaded), findings))
            }
            Err(findings) => match again.load_unlinted() {
                Ok(loaded) => Ok((CedarPolicy::from_set(loaded), findings)),
                Err(unreadable) => Err(unreadable),
            },
        });
        let loaded = loading.await.map_err(|_| Problem::plain("internal"))?;
        let (policy, findings) = loaded.map_err(|findings| {
            let told = findings.0.iter().map(ToString::to_string).collect();
            Problem::new("policy_refused", "the set cannot be read, so nothing was tried")
                .because(told)
        })?;
        let tried = engine.try_policy(reach, &policy, last).await?;
        Ok(Self::of(&policy, &findings, tried))
    }

    fn of(policy: &CedarPolicy, findings: &Findings, tried: Tried) -> Self {
        let Tried { decisions, span, changed, more } = tried;
        let changed_count = changed.len() as u64;
        let told = |otherwise: Otherwise| ChangedDecision {
            would_be: word(&otherwise.would_be),
            would_be_by: otherwise.would_be_by,
            was: otherwise.was.into(),
        };
        Self {
            version: policy.set().set().version(),
            policy: policy.digest().to_string(),
            refused: findings.refuses(),
            findings: findings.0.iter().map(ToString::to_string).collect(),
            decisions,
            since: span.map(|(since, _)| since.to_string()),
            until: span.map(|(_, until)| until.to_string()),
            more,
            changed_count,
            changed: changed.into_iter().take(CHANGED_MAX).map(told).collect(),
        }
    }
}

/// Try a set of policies against the decisions on record. Nothing is put in force.
///
/// The set is parsed, validated and linted as for `PUT /v1/policy`. One that the lint refuses is
/// tried all the same, and says `refused`; one that cannot be read is a problem.
#[utoipa::path(post, path = "/v1/policy/trial", tag = "policy", request_body = Trying,
    responses((status = 200, body = TrialResult),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn trial(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Audit>,
    Body(body): Body<Trying>,
) -> Result<Json<TrialResult>, Problem> {
    let last = body.last.unwrap_or(LAST);
    TrialResult::tried(&engine, &allowed.caller.reach, body.files, last).await.map(Json)
}
