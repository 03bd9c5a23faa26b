//! `glassbreak completions`

use std::io::Write;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::args::Cli;
use crate::exit::{Exit, Outcome};

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Runs it.
    pub fn run(self) -> Outcome {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "glassbreak", &mut script);
        std::io::stdout().write_all(&script).context("cannot write the script")?;
        Ok(Exit::Ok)
    }
}
