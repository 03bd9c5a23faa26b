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
    let mut tip = None;
    loop {
        // Asked before it looks: what was committed while it looked is still to be taken in.
        let is_last = *stopped.borrow();
        if let Err(error) = catch_up(&parts, &mut tip).await {
            // The tree is as it was; look at it anew next time.
            tip = None;
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

/// The tree's edge, and the database that it was read from.
pub(crate) struct Tip {
    edge: Edge,
    succession: u64,
}

/// Moves the tree up to the last commit. After a failover what was seen of the old database says
/// nothing of the new one, in which the same places may hold other entries: it is left for the next
/// time.
pub(crate) async fn catch_up(parts: &Parts, tip: &mut Option<Tip>) -> Result<(), Error> {
    let succession = parts.store.succession();
    let mut known = tip.take().filter(|tip| tip.succession == succession).map(|tip| tip.edge);
    let (committed, _) = parts.store.committed().await?;
    if !parts.store.leads().await? {
        // Another process on this database does it.
        return follow(parts).await;
    }
    while parts.store.succession() == succession {
        let current = match known.take() {
            Some(edge) => edge,
            None => open(parts).await?,
        };
        if current.size() >= committed {
            // Another sequencer on this database was faster.
            if parts.head.borrow().as_ref().is_none_or(|head| head.size < current.size()) {
                follow(parts).await?;
            }
            *tip = Some(Tip { edge: current, succession });
            return Ok(());
        }
        known = step(parts, current, succession).await?;
    }
    Ok(())
}

/// Tells who waits here of what another process did.
async fn follow(parts: &Parts) -> Result<(), Error> {
    let seen = parts.store.log_head().await?;
    if *parts.head.borrow() == seen {
        return Ok(());
    }
    let head = settled_head(parts).await?;
    parts.head.send_if_modified(|known| {
        let grown = *known != head;
        known.clone_from(&head);
        grown
    });
    Ok(())
}

/// The log's head, once it cannot be lost any more: only then is it for anybody outside. A
/// checkpoint that was told and taken back would be proof of a fork.
pub(crate) async fn settled_head(parts: &Parts) -> Result<Option<LogHead>, Error> {
    loop {
        let succession = parts.store.succession();
        let head = parts.store.log_head().await?;
        parts.store.settled().await?;
        if parts.store.succession() == succession {
            return Ok(head);
        }
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

/// One step forward, in the database of that number. `None` if another sequencer was faster, or it
/// is another database by now: look at the tree anew.
async fn step(parts: &Parts, mut edge: Edge, succession: u64) -> Result<Option<Edge>, Error> {
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
    let integration = Integration { from, head: head.clone(), tiles };
    // It is of the database that the store speaks to now; that one was read, if it still is now.
    let moving = parts.store.integrate(integration);
    if parts.store.succession() != succession || !moving.await? {
        return Ok(None);
    }
    parts.meter.checkpoints.add_one();
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
