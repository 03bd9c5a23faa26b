//! The pages on which people look after their own recovery.

mod link;

pub use link::Link;

use crate::args::Shared;
use crate::exit::Outcome;

/// What to do about self-service.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Make a link that lets a person in, once, for a few minutes.
    Link(Link),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Link(args) => args.run(shared),
        }
    }
}
