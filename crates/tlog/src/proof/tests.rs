//! Proofs against the transparency-dev vectors, against the prover, and against garbage.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::edge::Edge;
use crate::hash::leaf_hash;
use crate::prove;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    leaf_idx: Option<u64>,
    tree_size: Option<u64>,
    size1: Option<u64>,
    size2: Option<u64>,
    start: Option<u64>,
    end: Option<u64>,
    size: Option<u64>,
    root: Option<String>,
    root1: Option<String>,
    root2: Option<String>,
    leaf_hash: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

impl Vector {
    /// `None` where the vector has a hash that is none.
    fn verdict(&self) -> Option<Result<(), ProofError>> {
        let hash = |text: &Option<String>| Hash::from_base64(text.as_deref().unwrap_or_default());
        // Some vectors have roots of another length, where only their being equal matters.
        let root = |text: &Option<String>| {
            let text = text.as_deref().unwrap_or_default();
            Hash::from_base64(text).unwrap_or_else(|| leaf_hash(text.as_bytes()))
        };
        let lines = self.proof.as_deref().unwrap_or_default();
        let proof: Vec<Hash> =
            lines.iter().map(|line| Hash::from_base64(line)).collect::<Option<_>>()?;
        Some(match self {
            Self { leaf_idx: Some(index), tree_size: Some(size), .. } => {
                verify_inclusion(&hash(&self.leaf_hash)?, *index, *size, &hash(&self.root)?, &proof)
            }
            Self { leaf_idx: Some(index), start: Some(start), end: Some(end), .. } => {
                let (leaf, root) = (hash(&self.leaf_hash)?, hash(&self.root)?);
                verify_subtree_inclusion(&leaf, *index, *start, *end, &root, &proof)
            }
            Self { size1: Some(old), size2: Some(size), .. } => {
                verify_consistency(*old, *size, &root(&self.root1), &root(&self.root2), &proof)
            }
            Self { start: Some(start), end: Some(end), size: Some(size), .. } => {
                let (node, root) = (root(&self.root1), root(&self.root2));
                verify_subtree_consistency(*start, *end, *size, &node, &root, &proof)
            }
            _ => panic!("a vector of an unknown kind"),
        })
    }
}

fn check_folder(folder: &str, files_min: usize) {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tlog");
    let root = shared.join("merkle/testdata").join(folder);
    assert!(root.is_dir(), "the transparency-dev/merkle vectors are missing at {}", root.display());
    let mut files = Vec::new();
    find_json(&root, &mut files);
    assert!(files.len() >= files_min, "only {} vectors at {}", files.len(), root.display());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let vector: Vector = serde_json::from_str(&text).unwrap();
        let refused = !matches!(vector.verdict(), Some(Ok(())));
        assert_eq!(refused, vector.want_err, "{}", file.display());
    }
}

fn find_json(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_json(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

#[test]
fn merkle_vectors_inclusion() {
    check_folder("inclusion", 90);
}

#[test]
fn merkle_vectors_consistency() {
    check_folder("consistency", 90);
}

#[test]
fn merkle_vectors_subtree_inclusion() {
    check_folder("subtreeinclusion", 90);
}

#[test]
fn merkle_vectors_subtree_consistency() {
    check_folder("subtreeconsistency", 90);
}

type Tiles = BTreeMap<(u8, u64), Vec<u8>>;

fn grown(size: u64) -> (Tiles, Vec<Hash>) {
    let (mut edge, mut roots) = (Edge::empty(), vec![EMPTY_ROOT]);
    for index in 0..size {
        edge.append(leaf(index));
        roots.push(edge.root());
    }
    let tiles = edge.drain_dirty();
    (tiles.into_iter().map(|tile| ((tile.level, tile.index), tile.bytes)).collect(), roots)
}

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

#[test]
fn every_proof_of_small_trees_verifies_and_proves_nothing_else() {
    let (tiles, roots) = grown(40);
    for (root, size) in roots.iter().zip(0_u64..) {
        assert_eq!(prove::root(size, &tiles).unwrap(), *root);
        for index in 0..size {
            let proof = prove::inclusion(index, size, &tiles).unwrap();
            assert_eq!(verify_inclusion(&leaf(index), index, size, root, &proof), Ok(()));
            for other in (0..size + 2).filter(|other| *other != index) {
                assert!(verify_inclusion(&leaf(index), other, size, root, &proof).is_err());
            }
        }
        assert!(size == 0 || prove::consistency(0, size, &tiles).unwrap().is_empty());
        for (old_root, old_size) in roots.iter().zip(0..=size).skip(1) {
            let proof = prove::consistency(old_size, size, &tiles).unwrap();
            assert_eq!(verify_consistency(old_size, size, old_root, root, &proof), Ok(()));
            for (other_root, other) in roots.iter().zip(0_u64..) {
                let forged = verify_consistency(old_size, size, other_root, root, &proof);
                assert!(other == old_size || forged.is_err());
            }
        }
    }
}

#[test]
fn the_prover_says_what_it_will_read() {
    let (tiles, _) = grown(70_000);
    for (index, size) in [(0, 1), (0, 257), (69_999, 70_000), (65_535, 65_536), (3, 65_537)] {
        let few: Tiles = prove::inclusion_tiles(index, size)
            .into_iter()
            .map(|tile| (tile.level(), tile.index()))
            .map(|place| (place, tiles[&place].clone()))
            .collect();
        let all = prove::inclusion(index, size, &tiles).unwrap();
        assert_eq!(prove::inclusion(index, size, &few).unwrap(), all);
        let few: Tiles = prove::consistency_tiles(index, size)
            .into_iter()
            .map(|tile| (tile.level(), tile.index()))
            .map(|place| (place, tiles[&place].clone()))
            .collect();
        let all = prove::consistency(index, size, &tiles).unwrap();
        assert_eq!(prove::consistency(index, size, &few).unwrap(), all);
    }
    assert_eq!(prove::inclusion_tiles(5, 5), []);
    assert_eq!(prove::consistency_tiles(6, 5), []);
    assert!(prove::inclusion(5, 5, &tiles).is_err());
    assert!(prove::consistency(6, 5, &tiles).is_err());
}

proptest! {
    #[test]
    fn any_numbers_and_hashes_are_answered(
        numbers in prop::array::uniform3(prop_oneof![
            0_u64..40,
            any::<u64>(),
            (0_u32..64).prop_map(|bit| 1 << bit),
            (u64::MAX - 3)..=u64::MAX,
        ]),
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
    ) {
        let [a, b, c] = numbers;
        let (leaf, root) = (leaf_hash(b"leaf"), leaf_hash(b"root"));
        prop_assert!(verify_inclusion(&leaf, a, b, &root, &proof).is_err());
        prop_assert!(verify_subtree_inclusion(&leaf, a, b, c, &root, &proof).is_err());
        prop_assert!(verify_consistency(a, b, &leaf, &root, &proof).is_err());
        prop_assert!(verify_subtree_consistency(a, b, c, &leaf, &root, &proof).is_err());
        prop_assert!(prove::inclusion(a, b, &BTreeMap::new()).is_err() || b == 1);
        prop_assert!(prove::consistency(a, b, &BTreeMap::new()).is_err() || a == 0 || a == b);
    }
}
