//! The command line as people and programs meet it: the binary, against a server that is the binary
//! too. Golden files are rewritten with `GLASSBREAK_GOLDEN=write`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at what it did not expect"
)]

mod connector;
mod demo;
mod destination;
mod help;
mod import;
mod log;
mod policy;
mod rules;
mod support;
mod transcripts;
