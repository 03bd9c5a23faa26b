//! `glassbreak log export`

use std::path::PathBuf;

use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::log_copy::copy;
use crate::output::{fields, progress};

/// Arguments of `log export`.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Where the copy goes. Run again, it is brought up to date.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Export {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.open_client()?;
        let bar = progress(Some(0), "files");
        let copied = copy(&client, &self.to, &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let copied = copied?;
        let dir = self.to.display().to_string();
        let answer = json!({
            "to": dir,
            "entries": copied.entries,
            "fetched": copied.fetched,
            "kept": copied.kept,
        });
        shared.output().show(&answer, |_| {
            let about = fields(&[
                ("copied to", dir.clone()),
                ("entries", copied.entries.to_string()),
                ("files fetched", copied.fetched.to_string()),
                ("there already", copied.kept.to_string()),
            ]);
            format!("{about}\nVerify it: glassbreak log verify --dir {dir} --vkey FILE")
        })?;
        Ok(Exit::Ok)
    }
}
