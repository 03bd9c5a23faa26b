//! Proofs of possession and the hand-over from one generation to the next.

use crate::common::{Handed, hand_out, header};
use glassbreak_bundle::{Bundle, BundleState, Proof, TransitionRefused, combine};
use glassbreak_core::time::Timestamp;
use proptest::prelude::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn proof(handed: &Handed, index: u8) -> Proof {
    handed.share(index).prove(&handed.split.record).expect("the right share")
}

fn refused(outcome: Result<Bundle, TransitionRefused>) -> &'static str {
    outcome.expect_err("a refusal").code()
}

fn all_prove(mut bundle: Bundle, handed: &Handed) -> Bundle {
    let header = *handed.split.record.header();
    for index in 1..=header.n() {
        bundle =
            bundle.prove(header.generation(), index, &proof(handed, index), at(5)).expect("proof");
    }
    bundle
}

#[test]
fn a_bundle_is_active_when_the_last_custodian_has_proved() {
    let handed = hand_out(header(1, 1, 2, 3), b"codes", 1);
    let mut bundle = Bundle::new(handed.split.record.clone()).expect("bundle");
    for index in [2, 3] {
        bundle = bundle.prove(1, index, &proof(&handed, index), at(1)).expect("proof");
        assert!(bundle.active().is_none());
    }
    let bundle = bundle.prove(1, 1, &proof(&handed, 1), at(2)).expect("proof");
    let active = bundle.active().expect("active");
    assert_eq!(active.state, BundleState::Active { since: at(2) });
}

#[test]
fn a_proof_counts_for_its_custodian_and_generation_once() {
    let (old, new) =
        (hand_out(header(1, 1, 2, 2), b"codes", 1), hand_out(header(1, 2, 2, 2), b"codes", 2));
    let bundle = Bundle::new(old.split.record.clone()).expect("bundle");
    let with = |index, proof: &Proof| bundle.clone().prove(1, index, proof, at(1));
    assert_eq!(refused(with(2, &proof(&old, 1))), "wrong_proof");
    assert_eq!(refused(with(1, &proof(&new, 1))), "wrong_proof");
    assert_eq!(refused(with(0, &proof(&old, 1))), "unknown_custodian");
    assert_eq!(refused(with(3, &proof(&old, 1))), "unknown_custodian");
    let once = with(1, &proof(&old, 1)).expect("proof");
    assert_eq!(refused(once.clone().prove(1, 1, &proof(&old, 1), at(2))), "already_proved");
    assert_eq!(refused(once.prove(2, 1, &proof(&new, 1), at(2))), "bundle_unknown_generation");
}

