//! A recovery bundle as callers see it. Never a secret, a share or a token.

use glassbreak_engine::Engine;
use glassbreak_engine::core::bundle::{Bundle, Generation};
use glassbreak_engine::core::id::SubjectRef;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// A bundle: where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundleSummary {
    /// Its id, which every share names too.
    bundle_id: Uuid,
    /// Whose secret it holds, by the caller's name; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Where its foremost generation stands: `pending`, `effective`, `opening`, `opened`,
    /// `superseded` or `revoked`.
    state: &'static str,
    /// The foremost generation: the one in force, else the one that waits for proofs.
    generation: u32,
    /// How many shares suffice.
    threshold: u8,
    /// How many custodians there are.
    custodians: usize,
    /// The generation that waits for proofs, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_generation: Option<u32>,
    /// How many proofs that one waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    proofs_missing: Option<usize>,
    /// While an opening is allowed: in which recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    opening_recovery_id: Option<Uuid>,
    /// While an opening is allowed: until when (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    opening_until: Option<String>,
    /// Since when the secret is to be replaced and split anew (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    rotate_since: Option<String>,
    /// Whether a custodian has left: new shares are needed.
    needs_new_shares: bool,
}

impl BundleSummary {
    /// A bundle of the subject that the caller names so.
    pub(crate) fn of(bundle: &Bundle, subject: Option<SubjectRef>) -> Self {
        let foremost = bundle.foremost();
        let (pending, opening) = (bundle.pending(), bundle.opening());
        Self {
            bundle_id: bundle.id.0,
            subject: subject.map(String::from),
            state: bundle.state_name(),
            generation: foremost.map_or(0, |one| one.number),
            threshold: foremost.map_or(0, |one| one.k),
            custodians: foremost.map_or(0, |one| one.custodians.len()),
            pending_generation: pending.map(|one| one.number),
            proofs_missing: pending.map(|one| one.waits_for().count()),
            opening_recovery_id: opening.map(|(_, recovery, _)| recovery.0),
            opening_until: opening.map(|(.., until)| until.to_string()),
            rotate_since: bundle.rotate_since.map(|at| at.to_string()),
            needs_new_shares: bundle.needs_new_shares(),
        }
    }
}

/// A bundle with its generations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundleDetail {
    /// Where it stands.
    #[serde(flatten)]
    summary: BundleSummary,
    /// Every generation there was, oldest first.
    generations: Vec<GenerationShape>,
}

/// One split of a bundle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GenerationShape {
    /// Its number, counted from 1.
    generation: u32,
    /// Where it stands.
    state: &'static str,
    /// How many shares suffice.
    threshold: u8,
    /// When it was handed out (RFC 3339).
    created_at: String,
    /// Who has a share, by its number: the first has number 1.
    custodians: Vec<CustodianShape>,
    /// The digest of the public record, as the log has it.
    record_digest: String,
    /// The public record, with which shares and proofs are checked.
    #[schema(value_type = Object)]
    record: Value,
}

/// One custodian of one generation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustodianShape {
    /// Who, by the caller's name; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    custodian: Option<String>,
    /// When possession of the share was proven (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    proven_at: Option<String>,
    /// When it was noticed that this person has left (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at: Option<String>,
}

impl BundleDetail {
    /// All that may be known of a bundle.
    pub(crate) async fn of(engine: &Engine, bundle: &Bundle) -> Result<Self, Problem> {
        let mut generations = Vec::with_capacity(bundle.generations.len());
        for one in &bundle.generations {
            generations.push(generation(engine, bundle, one).await?);
        }
        let subject = engine.reference(bundle.subject).await?;
        Ok(Self { summary: BundleSummary::of(bundle, subject), generations })
    }
}

async fn generation(
    engine: &Engine,
    bundle: &Bundle,
    one: &Generation,
) -> Result<GenerationShape, Problem> {
    let mut custodians = Vec::with_capacity(one.custodians.len());
    for held in &one.custodians {
        custodians.push(CustodianShape {
            custodian: engine.reference(held.subject).await?.map(String::from),
            proven_at: held.proven_at.map(|at| at.to_string()),
            left_at: held.left_at.map(|at| at.to_string()),
        });
    }
    let record = engine.bundle_record(bundle, one.number).await?.unwrap_or_default();
    Ok(GenerationShape {
        generation: one.number,
        state: one.state.name(),
        threshold: one.k,
        created_at: one.created_at.to_string(),
        custodians,
        record_digest: one.record.to_string(),
        record: serde_json::from_str(&record).map_err(|_| Problem::plain("corrupt"))?,
    })
}
