//! The right edge of the tree: all that a log must hold in memory to grow.

use thiserror::Error;

use crate::hash::{EMPTY_ROOT, HASH_LEN, Hash, node_hash, perfect_root};
use crate::prove::{ReadError, read_hashes};
use crate::tile::{TILE_WIDTH, TileId, TileReader, width_at};

/// The largest tree that an edge is opened for. Nothing real comes near; it keeps the counter from
/// overflowing.
pub const SIZE_MAX: u64 = 1 << 62;

/// The tiles that are still growing, one per level, and those finished since the last drain.
///
/// ```
/// use glassbreak_tlog::{Edge, leaf_hash};
///
/// let mut edge = Edge::empty();
/// edge.append(leaf_hash(b"first"));
/// assert_eq!((edge.size(), edge.root()), (1, leaf_hash(b"first")));
/// let dirty = edge.drain_dirty();
/// assert_eq!((dirty[0].level, dirty[0].index, dirty[0].bytes.len()), (0, 0, 32));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Edge {
    size: u64,
    /// Level by level, the hashes of the one tile that is not full. Never 256 long.
    rows: Vec<Row>,
    finished: Vec<DirtyTile>,
}

#[derive(Clone, Debug, Default)]
struct Row {
    hashes: Vec<Hash>,
    dirty: bool,
}

/// A tile that changed, with all the hashes it has now. As long as the tile grows, each such row
/// begins with the one before it, so a store may overwrite one row per tile and serve any partial
/// width (TL-06) by cutting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirtyTile {
    /// Level of the tile, 0 for leaf hashes.
    pub level: u8,
    /// Place of the tile in its level.
    pub index: u64,
    /// Its hashes so far, 32 bytes each.
    pub bytes: Vec<u8>,
}

/// Why an edge could not be opened.
#[derive(Debug, Error)]
pub enum EdgeError<E: std::error::Error + 'static> {
    /// A tile of the edge cannot be had.
    #[error(transparent)]
    Read(#[from] ReadError<E>),
    /// The size is beyond [`SIZE_MAX`].
    #[error("a tree of {size} leaves is larger than this log can hold")]
    TooLarge {
        /// The size asked for.
        size: u64,
    },
}

impl Edge {
    /// The edge of a tree without leaves.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The edge of a tree of `size` leaves, from the partial tile of each level. Compare
    /// [`Edge::root`] with the last signed checkpoint before you append.
    pub fn open<R: TileReader>(size: u64, reader: &R) -> Result<Self, EdgeError<R::Error>> {
        if size > SIZE_MAX {
            return Err(EdgeError::TooLarge { size });
        }
        let mut rows = Vec::new();
        for level in 0_u8.. {
            let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
            if hashes == 0 {
                break;
            }
            let index = hashes / u64::from(TILE_WIDTH);
            let hashes = match width_at(level, index, size) {
                Some(width) => match TileId::new(level, index, width) {
                    Some(tile) => read_hashes(reader, tile)?,
                    None => Vec::new(),
                },
                None => Vec::new(),
            };
            rows.push(Row { hashes, dirty: false });
        }
        Ok(Self { size, rows, finished: Vec::new() })
    }

    /// Adds a leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0_u8.. {
            let place = usize::from(level);
            if self.rows.len() == place {
                self.rows.push(Row::default());
            }
            let Some(row) = self.rows.get_mut(place) else { return };
            row.hashes.push(hash);
            row.dirty = true;
            if row.hashes.len() < usize::from(TILE_WIDTH) {
                return;
            }
            hash = perfect_root(&row.hashes);
            let index = (self.size >> (8 * (u32::from(level) + 1))) - 1;
            self.finished.push(DirtyTile { level, index, bytes: row_bytes(&row.hashes) });
            *row = Row::default();
        }
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut root = None;
        for row in &self.rows {
            // From the right: every set bit of the width is one perfect tree, the smallest last.
            let mut width = row.hashes.len();
            while width > 0 {
                let rest = width & (width - 1);
                let left = perfect_root(row.hashes.get(rest..width).unwrap_or_default());
                root = Some(root.map_or(left, |right| node_hash(&left, &right)));
                width = rest;
            }
        }
        root.unwrap_or(EMPTY_ROOT)
    }

    /// The tiles that changed since the last call: first the finished ones in the order in which
    /// they were finished, then the growing one of each level.
    pub fn drain_dirty(&mut self) -> Vec<DirtyTile> {
        let mut dirty = std::mem::take(&mut self.finished);
        for (row, level) in self.rows.iter_mut().zip(0_u8..) {
            if std::mem::take(&mut row.dirty) {
                let index = self.size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
                dirty.push(DirtyTile { level, index, bytes: row_bytes(&row.hashes) });
            }
        }
        dirty
    }
}

