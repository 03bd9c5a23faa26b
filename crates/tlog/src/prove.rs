//! Making proofs from tiles: inclusion and consistency as RFC 9162 section 2.1 defines them.

use std::ops::Range;

use thiserror::Error;

use crate::hash::{EMPTY_ROOT, HASH_LEN, Hash, node_hash, perfect_root};
use crate::tile::{TILE_WIDTH, TileId, TileReader};

/// Why a proof could not be made.
#[derive(Debug, Error)]
pub enum ReadError<E: std::error::Error + 'static> {
    /// The reader failed.
    #[error("`{tile}` could not be read")]
    Read {
        /// The tile asked for.
        tile: TileId,
        /// What the reader said.
        #[source]
        source: E,
    },
    /// The reader has no such tile.
    #[error("`{tile}` is missing")]
    Missing {
        /// The tile asked for.
        tile: TileId,
    },
    /// The reader's tile has fewer hashes than the tree needs.
    #[error("`{tile}` has only {bytes} bytes")]
    Short {
        /// The tile asked for.
        tile: TileId,
        /// What it had.
        bytes: usize,
    },
    /// No such leaf, or no such older tree.
    #[error("{asked} is outside of a tree of {size} leaves")]
    Outside {
        /// The index or older size asked for.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
}

/// The proof that the leaf `index` is in the tree of `size` leaves, leaf's sibling first.
pub fn inclusion<R: TileReader>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<Vec<Hash>, ReadError<R::Error>> {
    if index >= size {
        return Err(ReadError::Outside { asked: index, size });
    }
    Prover::new(size, reader).hashes(inclusion_ranges(index, size))
}

/// The proof that the tree of `size` leaves continues the tree of `old_size` leaves.
pub fn consistency<R: TileReader>(
    old_size: u64,
    size: u64,
    reader: &R,
) -> Result<Vec<Hash>, ReadError<R::Error>> {
    if old_size > size {
        return Err(ReadError::Outside { asked: old_size, size });
    }
    Prover::new(size, reader).hashes(consistency_ranges(old_size, size))
}

/// The root of the tree of `size` leaves.
pub fn root<R: TileReader>(size: u64, reader: &R) -> Result<Hash, ReadError<R::Error>> {
    if size == 0 {
        return Ok(EMPTY_ROOT);
    }
    Prover::new(size, reader).range_root(0..size)
}

/// The tiles that [`inclusion`] will read, for a store that fetches them in one query.
pub fn inclusion_tiles(index: u64, size: u64) -> Vec<TileId> {
    if index < size { tiles_under(inclusion_ranges(index, size), size) } else { Vec::new() }
}

/// The tiles that [`root`] will read.
pub fn root_tiles(size: u64) -> Vec<TileId> {
    let whole = 0..size;
    tiles_under([whole].into(), size)
}

/// The tiles that [`consistency`] will read.
pub fn consistency_tiles(old_size: u64, size: u64) -> Vec<TileId> {
    if old_size <= size {
        tiles_under(consistency_ranges(old_size, size), size)
    } else {
        Vec::new()
    }
}

/// The hashes of a tile, as many as its width says.
pub(crate) fn read_hashes<R: TileReader>(
    reader: &R,
    tile: TileId,
) -> Result<Vec<Hash>, ReadError<R::Error>> {
    let bytes = reader
        .read_tile(tile)
        .map_err(|source| ReadError::Read { tile, source })?
        .ok_or(ReadError::Missing { tile })?;
    let wanted = usize::from(tile.width());
    let hashes: Vec<Hash> =
        bytes.as_chunks::<HASH_LEN>().0.iter().take(wanted).map(|hash| Hash(*hash)).collect();
    if hashes.len() < wanted {
        return Err(ReadError::Short { tile, bytes: bytes.len() });
    }
    Ok(hashes)
}

/// Reads each tile once per proof.
struct Prover<'a, R> {
    size: u64,
    reader: &'a R,
    tiles: Vec<(TileId, Vec<Hash>)>,
}

impl<'a, R: TileReader> Prover<'a, R> {
    fn new(size: u64, reader: &'a R) -> Self {
        Self { size, reader, tiles: Vec::new() }
    }

    fn hashes(&mut self, ranges: Vec<Range<u64>>) -> Result<Vec<Hash>, ReadError<R::Error>> {
        ranges.into_iter().map(|range| self.range_root(range)).collect()
    }

    fn range_root(&mut self, range: Range<u64>) -> Result<Hash, ReadError<R::Error>> {
        let mut root = None;
        for part in perfect_parts(range).into_iter().rev() {
            let left = self.perfect(part)?;
            root = Some(root.map_or(left, |right| node_hash(&left, &right)));
        }
        Ok(root.unwrap_or(EMPTY_ROOT))
    }

    fn perfect(&mut self, part: Perfect) -> Result<Hash, ReadError<R::Error>> {
        let Some((tile, hashes)) = part.in_tile(self.size) else {
            return Err(ReadError::Outside { asked: part.first, size: self.size });
        };
        if !self.tiles.iter().any(|(known, _)| *known == tile) {
            self.tiles.push((tile, read_hashes(self.reader, tile)?));
        }
        let row = self.tiles.iter().find(|(known, _)| *known == tile);
        let row = row.and_then(|(_, row)| row.get(hashes)).unwrap_or_default();
        Ok(perfect_root(row))
    }
}

/// A perfect subtree: `2^height` leaves from `first` on.
#[derive(Clone, Copy)]
struct Perfect {
    first: u64,
    height: u32,
}

impl Perfect {
    /// The tile that holds its hash, or the hashes it is made of, and where in the tile.
    fn in_tile(self, size: u64) -> Option<(TileId, Range<usize>)> {
        let level = self.height / 8;
        let position = self.first >> (8 * level);
        let width = u64::from(TILE_WIDTH);
        let tile = TileId::at_size(u8::try_from(level).ok()?, position / width, size)?;
        let start = usize::try_from(position % width).ok()?;
        Some((tile, start..start + (1 << (self.height % 8))))
    }
}

/// A range of leaves that is a node of the tree, cut into perfect subtrees from left to right.
fn perfect_parts(range: Range<u64>) -> Vec<Perfect> {
    let mut parts = Vec::new();
    let (mut first, mut left) = (range.start, range.end - range.start);
    while let Some(height) = left.checked_ilog2() {
        parts.push(Perfect { first, height });
        first += 1 << height;
        left -= 1 << height;
    }
    parts
}

fn tiles_under(ranges: Vec<Range<u64>>, size: u64) -> Vec<TileId> {
    let parts = ranges.into_iter().flat_map(perfect_parts);
    let mut tiles: Vec<TileId> =
        parts.filter_map(|part| part.in_tile(size)).map(|(tile, _)| tile).collect();
    tiles.sort_unstable();
    tiles.dedup();
    tiles
}

/// RFC 9162 section 2.1.3.1, walked from the root down and turned round.
fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// RFC 9162 section 2.1.4.1, walked from the root down and turned round.
fn consistency_ranges(old_size: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if old_size == 0 {
        return ranges;
    }
    let (mut start, mut end) = (0, size);
    while old_size != end {
        let middle = start + split(end - start);
        if old_size <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(start..middle);
            start = middle;
        }
    }
    if start > 0 {
        ranges.push(start..end);
    }
    ranges.reverse();
    ranges
}

/// The largest power of two below `leaves` (TL-01), for two leaves or more.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).checked_ilog2().unwrap_or(0)
}
