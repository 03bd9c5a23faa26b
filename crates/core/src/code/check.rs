//! The alphabet and the check symbols: Reed-Solomon over GF(32), and Damm for digits.
//!
//! A symbol is its value, 0 to 31. The check symbols are the remainder of the payload polynomial
//! under a generator with the roots a, a^2, ..., a^r (a = 2), so any two codes of one profile and
//! prefix differ in at least r + 1 places: every change of up to r symbols is caught, for certain.
//! A tweak made of the prefix is then added (XOR), which moves all codes of one prefix by the
//! same amount: distances stay, and codes of two prefixes with different tweaks have none in
//! common. Nothing here is secret or gives security (SS-04).

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use super::prefix::Prefix;
use super::profile::{Digits, Profile};

/// Crockford's base32 alphabet, in the order of the symbol values.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// x^5 + x^2 + 1, primitive, so that 2 generates the multiplicative group of 31 elements.
const FIELD_POLYNOMIAL: u8 = 0b10_0101;
/// (x - 2)(x - 4)(x - 8)(x - 16) = x^4 + 30 x^3 + 6 x^2 + 9 x + 17, without the leading 1.
const STRONG_GENERATOR: [u8; 4] = [30, 6, 9, 17];
/// (x - 2)(x - 4) = x^2 + 6 x + 8, without the leading 1.
const COMPACT_GENERATOR: [u8; 2] = [6, 8];
/// What the tweak hashes before the profile's name, a slash and the prefix.
const TWEAK_DOMAIN: &str = "glassbreak/code/v1/check/";
/// Damm's totally anti-symmetric quasigroup of order 10 (2004): row is the interim digit.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// What is added (XOR) to each profile's check symbols under one prefix.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tweaks {
    strong: [u8; STRONG_GENERATOR.len()],
    compact: [u8; COMPACT_GENERATOR.len()],
}

impl Tweaks {
    pub(super) fn of(prefix: &str) -> Self {
        Self { strong: tweak(Profile::Strong, prefix), compact: tweak(Profile::Compact, prefix) }
    }
}

/// The low five bits of each of the first `R` bytes of SHA-256(domain, profile, "/", prefix).
fn tweak<const R: usize>(profile: Profile, prefix: &str) -> [u8; R] {
    let text = [TWEAK_DOMAIN, profile.name(), "/", prefix].concat();
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut symbols = [0; R];
    for (symbol, byte) in symbols.iter_mut().zip(hash.as_ref()) {
        *symbol = byte & 31;
    }
    symbols
}

/// The character that displays a symbol. Values above 31 do not occur.
pub(super) fn character_of(symbol: u8) -> char {
    ALPHABET.get(usize::from(symbol)).map_or('0', |byte| char::from(*byte))
}

/// The symbol a typed character stands for: either case, `O` for `0`, `I` and `L` for `1`. None for
/// all else, `U` included. Only ASCII is folded: no other script has look-alikes here.
pub(super) fn symbol_of(character: char) -> Option<u8> {
    let upper = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|byte| char::from(*byte) == upper)?;
    u8::try_from(place).ok()
}

/// The check symbols of a payload, in display order.
pub(super) fn check_symbols(
    profile: Profile,
    prefix: &Prefix,
    payload: &[u8],
) -> Zeroizing<Vec<u8>> {
    let tweaks = prefix.tweaks();
    Zeroizing::new(match profile {
        Profile::Strong => tweaked(payload, &STRONG_GENERATOR, &tweaks.strong).to_vec(),
        Profile::Compact => tweaked(payload, &COMPACT_GENERATOR, &tweaks.compact).to_vec(),
        Profile::Issued { digits } => vec![damm(digits, payload)],
    })
}

/// Whether a whole code, check symbols last, has the right check symbols. It has the length of its
/// profile; a shorter one is refused.
pub(super) fn holds(profile: Profile, prefix: &Prefix, code: &[u8]) -> bool {
    code.split_at_checked(profile.payload_symbols())
        .is_some_and(|(payload, check)| check_symbols(profile, prefix, payload).as_slice() == check)
}

fn tweaked<const R: usize>(payload: &[u8], generator: &[u8; R], tweak: &[u8; R]) -> [u8; R] {
    let mut check = remainder(payload, generator);
    for (symbol, tweak) in check.iter_mut().zip(tweak) {
        *symbol ^= tweak;
    }
    check
}

/// payload(x) * x^R modulo the generator. First symbol, highest power.
fn remainder<const R: usize>(payload: &[u8], generator: &[u8; R]) -> [u8; R] {
    let mut register = [0; R];
    for symbol in payload {
        let feedback = symbol ^ register.first().copied().unwrap_or_default();
        register.rotate_left(1);
        if let Some(last) = register.last_mut() {
            *last = 0;
        }
        for (cell, coefficient) in register.iter_mut().zip(generator) {
            *cell ^= product(feedback, *coefficient);
        }
    }
    register
}

