//! `glassbreak config show`

use std::path::PathBuf;

use serde_json::json;

use super::check::explained;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::table;

/// Arguments of `config show`. It asks no server.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The configuration; the defaults unless named.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Only what the file or the environment sets.
    #[arg(long)]
    changed: bool,
}

impl Show {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let explained = explained(self.config.as_deref())?;
        let wanted = |from: &str| !self.changed || from != "default";
        let settings: Vec<_> =
            explained.settings.iter().filter(|setting| wanted(setting.from)).collect();
        let answer: Vec<_> = settings
            .iter()
            .map(|it| json!({ "name": it.name, "value": it.value, "from": it.from }))
            .collect();
        shared.output().show(&json!({ "settings": answer }), |_| {
            let row = settings.iter().map(|it| [it.name.clone(), it.value.clone(), it.from.into()]);
            table(["setting", "value", "from"], row.collect())
        })?;
        Ok(if explained.refused.is_empty() { Exit::Ok } else { Exit::Failure })
    }
}
