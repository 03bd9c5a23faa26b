//! What is put on paper.

use glassbreak_core::code::{Code, Profile};
use glassbreak_core::code_set::SetKind;
use glassbreak_core::id::SetId;
use glassbreak_core::time::Timestamp;

use crate::error::SheetError;
use crate::face::Faces;
use crate::language::Language;

/// The most codes on a sheet: what a set has at most.
pub const CODES_MAX: usize = 32;
/// The most characters that the address of the page for using codes has.
pub const URL_CHARACTERS_MAX: usize = 120;
/// The most characters that the text for a finder has.
pub const FINDER_CHARACTERS_MAX: usize = 200;

/// The paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paper {
    /// 210 by 297 mm.
    A4,
    /// 8.5 by 11 in.
    Letter,
}

impl Paper {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A4, Self::Letter];

    /// The name, as the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Letter => "letter",
        }
    }

    /// Width and height in points of 1/72 in.
    pub(crate) const fn points(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// How the sheet is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// A page for a drawer: the codes, and what to do with them.
    Page,
    /// One leaf, printed on both sides and folded in three: the codes inside, the seal outside.
    Envelope,
}

impl Layout {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Page, Self::Envelope];

    /// The name, as the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Envelope => "envelope",
        }
    }
}

/// Everything that is on a sheet. There is no room for a name, on purpose.
pub struct Sheet<'a> {
    /// The codes, by number: 1 to [`CODES_MAX`], strong or compact.
    pub codes: &'a [Code],
    /// Their set. Only [`mark_of`] it is printed.
    pub set: SetId,
    /// What the set is for. Decoys are printed as saved codes are: they must look alike.
    pub kind: SetKind,
    /// When the set was issued.
    pub issued_at: Timestamp,
    /// When its codes stop working.
    pub expires_at: Timestamp,
    /// The language of all texts.
    pub language: Language,
    /// The paper.
    pub paper: Paper,
    /// The layout.
    pub layout: Layout,
    /// The page where codes are used: what the square of dots holds. At most
    /// [`URL_CHARACTERS_MAX`] characters; no user, no query, no fragment.
    pub redemption_url: &'a str,
    /// Where a finder may hand the sheet in, if that may be known: a sentence of at most 200
    /// characters. Without it, a finder is asked to destroy the sheet.
    pub finder: Option<&'a str>,
    /// When the file was made; part of the file.
    pub made_at: Timestamp,
}

/// How a sheet names its set: the last twelve digits of the id, in groups of four.
///
/// They are random, so they tell nothing; among a million sets two share them with odds of one in
/// 560. The whole id is in the inventory.
pub fn mark_of(set: SetId) -> String {
    let text = set.to_string();
    let last: Vec<char> = text.chars().rev().take(12).collect();
    let mut mark = String::with_capacity(14);
    for (place, digit) in last.into_iter().rev().enumerate() {
        if place > 0 && place % 4 == 0 {
            mark.push('-');
        }
        mark.push(digit);
    }
    mark
}

impl Sheet<'_> {
    pub(crate) fn check(&self) -> Result<(), SheetError> {
        if !(1..=CODES_MAX).contains(&self.codes.len()) {
            return Err(SheetError::Count);
        }
        let sent = |code: &Code| matches!(code.profile(), Profile::Issued { .. });
        if let Some(place) = self.codes.iter().position(sent) {
            return Err(SheetError::Sent { number: place + 1 });
        }
        if !is_printable_url(self.redemption_url) {
            return Err(SheetError::Url);
        }
        if self.finder.is_some_and(|text| !self.is_for_a_finder(text)) {
            return Err(SheetError::Finder);
        }
        Ok(())
    }

    fn is_for_a_finder(&self, text: &str) -> bool {
        let fits = (1..=FINDER_CHARACTERS_MAX).contains(&text.chars().count());
        let prefix = self.codes.first().map(|code| *code.prefix()).unwrap_or_default();
        let is_drawn = text.chars().all(|c| !c.is_control())
            && Faces::load().is_ok_and(|faces| faces.text.has_all(text));
        fits && is_drawn && Code::pasted_in(text, &prefix).is_none()
    }

    /// Whether the sheet speaks of an emergency.
    pub(crate) const fn is_break_glass(&self) -> bool {
        matches!(self.kind, SetKind::BreakGlass)
    }
}

/// Whether an address can be printed: `https://HOST` with a path if need be, at most
/// [`URL_CHARACTERS_MAX`] characters, without user, query and fragment. Plain HTTP is for machines
/// that try the product out.
pub fn is_printable_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '\\' | '"');
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.len() <= URL_CHARACTERS_MAX
        && url.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_the_random_end_of_the_set_s_id() {
        let set: SetId = "019abcde-f012-7345-8678-9abcdef01234".parse().expect("id");
        assert_eq!(mark_of(set), "9abc-def0-1234");
    }

    #[test]
    fn an_address_that_could_carry_more_than_a_page_is_refused() {
        for url in ["https://id.example/recover", "http://localhost:8080/recover"] {
            assert!(is_printable_url(url), "{url}");
        }
        let long = format!("https://id.example/{}", "a".repeat(URL_CHARACTERS_MAX));
        for url in [
            "",
            "https://",
            "https:///recover",
            "ftp://id.example",
            "https://id.example/?code=1",
            "https://id.example/#gb",
            "https://alice@id.example/",
            "https://id.example/a b",
            long.as_str(),
        ] {
            assert!(!is_printable_url(url), "{url}");
        }
    }
}
