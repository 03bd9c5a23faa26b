//! The scripts of the pages, run by Node: what they compute is what the server computes.
//!
//! Needs Debian's `nodejs`; `cargo xtask test` installs it. In a browser they are driven by the
//! pages' own tests.

#![cfg(test)]

mod codes;
mod node;
mod proofs;
mod receipts;

use glassbreak_testkit::http::Failure;

type Tested = Result<(), Failure>;
