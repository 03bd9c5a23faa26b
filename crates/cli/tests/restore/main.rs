//! What holds for backups and what is restored from them (RELIABILITY goal 9; G2), with the real
//! programs.
//!
//! - [`backup`]: `glassbreak backup` under load, and everything that `glassbreak restore` refuses.
//! - [`trials`]: backups of any age, with a file and with a witness as the anchor: each is found at
//!   the start, before the first redemption.
//! - [`witnessed`]: what a witness signs is published, and after a restore it is told of the log's
//!   new name without being started again.
//!
//! `GLASSBREAK_SEED` runs the same plan again; `GLASSBREAK_SOAK_MINUTES` goes on for so long.

#![cfg(test)]

mod backup;
#[path = "../soak/books.rs"]
mod books;
mod machine;
#[path = "../race/random.rs"]
mod random;
#[path = "../soak/run.rs"]
mod run;
mod trials;
mod witness;
mod witnessed;
