//! A small C2SP witness (tlog-witness, STANDARDS 6.3): for each log that it knows, it remembers the
//! newest checkpoint, takes another only with a proof that it continues that one, and signs what it
//! has taken. Whoever rolls a log back, or shows two of them, is found out by it.
//!
//! It is worth something where somebody else runs it, on another machine. Read [`Witness`] for what
//! it decides, [`logs`] for whom it knows, [`memory`] for what it keeps, [`app`] for how it is
//! asked.

pub mod app;
pub mod logs;
pub mod memory;
mod witness;

pub use witness::{Refused, Witness};
