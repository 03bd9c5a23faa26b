//! Draws the sheets of `docs/SHEETS.md`, with codes that open nothing.
//!
//! ```sh
//! cargo run -p glassbreak-sheet --example draw_sheets -- FOLDER
//! ```

use std::path::PathBuf;

use anyhow::{Context, Result};
use glassbreak_core::code::{Code, Entropy, EntropyFailed, Ordinal, Prefix, Profile, draw};
use glassbreak_core::code_set::SetKind;
use glassbreak_sheet::{Language, Layout, Paper, Sheet, render};

/// The same codes each time: they are for looking at.
struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        for byte in buf {
            self.0 = self.0.wrapping_mul(141).wrapping_add(59);
            *byte = self.0 >> 2;
        }
        Ok(())
    }
}

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("which folder?")?);
    let mut source = Counter(7);
    // The prefix of test environments: nobody takes a picture's codes for real ones.
    let one =
        |place| Ok(draw(Profile::Strong, &Prefix::test(), Ordinal::try_from(place)?, &mut source)?);
    let codes = (0..10).map(one).collect::<Result<Vec<Code>>>()?;
    for (layout, kind, name) in [
        (Layout::Page, SetKind::Saved, "page"),
        (Layout::Envelope, SetKind::BreakGlass, "envelope"),
    ] {
        for language in Language::ALL {
            let sheet = Sheet {
                codes: &codes,
                set: "019abcde-f012-7345-8678-9abcdef01234".parse()?,
                kind,
                issued_at: "2026-11-22T09:30:00Z".parse()?,
                expires_at: "2027-11-22T09:30:00Z".parse()?,
                language,
                paper: Paper::A4,
                layout,
                redemption_url: "https://login.example.org/recover",
                finder: None,
                made_at: "2026-11-22T09:30:00Z".parse()?,
            };
            let began = std::time::Instant::now();
            let bytes = render(&sheet)?;
            let name = format!("{name}-{}.pdf", language.tag());
            println!("{name}: {} bytes, {:?}", bytes.len(), began.elapsed());
            std::fs::write(folder.join(name), &*bytes)?;
        }
    }
    Ok(())
}
