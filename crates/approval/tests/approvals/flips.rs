//! Every bit of an approval counts.

use std::sync::LazyLock;

use glassbreak_approval::{Base64Url, Credential, SignedApproval};
use glassbreak_testkit::passkey::Kind;
use proptest::prelude::*;

use crate::common::{approve, case, enrolled, honest, party};

/// An approval of each algorithm. Made once: RSA keys take their time.
static MADE: LazyLock<Vec<(SignedApproval, Credential)>> = LazyLock::new(|| {
    let made = |kind| {
        let mut operator = enrolled(kind);
        let approved = approve(&mut operator, &case("opened"), &case("opened"), &honest());
        (approved.expect("an approval").approval, operator.1)
    };
    Kind::ALL.into_iter().map(made).collect()
});

fn part(approval: &mut SignedApproval, which: usize) -> &mut Base64Url {
    match which {
        0 => &mut approval.authenticator_data,
        1 => &mut approval.client_data_json,
        2 => &mut approval.signature,
        _ => &mut approval.credential_id,
    }
}

#[test]
fn f3_every_single_bit_flip_in_an_approval_is_refused() {
    for (approval, credential) in MADE.iter() {
        for which in 0..4 {
            let bits = part(&mut approval.clone(), which).0.len() * 8;
            assert!(bits > 0);
            for bit in 0..bits {
                let mut flipped = approval.clone();
                part(&mut flipped, which).0[bit / 8] ^= 1 << (bit % 8);
                let checked = party().check(&case("opened"), &flipped, credential);
                assert!(checked.is_err(), "part {which}, bit {bit}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_splice_of_a_part_is_refused(
        made in 0..3_usize,
        which in 0..3_usize,
        from in any::<prop::sample::Index>(),
        length in 0..40_usize,
        spliced in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let (approval, credential) = &MADE[made];
        let mut changed = approval.clone();
        let bytes = &mut part(&mut changed, which).0;
        let from = from.index(bytes.len());
        let to = (from + length).min(bytes.len());
        bytes.splice(from..to, spliced);
        prop_assume!(changed != *approval);
        prop_assert!(party().check(&case("opened"), &changed, credential).is_err());
    }

    #[test]
    fn any_other_digest_is_refused(made in 0..3_usize, other in any::<[u8; 32]>()) {
        let (approval, credential) = &MADE[made];
        let other = glassbreak_core::digest::Digest(other);
        let checked = party().check(&other, approval, credential);
        prop_assert_eq!(checked, Err(glassbreak_approval::Refused::WrongCase));
    }
}
