//! What the library has to hold to, checked with field arithmetic of our own.

use glassbreak_core::code::{Entropy, EntropyFailed};

use super::*;

/// `SplitMix64`, so that a failure can be repeated.
struct Seeded(u64);

impl Entropy for Seeded {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        for byte in buffer {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = mixed.to_be_bytes()[0];
        }
        Ok(())
    }
}

/// Multiplication modulo x^8 + x^4 + x^3 + x + 1, the long way.
fn times(a: u8, b: u8) -> u8 {
    let product =
        (0..8).filter(|bit| b >> bit & 1 == 1).fold(0, |sum, bit| sum ^ u16::from(a) << bit);
    let reduced = (8..16).rev().fold(product, |rest: u16, bit| {
        if rest >> bit & 1 == 1 { rest ^ 0x11b << (bit - 8) } else { rest }
    });
    u8::try_from(reduced).expect("eight bits")
}

fn over(a: u8, b: u8) -> u8 {
    (0..=255).find(|quotient| times(*quotient, b) == a).expect("b is not zero")
}

/// Pearson's statistic against the uniform distribution over 256 values.
fn chi_square(counts: &[u32; 256]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / 256.0;
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

/// 255 degrees of freedom: mean 255, standard deviation 22.6. Outside of this a fair source is less
/// often than once in 10^6; the seed is fixed, so the test itself does not waver.
fn assert_uniform(counts: &[u32; 256], what: &str) {
    let statistic = chi_square(counts);
    assert!((155.0..380.0).contains(&statistic), "{what}: chi-square {statistic}");
    let zeros = counts[0];
    let expected = counts.iter().sum::<u32>() / 256;
    assert!((expected * 3 / 4..expected * 5 / 4).contains(&zeros), "{what}: {zeros} zeros");
}

const SPLITS: usize = 256 * 512;

#[test]
fn a4_coefficients_are_uniform_and_zero_is_among_them() {
    let mut source = Seeded(14);
    let (mut linear, mut leading) = ([0_u32; 256], [0_u32; 256]);
    // f(x) = s + a x + b x^2. With g(x) = (f(x) - s) / x: b = (g(1) - g(2)) / 3, a = g(1) - b.
    for _ in 0..SPLITS / 4 {
        let secret = [0xa5; 4];
        let points = split(3, 3, &secret, &mut source).expect("split");
        for (one, two) in points[0].iter().zip(points[1].iter()).skip(1) {
            let g1 = one ^ 0xa5;
            let g2 = over_two(two ^ 0xa5);
            let b = over_three(g1 ^ g2);
            leading[usize::from(b)] += 1;
            linear[usize::from(g1 ^ b)] += 1;
        }
    }
    assert_uniform(&linear, "the linear coefficient");
    assert_uniform(&leading, "the leading coefficient");
}

/// Divisions by constants, with the inverse found once.
fn over_two(a: u8) -> u8 {
    times(a, 0x8d)
}

fn over_three(a: u8) -> u8 {
    times(a, 0xf6)
}

#[test]
fn the_inverses_used_above_are_inverses() {
    assert_eq!([times(2, 0x8d), times(3, 0xf6)], [1, 1]);
    assert_eq!([over(1, 2), over(1, 3)], [0x8d, 0xf6]);
}

#[test]
fn the_statistic_finds_the_bias_that_others_had() {
    let mut source = Seeded(15);
    let (mut odd, mut no_zero) = ([0_u32; 256], [0_u32; 256]);
    for _ in 0..SPLITS {
        let mut byte = [0];
        source.fill(&mut byte).expect("seeded");
        odd[usize::from(byte[0] | 1)] += 1;
        no_zero[usize::from(byte[0].max(1))] += 1;
    }
    assert!(chi_square(&odd) > 100_000.0);
    assert!(chi_square(&no_zero) > 380.0);
}

#[test]
fn a4_fewer_than_k_points_look_the_same_whatever_the_secret_is() {
    // Every pair of the four points of a 3-of-4 sharing: its sum, and one of its halves.
    let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
    for secret in [0_u8, 1, 0x80, 0xff] {
        let mut source = Seeded(u64::from(secret) + 100);
        let mut sums = [[0_u32; 256]; 6];
        let mut halves = [[0_u32; 256]; 6];
        for _ in 0..SPLITS / 4 {
            let points = split(3, 4, &[secret], &mut source).expect("split");
            for (pair, (one, other)) in pairs.into_iter().enumerate() {
                let (one, other) = (points[one][1], points[other][1]);
                sums[pair][usize::from(one ^ other)] += 1;
                // What a pair would give if it were taken for 2 of n.
                halves[pair][usize::from(times(one, 3) ^ other)] += 1;
            }
        }
        for (pair, counts) in sums.iter().chain(&halves).enumerate() {
            assert_uniform(counts, &format!("secret {secret}, statistic {pair}"));
        }
    }
}

#[test]
fn a4_two_points_of_three_allow_every_secret_exactly_once() {
    // For any two points of a 3-of-n sharing and any secret there is one third point that gives it:
    // the two exclude nothing.
    let points = split(3, 3, &[0x42], &mut Seeded(7)).expect("split");
    let mut found = [0_u32; 256];
    for third in 0..=255 {
        let known = [(1, &points[0][1..]), (2, &points[1][1..]), (3, &[third][..])];
        found[usize::from(combine(known.into_iter()).expect("combine")[0])] += 1;
    }
    assert_eq!(found, [1; 256]);
}

#[test]
fn points_lie_on_a_polynomial_of_our_own_arithmetic() {
    // Lagrange at zero for the points 1 and 2, where 2 - 1 is 3: s = (2 f(1) - f(2)) / 3.
    for secret in 0..=255 {
        let points = split(2, 2, &[secret], &mut Seeded(u64::from(secret))).expect("split");
        let (f1, f2) = (points[0][1], points[1][1]);
        assert_eq!(over(times(2, f1) ^ f2, 3), secret);
    }
}

#[test]
fn reg_22_a_source_that_fails_splits_nothing() {
    struct Failing(u32);
    impl Entropy for Failing {
        fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
            self.0 = self.0.checked_sub(1).ok_or(EntropyFailed)?;
            buffer.fill(7);
            Ok(())
        }
    }
    let draws = (0..1000).find(|draws| split(3, 5, &[1; 32], &mut Failing(*draws)).is_ok());
    assert_eq!(draws, Some(64), "two coefficients for each of 32 bytes");
}
