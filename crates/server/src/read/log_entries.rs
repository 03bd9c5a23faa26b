//! `/v1/log`: entries, receipts, and the replay that compares the log with the tables.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::id::EventId;
use glassbreak_engine::{Engine, replay};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Audit};
use crate::body::{IdPath, Parameters};
use crate::problem::{Problem, ProblemBody};
use crate::shape::EntryPage;

/// Which part of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// From this leaf index on; 0 unless told. With `newest`: those before it; all unless told.
    from: Option<u64>,
    /// With `true`: the newest first. `next_cursor` goes into `from` either way.
    newest: Option<bool>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// Log entries in order, or the newest first.
#[utoipa::path(get, path = "/v1/log/entries", tag = "log", params(Part),
    responses((status = 200, body = EntryPage)))]
pub(crate) async fn entries(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
    Parameters(part): Parameters<Part>,
) -> Result<Json<EntryPage>, Problem> {
    let limit = part.limit.unwrap_or(100).clamp(1, 1000);
    if part.newest.unwrap_or(false) {
        let entries = engine.newest_entries(part.from, limit).await?;
        return EntryPage::newest(entries, limit).map(Json);
    }
    let entries = engine.entries(part.from.unwrap_or(0), limit).await?;
    EntryPage::of(entries, limit).map(Json)
}

/// The offline proof that an event is in the log. Waits up to five seconds for the sequencer.
#[utoipa::path(get, path = "/v1/log/receipts/{event_id}", tag = "log",
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = Object),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn receipt(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
    IdPath(event): IdPath<Uuid>,
) -> Result<Json<serde_json::Value>, Problem> {
    let receipt = engine.receipt(EventId(event)).await?;
    let receipt = receipt.ok_or_else(|| Problem::plain("event_unknown"))?;
    Ok(Json(receipt.to_json()))
}

/// What replaying found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// How many entries were folded.
    entries: u64,
    /// The codes, by where they are now.
    ledger: Ledger,
    /// Rows that are not what the log says; at most 1000 of them.
    differences: Vec<Difference>,
}

/// The codes, by where they are now. `issued` is the sum of the rest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ledger {
    issued: u64,
    live: u64,
    used: u64,
    revoked: u64,
    expired: u64,
    lapsed: u64,
    disabled: u64,
    superseded: u64,
}

/// A row that is not what the log says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    /// Which table.
    table: &'static str,
    /// Which row.
    row: String,
    /// What the log says.
    log: String,
    /// What the table says.
    found: String,
}

/// Fold the log from the start and compare it with the tables.
#[utoipa::path(get, path = "/v1/log/replay", tag = "log",
    responses((status = 200, body = Replayed)))]
pub(crate) async fn replay(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
) -> Result<Json<Replayed>, Problem> {
    let replay = engine.replay(&mut |_, _| {}).await?;
    let ledger = replay.ledger;
    let shown = |difference: replay::Difference| Difference {
        table: difference.table,
        row: difference.row,
        log: difference.log,
        found: difference.found,
    };
    Ok(Json(Replayed {
        entries: replay.entries,
        ledger: Ledger {
            issued: ledger.issued,
            live: ledger.live,
            used: ledger.used,
            revoked: ledger.revoked,
            expired: ledger.expired,
            lapsed: ledger.lapsed,
            disabled: ledger.disabled,
            superseded: ledger.superseded,
        },
        differences: replay.differences.into_iter().take(1000).map(shown).collect(),
    }))
}
