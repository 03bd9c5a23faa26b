//! Subjects: people, services and agents.

mod get;
mod import;
mod put;
mod timeline;

pub use get::Get;
pub use import::Import;
pub use put::Put;
pub(crate) use put::address;
pub use timeline::Timeline;

/// What to do with a subject.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Register a subject, or bring its registration up to date. Repeating it changes nothing.
    Put(Put),
    /// Show a subject and its code sets.
    Get(Get),
    /// Register people and services out of a file: CSV, JSON Lines or a Keycloak realm export.
    Import(Import),
    /// Show what happened to a subject's recovery credentials, oldest first.
    Timeline(Timeline),
}
