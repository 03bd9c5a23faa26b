//! Destinations: who is told of what is in the log.

mod dead_letters;
mod discard;
mod list;
mod replay;
mod resume;

pub use dead_letters::DeadLetters;
pub use discard::Discard;
pub use list::List;
pub use replay::Replay;
pub use resume::Resume;

use crate::args::Shared;
use crate::exit::Outcome;

/// What to do with destinations.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Show where each destination stands.
    List(List),
    /// List the entries that a destination would not take.
    DeadLetters(DeadLetters),
    /// Send a dead letter again, or the log from an index on.
    Replay(Replay),
    /// Throw a dead letter away. The entry stays in the log.
    Discard(Discard),
    /// Go on, now, with a destination that is paused or waited for.
    Resume(Resume),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::List(args) => args.run(shared),
            Self::DeadLetters(args) => args.run(shared),
            Self::Replay(args) => args.run(shared),
            Self::Discard(args) => args.run(shared),
            Self::Resume(args) => args.run(shared),
        }
    }
}
