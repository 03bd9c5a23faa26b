//! What is wrong with a typed code, in words that do not repeat it.

/// The typed text is not a code of this issuer: a typing error, never a wrong guess.
///
/// Found from the text and the prefix alone, before any look-up, so it tells a stranger nothing.
/// No variant carries a piece of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// Nothing but separators was typed.
    #[error("the code is empty")]
    Empty,
    /// Fewer symbols than the nearest kind of code has.
    #[error("the code is too short")]
    TooShort,
    /// More symbols than the nearest kind of code has, or more than
    /// [`INPUT_BYTES_MAX`](super::INPUT_BYTES_MAX) bytes.
    #[error("the code is too long")]
    TooLong,
    /// A character that no code has.
    #[error("the character at position {position} does not occur in codes")]
    BadSymbol {
        /// Where, in characters (Unicode scalar values) of the input as typed, counted from 1,
        /// separators and prefix included: what a form needs to put the cursor there.
        position: usize,
    },
    /// The right number of symbols follows a prefix that is not this issuer's.
    #[error("the code has the prefix of another issuer or environment")]
    OtherPrefix,
    /// The check symbols do not agree with the rest.
    #[error("the check symbols of the code do not agree with the rest")]
    Checksum,
}

impl Malformed {
    /// The stable machine code: lower case, never reused for something else.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "code_empty",
            Self::TooShort => "code_too_short",
            Self::TooLong => "code_too_long",
            Self::BadSymbol { .. } => "code_bad_symbol",
            Self::OtherPrefix => "code_other_prefix",
            Self::Checksum => "code_checksum",
        }
    }

    /// What the person who typed it can do, as one or two plain sentences.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Empty => "Type or paste the code.",
            Self::TooShort => "Some of the code is missing. Compare it with your copy to the end.",
            Self::TooLong => {
                "There is more than one code here, or something was typed twice. Enter one code only."
            }
            Self::BadSymbol { .. } => {
                "Codes have digits and the letters A to Z without I, L, O and U. Look at the marked \
                 character again."
            }
            Self::OtherPrefix => {
                "This code was issued for another site or environment. Check the letters before the \
                 first dash."
            }
            Self::Checksum => {
                "One or more characters are mistyped, or the code belongs to another site. Compare \
                 it with your copy, group by group."
            }
        }
    }
}
