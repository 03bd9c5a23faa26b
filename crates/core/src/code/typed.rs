//! What a person typed, normalised to symbols.

use zeroize::Zeroizing;

use super::check;
use super::malformed::Malformed;
use super::prefix::Prefix;
use super::profile::{Digits, Profile};

/// The longest input that is looked at, in bytes of UTF-8. Longer ones are
/// [`Malformed::TooLong`] before any work.
pub const INPUT_BYTES_MAX: usize = 128;

/// The symbols of an input, separators gone, look-alikes and case folded.
pub(super) struct Typed {
    symbols: Zeroizing<Vec<u8>>,
    /// Symbols before the first separator that follows a symbol: perhaps a prefix. Only chooses
    /// the words of a refusal.
    first_group: Option<usize>,
}

impl Typed {
    /// Normalises an input. No character is dropped but separators, so no two different symbol
    /// strings become the same (N63B-HS-11, -12).
    pub(super) fn read(input: &str) -> Result<Self, Malformed> {
        if input.len() > INPUT_BYTES_MAX {
            return Err(Malformed::TooLong);
        }
        // Never grows: a character is at least one byte. Growing would leave a copy behind.
        let mut symbols = Zeroizing::new(Vec::with_capacity(INPUT_BYTES_MAX));
        let mut first_group = None;
        for (place, character) in input.chars().enumerate() {
            if let Some(symbol) = check::symbol_of(character) {
                symbols.push(symbol);
            } else if !is_separator(character) {
                return Err(Malformed::BadSymbol { position: place + 1 });
            } else if !symbols.is_empty() && first_group.is_none() {
                first_group = Some(symbols.len());
            }
        }
        if symbols.is_empty() { Err(Malformed::Empty) } else { Ok(Self { symbols, first_group }) }
    }

    /// The profile, which the number of symbols tells, and the symbols without the prefix.
    ///
    /// 30 and 16 symbols are a code without its prefix, 8 to 10 digits an issued code; otherwise
    /// the prefix must stand before 30 or 16 symbols. A prefix has 2 to 8 symbols, the first of
    /// them a letter, so these lengths (8..=10, 16, 18..=24, 30, 32..=38) cannot be confused.
    pub(super) fn recognise(&self, prefix: &Prefix) -> Result<(Profile, &[u8]), Malformed> {
        let symbols = self.symbols.as_slice();
        if let Some(profile) = of_bare(symbols) {
            return Ok((profile, symbols));
        }
        let rest = without_prefix(symbols, prefix);
        if let Some(profile) = rest.and_then(|rest| of_length(rest.len())) {
            return Ok((profile, rest.unwrap_or_default()));
        }
        Err(self.diagnose(rest))
    }

    /// The words for a number of symbols that no code has.
    fn diagnose(&self, rest: Option<&[u8]>) -> Malformed {
        let symbols = self.symbols.as_slice();
        let after_first_group = self.first_group.and_then(|size| symbols.split_at_checked(size));
        if let Some((group, after)) = after_first_group {
            let prefix_like = (2..=8).contains(&group.len()) && group.first() > Some(&9);
            if prefix_like && of_length(after.len()).is_some() {
                return Malformed::OtherPrefix;
            }
        }
        if rest.is_none() && symbols.iter().all(|symbol| *symbol < 10) && symbols.len() < 13 {
            return if symbols.len() < 8 { Malformed::TooShort } else { Malformed::TooLong };
        }
        // The nearer of 16 and 30 is what was meant.
        match rest.unwrap_or(symbols).len() {
            0..16 | 23..30 => Malformed::TooShort,
            _ => Malformed::TooLong,
        }
    }
}

/// The profile of symbols typed without a prefix.
fn of_bare(symbols: &[u8]) -> Option<Profile> {
    let issued = || {
        let digits = Digits::try_from(u8::try_from(symbols.len()).ok()?).ok()?;
        symbols.iter().all(|symbol| *symbol < 10).then_some(Profile::Issued { digits })
    };
    of_length(symbols.len()).or_else(issued)
}

/// The profile of that many symbols, among those that have a prefix.
fn of_length(symbols: usize) -> Option<Profile> {
    [Profile::Strong, Profile::Compact].into_iter().find(|profile| profile.symbols() == symbols)
}

fn without_prefix<'a>(symbols: &'a [u8], prefix: &Prefix) -> Option<&'a [u8]> {
    prefix.symbols().try_fold(symbols, |rest, expected| match rest {
        [first, rest @ ..] if *first == expected => Some(rest),
        _ => None,
    })
}

/// Whether a character only separates: white space, a dash of any script, an underscore, or a mark
/// without width that copying from a page or a mail adds. The table in `docs/CODE-FORMAT.md`.
fn is_separator(character: char) -> bool {
    // `char::is_whitespace` is the Unicode property White_Space.
    character.is_whitespace() || is_dash(character) || is_invisible(character)
}