#[test]
fn a_custodian_with_stock_age_copies_the_token_line() {
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let text = handed.share(1).expose_text();
    let token = text.lines().find_map(|line| line.strip_prefix("token:")).expect("token");
    let proof = Proof::parse(token).expect("proof");
    let bundle = Bundle::new(handed.split.record.clone()).expect("bundle");
    assert!(bundle.prove(1, 1, &proof, at(1)).is_ok());
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
fn a_digest_out_of_the_record_is_no_proof() {
    // REG-19: what is stored must not be accepted as what it stands for.
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let bundle = Bundle::new(handed.split.record.clone()).expect("bundle");
    let custodian = handed.split.record.custodian(1).expect("custodian");
    for stored in [custodian.proof, custodian.share, custodian.recipient, handed.split.record.key()]
    {
        let stored = Proof::parse(&stored.to_string()).expect("digits");
        assert_eq!(refused(bundle.clone().prove(1, 1, &stored, at(1))), "wrong_proof");
    }
}

#[test]
fn a_hand_over_that_fails_half_way_loses_nothing() {
    let (old, new) =
        (hand_out(header(1, 1, 2, 2), b"codes", 1), hand_out(header(1, 2, 2, 3), b"codes", 2));
    let bundle = all_prove(Bundle::new(old.split.record.clone()).expect("bundle"), &old);
    let bundle = bundle.resplit(new.split.record.clone()).expect("resplit");
    let bundle = bundle.prove(2, 1, &proof(&new, 1), at(6)).expect("proof");
    let active = &bundle.active().expect("the old one").record;
    assert_eq!(active.header().generation(), 1);
    let shares = old.shares(&[1, 2]);
    assert_eq!(combine(active, &old.split.sealed, &shares).expect("combine").expose(), b"codes");
    // Given up, and done again with a third generation.
    let bundle = bundle.withdraw(at(7)).expect("withdraw");
    assert_eq!(bundle.active().expect("still the old one").record.header().generation(), 1);
    let third = hand_out(header(1, 3, 2, 2), b"codes", 3);
    let bundle = all_prove(bundle.resplit(third.split.record.clone()).expect("resplit"), &third);
    let names: Vec<_> = bundle.generations().iter().map(|one| one.state.name()).collect();
    assert_eq!(names, ["superseded", "revoked", "active"]);
    assert_eq!(bundle.generations()[0].state, BundleState::Superseded { at: at(5), by: 3 });
}

#[test]
fn what_has_ended_stays_ended() {
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let next = hand_out(header(1, 2, 2, 2), b"codes", 2);
    let fresh = Bundle::new(handed.split.record.clone()).expect("bundle");
    let active = all_prove(fresh.clone(), &handed);
    let ended = [
        fresh.clone().withdraw(at(9)).expect("withdraw"),
        fresh.revoke(at(9)).expect("revoke"),
        active.clone().revoke(at(9)).expect("revoke"),
        active.clone().combined(1, at(9)).expect("combined"),
    ];
    for bundle in ended {
        assert_eq!(refused(bundle.clone().prove(1, 1, &proof(&handed, 1), at(10))), "bundle_state");
        assert_eq!(refused(bundle.clone().resplit(next.split.record.clone())), "bundle_state");
        assert_eq!(refused(bundle.clone().withdraw(at(10))), "bundle_state");
        assert_eq!(refused(bundle.clone().revoke(at(10))), "bundle_state");
        assert_eq!(refused(bundle.combined(1, at(10))), "bundle_state");
    }
    assert_eq!(refused(active.clone().withdraw(at(9))), "bundle_state");
    let foreign = hand_out(header(2, 2, 2, 2), b"codes", 2).split.record;
    assert_eq!(refused(active.clone().resplit(foreign)), "bundle_other");
    assert_eq!(refused(active.resplit(handed.split.record)), "bundle_wrong_generation");
    assert_eq!(refused(Bundle::new(next.split.record)), "bundle_wrong_generation");
}

/// What may be tried at any time.
#[derive(Debug, Clone, Copy)]
enum Step {
    Resplit,
    Prove { generation: u32, index: u8 },
    Withdraw,
    Revoke,
    Combined { generation: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Resplit),
        24 => (1_u32..=4, 1_u8..=2)
            .prop_map(|(generation, index)| Step::Prove { generation, index }),
        2 => Just(Step::Withdraw),
        1 => Just(Step::Revoke),
        1 => (1_u32..=4).prop_map(|generation| Step::Combined { generation }),
    ]
}

#[test]
fn no_order_of_steps_loses_the_secret() {
    let handed: Vec<Handed> =
        (1..=4).map(|g| hand_out(header(1, g, 2, 2), b"codes", u64::from(g))).collect();
    let of = |generation: u32| &handed[usize::try_from(generation).expect("small") - 1];
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let proofs: Vec<Vec<Proof>> =
        handed.iter().map(|one| vec![proof(one, 1), proof(one, 2)]).collect();
    let hand_overs = std::cell::Cell::new(0);
    let outcome = runner.run(&proptest::collection::vec(step(), 0..40), |steps| {
        let mut bundle = Bundle::new(of(1).split.record.clone()).expect("bundle");
        let mut was_active = false;
        let mut ended = false;
        for (moment, step) in (1_i64..).zip(steps) {
            let before = bundle.clone();
            let next = u32::try_from(bundle.generations().len()).expect("few") + 1;
            let after = match step {
                Step::Resplit if next > 4 => continue,
                Step::Resplit => bundle.resplit(of(next).split.record.clone()),
                Step::Prove { generation, index } => {
                    let one = &proofs[usize::try_from(generation).expect("small") - 1];
                    bundle.prove(generation, index, &one[usize::from(index) - 1], at(moment))
                }
                Step::Withdraw => bundle.withdraw(at(moment)),
                Step::Revoke => bundle.revoke(at(moment)),
                Step::Combined { generation } => bundle.combined(generation, at(moment)),
            };
            let changed = after.is_ok();
            bundle = after.unwrap_or(before);
            let ends = matches!(step, Step::Revoke | Step::Combined { .. });
            ended |= changed && ends;
            let count =
                |name| bundle.generations().iter().filter(|g| g.state.name() == name).count();
            prop_assert!(count("active") <= 1 && count("split") <= 1);
            was_active |= count("active") == 1;
            prop_assert_eq!(count("active") == 1, was_active && !ended, "after {:?}", step);
            if count("superseded") > 0 {
                hand_overs.set(hand_overs.get() + 1);
            }
        }
        Ok(())
    });
    outcome.expect("no order of steps");
    assert!(hand_overs.get() > 50, "only {} hand-overs were tested", hand_overs.get());
}
