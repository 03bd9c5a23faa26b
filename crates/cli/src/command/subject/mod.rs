//! Subjects: people, services and agents.

mod get;
mod import;
mod list;
mod put;
mod throttled;
mod timeline;

pub use get::Get;
pub use import::Import;
pub use list::List;
pub use put::Put;
pub(crate) use put::address;
pub use throttled::Throttled;
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
    /// Show what happened to a subject's recovery credentials.
    Timeline(Timeline),
    /// List the subjects, each with the state of its set.
    List(List),
    /// List the subjects that have to wait after wrong codes.
    Throttled(Throttled),
}
