//! `glassbreak connector check`

use glassbreak_connectors::Checked;
use serde_json::json;

use super::{Which, failed, word};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::table;

/// Arguments of `connector check`. It changes nothing there; `refused` is the exit code if
/// something is missing.
#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    which: Which,
}

impl Check {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let checked = self.which.open()?.check().map_err(failed)?;
        shared.output().show(&json!(checked), |_| human(&checked))?;
        Ok(if checked.missing.is_empty() { Exit::Ok } else { Exit::Refused })
    }
}

fn human(checked: &Checked) -> String {
    let version = checked.version.as_deref().unwrap_or("not told");
    if checked.missing.is_empty() {
        return format!("version  {version}\nThe credentials work, and nothing is missing.");
    }
    let rows = checked.missing.iter().map(|missing| [word(&missing.verb), missing.what.to_owned()]);
    let missing = table(["does not work", "what to do there"], rows.collect());
    format!("version  {version}\nThe credentials work.\n{missing}")
}
