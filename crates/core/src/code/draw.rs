//! New codes and salts out of entropy.

use zeroize::Zeroizing;

use super::entropy::{Entropy, EntropyFailed, fill_healthy};
use super::format::Code;
use super::prefix::Prefix;
use super::profile::{Ordinal, Profile};
use super::verifier::{SALT_BYTES, Salt};

/// Bytes asked for at a time while drawing digits.
const DIGIT_BLOCK_BYTES: usize = 16;
/// Blocks after which digits are given up. One block nearly always suffices; that 16 do not, with
/// 6 of 256 bytes rejected, has odds below 2^-1000: the source is broken.
const DIGIT_BLOCKS_MAX: usize = 16;
/// Bytes below this give a digit without bias: 25 for each of the ten.
const DIGIT_BYTES_USED: u8 = 250;

/// Draws a new code.
///
/// Symbols are five bits of a byte each and digits are drawn by rejection, so all codes of a
/// profile are equally likely (N63B-LS-01, ASVS-6.5.3). The ordinal goes into compact codes; the
/// other profiles do not carry one.
///
/// # Errors
///
/// [`EntropyFailed`] if the source fails, or is stuck at one byte. Then there is no code (REG-22).
pub fn draw(
    profile: Profile,
    prefix: &Prefix,
    ordinal: Ordinal,
    source: &mut dyn Entropy,
) -> Result<Code, EntropyFailed> {
    let mut payload = Zeroizing::new(vec![0; profile.payload_symbols()]);
    match (profile, payload.as_mut_slice()) {
        (Profile::Strong, random) => fill_symbols(random, source)?,
        (Profile::Compact, [index, random @ ..]) => {
            *index = ordinal.get();
            fill_symbols(random, source)?;
        }
        (Profile::Issued { .. }, random) => fill_digits(random, source)?,
        (Profile::Compact, []) => return Err(EntropyFailed),
    }
    Ok(Code::of_payload(profile, prefix, &payload))
}

/// Draws the salt of one stretched verifier. One per code (N63B-LS-09).
///
/// # Errors
///
/// [`EntropyFailed`] if the source fails, or is stuck at one byte.
pub fn draw_salt(source: &mut dyn Entropy) -> Result<Salt, EntropyFailed> {
    let mut bytes = [0; SALT_BYTES];
    fill_healthy(source, &mut bytes)?;
    Ok(Salt::new(bytes))
}

fn fill_symbols(symbols: &mut [u8], source: &mut dyn Entropy) -> Result<(), EntropyFailed> {
    fill_healthy(source, symbols)?;
    for symbol in symbols {
        *symbol &= 31;
    }
    Ok(())
}

fn fill_digits(digits: &mut [u8], source: &mut dyn Entropy) -> Result<(), EntropyFailed> {
    let mut open = digits.iter_mut();
    let mut block = Zeroizing::new([0; DIGIT_BLOCK_BYTES]);
    for _ in 0..DIGIT_BLOCKS_MAX {
        fill_healthy(source, block.as_mut_slice())?;
        for byte in block.iter().filter(|byte| **byte < DIGIT_BYTES_USED) {
            match open.next() {
                Some(digit) => *digit = byte % 10,
                None => return Ok(()),
            }
        }
    }
    if open.len() == 0 { Ok(()) } else { Err(EntropyFailed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::profile::Digits;

    /// Gives these bytes over and over.
    struct Cycle(Vec<u8>);

    impl Entropy for Cycle {
        fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
            for byte in buf {
                *byte = self.0[0];
                self.0.rotate_left(1);
            }
            Ok(())
        }
    }

    const ISSUED: Profile = Profile::Issued { digits: Digits::EIGHT };

    fn drawn(profile: Profile, bytes: &[u8]) -> Option<String> {
        let prefix = Prefix::default();
        let code = draw(profile, &prefix, Ordinal::FIRST, &mut Cycle(bytes.to_vec())).ok()?;
        Some(code.expose_display().to_string())
    }

    #[test]
    fn digits_reject_the_bytes_that_would_bias_them() {
        let text = drawn(ISSUED, &[255, 250, 249, 0, 251, 13, 254, 252, 253]).expect("code");
        assert!(text.starts_with("9039-039"), "{text}");
    }

    #[test]
    fn reg_22_a_stuck_source_draws_nothing() {
        for profile in [Profile::Strong, Profile::Compact, ISSUED] {
            assert_eq!(drawn(profile, &[0]), None);
            assert_eq!(drawn(profile, &[255]), None);
        }
        assert_eq!(drawn(ISSUED, &[250, 255]), None, "rejected for ever");
        assert!(draw_salt(&mut Cycle(vec![7])).is_err());
    }
}
