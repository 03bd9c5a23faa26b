//! The server's configuration.

mod check;
mod init;
mod show;

pub use check::Check;
pub use init::Init;
pub use show::Show;

/// What to do with the configuration.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Explain every setting: its value, where it comes from, what bounds it, and what is refused.
    Check(Check),
    /// Write a configuration with every setting, commented out, with its meaning and default.
    Init(Init),
    /// Show what is in force and where each value comes from: default, file or environment.
    Show(Show),
}
