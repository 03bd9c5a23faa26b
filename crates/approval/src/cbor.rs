//! As much CBOR as authenticators write: CTAP2 canonical form (definite lengths, shortest numbers,
//! no tags). A general reader would take more spellings than there are.

use crate::refused::Refused;

/// Deeper than anything an authenticator sends.
const DEPTH_MAX: u32 = 8;

/// Reads items one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a>(&'a [u8]);

/// The first byte or bytes of an item: its major type, and its number.
struct Head {
    major: u8,
    number: u64,
}

const CUT: Refused = Refused::Malformed("CBOR that ends too early");
const OTHER: Refused = Refused::Malformed("CBOR of another type than is due");
const LONG: Refused = Refused::Malformed("CBOR that is not in its canonical form");

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What was not read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The number of entries of a map, which follow.
    pub(crate) fn map(&mut self) -> Result<u64, Refused> {
        self.of_major(5)
    }

    /// An integer.
    pub(crate) fn integer(&mut self) -> Result<i64, Refused> {
        let head = self.head()?;
        let number = i64::try_from(head.number).map_err(|_| OTHER)?;
        match head.major {
            0 => Ok(number),
            1 => Ok(-1 - number),
            _ => Err(OTHER),
        }
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Refused> {
        let length = self.of_major(2)?;
        self.take(length)
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<&'a str, Refused> {
        let length = self.of_major(3)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| OTHER)
    }

    /// Passes over a map, whatever is in it.
    pub(crate) fn skip_map(&mut self) -> Result<(), Refused> {
        for _ in 0..self.map()? {
            self.skip(DEPTH_MAX)?;
            self.skip(DEPTH_MAX)?;
        }
        Ok(())
    }

    fn skip(&mut self, depth: u32) -> Result<(), Refused> {
        let Some(depth) = depth.checked_sub(1) else { return Err(LONG) };
        let head = self.head()?;
        let items = match head.major {
            0 | 1 | 7 => 0,
            2 | 3 => return self.take(head.number).map(drop),
            4 => head.number,
            _ => head.number.checked_mul(2).ok_or(CUT)?,
        };
        // Each item takes a byte at least, so a length that lies ends this soon.
        (0..items).try_for_each(|_| self.skip(depth))
    }

    fn of_major(&mut self, major: u8) -> Result<u64, Refused> {
        let head = self.head()?;
        if head.major == major { Ok(head.number) } else { Err(OTHER) }
    }

    fn head(&mut self) -> Result<Head, Refused> {
        let (first, rest) = self.0.split_first().ok_or(CUT)?;
        self.0 = rest;
        let (major, low) = (first >> 5, first & 31);
        let (number, least) = match low {
            0..=23 => (u64::from(low), 0),
            24 => (u64::from(u8::from_be_bytes(self.array()?)), 24),
            25 => (u64::from(u16::from_be_bytes(self.array()?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.array()?)), 1 << 16),
            27 => (u64::from_be_bytes(self.array()?), 1 << 32),
            _ => return Err(LONG),
        };
        // Major type 7 past 24 is a float: its bytes are not a number with a shortest form.
        let float = major == 7 && low > 24;
        if major == 6 || (number < least && !float) {
            Err(LONG)
        } else {
            Ok(Head { major, number })
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(CUT)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Refused> {
        let length = usize::try_from(length).map_err(|_| CUT)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_in_their_shortest_form_alone() {
        for (bytes, number) in [
            (&[0x00][..], 0),
            (&[0x17], 23),
            (&[0x18, 0x18], 24),
            (&[0x19, 0x01, 0x00], 256),
            (&[0x26], -7),
            (&[0x39, 0x01, 0x00], -257),
        ] {
            assert_eq!(Reader::new(bytes).integer(), Ok(number));
        }
        for bytes in [&[0x18, 0x17][..], &[0x19, 0x00, 0xff], &[0x38, 0x06], &[0x1f], &[0xc0, 0]] {
            assert_eq!(Reader::new(bytes).integer(), Err(LONG), "{bytes:?}");
        }
        assert_eq!(
            Reader::new(&[0x3b, 255, 255, 255, 255, 255, 255, 255, 255]).integer(),
            Err(OTHER)
        );
        assert_eq!(Reader::new(&[0x41, 0]).integer(), Err(OTHER));
    }

    #[test]
    fn lengths_that_lie_and_nests_without_end_are_refused() {
        assert_eq!(Reader::new(&[0x42, 0]).bytes(), Err(CUT));
        assert_eq!(Reader::new(&[0x5b, 255, 255, 255, 255, 255, 255, 255, 255]).bytes(), Err(CUT));
        assert_eq!(
            Reader::new(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255]).skip_map(),
            Err(CUT)
        );
        let deep = [[0xa1, 0x00].repeat(9), vec![0x00]].concat();
        assert_eq!(Reader::new(&deep).skip_map(), Err(LONG));
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), Err(OTHER));
        assert_eq!(Reader::new(&[0xbf, 0xff]).map(), Err(LONG));
    }

    #[test]
    fn what_extensions_hold_is_passed_over_and_what_follows_is_left() {
        // {"credProtect": 2, "x": [true, null, 1.5, h'00', {}]} and a byte more.
        let bytes = [
            &[0xa2, 0x6b][..],
            b"credProtect",
            &[0x02, 0x61, b'x', 0x85, 0xf5, 0xf6, 0xf9, 0x3e, 0x00, 0x41, 0x00, 0xa0, 0x2a],
        ]
        .concat();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.skip_map(), Ok(()));
        assert_eq!(reader.rest(), [0x2a]);
    }
}
