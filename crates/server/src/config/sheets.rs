//! `[sheets]`: what is on printed sheets of codes (`docs/SHEETS.md`).

use std::collections::BTreeMap;

use glassbreak_sheet::{FINDER_CHARACTERS_MAX, Language, is_printable_url};
use serde::{Deserialize, Serialize};

/// What is on printed sheets besides codes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SheetsConfig {
    /// The page where people use codes, as it is printed: `https://HOST/PATH`. Below
    /// `notices.public_url` unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) page_url: Option<String>,
    /// Where a finder may hand a sheet in, one sentence by language: `en`, `de`. Without it a
    /// finder is asked to destroy the sheet, and learns nothing of whose it is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) finder: BTreeMap<String, String>,
}

impl SheetsConfig {
    /// Checks what is printed as it is.
    ///
    /// # Errors
    /// The setting that cannot be, and what to do about it.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if self.page_url.as_deref().is_some_and(|url| !is_printable_url(url)) {
            anyhow::bail!(
                "`sheets.page_url` is `https://HOST` with a path if need be, at most 120 \
                 characters, without user, `?` and `#`"
            );
        }
        for (language, text) in &self.finder {
            if !Language::ALL.iter().any(|known| known.tag() == language) {
                anyhow::bail!("`sheets.finder` is by language: `en`, `de`");
            }
            let is_latin = |c: char| matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}');
            let fits = (1..=FINDER_CHARACTERS_MAX).contains(&text.chars().count());
            if !fits || !text.chars().all(is_latin) {
                anyhow::bail!(
                    "`sheets.finder.{language}` is one sentence of at most \
                     {FINDER_CHARACTERS_MAX} characters of Latin-1"
                );
            }
        }
        Ok(())
    }

    /// The sentence for a finder in a language, if there is one.
    pub(crate) fn finder(&self, language: Language) -> Option<&str> {
        self.finder.get(language.tag()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_printed_is_refused_when_the_server_starts() {
        let config = |text: &str| toml::from_str::<SheetsConfig>(text).expect("toml").validate();
        assert!(config("").is_ok());
        assert!(config("page_url = \"https://a.example/x\"\n[finder]\nde = \"Fundbüro\"").is_ok());
        for wrong in [
            "page_url = \"a.example\"",
            "page_url = \"https://a.example/?x\"",
            "[finder]\nfr = \"Merci\"",
            "[finder]\nen = \"\"",
            "[finder]\nen = \"日本\"",
        ] {
            assert!(config(wrong).is_err(), "{wrong}");
        }
    }
}
