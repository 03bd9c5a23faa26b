//! Notices: what people were told of their recovery credentials, and what they could not be.

mod list;

pub use list::List;

use crate::args::Shared;
use crate::exit::Outcome;

/// What to do with notices.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List the notices that are on their way, went out, or could not be delivered.
    List(List),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::List(args) => args.run(shared),
        }
    }
}
