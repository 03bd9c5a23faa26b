//! `glassbreak recovery burden`

use crate::args::Shared;
use crate::client::query;
use crate::command::inventory::figures;
use crate::exit::{Exit, Outcome};
use crate::output::table;

/// Arguments of `recovery burden`.
#[derive(Debug, clap::Args)]
pub struct Burden {
    /// Recoveries opened from then on (RFC 3339); the last 30 days unless told otherwise.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// And before then (RFC 3339).
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

impl Burden {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let period = query(&[("since", self.since), ("until", self.until)]);
        let path = format!("/v1/recoveries/burden{period}");
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, |answer| {
            let mut rows = Vec::new();
            figures(answer, "", &mut rows);
            table(["what", "how many"], rows)
        })?;
        Ok(Exit::Ok)
    }
}
