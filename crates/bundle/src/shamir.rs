//! Shamir's sharing of bytes over GF(256), by `vsss-rs` (docs/decisions/0014).

use glassbreak_core::code::Entropy;
use vsss_rs::{Gf256, IdentifierGf256};
use zeroize::Zeroizing;

use crate::entropy::Infallibly;

/// One point of the polynomials: its number, then a byte for each byte of what was split.
pub(crate) type Point = Zeroizing<Vec<u8>>;

/// The sharing failed: randomness, or parameters that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SharingFailed;

/// Splits `secret` into the points 1 to `n`, of which any `k` give it back.
///
/// Coefficients are uniform over the whole field, zero included; `tests` below hold the library
/// to it, because its versions before 6.0 were not.
pub(crate) fn split(
    k: u8,
    n: u8,
    secret: &[u8],
    source: &mut dyn Entropy,
) -> Result<Vec<Point>, SharingFailed> {
    let mut random = Infallibly::new(source);
    let numbers = (1..=n).map(|number| IdentifierGf256(Gf256(number)));
    let (k, n) = (usize::from(k), usize::from(n));
    let points = Gf256::split_bytes_with_participant_ids_iter(k, n, secret, &mut random, numbers);
    let points = points.map_err(|_| SharingFailed)?.into_iter().map(Zeroizing::new).collect();
    random.outcome().map_err(|_| SharingFailed)?;
    Ok(points)
}

/// What the points make up. Too few of them, or wrong ones, give other bytes, not an error: check
/// them first, and the outcome after.
pub(crate) fn combine<'a>(
    points: impl Iterator<Item = (u8, &'a [u8])>,
) -> Result<Zeroizing<Vec<u8>>, SharingFailed> {
    let points: Vec<Vec<u8>> = points
        .map(|(number, bytes)| {
            // At its full size from the start: growing would leave a copy behind.
            let mut point = Vec::with_capacity(bytes.len().saturating_add(1));
            point.push(number);
            point.extend_from_slice(bytes);
            point
        })
        .collect();
    let points = Zeroizing::new(points);
    Gf256::combine_bytes(points.as_slice()).map(Zeroizing::new).map_err(|_| SharingFailed)
}

#[cfg(test)]
mod tests;
