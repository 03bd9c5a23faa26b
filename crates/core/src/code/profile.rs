//! The kinds of code, their sizes and their entropy.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bits at and above which an unsalted keyed hash suffices (N63B-LS-09, ASVS-6.5.2).
pub const KEYED_BITS_MIN: u32 = 112;
/// Bits below which a code may not be used without a throttle in front of it (REG-21).
pub const UNTHROTTLED_BITS_MIN: u32 = 80;
/// Bits a saved recovery code has at least (SP 800-63B-4 §4.2.1.1; REG-21).
pub const SAVED_BITS_MIN: u32 = 64;
/// Bits any code has at least, rounded up from 19.93, which is six digits (N63B-LS-04, ASVS-6.5.4).
pub const ISSUED_BITS_MIN: u32 = 20;
/// The highest ordinal a compact code can carry.
pub const ORDINAL_MAX: u8 = 31;

/// A kind of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Profile {
    /// 26 random symbols (130 bits) and 4 check symbols: `gb-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`.
    Strong,
    /// 1 index symbol, 13 random symbols (65 bits), 2 check symbols: `gb-XXXX-XXXX-XXXX-XXXX`.
    Compact,
    /// Digits only, the last one a check digit, no prefix: `0000-0000`.
    Issued {
        /// How many digits, the check digit included.
        digits: Digits,
    },
}

impl Profile {
    /// Symbols (or digits) of the whole code, check included, prefix and separators not.
    pub const fn symbols(self) -> usize {
        self.payload_symbols() + self.check_symbols()
    }

    /// Symbols (or digits) that are drawn at random.
    pub const fn random_symbols(self) -> usize {
        match self {
            Self::Strong => 26,
            Self::Compact => 13,
            Self::Issued { digits } => (digits.get() - 1) as usize,
        }
    }

    /// Symbols that the check symbols protect and the verifier takes: the index symbol, if there
    /// is one, and the random ones.
    pub(super) const fn payload_symbols(self) -> usize {
        match self {
            Self::Compact => 1 + self.random_symbols(),
            Self::Strong | Self::Issued { .. } => self.random_symbols(),
        }
    }

    /// Check symbols, or the one check digit.
    pub(super) const fn check_symbols(self) -> usize {
        match self {
            Self::Strong => 4,
            Self::Compact => 2,
            Self::Issued { .. } => 1,
        }
    }

    /// Symbols in each displayed group but the last, which may have fewer.
    pub(super) const fn group_symbols(self) -> usize {
        match self {
            Self::Strong => 5,
            Self::Compact => 4,
            Self::Issued { digits } => digits.get().div_ceil(2) as usize,
        }
    }

    /// The name in the tweak, the vectors and the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Compact => "compact",
            Self::Issued { .. } => "issued",
        }
    }

    /// The byte that stands for the profile in the verifier's message.
    pub(super) const fn tag(self) -> u8 {
        match self {
            Self::Strong => 1,
            Self::Compact => 2,
            Self::Issued { .. } => 3,
        }
    }
}

/// The entropy of a code of this profile, in bits, rounded down.
///
/// Check symbols, index symbol and prefix carry none and are not counted (STANDARDS §0.2): 130 for
/// strong, 65 for compact, and 23, 26 or 29 for issued codes of 8, 9 or 10 digits.
pub const fn bits(profile: Profile) -> u32 {
    match profile {
        Profile::Strong => 130,
        Profile::Compact => 65,
        Profile::Issued { digits } => 10_u64.pow(digits.get() as u32 - 1).ilog2(),
    }
}

/// How many digits an issued code has: 8, 9 or 10, the check digit included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Digits(u8);

impl Digits {
    /// 7 random digits and the check digit.
    pub const EIGHT: Self = Self(8);
    /// 8 random digits and the check digit.
    pub const NINE: Self = Self(9);
    /// 9 random digits and the check digit.
    pub const TEN: Self = Self(10);

    /// The number of digits.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Digits {
    type Error = OutOfRange;

    fn try_from(digits: u8) -> Result<Self, OutOfRange> {
        if (8..=10).contains(&digits) {
            Ok(Self(digits))
        } else {
            Err(OutOfRange { what: "digits of an issued code", min: 8, max: 10 })
        }
    }
}

impl From<Digits> for u8 {
    fn from(digits: Digits) -> Self {
        digits.0
    }
}

/// The place of a compact code in its set, 0 to 31: which salt to try.
///
/// It is printed in the code and so no secret. Strong and issued codes do not carry one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Ordinal(u8);

impl Ordinal {
    /// The first place in a set, 0.
    pub const FIRST: Self = Self(0);

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Ordinal {
    type Error = OutOfRange;

    fn try_from(ordinal: u8) -> Result<Self, OutOfRange> {
        if ordinal <= ORDINAL_MAX {
            Ok(Self(ordinal))
        } else {
            Err(OutOfRange { what: "ordinal of a code in its set", min: 0, max: ORDINAL_MAX })
        }
    }
}

impl From<Ordinal> for u8 {
    fn from(ordinal: Ordinal) -> Self {
        ordinal.0
    }
}

impl fmt::Display for Ordinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number outside the range the format has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {what} is from {min} to {max}")]
pub struct OutOfRange {
    what: &'static str,
    min: u8,
    max: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n63b_ls_04_asvs_11_5_1_entropy_is_what_the_tables_say() {
        assert_eq!(bits(Profile::Strong), 130);
        assert_eq!(bits(Profile::Compact), 65);
        let issued = [Digits::EIGHT, Digits::NINE, Digits::TEN]
            .map(|digits| bits(Profile::Issued { digits }));
        assert_eq!(issued, [23, 26, 29]);
        assert!(issued.iter().all(|bits| *bits >= ISSUED_BITS_MIN));
        assert!(bits(Profile::Strong) >= KEYED_BITS_MIN);
        assert!(bits(Profile::Compact) >= SAVED_BITS_MIN);
    }

    #[test]
    fn sizes_are_those_of_the_layout() {
        let sizes = |profile: Profile| (profile.symbols(), profile.group_symbols());
        assert_eq!(sizes(Profile::Strong), (30, 5));
        assert_eq!(sizes(Profile::Compact), (16, 4));
        assert_eq!(sizes(Profile::Issued { digits: Digits::EIGHT }), (8, 4));
        assert_eq!(sizes(Profile::Issued { digits: Digits::NINE }), (9, 5));
        assert_eq!(sizes(Profile::Issued { digits: Digits::TEN }), (10, 5));
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert!(Digits::try_from(7).is_err());
        assert!(Digits::try_from(11).is_err());
        assert!(Ordinal::try_from(32).is_err());
        assert_eq!(Ordinal::try_from(31).map(Ordinal::get), Ok(31));
        assert!(serde_json::from_str::<Profile>(r#"{"kind":"issued","digits":7}"#).is_err());
        let text = serde_json::to_string(&Profile::Issued { digits: Digits::TEN }).expect("json");
        assert_eq!(text, r#"{"kind":"issued","digits":10}"#);
    }
}