fn row_bytes(hashes: &[Hash]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hashes.len() * HASH_LEN);
    for hash in hashes {
        bytes.extend_from_slice(hash.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::hash::leaf_hash;

    type Tiles = BTreeMap<(u8, u64), Vec<u8>>;

    fn leaf(index: u64) -> Hash {
        leaf_hash(&index.to_be_bytes())
    }

    fn store(tiles: &mut Tiles, edge: &mut Edge) {
        for tile in edge.drain_dirty() {
            let row = tiles.entry((tile.level, tile.index)).or_default();
            assert!(tile.bytes.starts_with(row), "a tile grows at its end only");
            *row = tile.bytes;
        }
    }

    #[test]
    fn drained_tiles_are_those_that_exist_at_the_size() {
        let (mut edge, mut tiles) = (Edge::empty(), Tiles::new());
        for index in 0..70_000 {
            edge.append(leaf(index));
            if index % 97 == 0 {
                store(&mut tiles, &mut edge);
            }
        }
        store(&mut tiles, &mut edge);
        assert_eq!(edge.drain_dirty(), []);
        let widths =
            |tile: TileId| ((tile.level(), tile.index()), usize::from(tile.width()) * HASH_LEN);
        assert_eq!(
            tiles.iter().map(|(id, row)| (*id, row.len())).collect::<Vec<_>>(),
            crate::tile::tiles_at(70_000).map(widths).collect::<Vec<_>>()
        );
    }

    #[test]
    fn an_opened_edge_goes_on_like_the_one_that_never_closed() {
        let (mut edge, mut tiles) = (Edge::empty(), Tiles::new());
        for index in 0..66_000 {
            edge.append(leaf(index));
            if [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537].contains(&edge.size()) {
                store(&mut tiles, &mut edge);
                let mut opened = Edge::open(edge.size(), &tiles).unwrap();
                assert_eq!(opened.root(), edge.root());
                let mut other = edge.clone();
                for more in 0..300 {
                    opened.append(leaf(more));
                    other.append(leaf(more));
                }
                assert_eq!(opened.root(), other.root());
                assert_eq!(opened.drain_dirty(), other.drain_dirty());
            }
        }
    }

    #[test]
    fn an_edge_is_not_opened_without_its_tiles() {
        assert!(matches!(
            Edge::open(1, &Tiles::new()),
            Err(EdgeError::Read(ReadError::Missing { .. }))
        ));
        let short = Tiles::from([((0, 0), vec![0; 63])]);
        assert!(matches!(
            Edge::open(2, &short),
            Err(EdgeError::Read(ReadError::Short { bytes: 63, .. }))
        ));
        assert!(matches!(Edge::open(u64::MAX, &Tiles::new()), Err(EdgeError::TooLarge { .. })));
        assert_eq!(Edge::open(0, &Tiles::new()).unwrap().root(), EMPTY_ROOT);
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_definition(size in 0_usize..1200) {
            let leaves: Vec<Hash> = (0..size as u64).map(leaf).collect();
            let mut edge = Edge::empty();
            for leaf in &leaves {
                edge.append(*leaf);
            }
            prop_assert_eq!(edge.root(), defined_root(&leaves));
        }
    }

    /// MTH as RFC 6962 section 2.1 writes it.
    fn defined_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&defined_root(left), &defined_root(right))
            }
        }
    }
}
