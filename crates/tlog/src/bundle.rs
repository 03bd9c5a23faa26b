//! Entry bundles: `u16 big-endian length || entry`, up to 256 of them (TL-07).

use thiserror::Error;

use crate::tile::TILE_WIDTH;

/// Bytes an entry may have at most, because its length is a `u16` (TL-07).
pub const ENTRY_LEN_MAX: usize = u16::MAX as usize;

/// Why bytes are not a bundle, or entries do not make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BundleError {
    /// An entry does not fit its length field.
    #[error("entry {entry} of the bundle has {bytes} bytes, more than 65535")]
    EntryTooLong {
        /// Place in the bundle.
        entry: usize,
        /// Its length.
        bytes: usize,
    },
    /// The bytes end inside an entry or inside its length.
    #[error("the bundle ends inside entry {entry}")]
    Cut {
        /// Place in the bundle.
        entry: usize,
    },
    /// No entries: empty bundles do not exist.
    #[error("the bundle is empty")]
    Empty,
    /// More entries than a bundle holds.
    #[error("the bundle holds more than 256 entries")]
    TooMany,
}

/// The entries of a bundle, in order. The whole of the bytes must be entries.
pub fn parse(bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let entry = entries.len();
        if entry == usize::from(TILE_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let (length, after) = rest.split_first_chunk().ok_or(BundleError::Cut { entry })?;
        let (body, after) = after
            .split_at_checked(usize::from(u16::from_be_bytes(*length)))
            .ok_or(BundleError::Cut { entry })?;
        entries.push(body);
        rest = after;
    }
    if entries.is_empty() {
        return Err(BundleError::Empty);
    }
    Ok(entries)
}

/// The bundle of some entries, one to 256 of them.
pub fn encode<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for (entry, body) in entries.into_iter().enumerate() {
        if entry == usize::from(TILE_WIDTH) {
            return Err(BundleError::TooMany);
        }
        let length = u16::try_from(body.len())
            .map_err(|_| BundleError::EntryTooLong { entry, bytes: body.len() })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(body);
    }
    if bytes.is_empty() {
        return Err(BundleError::Empty);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_kept() {
        let long = vec![0; ENTRY_LEN_MAX + 1];
        assert!(encode([&long[1..]]).is_ok());
        assert_eq!(
            encode([&b"a"[..], &long]),
            Err(BundleError::EntryTooLong { entry: 1, bytes: 65_536 })
        );
        assert!(encode([&b""[..]; 256]).is_ok());
        assert_eq!(encode([&b""[..]; 257]), Err(BundleError::TooMany));
        assert_eq!(encode([]), Err(BundleError::Empty));
        assert_eq!(parse(&[0; 512]).unwrap().len(), 256);
        assert_eq!(parse(&[0; 514]), Err(BundleError::TooMany));
        assert_eq!(parse(&[]), Err(BundleError::Empty));
        assert_eq!(parse(&[0, 0, 0]), Err(BundleError::Cut { entry: 1 }));
        assert_eq!(parse(&[0, 2, 9]), Err(BundleError::Cut { entry: 0 }));
    }

    proptest! {
        #[test]
        fn a_bundle_reads_back(
            entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..50),
        ) {
            let bytes = encode(entries.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(parse(&bytes).unwrap(), entries);
        }

        #[test]
        fn any_bytes_are_refused_or_read_back(bytes in prop::collection::vec(0_u8..3, 0..60)) {
            if let Ok(entries) = parse(&bytes) {
                prop_assert_eq!(encode(entries).unwrap(), bytes);
            }
        }
    }
}
