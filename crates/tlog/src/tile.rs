//! Which tiles a log has and where they live (tlog-tiles, TL-03 to TL-07).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

/// Hashes in a full tile, entries in a full bundle (TL-04).
pub const TILE_WIDTH: u16 = 256;

/// Levels of tiles that a tree of at most 2^64 leaves can have.
pub const LEVELS: u8 = 8;

const LEVEL_MAX: u8 = 63;

/// One tile of hashes at one width: `tile/<L>/<N>` when full, `tile/<L>/<N>.p/<W>` when partial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    level: u8,
    index: u64,
    width: u16,
}

impl TileId {
    /// A tile of level 0 to 63 and width 1 to 256.
    pub const fn new(level: u8, index: u64, width: u16) -> Option<Self> {
        if level > LEVEL_MAX || width == 0 || width > TILE_WIDTH {
            return None;
        }
        Some(Self { level, index, width })
    }

    /// The tile at `level` and `index` as wide as a tree of `size` leaves makes it, if it has one.
    pub fn at_size(level: u8, index: u64, size: u64) -> Option<Self> {
        Self::new(level, index, width_at(level, index, size)?)
    }

    /// 0 for the tiles of leaf hashes.
    pub const fn level(self) -> u8 {
        self.level
    }

    /// Place among the tiles of the level, from 0.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// Hashes in the tile, 1 to 256.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// The same tile when it is full.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, NumberedPath(self.index, self.width))
    }
}

/// One bundle of entries: `tile/entries/<N>` or `tile/entries/<N>.p/<W>` (TL-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId {
    index: u64,
    width: u16,
}

impl BundleId {
    /// A bundle of width 1 to 256.
    pub const fn new(index: u64, width: u16) -> Option<Self> {
        if width == 0 || width > TILE_WIDTH {
            return None;
        }
        Some(Self { index, width })
    }

    /// Place among the bundles, from 0. Its first entry has the index `256 * index` in the log.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// Entries in the bundle, 1 to 256.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// The same bundle when it is full.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// The tile that holds the leaf hashes of this bundle.
    pub const fn leaf_tile(self) -> TileId {
        TileId { level: 0, index: self.index, width: self.width }
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/entries/{}", NumberedPath(self.index, self.width))
    }
}

/// What a path below the log's prefix names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogPath {
    /// `checkpoint` (TL-02).
    Checkpoint,
    /// `tile/<L>/<N>[.p/<W>]` (TL-03).
    Tile(TileId),
    /// `tile/entries/<N>[.p/<W>]` (TL-07).
    Bundle(BundleId),
}

impl LogPath {
    /// Reads a path in its one spelling (TL-03): no leading slash, no leading zeroes, `x` on every
    /// group of three digits but the last. Answers `None` for anything else.
    pub fn parse(path: &str) -> Option<Self> {
        if path == "checkpoint" {
            return Some(Self::Checkpoint);
        }
        let (level, number) = path.strip_prefix("tile/")?.split_once('/')?;
        let (index, width) = match number.split_once(".p/") {
            Some((index, width)) => {
                let width = parse_decimal(width).filter(|width| *width < u64::from(TILE_WIDTH))?;
                (index, u16::try_from(width).ok()?)
            }
            None => (number, TILE_WIDTH),
        };
        let index = parse_index(index)?;
        if level == "entries" {
            return BundleId::new(index, width).map(Self::Bundle);
        }
        let level = u8::try_from(parse_decimal(level)?).ok()?;
        TileId::new(level, index, width).map(Self::Tile)
    }
}

impl fmt::Display for LogPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Tile(tile) => tile.fmt(f),
            Self::Bundle(bundle) => bundle.fmt(f),
        }
    }
}

/// Where tiles come from.
pub trait TileReader {
    /// What may go wrong below.
    type Error: std::error::Error + 'static;

    /// The bytes of a tile, or `None` if there is none. They must start with the hashes that the
    /// width asks for and may go on: a partial tile is a prefix of the full one, so a store that
    /// keeps one growing row per tile hands out the row as it is.
    fn read_tile(&self, tile: TileId) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// Tiles in memory, by level and index, each as wide as it has grown.
impl TileReader for BTreeMap<(u8, u64), Vec<u8>> {
    type Error = Infallible;

    fn read_tile(&self, tile: TileId) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.get(&(tile.level, tile.index)).cloned())
    }
}

/// How wide the tile at `level` and `index` is in a tree of `size` leaves; `None` if it is empty,
/// because empty tiles do not exist (TL-05).
pub fn width_at(level: u8, index: u64, size: u64) -> Option<u16> {
    let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let before = index.checked_mul(u64::from(TILE_WIDTH))?;
    let width = hashes.checked_sub(before)?.min(u64::from(TILE_WIDTH));
    u16::try_from(width).ok().filter(|width| *width > 0)
}

/// Every tile that a tree of `size` leaves needs, lowest level first (TL-05).
pub fn tiles_at(size: u64) -> impl Iterator<Item = TileId> {
    (0..LEVELS).flat_map(move |level| {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let tiles = hashes.div_ceil(u64::from(TILE_WIDTH));
        (0..tiles).filter_map(move |index| TileId::at_size(level, index, size))
    })
}

