//! Codes are as random as their source, and there are none without it.

use std::collections::HashSet;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use glassbreak_core::code::{
    Digits, Entropy, EntropyFailed, Ordinal, Prefix, Profile, draw, draw_salt,
};

use crate::seeded::{ALPHABET, PROFILES, body};

/// The operating system's generator, as the engine uses it.
struct System(SystemRandom);

impl Entropy for System {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0.fill(buf).map_err(|_| EntropyFailed)
    }
}

/// A million codes: no two the same, and every symbol equally frequent, over all and at each
/// place. The bounds are passed by chance less than once in 10^8 runs.
#[test]
fn reg_22_n63b_ls_01_a_million_strong_codes_are_uniform_and_distinct() {
    let (prefix, mut source) = (Prefix::default(), System(SystemRandom::new()));
    let mut counts = [[0_u64; 32]; 26];
    let mut seen = HashSet::with_capacity(1_000_000);
    for _ in 0..1_000_000 {
        let code = draw(Profile::Strong, &prefix, Ordinal::FIRST, &mut source).expect("entropy");
        let values = body(&code).into_iter().take(26).map(value_of).collect::<Vec<_>>();
        for (count, value) in counts.iter_mut().zip(&values) {
            count[usize::from(*value)] += 1;
        }
        // 25 symbols, 125 bits, fit a key; equal codes have equal keys.
        let key = values.iter().take(25).fold(0_u128, |sum, v| sum << 5 | u128::from(*v));
        assert!(seen.insert(key), "two codes agree in 125 bits");
    }
    let mut totals = [0; 32];
    for count in &counts {
        assert!(chi_square(count) < 110.0, "31 degrees of freedom: {}", chi_square(count));
        totals.iter_mut().zip(count).for_each(|(total, count)| *total += count);
    }
    println!("chi-square of 26,000,000 symbols, 31 degrees: {:.1}", chi_square(&totals));
    assert!(chi_square(&totals) < 110.0);
}

#[test]
fn reg_22_digits_and_compact_symbols_are_uniform() {
    let (prefix, mut source) = (Prefix::default(), System(SystemRandom::new()));
    let (mut digits, mut symbols) = ([0; 10], [0; 32]);
    for _ in 0..100_000 {
        let issued = Profile::Issued { digits: Digits::TEN };
        let code = draw(issued, &prefix, Ordinal::FIRST, &mut source).expect("entropy");
        body(&code).into_iter().take(9).for_each(|d| digits[usize::from(value_of(d))] += 1);
        let code = draw(Profile::Compact, &prefix, Ordinal::FIRST, &mut source).expect("entropy");
        assert_eq!(code.ordinal(), Some(0));
        let random = body(&code).into_iter().skip(1).take(13);
        random.for_each(|s| symbols[usize::from(value_of(s))] += 1);
    }
    println!("chi-square: digits {:.1}, symbols {:.1}", chi_square(&digits), chi_square(&symbols));
    assert!(chi_square(&digits) < 65.0, "9 degrees of freedom");
    assert!(chi_square(&symbols) < 110.0, "31 degrees of freedom");
}

/// Succeeds so many times, then fails, writing nothing useful.
struct FailsAfter(usize);

impl Entropy for FailsAfter {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0 = self.0.checked_sub(1).ok_or(EntropyFailed)?;
        // Rejected by the drawing of digits, so that it asks again.
        buf.iter_mut().zip([250, 251].into_iter().cycle()).for_each(|(to, from)| *to = from);
        Ok(())
    }
}

#[test]
fn reg_22_without_entropy_nothing_is_drawn() {
    let prefix = Prefix::default();
    for profile in PROFILES {
        assert!(draw(profile, &prefix, Ordinal::FIRST, &mut FailsAfter(0)).is_err());
    }
    let issued = Profile::Issued { digits: Digits::EIGHT };
    assert!(draw(issued, &prefix, Ordinal::FIRST, &mut FailsAfter(3)).is_err());
    assert!(draw_salt(&mut FailsAfter(0)).is_err());
}

#[test]
fn every_ordinal_is_carried_by_compact_codes_and_by_no_other() {
    let (prefix, mut source) = (Prefix::default(), System(SystemRandom::new()));
    for number in 0..32 {
        let ordinal = Ordinal::try_from(number).expect("ordinal");
        let code = draw(Profile::Compact, &prefix, ordinal, &mut source).expect("entropy");
        assert_eq!(code.ordinal(), Some(number));
        assert_eq!(body(&code)[0], ALPHABET[usize::from(number)]);
        let strong = draw(Profile::Strong, &prefix, ordinal, &mut source).expect("entropy");
        assert_eq!(strong.ordinal(), None);
    }
}

fn value_of(character: u8) -> u8 {
    let place = ALPHABET.iter().position(|byte| *byte == character).expect("a symbol");
    u8::try_from(place).expect("below 32")
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn chi_square(counts: &[u64]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    counts.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum()
}
