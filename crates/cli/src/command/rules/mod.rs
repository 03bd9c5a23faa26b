//! `glassbreak rules`: what raises alerts, checked and tried without a server.

mod check;
mod run;

pub use check::Check;
pub use run::Run;

use std::path::PathBuf;

use glassbreak_server::rules_in;
use glassbreak_watch::{SourceFile, built_in_files};

use crate::args::Shared;
use crate::exit::{Failure, Outcome};

/// What to do with the rules that raise alerts.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Read the rules, and run their tests.
    Check(Check),
    /// Run the rules over a log, and show the alerts with their reasons.
    Run(Run),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Check(args) => args.run(shared),
            Self::Run(args) => args.run(shared),
        }
    }
}

/// Which rules.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// A file of rules, or the directory with the `*.yml` files; the built-in rules unless given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Which {
    fn files(&self) -> Result<Vec<SourceFile>, Failure> {
        let read = self.dir.as_deref().map(rules_in).transpose()?;
        Ok(read.unwrap_or_else(built_in_files))
    }
}
