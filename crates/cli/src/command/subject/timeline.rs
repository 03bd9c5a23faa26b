//! `glassbreak subject timeline`

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::command::log::entry_line;
use crate::command::page::{Page, more};
use crate::exit::{Exit, Outcome};
use crate::output::items;

/// Arguments of `subject timeline`.
#[derive(Debug, clap::Args)]
pub struct Timeline {
    /// Your own id for the subject.
    subject: String,

    /// The newest first.
    #[arg(long)]
    newest: bool,

    #[command(flatten)]
    page: Page,
}

impl Timeline {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/subjects/{}/timeline", segment(&self.subject));
        let filters = [("newest", self.newest.then(|| "true".to_owned()))];
        let answer = self.page.read(shared, &path, &filters)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let lines: Vec<String> = items(answer, "items").iter().map(entry_line).collect();
    (lines.join("\n") + &more(answer)).trim_start().to_owned()
}
