//! The printed sheet of recovery codes, as a PDF.
//!
//! [`render`] turns a [`Sheet`] into the bytes of a file, and does nothing else: no clock, no
//! randomness, no I/O. The same sheet gives the same bytes.
//!
//! ```text
//! Sheet --page::plan, envelope::plan--> Plan: texts and lines, each at its place
//!       --pdf::write--> bytes
//! ```
//!
//! Two layouts ([`Layout`]): a page for one person's drawer, and an envelope for break-glass codes,
//! which is folded in three with the codes inside. `docs/SHEETS.md` shows both.
//!
//! # What is on it, and what is not
//!
//! No name of an account, a person or a system. Whoever finds a sheet has codes and does not learn
//! whose they are. The square of dots holds the address of the page for using codes, and nothing
//! else. [`mark_of`] is how the sheet names itself: enough to find the set in the inventory.
//!
//! # Codes in memory
//!
//! Codes come as [`Code`](glassbreak_core::code::Code), which is wiped when dropped; the texts laid
//! out here and the finished file are wiped too. **What cannot be**: the PDF library keeps the
//! characters it was given, its page streams and their compressed form in buffers of its own, and
//! frees them without wiping. They live as long as [`render`] runs; after that the memory is the
//! allocator's to give away again. Who needs more than that prints in a process of its own.

mod draw;
mod envelope;
mod error;
mod face;
mod language;
mod page;
mod pdf;
mod rows;
mod sheet;
mod words;

pub use self::error::SheetError;
pub use self::language::Language;
pub use self::sheet::{
    CODES_MAX, FINDER_CHARACTERS_MAX, Layout, Paper, Sheet, URL_CHARACTERS_MAX, is_printable_url,
    mark_of,
};

use zeroize::Zeroizing;

/// Draws the sheet: a PDF 1.7, tagged, in the form of PDF/UA-1.
///
/// Between 20 and 60 KB, one or two pages. It takes some milliseconds of computing; nobody waits
/// for anything in it.
///
/// # Errors
///
/// [`SheetError`] if there is nothing to draw or it cannot be drawn. No variant repeats a code.
pub fn render(sheet: &Sheet<'_>) -> Result<Zeroizing<Vec<u8>>, SheetError> {
    sheet.check()?;
    let faces = face::Faces::load()?;
    let plan = match sheet.layout {
        Layout::Page => page::plan(sheet, &faces),
        Layout::Envelope => envelope::plan(sheet, &faces),
    };
    pdf::write(sheet, plan, &faces)
}
