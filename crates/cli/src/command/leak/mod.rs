//! Codes that were found where they must not be.

mod report;

pub use report::Report;

use crate::args::Shared;
use crate::exit::Outcome;

/// What to do about leaked codes.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Report codes that were found somewhere: the sets of those that were issued here are revoked.
    Report(Report),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Report(args) => args.run(shared),
        }
    }
}
