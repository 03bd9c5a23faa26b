//! Logs in memory for the tests: realistic entries, the tile layout, a fixed key. Everything in it
//! follows from its arguments, so vectors made from it are always the same.

use std::collections::BTreeMap;

use glassbreak_tlog::tile::bundles_at;
use glassbreak_tlog::{
    Checkpoint, Edge, Hash, SigningKey, TileId, TlogProof, VerifierKey, bundle, leaf_hash, prove,
    tile,
};

pub(crate) const ORIGIN: &str = "glassbreak.example/log";

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A log of some entries as a server would publish it.
pub(crate) struct Log {
    pub(crate) entries: Vec<String>,
    pub(crate) files: Files,
    pub(crate) checkpoint: Checkpoint,
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
}

impl Log {
    pub(crate) fn new(entries: Vec<String>) -> Self {
        let mut edge = Edge::empty();
        for entry in &entries {
            edge.append(leaf_hash(entry.as_bytes()));
        }
        let mut tiles = BTreeMap::new();
        for tile in edge.drain_dirty() {
            tiles.insert((tile.level, tile.index), tile.bytes);
        }
        let checkpoint = Checkpoint::new(ORIGIN, edge.size(), edge.root()).unwrap();
        let mut files = Files::new();
        for id in tile::tiles_at(edge.size()) {
            files.insert(id.to_string(), tiles[&(id.level(), id.index())].clone());
        }
        for id in bundles_at(edge.size()) {
            let first = usize::try_from(id.index()).unwrap() * 256;
            let entries = &entries[first..first + usize::from(id.width())];
            let bundle = bundle::encode(entries.iter().map(String::as_bytes)).unwrap();
            files.insert(id.to_string(), bundle);
        }
        let note = checkpoint.sign(&[&key()]).unwrap();
        files.insert("checkpoint".into(), note.to_string().into_bytes());
        Self { entries, files, checkpoint, tiles }
    }

    pub(crate) fn of_size(size: u64) -> Self {
        Self::new((0..size).map(entry).collect())
    }

    pub(crate) fn proof(&self, index: u64) -> TlogProof {
        let hashes = prove::inclusion(index, self.checkpoint.size(), &self.tiles).unwrap();
        TlogProof::new(index, hashes, self.checkpoint.sign(&[&key()]).unwrap())
    }

    /// The path of a tile or bundle that this log has.
    pub(crate) fn path(&self, start: &str) -> String {
        self.files.keys().find(|path| path.starts_with(start)).unwrap().clone()
    }
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[0x67; 32]).unwrap()
}

pub(crate) fn keys() -> Vec<VerifierKey> {
    vec![key().verifier_key().clone()]
}

/// 300 to 500 bytes, as the server writes them.
pub(crate) fn entry(index: u64) -> String {
    let kinds = ["code_set.issued", "code.redeemed", "recovery.opened", "recovery.satisfied"];
    let place = usize::try_from(index % 4).unwrap();
    let reasons = ["code_matched", "within_window", "evidence_complete"].map(String::from);
    let reasons = format!("{:?}", &reasons[..place.min(3)]).replace(", ", ",");
    let hash = |salt: u8| hex(&leaf_hash(&[&index.to_be_bytes()[..], &[salt]].concat()));
    let uuid = |salt: u8| {
        let digits = hash(salt);
        let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20]];
        format!("{}-{}", parts.join("-"), &digits[20..32])
    };
    format!(
        concat!(
            r#"{{"actor":{{"key":"{}","kind":"api_key"}},"at":{},"data":{{"outcome":"accepted","#,
            r#""policy":"sha256:{}","reasons":{},"remaining":{}}},"id":"{}","recovery":"{}","#,
            r#""subject":"{}","type":"{}","v":1}}"#,
        ),
        uuid(1),
        1_700_000_000_000 + index * 1_371,
        hash(2),
        reasons,
        9 - index % 10,
        uuid(3),
        uuid(4),
        &hash(5)[..24],
        kinds[place],
    )
}

fn hex(hash: &Hash) -> String {
    hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Puts other bytes in the place of a tile's hashes, as an intruder who has no key but does know
/// how a tree is hashed would.
pub(crate) fn rehash(files: &mut Files, bundle_path: &str) {
    let entries = files[bundle_path].clone();
    let entries = bundle::parse(&entries).unwrap();
    let hashes = entries.iter().flat_map(|entry| leaf_hash(entry).0).collect();
    let width = u16::try_from(entries.len()).unwrap();
    files.insert(TileId::new(0, 0, width).unwrap().to_string(), hashes);
}
