//! Why there is no sheet.

use crate::sheet::{CODES_MAX, URL_CHARACTERS_MAX};

/// Why a sheet cannot be drawn. No variant holds a piece of a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// No codes, or more than fit.
    #[error("a sheet has 1 to {CODES_MAX} codes")]
    Count,
    /// A code that is sent and typed within minutes, and never kept on paper.
    #[error("code {number} is one that is sent during a recovery; those are not printed")]
    Sent {
        /// Which one, counted from 1.
        number: usize,
    },
    /// The address of the page for using codes is not one to print.
    #[error(
        "the address on a sheet is `https://HOST` with a path if need be, at most \
         {URL_CHARACTERS_MAX} characters, without user, `?` and `#`"
    )]
    Url,
    /// The text for a finder is too long, or has characters that the typeface has not.
    #[error("the text for a finder has 1 to 200 characters of Latin-1, and no code in it")]
    Finder,
    /// The PDF library refused; a defect of this crate.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}
