//! `glassbreak config init`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use glassbreak_server::config_template;
use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::print;

/// Arguments of `config init`. It asks no server.
#[derive(Debug, clap::Args)]
pub struct Init {
    /// Write to this file, which must not be there yet; to standard output unless named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Init {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(path) = self.out else {
            print(config_template().trim_end())?;
            return Ok(Exit::Ok);
        };
        let shown = path.display().to_string();
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = file.with_context(|| format!("cannot make `{shown}`"))?;
        file.write_all(config_template().as_bytes())
            .with_context(|| format!("cannot write `{shown}`"))?;
        let answer = json!({ "written": shown });
        shared.output().show(&answer, |_| {
            format!("`{shown}` has every setting, commented out, with its default.")
        })?;
        Ok(Exit::Ok)
    }
}
