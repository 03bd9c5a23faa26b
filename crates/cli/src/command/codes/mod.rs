//! Code sets: issued together, shown once.

mod confirm;
mod declare;
mod issue;
mod list;
mod revoke;

pub use confirm::Confirm;
pub use declare::Declare;
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
    /// Declare where a code set is kept: still there, or elsewhere.
    Declare(Declare),
    /// Revoke a code set.
    Revoke(Revoke),
    /// List the code sets of a subject.
    List(List),
}
