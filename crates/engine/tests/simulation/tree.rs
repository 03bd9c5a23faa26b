//! The log's tree: every move of it went on from the one before, and every checkpoint that was ever
//! signed is of a prefix of the log (RFC 6962, section 2.1, computed here once more).

use glassbreak_engine::store::LogEntry;
use glassbreak_engine::tlog::{Checkpoint, Hash, Note, SignedCheckpoint, leaf_hash, node_hash};

use super::nodes::Nodes;

/// Checks every move.
pub(crate) async fn check(nodes: &Nodes, log: &[LogEntry]) -> Result<(), String> {
    let mut peaks: Vec<(u32, Hash)> = Vec::new();
    let mut size = 0_u64;
    for step in nodes.weather.steps() {
        if step.from != size || step.head.size <= size {
            return Err(format!(
                "two sequencers: from {} to {}, at {size}",
                step.from, step.head.size
            ));
        }
        while size < step.head.size {
            let entry = usize::try_from(size).ok().and_then(|place| log.get(place));
            let entry = entry.ok_or("the tree is longer than the log")?;
            append(&mut peaks, leaf_hash(&entry.bytes));
            size += 1;
        }
        let note =
            Note::parse(step.head.checkpoint.as_bytes()).map_err(|error| error.to_string())?;
        let signed = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
        if signed.size() != size || Some(signed.root()) != root(&peaks) {
            return Err(format!("the checkpoint of size {size} is not of the log"));
        }
    }
    let head = nodes.weather.steps().pop().ok_or("the log has no checkpoint")?.head;
    let engines = nodes.all_live().await;
    let engine = engines.first().ok_or("no node is there")?;
    let keys = engine.verifier_keys().await.map_err(|error| error.to_string())?;
    SignedCheckpoint::open(head.checkpoint.as_bytes(), &keys).map_err(|error| error.to_string())?;
    Ok(())
}

/// One more leaf: two trees of one height become one.
fn append(peaks: &mut Vec<(u32, Hash)>, leaf: Hash) {
    let (mut height, mut hash) = (0, leaf);
    while let Some((of, left)) = peaks.pop() {
        if of != height {
            peaks.push((of, left));
            break;
        }
        (height, hash) = (height + 1, node_hash(&left, &hash));
    }
    peaks.push((height, hash));
}

fn root(peaks: &[(u32, Hash)]) -> Option<Hash> {
    let hashes = peaks.iter().rev().map(|(_, hash)| *hash);
    hashes.reduce(|right, left| node_hash(&left, &right))
}
