//! The mark that keys of a broken generator bear (ROCA, CVE-2017-15361): their primes are powers of
//! 65537 modulo many small primes, so their product is, too. Such a key can be factored.

/// The small primes where the powers of 65537 are few enough to tell.
const PRIMES: [u32; 17] =
    [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether a modulus (big-endian) bears the mark. A sound one does so once in some 2^27.
pub(super) fn is_marked(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let remainder = modulus.iter().fold(0, |sum, byte| (sum * 256 + u32::from(*byte)) % prime);
        is_power(remainder, *prime)
    })
}

/// Whether `value` is a power of 65537 modulo `prime`.
fn is_power(value: u32, prime: u32) -> bool {
    let base = 65_537 % prime;
    let mut power = 1;
    loop {
        if power == value {
            return true;
        }
        power = power * base % prime;
        if power == 1 {
            return false;
        }
    }
}
