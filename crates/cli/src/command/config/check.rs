//! `glassbreak config check`

use std::path::{Path, PathBuf};

use anyhow::Context;
use glassbreak_server::{Explained, explain_config};
use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::table;

/// Arguments of `config check`. It asks no server.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The configuration; the defaults unless named.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Check {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let explained = explained(self.config.as_deref())?;
        shared.output().show(&json!(explained), |_| human(&explained))?;
        Ok(if explained.refused.is_empty() { Exit::Ok } else { Exit::Failure })
    }
}

/// The configuration in `file`, or the defaults, with what the environment sets, explained.
pub(super) fn explained(file: Option<&Path>) -> anyhow::Result<Explained> {
    let text = match file {
        None => String::new(),
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the configuration `{}`", file.display()))?,
    };
    explain_config(&text).context("the configuration cannot be read")
}

fn human(explained: &Explained) -> String {
    let rows = explained.settings.iter().map(|setting| {
        let from = setting.from.to_owned();
        let row = setting.row.to_owned();
        [setting.name.clone(), setting.value.clone(), from, setting.bound.clone(), row]
    });
    let table = table(["setting", "value", "from", "bound", "asked for by"], rows.collect());
    if explained.refused.is_empty() {
        return format!("{table}\nNothing is refused.");
    }
    let refused: Vec<_> = explained.refused.iter().map(|why| format!("refused: {why}")).collect();
    format!("{table}\n{}", refused.join("\n"))
}
