//! Splitting and combining, and every misuse of it (A4, B3).

use crate::common::{Handed, Seeded, hand_out, header, secret};
use glassbreak_bundle::secret::SECRET_BYTES_MAX;
use glassbreak_bundle::{
    BundleRecord, CombineRefused, Recipient, Sealed, Secret, Share, ShareRefused, combine, open,
    split,
};
use proptest::prelude::*;
use zeroize::Zeroizing;

fn refusal(handed: &Handed, sealed: &Sealed, shares: &[Share]) -> &'static str {
    combine(&handed.split.record, sealed, shares).map_or_else(CombineRefused::code, |_| "combined")
}

/// The numbers in `1..=n` whose bits are set.
fn subset(bits: u32, n: u8) -> Vec<u8> {
    (1..=n).filter(|index| bits >> (index - 1) & 1 == 1).collect()
}

#[test]
fn a4_every_k_subset_combines_and_every_smaller_one_is_refused() {
    for (k, n) in [(2, 2), (2, 5), (3, 5), (5, 5), (4, 6)] {
        let handed = hand_out(header(1, 1, k, n), b"codes", 3);
        for bits in 0..1_u32 << n {
            let chosen = subset(bits, n);
            let outcome =
                combine(&handed.split.record, &handed.split.sealed, &handed.shares(&chosen));
            match outcome {
                Ok(secret) => {
                    assert!(chosen.len() >= usize::from(k));
                    assert_eq!(secret.expose(), b"codes");
                }
                Err(refused) => {
                    assert!(chosen.len() < usize::from(k), "{chosen:?} of {k}/{n}: {refused}");
                    assert_eq!(refused.code(), "shares_too_few");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a4_any_secret_comes_back_from_any_k_of_n(
        bytes in proptest::collection::vec(any::<u8>(), 1..3000),
        (k, n) in (2_u8..=9).prop_flat_map(|n| (2..=n, Just(n))),
        order in any::<u64>(),
        seed in any::<u64>(),
    ) {
        let handed = hand_out(header(9, 1, k, n), &bytes, seed);
        let mut indices: Vec<u8> = (1..=n).collect();
        indices.sort_by_key(|index| order.rotate_left(u32::from(*index) * 7) ^ u64::from(*index));
        indices.truncate(usize::from(k));
        let shares = handed.shares(&indices);
        let combined = combine(&handed.split.record, &handed.split.sealed, &shares);
        let combined = combined.map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(combined.expose(), &bytes[..]);
    }
}

#[test]
fn a_secret_has_one_byte_to_64_kibibytes() {
    for length in [1, SECRET_BYTES_MAX] {
        let bytes = vec![0xc3; length];
        let handed = hand_out(header(1, 1, 2, 2), &bytes, 1);
        let shares = handed.shares(&[1, 2]);
        let combined = combine(&handed.split.record, &handed.split.sealed, &shares);
        assert_eq!(combined.expect("combine").expose(), &bytes[..]);
    }
    for length in [0, SECRET_BYTES_MAX + 1] {
        let refused = Secret::new(Zeroizing::new(vec![0; length])).map(|_| ());
        assert_eq!(refused.unwrap_err().code(), "invalid_secret_length");
    }
}

#[test]
fn a_share_twice_is_not_two_shares() {
    let handed = hand_out(header(1, 1, 2, 3), b"codes", 1);
    let shares = handed.shares(&[3, 3]);
    assert_eq!(refusal(&handed, &handed.split.sealed, &shares), "share_duplicate");
    let shares = handed.shares(&[1, 2, 1]);
    assert_eq!(refusal(&handed, &handed.split.sealed, &shares), "share_duplicate");
}

#[test]
fn shares_of_others_are_told_apart_before_combining() {
    let handed = hand_out(header(1, 1, 2, 3), b"codes", 1);
    let sealed = &handed.split.sealed;
    let with = |other: Share| refusal(&handed, sealed, &[handed.share(1), other]);
    assert_eq!(with(hand_out(header(2, 1, 2, 3), b"codes", 1).share(2)), "share_other_bundle");
    assert_eq!(with(hand_out(header(1, 2, 2, 3), b"codes", 1).share(2)), "share_other_generation");
    assert_eq!(with(hand_out(header(1, 1, 2, 3), b"codes", 2).share(2)), "share_damaged");
    assert_eq!(with(hand_out(header(1, 1, 2, 2), b"codes", 1).share(2)), "share_damaged");
    assert_eq!(with(hand_out(header(1, 1, 2, 9), b"codes", 1).share(9)), "share_damaged");
}

#[test]
fn one_bad_share_among_enough_good_ones_is_named() {
    let handed = hand_out(header(1, 1, 2, 3), b"codes", 1);
    let foreign = hand_out(header(1, 1, 2, 3), b"codes", 2).share(3);
    let shares = [handed.share(1), handed.share(2), foreign];
    let refused = combine(&handed.split.record, &handed.split.sealed, &shares).map(|_| ());
    assert_eq!(refused.unwrap_err().to_string(), "the share in position 3 cannot be used");
}

#[test]
fn every_change_of_any_byte_of_a_share_is_refused() {
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let text = handed.share(2).expose_text();
    let mut well_formed = 0;
    for (place, byte) in text.bytes().enumerate() {
        for other in [byte ^ 1, byte ^ 0x20, byte ^ 0x80, b'0', b'1', b'a', b'\n', b' '] {
            if other == byte {
                continue;
            }
            let mut changed = text.as_bytes().to_vec();
            changed[place] = other;
            let Ok(share) = Share::parse(&changed) else { continue };
            assert!(share.check(&handed.split.record).is_err(), "byte {place} as {other}");
            let shares = [handed.share(1), share];
            assert_ne!(refusal(&handed, &handed.split.sealed, &shares), "combined");
            well_formed += 1;
        }
    }
    assert!(well_formed > 500, "only the commitment can tell these: {well_formed}");
}

#[test]
fn a_share_that_was_cut_or_lengthened_is_no_share() {
    let text = hand_out(header(1, 1, 2, 2), b"codes", 1).share(2).expose_text();
    for length in 0..text.len() {
        let refused = Share::parse(&text.as_bytes()[..length]).map(|_| ());
        assert_eq!(refused, Err(ShareRefused::Malformed), "cut to {length}");
    }
    for more in ["\n", "x", " ", "share: 00\n"] {
        assert!(Share::parse(format!("{}{more}", *text).as_bytes()).is_err());
    }
    for (from, to) in
        [("index: 2", "index: 02"), ("index: 2", "index: 3"), ("v1", "v2"), ("\n", "\r\n")]
    {
        assert!(Share::parse(text.replace(from, to).as_bytes()).is_err(), "{to:?}");
    }
}

#[test]
fn every_change_of_any_byte_of_the_sealed_secret_is_refused() {
    let handed = hand_out(header(1, 1, 2, 2), b"ten codes", 1);
    let shares = handed.shares(&[1, 2]);
    let good = handed.split.sealed.as_bytes();
    for place in 0..good.len() {
        let mut bytes = good.to_vec();
        bytes[place] ^= 1;
        assert_eq!(refusal(&handed, &Sealed::from_bytes(bytes), &shares), "sealed_damaged");
        let cut = Sealed::from_bytes(good[..place].to_vec());
        assert_eq!(refusal(&handed, &cut, &shares), "sealed_damaged");
    }
}

#[test]
fn every_change_of_any_character_of_an_armored_share_is_refused() {
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let armored = &handed.split.shares[0].armored;
    for (place, byte) in armored.bytes().enumerate() {
        let mut changed = armored.clone().into_bytes();
        changed[place] = if byte == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("text");
        assert!(open(&changed, &handed.identities[0]).is_err(), "character {place}");
    }
    assert!(open(armored, &handed.identities[1]).is_err(), "another custodian's identity");
}

#[test]
fn a_swapped_field_of_the_record_is_noticed() {
    let handed = hand_out(header(1, 1, 2, 2), b"codes", 1);
    let other = hand_out(header(1, 1, 2, 2), b"codes", 2);
    let shares = handed.shares(&[1, 2]);
    let good = serde_json::to_value(&handed.split.record).expect("json");
    let foreign = serde_json::to_value(&other.split.record).expect("json");
    let changes =
        [("key", "key_mismatch"), ("sealed", "sealed_damaged"), ("custodians", "share_damaged")];
    for (field, code) in changes {
        let mut json = good.clone();
        json[field] = foreign[field].clone();
        let record: BundleRecord = serde_json::from_value(json).expect("record");
        let refused = combine(&record, &handed.split.sealed, &shares).map(|_| ());
        assert_eq!(refused.unwrap_err().code(), code, "{field}");
    }
}

#[test]
fn a_record_reads_as_it_was_written_and_bad_ones_do_not_read() {
    let record = hand_out(header(1, 1, 2, 3), b"codes", 1).split.record;
    let good = serde_json::to_value(&record).expect("json");
    assert_eq!(serde_json::from_value::<BundleRecord>(good.clone()).expect("record"), record);
    let bytes = glassbreak_core::canonical::to_bytes(&record).expect("canonical JSON");
    assert_eq!(serde_json::from_slice::<BundleRecord>(&bytes).expect("record"), record);
    let bad = [
        ("v", 2.into()),
        ("k", 1.into()),
        ("k", 4.into()),
        ("n", 4.into()),
        ("generation", 0.into()),
        ("custodians", serde_json::json!([])),
        ("more", 1.into()),
    ];
    for (field, value) in bad {
        let mut changed = good.clone();
        changed[field] = value;
        assert!(serde_json::from_value::<BundleRecord>(changed).is_err(), "{field}");
    }
    let mut twice = good.clone();
    twice["custodians"][1]["recipient"] = twice["custodians"][0]["recipient"].clone();
    assert!(serde_json::from_value::<BundleRecord>(twice).is_err(), "one custodian twice");
}

#[test]
fn nobody_holds_two_shares_and_nobody_is_left_out() {
    let key = age::x25519::Identity::generate().to_public().to_string();
    let one: Recipient = key.parse().expect("recipient");
    let refused = |recipients: &[Recipient]| {
        let header = header(1, 1, 2, 2);
        split(header, recipients, &secret(b"codes"), &mut Seeded(1)).unwrap_err().code()
    };
    assert_eq!(refused(&[one.clone(), one.clone()]), "duplicate_recipient");
    assert_eq!(refused(&[one]), "recipient_count");
    assert!("age1yubikey1qwhatever".parse::<Recipient>().is_err());
}

#[test]
fn nothing_public_holds_the_secret_or_a_share() {
    let canary = b"gbt-CANARY-CANARY-CANARY";
    let handed = hand_out(header(1, 1, 2, 3), canary, 1);
    let split = &handed.split;
    let json = serde_json::to_string(&split.record).expect("json");
    let public = format!("{json}{split:?}{}", String::from_utf8_lossy(split.sealed.as_bytes()));
    assert!(!public.contains("CANARY"));
    for index in 1..=3 {
        let text = handed.share(index).expose_text();
        for line in ["token: ", "salt: ", "share: "] {
            let value = text.lines().find_map(|l| l.strip_prefix(line)).expect("a line");
            assert!(!public.contains(value), "{line}");
        }
    }
}

#[test]
fn reg_22_a_stuck_source_splits_nothing() {
    struct Stuck;
    impl glassbreak_core::code::Entropy for Stuck {
        fn fill(&mut self, buffer: &mut [u8]) -> Result<(), glassbreak_core::code::EntropyFailed> {
            buffer.fill(9);
            Ok(())
        }
    }
    let recipients: Vec<Recipient> = (0..2)
        .map(|_| age::x25519::Identity::generate().to_public().to_string().parse().expect("one"))
        .collect();
    let refused = split(header(1, 1, 2, 2), &recipients, &secret(b"codes"), &mut Stuck);
    assert_eq!(refused.unwrap_err().code(), "entropy_failed");
}