/// Every bundle that a log of `size` entries needs.
pub fn bundles_at(size: u64) -> impl Iterator<Item = BundleId> {
    (0..size.div_ceil(u64::from(TILE_WIDTH)))
        .filter_map(move |index| BundleId::new(index, width_at(0, index, size)?))
}

/// `<N>[.p/<W>]`.
struct NumberedPath(u64, u16);

impl fmt::Display for NumberedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(index, width) = *self;
        let mut unit = 1;
        while index / unit >= 1000 {
            unit *= 1000;
        }
        while unit > 1 {
            write!(f, "x{:03}/", index / unit % 1000)?;
            unit /= 1000;
        }
        write!(f, "{:03}", index % 1000)?;
        if width < TILE_WIDTH {
            write!(f, ".p/{width}")?;
        }
        Ok(())
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let (high, last) = match text.rsplit_once('/') {
        Some((high, last)) => (Some(high), last),
        None => (None, text),
    };
    let mut index: u64 = 0;
    for (place, group) in high.into_iter().flat_map(|high| high.split('/')).enumerate() {
        let group = parse_group(group.strip_prefix('x')?)?;
        if place == 0 && group == 0 {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(group)?;
    }
    index.checked_mul(1000)?.checked_add(parse_group(last)?)
}

fn parse_group(text: &str) -> Option<u64> {
    let three_digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    three_digits.then(|| text.parse().ok()).flatten()
}

/// A decimal number without leading zeroes, as checkpoints, paths and proofs write it.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tile(level: u8, index: u64, width: u16) -> TileId {
        TileId::new(level, index, width).unwrap()
    }

    #[test]
    fn tl_03_paths_are_written_as_the_standard_writes_them() {
        for (index, path) in [
            (0, "tile/0/000"),
            (273, "tile/0/273"),
            (999, "tile/0/999"),
            (1000, "tile/0/x001/000"),
            (1_234_067, "tile/0/x001/x234/067"),
            (u64::MAX, "tile/0/x018/x446/x744/x073/x709/x551/615"),
        ] {
            assert_eq!(tile(0, index, 256).to_string(), path);
            assert_eq!(LogPath::parse(path), Some(LogPath::Tile(tile(0, index, 256))));
        }
        assert_eq!(tile(63, 1000, 7).to_string(), "tile/63/x001/000.p/7");
        assert_eq!(BundleId::new(1, 256).unwrap().to_string(), "tile/entries/001");
        assert_eq!(BundleId::new(0, 8).unwrap().to_string(), "tile/entries/000.p/8");
    }

    #[test]
    fn tl_03_other_spellings_are_refused() {
        for path in [
            "",
            "/checkpoint",
            "checkpoint/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001",
            "tile/0/x001/x000",
            "tile/0/X001/000",
            "tile/0/x01/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/08",
            "tile/0/000.p/",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/000/",
            "tile//000",
            "tile/entries/0",
            "tile/entries/000.p/256",
            "tile/Entries/000",
            "tile/0/../000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(LogPath::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn tl_05_partial_widths_follow_the_size() {
        let of = |size: u64| {
            let mut seen: BTreeMap<u8, (u64, Option<u16>)> = BTreeMap::new();
            for tile in tiles_at(size) {
                let row = seen.entry(tile.level()).or_default();
                if tile.width() == TILE_WIDTH { row.0 += 1 } else { row.1 = Some(tile.width()) }
            }
            seen.into_values().collect::<Vec<_>>()
        };
        assert_eq!(of(0), []);
        assert_eq!(of(255), [(0, Some(255))]);
        assert_eq!(of(256), [(1, None), (0, Some(1))]);
        assert_eq!(of(70_000), [(273, Some(112)), (1, Some(17)), (0, Some(1))]);
        assert_eq!(bundles_at(70_000).count(), 274);
        assert_eq!(bundles_at(70_000).last(), BundleId::new(273, 112));
        assert_eq!(width_at(200, 0, u64::MAX), None);
        assert_eq!(width_at(0, u64::MAX, u64::MAX), None);
        assert_eq!(width_at(7, 0, u64::MAX), Some(255));
    }

    proptest! {
        #[test]
        fn a_path_reads_back(level in 0_u8..64, index: u64, width in 1_u16..=256) {
            let tile = tile(level, index, width);
            prop_assert_eq!(LogPath::parse(&tile.to_string()), Some(LogPath::Tile(tile)));
            let bundle = BundleId::new(index, width).unwrap();
            prop_assert_eq!(LogPath::parse(&bundle.to_string()), Some(LogPath::Bundle(bundle)));
        }

        #[test]
        fn what_parses_has_one_spelling(path in "(tile/)?[0-9a-z]{0,7}/[x0-9/.p]{0,16}") {
            if let Some(parsed) = LogPath::parse(&path) {
                prop_assert_eq!(parsed.to_string(), path);
            }
        }
    }
}
