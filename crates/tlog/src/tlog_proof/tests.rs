//! The proof format in its one spelling, and what a proof does not prove.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::edge::Edge;
use crate::key::SigningKey;
use crate::prove;

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// The proof for the entry 3 in a log of 5.
fn sample() -> (TlogProof, Vec<VerifierKey>) {
    let mut edge = Edge::empty();
    (0..5).for_each(|index| edge.append(leaf_hash(&entry(index))));
    let tiles: BTreeMap<_, _> =
        edge.drain_dirty().into_iter().map(|tile| ((tile.level, tile.index), tile.bytes)).collect();
    let key = SigningKey::from_seed("log.example", &[1; 32]).unwrap();
    let note = Checkpoint::new("log.example", 5, edge.root()).unwrap().sign(&[&key]).unwrap();
    let hashes = prove::inclusion(3, 5, &tiles).unwrap();
    (TlogProof::new(3, hashes, note), vec![key.verifier_key().clone()])
}

#[test]
fn a_proof_reads_back_and_verifies() {
    let (proof, keys) = sample();
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 3\n"));
    assert_eq!(TlogProof::parse(&text).as_ref(), Ok(&proof));
    assert_eq!(proof.verify(&entry(3), &keys).unwrap().checkpoint().size(), 5);

    let extra = proof.with_extra(b"a hint".to_vec());
    let text = extra.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra YSBoaW50\nindex 3\n"));
    assert_eq!(TlogProof::parse(&text).unwrap().extra(), b"a hint");
    assert!(extra.verify(&entry(3), &keys).is_ok());
}

#[test]
fn a_proof_proves_its_entry_at_its_place_and_nothing_else() {
    let (proof, keys) = sample();
    assert_eq!(proof.verify(&entry(2), &keys), Err(TlogProofError::Inclusion(ProofError::Root)));
    for index in [0, 1, 2, 4, 5, u64::MAX] {
        let moved = TlogProof { index, ..proof.clone() };
        assert!(matches!(moved.verify(&entry(3), &keys), Err(TlogProofError::Inclusion(_))));
    }
    assert_eq!(
        proof.verify(&entry(3), &[]),
        Err(TlogProofError::Checkpoint(CheckpointError::Note(NoteError::NotSigned)))
    );
}

#[test]
fn other_spellings_are_refused() {
    let (proof, _) = sample();
    let good = proof.to_string();
    let hash = proof.hashes()[0].to_string();
    for (text, error) in [
        (String::new(), TlogProofError::Header),
        (good.replace("@v1", "@v2"), TlogProofError::Header),
        (format!("\n{good}"), TlogProofError::Header),
        (good.replace("@v1\n", "@v1\r\n"), TlogProofError::Header),
        ("c2sp.org/tlog-proof@v1\n".into(), TlogProofError::Index),
        (good.replace("index 3", "index 03"), TlogProofError::Index),
        (good.replace("index 3", "index  3"), TlogProofError::Index),
        (good.replace("index 3", "index -3"), TlogProofError::Index),
        (good.replace("index 3", "Index 3"), TlogProofError::Index),
        (good.replace("index 3\n", ""), TlogProofError::Index),
        (good.replace("index 3", "index 18446744073709551616"), TlogProofError::Index),
        (good.replace("index 3", "extra \nindex 3"), TlogProofError::Extra),
        (good.replace("index 3", "extra AB==\nindex 3"), TlogProofError::Extra),
        (good.replace("index 3", "extra AA==\nextra AA==\nindex 3"), TlogProofError::Index),
        (good.replace("index 3\n", "index 3\nextra AA==\n"), TlogProofError::Hash { hash: 0 }),
        (good.replace(&hash, &hash[1..]), TlogProofError::Hash { hash: 0 }),
        (good.replace(&hash, &format!("{hash} ")), TlogProofError::Hash { hash: 0 }),
        (good.replace(&hash, &[hash.as_str(); 63].join("\n")), TlogProofError::TooManyHashes),
        (good.split_once("\n\n").unwrap().0.into(), TlogProofError::Cut),
        (good.trim_end().into(), TlogProofError::Note(NoteError::Form)),
    ] {
        assert_eq!(TlogProof::parse(&text), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn a_changed_proof_is_refused_or_reads_back_as_it_is(
        place in 0_usize..500,
        byte in prop_oneof![any::<u8>(), Just(b'\n'), Just(b'A')],
        cut in 0_usize..600,
    ) {
        let (proof, _) = sample();
        let mut bytes = proof.to_string().into_bytes();
        if let Some(changed) = bytes.get_mut(place) {
            *changed = byte;
        }
        bytes.truncate(cut.max(24));
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(parsed) = TlogProof::parse(&text)
        {
            prop_assert_eq!(parsed.to_string(), text);
        }
    }
}
