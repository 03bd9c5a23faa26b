//! The auditor's side: is this log whole and unchanged, is this receipt good? Answered offline,
//! with nothing but the log's public key and, at best, a checkpoint seen before.
//!
//! It shares bytes and mathematics with the server (through `glassbreak-tlog`) and no code of
//! `core` or `store`: an auditor who trusts this crate need not trust the rest.
//!
//! Start with [`verify_log`] in `log.rs` and [`verify_receipt`] in `receipt.rs`; [`approval`]
//! checks the signatures of the people who approved a support case, and [`cases`] all of a log,
//! with those who declined or reviewed. Not here:
//! fetching over HTTP (implement [`LogSource`]), and what an event means beyond its header.
//!
//! What is found wrong is one [`VerifyError`], which names the file and the index, with a stable
//! [`VerifyError::code`].

pub mod approval;
mod canonical;
pub mod cases;
mod entry;
mod error;
mod log;
mod operators;
mod receipt;
mod source;
mod witnesses;

pub use canonical::{CanonicalFault, object_members};
pub use entry::{EntryFault, EntryHeader, EntryId};
pub use error::VerifyError;
pub use glassbreak_tlog as tlog;
pub use glassbreak_tlog::{Checkpoint, Hash, SignedCheckpoint, VerifierKey};
pub use log::{LogReport, verify_log};
pub use receipt::{RECEIPT_FORMAT, Receipt, ReceiptReport, verify_receipt};
pub use source::{DirSource, LogSource, SourceError};
pub use witnesses::witnessed;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tamper_tests;
