//! `glassbreak policy load`

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::read_set;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, items, plain, text};

/// Arguments of `policy load`.
#[derive(Debug, clap::Args)]
pub struct Load {
    /// The directory with the `*.cedar` files. What is in force is this set then, and nothing else.
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

impl Load {
    /// Runs it. The server lints the set first; one that is refused changes nothing.
    pub fn run(self, shared: &Shared) -> Outcome {
        let set = read_set(&self.dir)?;
        let files: BTreeMap<&str, &str> = set.files().collect();
        let client = shared.connection.client()?;
        let answer = client.put("/v1/policy", &json!({ "files": files }))?;
        shared.output().show(&answer, |answer| {
            let about = fields(&[
                ("in force", text(answer, "version")),
                ("digest", text(answer, "policy")),
                ("since", text(answer, "loaded_at")),
                ("lint", text(answer, "lint")),
            ]);
            let findings: Vec<String> = items(answer, "findings").iter().map(plain).collect();
            [vec![about], findings].concat().join("\n")
        })?;
        Ok(Exit::Ok)
    }
}
