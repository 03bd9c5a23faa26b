//! `glassbreak codes declare`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, minute, text};
use crate::words;

/// Arguments of `codes declare`.
#[derive(Debug, clap::Args)]
pub struct Declare {
    /// The set.
    set_id: String,

    /// Where the holder keeps it: the same place again, or another.
    #[arg(long, value_parser = words::one_of(words::CUSTODIES))]
    custody: String,
}

impl Declare {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/code-sets/{}/declare", segment(&self.set_id));
        let body = json!({ "custody": self.custody });
        let answer = shared.connection.client()?.post(&path, &body, None)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("set", text(answer, "set_id")),
                ("kept", text(answer, "custody")),
                ("declared", minute(&text(answer, "custody_declared_at"))),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