/// The product in GF(32), of symbols below 32, without tables or branches on the values.
const fn product(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut sum) = (a, b, 0);
    let mut bit = 0;
    while bit < 5 {
        sum ^= a * (b & 1);
        b >>= 1;
        a <<= 1;
        a ^= (a >> 5) * FIELD_POLYNOMIAL;
        bit += 1;
    }
    sum
}

/// Damm's check digit of the digits, after a virtual first digit that is the length modulo 10.
///
/// That digit is not displayed. It makes a `0` added at the end as visible as any other digit; in
/// the plain method, whose check digit leaves the interim digit 0, it would never be noticed.
fn damm(digits: Digits, payload: &[u8]) -> u8 {
    let step = |interim: u8, digit: &u8| {
        let row = DAMM.get(usize::from(interim));
        row.and_then(|row| row.get(usize::from(*digit))).copied().unwrap_or_default()
    };
    payload.iter().fold(step(0, &(digits.get() % 10)), step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coefficients of the product of (x - 2^i) for i in 1..=R, highest power first.
    fn generator_from_roots(roots: u32) -> Vec<u8> {
        let mut polynomial = vec![1];
        let mut root = 1;
        for _ in 0..roots {
            root = product(root, 2);
            let mut next = vec![0; polynomial.len() + 1];
            for (i, c) in polynomial.iter().enumerate() {
                next[i] ^= c;
                next[i + 1] ^= product(*c, root);
            }
            polynomial = next;
        }
        polynomial
    }

    #[test]
    fn gf32_is_a_field_and_two_generates_it() {
        let mut powers: Vec<u8> = Vec::new();
        let mut power = 1;
        for _ in 0..31 {
            powers.push(power);
            power = product(power, 2);
        }
        assert_eq!(power, 1, "2^31 = 1");
        powers.sort_unstable();
        assert_eq!(powers, (1..32).collect::<Vec<u8>>());
        for a in 0..32 {
            for b in 0..32 {
                assert_eq!(product(a, b), product(b, a));
                assert_eq!(product(a, b) == 0, a == 0 || b == 0);
                assert_eq!(product(a, b ^ 7), product(a, b) ^ product(a, 7));
            }
        }
    }

    #[test]
    fn generators_have_their_consecutive_roots() {
        assert_eq!(generator_from_roots(4)[1..], STRONG_GENERATOR);
        assert_eq!(generator_from_roots(2)[1..], COMPACT_GENERATOR);
    }

    #[test]
    fn code_words_vanish_at_every_root() {
        let payload: Vec<u8> = (0..26).map(|i| (i * 7 + 3) % 32).collect();
        let check = remainder(&payload, &STRONG_GENERATOR);
        for root in [2, 4, 8, 16] {
            let value = payload.iter().chain(&check).fold(0, |sum, c| product(sum, root) ^ c);
            assert_eq!(value, 0);
        }
    }

    #[test]
    fn the_damm_table_is_a_totally_anti_symmetric_quasigroup() {
        for x in 0..10 {
            let mut row = DAMM[x];
            let mut column = DAMM.map(|row| row[x]);
            row.sort_unstable();
            column.sort_unstable();
            assert_eq!(row, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
            assert_eq!(row, column);
            assert_eq!(DAMM[x][x], 0);
            for (y, z) in (0..10).flat_map(|y| (0..10).map(move |z| (y, z))) {
                let swapped = |a: usize, b: usize| DAMM[usize::from(DAMM[x][a])][b];
                assert_eq!(swapped(y, z) == swapped(z, y), y == z);
            }
        }
    }

    #[test]
    fn b6_default_prefixes_have_different_tweaks() {
        let (live, test) = (Tweaks::of("gb"), Tweaks::of("gbt"));
        assert_ne!(live.strong, test.strong);
        assert_ne!(live.compact, test.compact);
        assert_ne!(live.strong[..2], live.compact, "profiles are told apart too");
    }

    #[test]
    fn the_alphabet_and_its_look_alikes() {
        for (value, byte) in ALPHABET.iter().enumerate() {
            let character = char::from(*byte);
            assert_eq!(symbol_of(character).map(usize::from), Some(value));
            assert_eq!(symbol_of(character.to_ascii_lowercase()), symbol_of(character));
            assert_eq!(character_of(symbol_of(character).expect("symbol")), character);
        }
        assert_eq!(['o', 'O', 'i', 'I', 'l', 'L'].map(symbol_of), [0, 0, 1, 1, 1, 1].map(Some));
        assert_eq!(['u', 'U', '\u{212a}', '\u{130}', '٣', '０'].map(symbol_of), [None; 6]);
    }
}
