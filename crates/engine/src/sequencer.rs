//! The sequencer: moves the log's tree up to the last commit, and signs a checkpoint over it.
//!
//! Entries have their place from their commit already; here they get their hashes. A crash before
//! the step is durable loses nothing: the next start finds the same entries behind the same head.

use std::sync::Arc;
use std::time::Duration;

use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_store::{Integration, LogHead, TileRow};
use glassbreak_tlog::{Checkpoint, Edge, leaf_hash, tile};
use std::collections::BTreeMap;
use tokio::sync::watch;

use crate::engine::{Parts, signers};
use crate::error::Error;

/// How many entries one step takes in: a bound on memory and on the transaction.
const STEP_MAX: usize = 8192;

/// How often it looks by itself. A commit wakes it, unless its caller went away meanwhile or is
/// another process on the same database.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until `stopped`, then once more to the end.
pub(crate) async fn run(parts: Arc<Parts>, every: Duration, mut stopped: watch::Receiver<bool>) {
    let mut edge = None;
    loop {
        // Asked before it looks: what was committed while it looked is still to be taken in.
        let is_last = *stopped.borrow();
        if let Err(error) = catch_up(&parts, &mut edge).await {
            // The tree is as it was; look at it anew next time.
            edge = None;
            tracing::error!(error = %error, "the log's tree could not be moved forward");
        }
        if is_last {
            return;
        }
        tokio::select! {
            biased;
            () = parts.grown.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stopped.changed() => continue,
        }
        // Commits that come while we wait share one checkpoint.
        tokio::select! {
            biased;
            () = tokio::time::sleep(every) => {}
            _ = stopped.changed() => {}
        }
    }
}

pub(crate) async fn catch_up(parts: &Parts, edge: &mut Option<Edge>) -> Result<(), Error> {
    let (committed, _) = parts.store.committed().await?;
    if !parts.store.leads().await? {
        // Another process on this database does it; who waits here is told of what it did.
        *edge = None;
        let head = parts.store.log_head().await?;
        parts.head.send_if_modified(|known| {
            let grown = *known != head;
            known.clone_from(&head);
            grown
        });
        return Ok(());
    }
    loop {
        let current = match edge.take() {
            Some(edge) => edge,
            None => open(parts).await?,
        };
        if current.size() >= committed {
            // Another sequencer on this database was faster; who waits here is told too.
            if parts.head.borrow().as_ref().is_none_or(|head| head.size < current.size()) {
                parts.head.send_replace(parts.store.log_head().await?);
            }
            *edge = Some(current);
            return Ok(());
        }
        *edge = step(parts, current).await?;
    }
}

/// The tree's edge as the store has it.
async fn open(parts: &Parts) -> Result<Edge, Error> {
    let size = parts.store.log_head().await?.map_or(0, |head| head.size);
    let mut tiles = BTreeMap::new();
    for level in 0..=u8::MAX {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        if hashes == 0 {
            break;
        }
        let index = hashes / u64::from(glassbreak_tlog::TILE_WIDTH);
        if tile::width_at(level, index, size).is_some() {
            let hashes = parts.store.tile(level, index).await?;
            tiles.insert((level, index), hashes.unwrap_or_default());
        }
    }
    Edge::open(size, &tiles).map_err(|error| Error::Log(error.to_string()))
}

/// One step forward. `None` if another sequencer was faster: look at the tree anew.
async fn step(parts: &Parts, mut edge: Edge) -> Result<Option<Edge>, Error> {
    let from = edge.size();
    let entries = parts.store.entries(from, STEP_MAX).await?;
    for entry in &entries {
        if entry.index != edge.size() {
            return Err(Error::Log(format!("entry {} is missing", edge.size())));
        }
        edge.append(leaf_hash(&entry.bytes));
    }
    let head = sign(parts, edge.size(), edge.root()).await?;
    let tiles = edge.drain_dirty().into_iter();
    let tiles = tiles
        .map(|tile| TileRow { level: tile.level, index: tile.index, hashes: tile.bytes })
        .collect();
    if !parts.store.integrate(Integration { from, head: head.clone(), tiles }).await? {
        return Ok(None);
    }
    parts.head.send_replace(Some(head));
    Ok(Some(edge))
}

/// A checkpoint signed by the newest generations of the key, so that an auditor's copy of an older
/// verifier key keeps working after a rotation.
async fn sign(parts: &Parts, size: u64, root: glassbreak_tlog::Hash) -> Result<LogHead, Error> {
    let world = parts.store.load(&SnapshotQuery::default()).await?;
    let keys = signers(&parts.keys, &world)?;
    let origin = keys.first().map(|key| key.verifier_key().name()).unwrap_or_default();
    let broken = |error: &dyn std::fmt::Display| Error::Log(error.to_string());
    let checkpoint = Checkpoint::new(origin, size, root).map_err(|error| broken(&error))?;
    let keys: Vec<_> = keys.iter().map(AsRef::as_ref).collect();
    let note = checkpoint.sign(&keys).map_err(|error| broken(&error))?;
    Ok(LogHead { size, checkpoint: note.to_string() })
}
