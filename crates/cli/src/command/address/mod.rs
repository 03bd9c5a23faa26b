//! Addresses that were not verified in proofing: confirmed by a code that is sent there.

mod confirm;
mod send_confirmation;

pub use confirm::Confirm;
pub use send_confirmation::SendConfirmation;

use crate::args::Shared;
use crate::exit::Outcome;

/// What to do with an address.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Send a code to an address of the subject, or of a recovery contact. Nobody else sees it.
    SendConfirmation(SendConfirmation),
    /// Confirm the address with the code that came back.
    Confirm(Confirm),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::SendConfirmation(args) => args.run(shared),
            Self::Confirm(args) => args.run(shared),
        }
    }
}
