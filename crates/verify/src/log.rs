//! The whole of a log, from its entries up to its signature.

use std::collections::{BTreeMap, HashSet};

use glassbreak_tlog::bundle;
use glassbreak_tlog::tile::bundles_at;
use glassbreak_tlog::{
    BundleId, Checkpoint, DirtyTile, Edge, Hash, SignedCheckpoint, TileId, VerifierKey, leaf_hash,
};

use crate::entry::{EntryHeader, EntryId};
use crate::error::VerifyError;
use crate::source::LogSource;

const HASH_LEN: usize = glassbreak_tlog::hash::HASH_LEN;

/// What a good log holds.
#[derive(Clone, Debug)]
pub struct LogReport {
    /// The log's signed head. Keep it: next time it is what is known.
    pub checkpoint: SignedCheckpoint,
    /// How many entries there are of each type.
    pub counts: BTreeMap<String, u64>,
    /// The smallest `at` of all entries.
    pub earliest_at: Option<i64>,
    /// The largest `at` of all entries.
    pub latest_at: Option<i64>,
}

impl LogReport {
    /// The log's identity.
    pub fn origin(&self) -> &str {
        self.checkpoint.checkpoint().origin()
    }

    /// Entries in the log.
    pub fn size(&self) -> u64 {
        self.checkpoint.checkpoint().size()
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.checkpoint.checkpoint().root()
    }
}

