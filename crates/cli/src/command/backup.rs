//! `glassbreak backup`

use std::path::PathBuf;

use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{fields, progress, text};

/// Arguments of `backup`. Whose database, `--data-dir` says; its server may run.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The file to write. It must not be there yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::other)?;
        let bar = progress(Some(0), "pages");
        let data_dir = &shared.connection.data_dir;
        let mut tell = |so_far: glassbreak_server::BackupProgress| {
            bar.set_length(so_far.pages_total);
            bar.set_position(so_far.pages_done);
        };
        let done = runtime.block_on(glassbreak_server::backup(data_dir, &self.to, &mut tell));
        bar.finish_and_clear();
        let done = done?;
        let file = self.to.display().to_string();
        let answer = json!({ "file": file, "entries": done.entries, "bytes": done.bytes });
        shared.output().show(&answer, |answer| {
            let figure = |name: &'static str| (name, text(answer, name));
            fields(&[figure("file"), figure("entries"), figure("bytes")])
        })?;
        Ok(Exit::Ok)
    }
}
