//! Recovery contacts: trusted associates of a subject, who pass a code on to it.

mod add;
mod list;
mod remove;
mod review;

pub use add::Add;
pub use list::List;
pub use remove::Remove;
pub use review::Review;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::Outcome;

/// What to do with a recovery contact.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Add a contact, or give it another address. Confirm it before it counts.
    Add(Add),
    /// Show a subject's contacts, and when they are next to be reviewed.
    List(List),
    /// Remove a contact. No code is sent to it any more.
    Remove(Remove),
    /// Record that the subject has looked at its contacts.
    Review(Review),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Add(args) => args.run(shared),
            Self::List(args) => args.run(shared),
            Self::Remove(args) => args.run(shared),
            Self::Review(args) => args.run(shared),
        }
    }
}

fn path(subject: &str, label: &str) -> String {
    format!("/v1/subjects/{}/contacts/{}", segment(subject), segment(label))
}
