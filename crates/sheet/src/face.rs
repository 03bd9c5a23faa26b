//! The three faces: which glyph a character is, and how wide.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::error::SheetError;

/// A face and what is measured of it.
pub(crate) struct Face {
    pub(crate) font: Font,
    font_ref: FontRef<'static>,
    units_per_em: f32,
}

/// Which face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaceName {
    Text,
    Strong,
    Code,
}

/// All of them.
pub(crate) struct Faces {
    pub(crate) text: Face,
    strong: Face,
    code: Face,
}

impl Faces {
    /// The faces that are part of the program.
    pub(crate) fn load() -> Result<Self, SheetError> {
        Ok(Self {
            text: Face::of(include_bytes!("../fonts/text.ttf"))?,
            strong: Face::of(include_bytes!("../fonts/strong.ttf"))?,
            code: Face::of(include_bytes!("../fonts/code.ttf"))?,
        })
    }

    pub(crate) const fn get(&self, name: FaceName) -> &Face {
        match name {
            FaceName::Text => &self.text,
            FaceName::Strong => &self.strong,
            FaceName::Code => &self.code,
        }
    }
}

impl Face {
    fn of(bytes: &'static [u8]) -> Result<Self, SheetError> {
        let unreadable = || SheetError::Pdf("a bundled typeface cannot be read".to_owned());
        let font_ref = FontRef::new(bytes).map_err(|_| unreadable())?;
        let font = Font::new(bytes.into(), 0).ok_or_else(unreadable)?;
        let units_per_em = font.units_per_em();
        Ok(Self { font, font_ref, units_per_em })
    }

    /// Whether every character of the text is in the face.
    pub(crate) fn has_all(&self, text: &str) -> bool {
        let glyphs = self.font_ref.charmap();
        text.chars().all(|character| glyphs.map(character).is_some())
    }

    /// The glyphs of a text at a size, with so many points more after each of them. A character
    /// that the face has not is left out; the texts of this crate have none.
    pub(crate) fn glyphs(&self, text: &str, size: f32, spacing: f32) -> Vec<KrillaGlyph> {
        let glyphs = self.font_ref.charmap();
        let widths = self.font_ref.glyph_metrics(Size::unscaled(), LocationRef::default());
        let more = spacing / size;
        let mut drawn = Vec::with_capacity(text.len());
        for (at, character) in text.char_indices() {
            let Some(glyph) = glyphs.map(character) else { continue };
            let advance = widths.advance_width(glyph).unwrap_or_default() / self.units_per_em;
            let range = at..at + character.len_utf8();
            let id = GlyphId::new(glyph.to_u32());
            drawn.push(KrillaGlyph::new(id, advance + more, 0.0, 0.0, 0.0, range, None));
        }
        drawn
    }

    /// The width of a text in points.
    pub(crate) fn width(&self, text: &str, size: f32, spacing: f32) -> f32 {
        self.glyphs(text, size, spacing).iter().map(|glyph| glyph.x_advance * size).sum()
    }

    /// The text in lines of at most `width` points, broken between words. A word that is wider has
    /// a line of its own and is broken after a slash, if it has one.
    pub(crate) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let Some(line) = lines.last_mut() else { break };
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || self.width(&longer, size, 0.0) <= width {
                *line = longer;
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faces_have_every_character_of_codes_and_of_both_languages() {
        let faces = Faces::load().expect("faces");
        let codes = "-0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
        assert!(faces.code.has_all(codes));
        assert!(!faces.code.has_all("O"), "codes have none");
        for face in [&faces.text, &faces.strong] {
            assert!(face.has_all("AZaz09ÄÖÜäöüß„“’–…"));
        }
    }

    #[test]
    fn lines_are_broken_between_words_and_no_word_is_lost() {
        let faces = Faces::load().expect("faces");
        let text = "Each code works once and then never again";
        let lines = faces.text.lines(text, 10.0, 80.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|line| faces.text.width(line, 10.0, 0.0) <= 80.0));
    }
}
