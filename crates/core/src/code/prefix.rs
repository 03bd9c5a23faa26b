//! The prefix: issuer and environment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::check;

const BYTES_MIN: usize = 2;
const BYTES_MAX: usize = 8;

/// The issuer and environment a code belongs to, as in `gb-...`.
///
/// 2 to 8 characters out of the Crockford alphabet in lower case, the first one a letter. It takes
/// part in the check symbols and in the verifier, so a code of one environment is refused in the
/// other also when it is typed without its prefix.
///
/// ```
/// use glassbreak_core::code::Prefix;
/// assert_eq!(Prefix::parse("gb"), Ok(Prefix::default()));
/// assert!(Prefix::parse("9gb").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix {
    /// ASCII text, padded with zero bytes, which are not in the alphabet.
    text: [u8; BYTES_MAX],
    tweaks: check::Tweaks,
}

impl Prefix {
    /// Reads a prefix.
    ///
    /// # Errors
    ///
    /// [`PrefixRefused`] if it has not 2 to 8 characters, has one that is not in the lower-cased
    /// alphabet (so `i`, `l`, `o`, `u` and capitals too), or does not begin with a letter.
    pub fn parse(text: &str) -> Result<Self, PrefixRefused> {
        if !(BYTES_MIN..=BYTES_MAX).contains(&text.len()) {
            return Err(PrefixRefused::Length);
        }
        let displayed = |c: char| check::symbol_of(c).map(check::character_of);
        if !text.chars().all(|c| displayed(c).is_some_and(|d| d.to_ascii_lowercase() == c)) {
            return Err(PrefixRefused::Symbol);
        }
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(PrefixRefused::FirstNotLetter);
        }
        Ok(Self::of_valid(text))
    }

    /// The prefix of test environments, `gbt`.
    pub fn test() -> Self {
        Self::of_valid("gbt")
    }

    /// The prefix as it is displayed, in lower case and without a dash.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn of_valid(text: &str) -> Self {
        let mut padded = [0; BYTES_MAX];
        for (to, from) in padded.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Self { text: padded, tweaks: check::Tweaks::of(text) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.text.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// The symbol values of the prefix, for comparing with what was typed.
    pub(super) fn symbols(&self) -> impl Iterator<Item = u8> {
        self.as_str().chars().filter_map(check::symbol_of)
    }

    pub(super) const fn tweaks(&self) -> &check::Tweaks {
        &self.tweaks
    }
}

/// The prefix of production, `gb`.
impl Default for Prefix {
    fn default() -> Self {
        Self::of_valid("gb")
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prefix").field(&self.as_str()).finish()
    }
}

impl TryFrom<String> for Prefix {
    type Error = PrefixRefused;

    fn try_from(text: String) -> Result<Self, PrefixRefused> {
        Self::parse(&text)
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.as_str().to_owned()
    }
}

/// Why a text cannot be a [`Prefix`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrefixRefused {
    /// Not 2 to 8 characters.
    #[error("a code prefix has 2 to 8 characters")]
    Length,
    /// A character outside the lower-cased Crockford alphabet.
    #[error("a code prefix has digits and the letters a to z without i, l, o and u, lower case")]
    Symbol,
    /// The first character is a digit.
    #[error("a code prefix begins with a letter")]
    FirstNotLetter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_two_to_eight_alphabet_characters_are_taken() {
        for text in ["gb", "gbt", "acme", "g0", "zzzzzzzz"] {
            assert_eq!(Prefix::parse(text).expect(text).as_str(), text);
        }
        assert_eq!(Prefix::default().as_str(), "gb");
        assert_eq!(Prefix::test().as_str(), "gbt");
    }

    #[test]
    fn other_prefixes_are_refused() {
        use PrefixRefused::{FirstNotLetter, Length, Symbol};
        for (text, error) in [
            ("", Length),
            ("g", Length),
            ("zzzzzzzzz", Length),
            ("GB", Symbol),
            ("gu", Symbol),
            ("gi", Symbol),
            ("gl", Symbol),
            ("go", Symbol),
            ("g-b", Symbol),
            ("gé", Symbol),
            ("0g", FirstNotLetter),
        ] {
            assert_eq!(Prefix::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn serde_refuses_what_parse_refuses() {
        assert_eq!(serde_json::to_string(&Prefix::test()).expect("json"), "\"gbt\"");
        assert_eq!(serde_json::from_str::<Prefix>("\"gbt\"").expect("prefix"), Prefix::test());
        assert!(serde_json::from_str::<Prefix>("\"GBT\"").is_err());
    }
}
