//! `tree.js` against the published vectors, and against the prover of `tlog`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::tlog::{BundleId, Edge, Hash, TileId, leaf_hash, prove};
use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::seed;
use serde_json::{Value, json};

use crate::Tested;
use crate::node;

fn find_json(folder: &Path, found: &mut Vec<Value>) -> Tested {
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.is_dir() {
            find_json(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(serde_json::from_str(&fs::read_to_string(path)?)?);
        }
    }
    Ok(())
}

/// STANDARDS 6.6: the vectors of transparency-dev/merkle.
#[test]
fn tree_js_agrees_with_the_published_vectors_of_inclusion_and_consistency() -> Tested {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tlog");
    let mut vectors = Vec::new();
    for folder in ["inclusion", "consistency"] {
        find_json(&shared.join("merkle/testdata").join(folder), &mut vectors)?;
    }
    assert!(vectors.len() > 180, "only {} vectors", vectors.len());
    let said = node::answer("proofs.mjs", &json!({ "vectors": vectors, "logs": [], "paths": [] }))?;
    for (place, vector) in vectors.iter().enumerate() {
        let holds = said["vectors"][place].as_bool().ok_or("no word")?;
        // One older tree is empty: its proof says nothing, and `continues` says no.
        let from_empty = vector["size1"] == 0;
        assert_eq!(!holds, vector["wantErr"] == true || from_empty, "{vector}");
    }
    Ok(())
}

fn entry(index: u64) -> Vec<u8> {
    index.to_be_bytes().to_vec()
}

/// A log as its files are, and what there is to prove of it. A partial tile may be asked for when
/// only the full one is left, as with a log that has grown since (TL-06).
fn log(size: u64, source: &SeededEntropy) -> Result<(Value, Value), crate::Failure> {
    let mut edge = Edge::empty();
    let old = 1 + source.number() % size;
    let index = source.number() % size;
    let mut old_root = edge.root();
    for leaf in 0..size {
        edge.append(leaf_hash(&entry(leaf)));
        if leaf + 1 == old {
            old_root = edge.root();
        }
    }
    let root = edge.root();
    let mut tiles = BTreeMap::new();
    let mut files = serde_json::Map::new();
    let is_larger = source.below(2) == 0;
    let full = u64::from(u16::MAX) * 256;
    for tile in edge.drain_dirty() {
        tiles.insert((tile.level, tile.index), tile.bytes.clone());
        let id = TileId::at_size(tile.level, tile.index, size).ok_or("no tile")?;
        let mut bytes = tile.bytes;
        let mut path = id.to_string();
        if is_larger && tile.index < full {
            bytes.resize(256 * 32, 7);
            path = id.full().to_string();
        }
        files.insert(path, STANDARD.encode(bytes).into());
    }
    let told = |hashes: Vec<Hash>| hashes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let expected = json!({
        "root": root.to_string(),
        "path": told(prove::inclusion(index, size, &tiles)?),
        "proof": told(prove::consistency(old, size, &tiles)?),
        "included": true,
        "continued": true,
        "fetchedTwice": 0,
    });
    let log = json!({
        "files": files, "size": size, "index": index, "old": old,
        "oldRoot": old_root.to_string(), "entry": STANDARD.encode(entry(index)),
    });
    Ok((log, expected))
}

/// TL-03 to TL-06.
#[test]
fn tree_js_makes_the_same_proofs_out_of_tiles() -> Tested {
    let seed = seed();
    let source = seed.entropy();
    let mut sizes: Vec<u64> = vec![1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537];
    sizes.extend((0..40).map(|_| 1 + source.number() % 600));
    sizes.push(65_000 + source.number() % 1_500);
    let logs = sizes.iter().map(|size| log(*size, &source)).collect::<Result<Vec<_>, _>>()?;
    let (logs, expected): (Vec<_>, Vec<_>) = logs.into_iter().unzip();
    let said = node::answer("proofs.mjs", &json!({ "vectors": [], "logs": logs, "paths": [] }))?;
    for ((size, expected), place) in sizes.iter().zip(&expected).zip(0_usize..) {
        assert_eq!(&said["logs"][place], expected, "a log of {size}");
    }
    Ok(())
}

#[test]
fn tl_03_tree_js_writes_paths_as_the_standard_writes_them() -> Tested {
    let mut paths = Vec::new();
    let mut expected = Vec::new();
    for index in [0, 1, 273, 999, 1000, 1_234_067, 9_007_199_254_740_991] {
        for width in [1, 255, 256] {
            paths.push(json!([3, index, width]));
            expected.push(TileId::new(3, index, width).ok_or("no tile")?.to_string());
            paths.push(json!(["entries", index, width]));
            expected.push(BundleId::new(index, width).ok_or("no bundle")?.to_string());
        }
    }
    let said = node::answer("proofs.mjs", &json!({ "vectors": [], "logs": [], "paths": paths }))?;
    assert_eq!(said["paths"], json!(expected));
    Ok(())
}