/// Verifies a log: its checkpoint is signed by the log; every entry has the form of an entry and an
/// id of its own; the leaf tiles follow from the entries, the higher tiles from the lower, and the
/// signed root from all of them; and the log continues the `known` checkpoint if there is one.
///
/// It reads each file once, in order, and keeps the edge of the tree and the ids in memory.
/// `progress` is told the entries done and to do.
pub fn verify_log(
    source: &dyn LogSource,
    keys: &[VerifierKey],
    known: Option<&Checkpoint>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<LogReport, VerifyError> {
    let note = read(source, "checkpoint")?.ok_or_else(|| missing("checkpoint"))?;
    let checkpoint = SignedCheckpoint::open(&note, keys).map_err(VerifyError::Checkpoint)?;
    verify_under(checkpoint, source, known, progress)
}

/// Verifies what lies under a checkpoint that has been opened.
pub(crate) fn verify_under(
    checkpoint: SignedCheckpoint,
    source: &dyn LogSource,
    known: Option<&Checkpoint>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<LogReport, VerifyError> {
    let head = checkpoint.checkpoint();
    if let Some(known) = known {
        check_not_behind(known, head)?;
    }
    let mut audit = Audit::new(source, known, head.size());
    audit.check_fork()?;
    for bundle in bundles_at(head.size()) {
        audit.bundle(bundle)?;
        progress(audit.edge.size(), head.size());
    }
    audit.growing_tiles()?;
    let found = audit.edge.root();
    if found != head.root() {
        let (size, signed) = (head.size(), head.root());
        return Err(VerifyError::Root { size, found, signed });
    }
    let Audit { counts, earliest_at, latest_at, .. } = audit;
    Ok(LogReport { checkpoint, counts, earliest_at, latest_at })
}

fn check_not_behind(known: &Checkpoint, head: &Checkpoint) -> Result<(), VerifyError> {
    if known.origin() != head.origin() {
        let (known, found) = (known.origin().to_owned(), head.origin().to_owned());
        return Err(VerifyError::Origin { known, found });
    }
    if known.size() > head.size() {
        return Err(VerifyError::RolledBack { known: known.size(), found: head.size() });
    }
    if known.size() == head.size() && known.root() != head.root() {
        let (size, known, found) = (known.size(), known.root(), head.root());
        return Err(VerifyError::Forked { size, known, found });
    }
    Ok(())
}

/// A pass over the entries.
struct Audit<'a> {
    source: &'a dyn LogSource,
    known: Option<&'a Checkpoint>,
    size: u64,
    edge: Edge,
    /// By level, the tile above the leaves that is still growing.
    growing: BTreeMap<u8, DirtyTile>,
    ids: HashSet<EntryId>,
    counts: BTreeMap<String, u64>,
    earliest_at: Option<i64>,
    latest_at: Option<i64>,
}

impl<'a> Audit<'a> {
    fn new(source: &'a dyn LogSource, known: Option<&'a Checkpoint>, size: u64) -> Self {
        Self {
            source,
            known,
            size,
            edge: Edge::empty(),
            growing: BTreeMap::new(),
            ids: HashSet::new(),
            counts: BTreeMap::new(),
            earliest_at: None,
            latest_at: None,
        }
    }

    fn bundle(&mut self, id: BundleId) -> Result<(), VerifyError> {
        let (bytes, file) = self.read_row(&id.to_string(), &id.full().to_string())?;
        let entries = bundle::parse(&bytes)
            .map_err(|source| VerifyError::Bundle { path: file.path.clone(), source })?;
        let wanted = if file.is_full { id.full().width() } else { id.width() };
        if entries.len() != usize::from(wanted) {
            let (path, entries) = (file.path, entries.len());
            return Err(VerifyError::BundleWidth { path, entries, wanted });
        }
        let leaves = self.tile(id.leaf_tile())?;
        let first = self.edge.size();
        for ((entry, leaf), index) in entries.iter().zip(&leaves).zip(first..) {
            let hash = leaf_hash(entry);
            if hash != *leaf {
                let (bundle, tile) = (file.path, id.leaf_tile().to_string());
                return Err(VerifyError::EntryHash { index, bundle, tile });
            }
            self.edge.append(hash);
            self.check_fork()?;
        }
        for (entry, index) in entries.iter().zip(first..self.edge.size()) {
            self.entry(entry, index)?;
        }
        self.finished_tiles()
    }

    fn entry(&mut self, entry: &[u8], index: u64) -> Result<(), VerifyError> {
        let header =
            EntryHeader::parse(entry).map_err(|source| VerifyError::Entry { index, source })?;
        if !self.ids.insert(header.id) {
            return Err(VerifyError::DuplicateId { index, id: header.id });
        }
        match self.counts.get_mut(header.kind) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(header.kind.to_owned(), 1);
            }
        }
        let at = header.at;
        self.earliest_at = Some(self.earliest_at.map_or(at, |earliest| earliest.min(at)));
        self.latest_at = Some(self.latest_at.map_or(at, |latest| latest.max(at)));
        Ok(())
    }

    /// At the size of the known checkpoint, the tree must be the known one. This is the consistency
    /// proof's question, asked of the entries themselves.
    fn check_fork(&self) -> Result<(), VerifyError> {
        let Some(known) = self.known.filter(|known| known.size() == self.edge.size()) else {
            return Ok(());
        };
        let found = self.edge.root();
        if found == known.root() {
            return Ok(());
        }
        Err(VerifyError::Forked { size: known.size(), known: known.root(), found })
    }

    /// Compares the tiles above the leaves that have become full; the leaf tiles were compared
    /// entry by entry.
    fn finished_tiles(&mut self) -> Result<(), VerifyError> {
        for dirty in self.edge.drain_dirty() {
            if dirty.level == 0 {
                continue;
            }
            if dirty.bytes.len() == HASH_LEN * usize::from(glassbreak_tlog::TILE_WIDTH) {
                self.compare(&dirty)?;
                self.growing.remove(&dirty.level);
            } else {
                self.growing.insert(dirty.level, dirty);
            }
        }
        Ok(())
    }

    /// Compares the tiles above the leaves that the log ends in.
    fn growing_tiles(&mut self) -> Result<(), VerifyError> {
        let growing = std::mem::take(&mut self.growing);
        growing.values().try_for_each(|tile| self.compare(tile))
    }

    fn compare(&self, expected: &DirtyTile) -> Result<(), VerifyError> {
        let Some(tile) = TileId::at_size(expected.level, expected.index, self.size) else {
            return Ok(());
        };
        let found = self.tile(tile)?;
        let mut pairs = expected.bytes.as_chunks::<HASH_LEN>().0.iter().zip(&found);
        match pairs.position(|(expected, found)| expected != found.as_bytes()) {
            Some(hash) => Err(VerifyError::TileHash { path: tile.to_string(), hash }),
            None => Ok(()),
        }
    }

    /// The hashes of a tile, exactly as many as its width.
    fn tile(&self, id: TileId) -> Result<Vec<Hash>, VerifyError> {
        let (bytes, file) = self.read_row(&id.to_string(), &id.full().to_string())?;
        let width = if file.is_full { id.full().width() } else { id.width() };
        let wanted = HASH_LEN * usize::from(width);
        if bytes.len() != wanted {
            return Err(VerifyError::TileLength { path: file.path, bytes: bytes.len(), wanted });
        }
        let hashes = bytes.as_chunks().0.iter().map(|hash| Hash(*hash));
        Ok(hashes.take(usize::from(id.width())).collect())
    }

    /// A tile or bundle. A partial one may be gone once the full one exists (TL-06), which happens
    /// when the log grows while it is read; the full one then begins with the same content.
    fn read_row(&self, path: &str, full: &str) -> Result<(Vec<u8>, File), VerifyError> {
        if let Some(bytes) = read(self.source, path)? {
            return Ok((bytes, File { path: path.to_owned(), is_full: false }));
        }
        match read(self.source, full)? {
            Some(bytes) => Ok((bytes, File { path: full.to_owned(), is_full: true })),
            None => Err(missing(path)),
        }
    }
}

/// The file that a row was read from.
struct File {
    path: String,
    /// The full one was read in place of the partial one.
    is_full: bool,
}

fn read(source: &dyn LogSource, path: &str) -> Result<Option<Vec<u8>>, VerifyError> {
    source.read(path).map_err(|source| VerifyError::Source { path: path.to_owned(), source })
}

fn missing(path: &str) -> VerifyError {
    VerifyError::Missing { path: path.to_owned() }
}

#[cfg(test)]
mod tests;