/// Unicode property Dash, and what is typed or pasted in place of one.
const fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '_'
            | '\u{02d7}' // modifier letter minus sign
            | '\u{058a}' // Armenian hyphen
            | '\u{05be}' // Hebrew maqaf
            | '\u{1400}' // Canadian syllabics hyphen
            | '\u{1806}' // Mongolian todo soft hyphen
            | '\u{2010}'..='\u{2015}' // hyphen, non-breaking, figure, en, em, horizontal bar
            | '\u{2043}' // hyphen bullet
            | '\u{2053}' // swung dash
            | '\u{207b}' // superscript minus
            | '\u{208b}' // subscript minus
            | '\u{2212}' // minus sign
            | '\u{2e17}' // double oblique hyphen
            | '\u{2e1a}' // hyphen with diaeresis
            | '\u{2e3a}'..='\u{2e3b}' // two-em, three-em dash
            | '\u{2e40}' // double hyphen
            | '\u{2e5d}' // oblique hyphen
            | '\u{301c}' // wave dash
            | '\u{3030}' // wavy dash
            | '\u{30a0}' // Katakana-Hiragana double hyphen
            | '\u{fe31}'..='\u{fe32}' // vertical em and en dash
            | '\u{fe58}' // small em dash
            | '\u{fe63}' // small hyphen-minus
            | '\u{ff0d}' // full width hyphen-minus
            | '\u{ff3f}' // full width low line
            | '\u{10d6e}' // Garay hyphen
            | '\u{10ead}' // Yezidi hyphenation mark
    )
}

const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00ad}' // soft hyphen
            | '\u{200b}' // zero width space
            | '\u{200e}'
            ..='\u{200f}' // left-to-right and right-to-left mark
            | '\u{2060}' // word joiner
            | '\u{feff}' // byte order mark
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(input: &str) -> Result<Vec<u8>, Malformed> {
        Typed::read(input).map(|typed| typed.symbols.to_vec())
    }

    #[test]
    fn n63b_hs_12_separators_go_and_symbols_stay() {
        assert_eq!(symbols("0Z\u{2014}o_i\u{a0}L \u{feff}"), Ok(vec![0, 31, 0, 1, 1]));
        assert_eq!(symbols(" -\t_"), Err(Malformed::Empty));
        assert_eq!(symbols("A-Bu"), Err(Malformed::BadSymbol { position: 4 }));
        assert_eq!(symbols("A.B"), Err(Malformed::BadSymbol { position: 2 }));
        assert_eq!(symbols("–é"), Err(Malformed::BadSymbol { position: 2 }));
    }

    #[test]
    fn long_input_is_refused_before_it_is_read() {
        assert!(symbols(&"0".repeat(INPUT_BYTES_MAX)).is_ok());
        assert_eq!(symbols(&"!".repeat(INPUT_BYTES_MAX + 1)), Err(Malformed::TooLong));
    }

    /// Every scalar value that is neither a symbol nor in the table is refused.
    #[test]
    fn everything_else_is_refused() {
        let all = ('\0'..=char::MAX).collect::<Vec<_>>();
        let symbols = all.iter().filter(|c| check::symbol_of(**c).is_some()).count();
        let separators = all.iter().filter(|c| is_separator(**c)).count();
        let both = all.iter().filter(|c| is_separator(**c) && check::symbol_of(**c).is_some());
        assert_eq!(symbols, 10 + 25 * 2, "digits, and letters but U");
        assert_eq!(separators, 25 + 35 + 6, "white space, dashes, invisible marks");
        assert_eq!(both.count(), 0);
    }

    /// The lengths at which codes are recognised, for the shortest and the longest prefix.
    #[test]
    fn lengths_are_unambiguous_with_every_prefix() {
        for text in ["gb", "gbt", "zzzz", "zzzzzzzz"] {
            let prefix = Prefix::parse(text).expect("prefix");
            let found = (1..=64).filter_map(|length| {
                let digits = Typed::read(&"7".repeat(length)).expect("digits");
                let letters = Typed::read(&"Z".repeat(length)).expect("letters");
                let body = length.checked_sub(text.len())?;
                let prefixed = Typed::read(&(text.to_owned() + &"7".repeat(body))).expect("all");
                let profile = |typed: &Typed| {
                    typed.recognise(&prefix).ok().map(|(profile, _)| profile.name())
                };
                let names = [profile(&digits), profile(&letters), profile(&prefixed)];
                let mut distinct = names.into_iter().flatten().collect::<Vec<_>>();
                distinct.dedup();
                assert!(distinct.len() <= 1, "length {length} with {text}: {names:?}");
                distinct.first().map(|name| (length, *name))
            });
            let expected = [
                (8, "issued"),
                (9, "issued"),
                (10, "issued"),
                (16, "compact"),
                (16 + text.len(), "compact"),
                (30, "strong"),
                (30 + text.len(), "strong"),
            ];
            assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }
}
