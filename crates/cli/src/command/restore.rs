//! `glassbreak restore`

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{fields, progress, text};

/// Arguments of `restore`. Into which directory, `--data-dir` says; no server may run on it.
///
/// A restored database does not know which codes were used since. With an anchor in its
/// configuration the server finds out and comes up sealed; without one, do as OPERATIONS.md says
/// under "Restore" before anybody redeems a code.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
}

impl Restore {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::other)?;
        let bar = progress(Some(0), "pages");
        let data_dir = &shared.connection.data_dir;
        let mut tell = |so_far: glassbreak_server::BackupProgress| {
            bar.set_length(so_far.pages_total);
            bar.set_position(so_far.pages_done);
        };
        let done = runtime.block_on(glassbreak_server::restore(data_dir, &self.from, &mut tell));
        bar.finish_and_clear();
        let done = done?;
        let aside = done.aside.map_or(Value::Null, |path| path.display().to_string().into());
        let answer = json!({ "entries": done.entries, "put_aside": aside });
        shared.output().show(&answer, |answer| {
            let mut rows = vec![("entries", text(answer, "entries"))];
            if answer.get("put_aside").is_some_and(|aside| !aside.is_null()) {
                rows.push(("what was there is now", text(answer, "put_aside")));
            }
            let told = "The next start tells whether this backup is behind its anchor, if one is \
                        configured. Without one, revoke what was live before codes are redeemed.";
            format!("{}\n{told}", fields(&rows))
        })?;
        Ok(Exit::Ok)
    }
}
