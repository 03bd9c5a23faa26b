//! API keys: for programs, with scopes, shown once.

mod create;
mod list;
mod revoke;

pub use create::Create;
pub use list::List;
pub use revoke::Revoke;

/// What to do with API keys.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Make an API key and show it, this once.
    Create(Create),
    /// List the API keys, without the keys.
    List(List),
    /// Revoke an API key.
    Revoke(Revoke),
}
