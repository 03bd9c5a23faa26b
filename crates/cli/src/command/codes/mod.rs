//! Code sets: issued together, shown once.

mod confirm;
mod issue;
mod list;
mod revoke;

pub use confirm::Confirm;
pub use issue::Issue;
pub use list::List;
pub use revoke::Revoke;

/// What to do with code sets.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Issue a code set and show its codes, this once.
    Issue(Box<Issue>),
    /// Prove with one of its codes that an offered set was saved; that does not use the code.
    Confirm(Confirm),
    /// Revoke a code set.
    Revoke(Revoke),
    /// List the code sets of a subject.
    List(List),
}
