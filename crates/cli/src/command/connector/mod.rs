//! `glassbreak connector`: the recovery codes that other systems keep (J1).
//!
//! These commands read the configuration and speak to the other system themselves, from this
//! machine. No Glassbreak server is asked, and nothing is written down here.

mod check;
mod events;
mod inventory;
mod list;
mod revoke;

pub use check::Check;
pub use events::Events;
pub use inventory::Inventory;
pub use list::List;
pub use revoke::Revoke;

use std::path::PathBuf;
use std::sync::Arc;

use glassbreak_connectors::{Connector, ConnectorError};
use glassbreak_server::{Connectors, connectors};

use crate::args::Shared;
use crate::exit::{Failure, Outcome, Problem};

/// What to do with a connector.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List the connectors that are configured; none is asked.
    List(List),
    /// Sign in to the other system, and tell what its account there may not do.
    Check(Check),
    /// Show who has recovery codes there, how many are left, and how old they are.
    Inventory(Inventory),
    /// Revoke a user's recovery codes there; the account and its other factors stay.
    Revoke(Revoke),
    /// Show what happened there, and what it means for recovery codes.
    Events(Events),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::List(args) => args.run(shared),
            Self::Check(args) => args.run(shared),
            Self::Inventory(args) => args.run(shared),
            Self::Revoke(args) => args.run(shared),
            Self::Events(args) => args.run(shared),
        }
    }
}

/// Where connectors are configured.
#[derive(Debug, clap::Args)]
struct Configured {
    /// The server's configuration, with `[connectors.NAME]` in it.
    #[arg(long, value_name = "FILE", env = "GLASSBREAK_CONFIG")]
    config: PathBuf,
}

impl Configured {
    fn all(&self) -> Result<Connectors, Failure> {
        Ok(connectors(&self.config)?)
    }
}

/// Which connector.
#[derive(Debug, clap::Args)]
struct Which {
    /// The connector's name in the configuration.
    name: String,

    #[command(flatten)]
    configured: Configured,
}

impl Which {
    fn open(&self) -> Result<Arc<dyn Connector>, Failure> {
        let all = self.configured.all()?;
        let Some(config) = all.get(&self.name) else {
            let names: Vec<_> = all.keys().map(String::as_str).collect();
            let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let message = format!("no connector is called `{}`; there are: {there}", self.name);
            return Err(Failure::Usage(message));
        };
        let opened = config.open(&|name| std::env::var(name).ok());
        opened.map_err(|error| {
            Failure::Other(anyhow::Error::new(error).context(format!("`connectors.{}`", self.name)))
        })
    }
}

/// Why another system did not do it, with the exit code that says so.
fn failed(error: ConnectorError) -> Failure {
    let seconds = match &error {
        ConnectorError::RateLimited { retry_after } => retry_after.map(|wait| wait.as_secs()),
        _ => None,
    };
    match error {
        ConnectorError::Unreachable(_) => Failure::Unreachable(error.to_string()),
        ConnectorError::BadPosition => Failure::Usage(error.to_string()),
        ConnectorError::NotUnderstood(_) => Failure::other(error),
        _ => Failure::Refused(Box::new(Problem {
            code: error.code().to_owned(),
            title: error.to_string(),
            retry_after_seconds: seconds,
            ..Problem::default()
        })),
    }
}

/// A member of the closed lists of connectors, as JSON spells it.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).map_or_else(|_| String::new(), |value| crate::output::plain(&value))
}
