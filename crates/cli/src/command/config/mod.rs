//! The server's configuration.

mod check;

pub use check::Check;

/// What to do with the configuration.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Explain every setting: its value, where it comes from, what bounds it, and what is refused.
    Check(Check),
}
