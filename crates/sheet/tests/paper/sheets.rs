//! Sheets to draw: the codes come out of a counter, so a sheet is the same in every run.

use anyhow::Result;
use glassbreak_core::code::{Code, Entropy, EntropyFailed, Ordinal, Prefix, Profile, draw};
use glassbreak_core::code_set::SetKind;
use glassbreak_sheet::{Language, Layout, Paper, Sheet};

pub(crate) const URL: &str = "https://login.example.org/recover";

/// `SplitMix64`: good enough to look like codes, and never used for any.
struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        for byte in buf {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z ^ (z >> 31)).to_le_bytes()[0];
        }
        Ok(())
    }
}

pub(crate) fn codes(profile: Profile, count: u8, seed: u64) -> Result<Vec<Code>> {
    let mut source = Counter(seed);
    let one = |place| Ok(draw(profile, &prefix(), Ordinal::try_from(place)?, &mut source)?);
    (0..count).map(one).collect()
}

pub(crate) fn prefix() -> Prefix {
    Prefix::default()
}

pub(crate) fn displayed(codes: &[Code]) -> Vec<String> {
    codes.iter().map(|code| code.expose_display().to_string()).collect()
}

/// One sheet of break-glass codes for an envelope, of saved ones for a page.
pub(crate) fn sheet(
    codes: &[Code],
    (layout, paper, language): (Layout, Paper, Language),
) -> Result<Sheet<'_>> {
    Ok(Sheet {
        codes,
        set: "019abcde-f012-7345-8678-9abcdef01234".parse()?,
        kind: match layout {
            Layout::Page => SetKind::Saved,
            Layout::Envelope => SetKind::BreakGlass,
        },
        issued_at: "2026-11-22T09:30:00Z".parse()?,
        expires_at: "2027-11-22T09:30:00Z".parse()?,
        language,
        paper,
        layout,
        redemption_url: URL,
        finder: None,
        made_at: "2026-11-22T09:31:00Z".parse()?,
    })
}

/// Every way to draw a sheet.
pub(crate) fn every_way() -> impl Iterator<Item = (Layout, Paper, Language)> {
    Layout::ALL.into_iter().flat_map(|layout| {
        Paper::ALL.into_iter().flat_map(move |paper| {
            Language::ALL.into_iter().map(move |language| (layout, paper, language))
        })
    })
}
