//! This crate against three written by others: `tlog_tiles`, `signed_note` and `ct-merkle`, and
//! against the published roots (STANDARDS 6.6).

use std::collections::BTreeMap;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use signed_note::{StandardVerifier, VerifierList};

use crate::tile::{TILE_WIDTH, TileId, tiles_at};
use crate::{Checkpoint, Edge, Hash, Note, SigningKey, bundle, hash, leaf_hash, prove};

type Tiles = BTreeMap<(u8, u64), Vec<u8>>;

const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const BUNDLE: &str = "00000001000001100002202100023031000440414243000850515253545556570010606162\
                      636465666768696a6b6c6d6e6f";
const LEAF_TILE: &str = "aea2f1bbb5140fd5f8eacb503fdf54c00c3d860c72588e40233addd416bc8f10";

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |place: usize| u8::from_str_radix(&text[place..place + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

#[test]
fn tl_01_the_published_roots() {
    let leaves = LEAVES.map(from_hex);
    let mut edge = Edge::empty();
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(edge.root().as_bytes().as_slice(), from_hex(root), "size {size}");
        leaves.get(size).into_iter().for_each(|entry| edge.append(leaf_hash(entry)));
    }
    let bundle = bundle::encode(leaves.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(bundle, from_hex(BUNDLE));
    let tile = edge.drain_dirty().remove(0);
    assert_eq!(hash::sha256(&tile.bytes).as_bytes().as_slice(), from_hex(LEAF_TILE));
}

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

fn grown(size: u64) -> (Tiles, Hash) {
    let mut edge = Edge::empty();
    (0..size).for_each(|index| edge.append(leaf(index)));
    let tiles = edge.drain_dirty();
    (tiles.into_iter().map(|tile| ((tile.level, tile.index), tile.bytes)).collect(), edge.root())
}

/// Serves our tiles to their reader.
struct Theirs<'a>(&'a Tiles);

impl tlog_tiles::TileReader for Theirs<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let bytes = |tile: &tlog_tiles::Tile| {
            let row = &self.0[&(tile.level(), tile.level_index())];
            row[..tile.width() as usize * 32].to_vec()
        };
        Ok(tiles.iter().map(bytes).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn ours(hashes: &[tlog_tiles::Hash]) -> Vec<Hash> {
    hashes.iter().map(|hash| Hash(hash.0)).collect()
}

fn from_bytes(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks().0.iter().map(|hash| Hash(*hash)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tlog_tiles_reads_our_tiles_and_makes_the_same_proofs(
        size in prop_oneof![1_u64..600, 65_000_u64..66_500],
        places in any::<[prop::sample::Index; 2]>(),
    ) {
        let (tiles, root) = grown(size);
        let leaves = usize::try_from(size).unwrap();
        let place = |place: &prop::sample::Index| place.index(leaves) as u64;
        let (index, old) = (place(&places[0]), place(&places[1]) + 1);
        let theirs = Theirs(&tiles);
        let reader = tlog_tiles::TileHashReader::new(size, tlog_tiles::Hash(root.0), &theirs);
        prop_assert_eq!(tlog_tiles::tree_hash(size, &reader).unwrap().0, root.0);
        let record = tlog_tiles::prove_record(size, index, &reader).unwrap();
        prop_assert_eq!(prove::inclusion(index, size, &tiles).unwrap(), ours(&record));
        let tree = tlog_tiles::prove_tree(size, old, &reader).unwrap();
        prop_assert_eq!(prove::consistency(old, size, &tiles).unwrap(), ours(&tree));

        let paths: Vec<String> = tiles_at(size).map(|tile| tile.to_string()).collect();
        let theirs = tlog_tiles::Tile::new_tiles(8, 0, size);
        let their_paths: Vec<String> = theirs
            .iter()
            .map(|tile| tile.path().replacen("tile/8/", "tile/", 1))
            .collect();
        prop_assert_eq!(paths, their_paths);
    }

    #[test]
    fn ct_merkle_makes_the_same_roots_and_proofs(
        size in 1_usize..700,
        places in any::<[prop::sample::Index; 2]>(),
    ) {
        let mut theirs = MemoryBackedTree::<Sha256, [u8; 8]>::new();
        (0..size as u64).for_each(|index| theirs.push(index.to_be_bytes()));
        let (tiles, root) = grown(size as u64);
        let their_root = theirs.root();
        prop_assert_eq!(their_root.as_bytes().as_slice(), root.as_bytes());
        let (index, added) = (places[0].index(size), places[1].index(size));
        let proof = theirs.prove_inclusion(index);
        prop_assert_eq!(
            prove::inclusion(index as u64, size as u64, &tiles).unwrap(),
            from_bytes(proof.as_bytes())
        );
        let proof = theirs.prove_consistency(added);
        prop_assert_eq!(
            prove::consistency((size - added) as u64, size as u64, &tiles).unwrap(),
            from_bytes(proof.as_bytes())
        );
    }

    #[test]
    fn tlog_tiles_spells_paths_alike(
        level in 0_u8..8,
        index in 0..1_u64 << 50,
        width in 1..=TILE_WIDTH,
    ) {
        let ours = TileId::new(level, index, width).unwrap().to_string();
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
        prop_assert_eq!(ours, theirs.replacen("tile/8/", "tile/", 1));
    }

    #[test]
    fn signed_note_and_tlog_tiles_accept_what_we_sign(
        seed: [u8; 32],
        name in "[a-z]{1,8}(\\.[a-z]{1,8})?(/[a-z0-9]{1,8})?",
        size: i64,
    ) {
        let size = size.unsigned_abs() >> 1;
        let key = SigningKey::from_seed(&name, &seed).unwrap();
        let vkey = key.verifier_key().to_string();
        let checkpoint = Checkpoint::new(&name, size, leaf(size)).unwrap();
        let note = checkpoint.sign(&[&key]).unwrap().to_string();

        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&vkey).unwrap())]);
        let theirs = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
        let (verified, _) = theirs.verify(&known).unwrap();
        prop_assert_eq!(verified.len(), 1);
        prop_assert_eq!(&theirs.to_bytes(), note.as_bytes());
        let head = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
        prop_assert_eq!((head.origin(), head.size()), (name.as_str(), size));
        prop_assert_eq!(head.hash().0, leaf(size).0);
    }

    #[test]
    fn signed_note_refuses_what_we_refuse(
        text in "([a-c0-1]{0,3}\n){0,4}\n?(— ?[a-c+ ]{1,3} [A-D]{4,8}={0,2}\n){0,3}\n?",
    ) {
        prop_assert_eq!(
            Note::parse(text.as_bytes()).is_ok(),
            signed_note::Note::from_bytes(text.as_bytes()).is_ok(),
            "{:?}", text
        );
    }
}
