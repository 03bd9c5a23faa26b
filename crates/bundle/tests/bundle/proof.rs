//! Proofs of possession.

use crate::common::{Handed, hand_out, header};
use glassbreak_bundle::Proof;

fn proof(handed: &Handed, index: u8) -> Proof {
    handed.share(index).prove(&handed.split.record).expect("the right share")
}

#[test]
fn b3_a_proof_counts_for_its_custodian_and_generation() {
    let (old, new) =
        (hand_out(header(1, 1, 2, 2), b"codes", 1), hand_out(header(1, 2, 2, 2), b"codes", 2));
    let record = &old.split.record;
    assert!(record.is_proven_by(1, &proof(&old, 1)));
    assert!(!record.is_proven_by(2, &proof(&old, 1)), "of another custodian");
    assert!(!record.is_proven_by(1, &proof(&new, 1)), "of another generation");
    for index in [0, 3] {
        assert!(!record.is_proven_by(index, &proof(&old, 1)), "there is no custodian {index}");
    }
}

#[test]
fn a_custodian_with_stock_age_copies_the_token_line() {
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let text = handed.share(1).expose_text();
    let token = text.lines().find_map(|line| line.strip_prefix("token:")).expect("token");
    assert!(handed.split.record.is_proven_by(1, &Proof::parse(token).expect("proof")));
    for bad in ["", "00", "xyz", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65)] {
        assert_eq!(Proof::parse(bad).map(|_| ()).unwrap_err().code(), "proof_malformed");
    }
}

#[test]
fn a_wrong_share_gives_no_proof() {
    let (one, other) =
        (hand_out(header(1, 1, 2, 2), b"codes", 1), hand_out(header(1, 1, 2, 2), b"codes", 2));
    assert!(one.share(1).prove(&other.split.record).is_err());
}

#[test]
fn reg_19_a_digest_out_of_the_record_is_no_proof() {
    // What is stored must not be accepted as what it stands for.
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let record = &handed.split.record;
    let custodian = record.custodian(1).expect("custodian");
    for stored in [custodian.proof, custodian.share, custodian.recipient, record.key()] {
        let stored = Proof::parse(&stored.to_string()).expect("digits");
        assert!(!record.is_proven_by(1, &stored));
    }
}
