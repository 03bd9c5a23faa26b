//! Alerts: what was raised, and why.

mod list;

pub use list::List;

use crate::args::Shared;
use crate::exit::Outcome;

/// What to do with alerts.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List the alerts, the newest first.
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
