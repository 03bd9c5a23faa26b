//! `glassbreak log tail`

use std::time::Duration;

use serde_json::Value;

use crate::args::Shared;
use crate::client::{Client, query};
use crate::command::log::entry_line;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, print};

/// How often new entries are asked for.
const EVERY: Duration = Duration::from_millis(500);

/// Arguments of `log tail`.
#[derive(Debug, clap::Args)]
pub struct Tail {
    /// Go on showing new entries until interrupted.
    #[arg(long, short)]
    follow: bool,

    /// From this entry on; the last ones unless told otherwise.
    #[arg(long, value_name = "INDEX")]
    from: Option<u64>,

    /// Show so many entries.
    #[arg(long, short = 'n', default_value_t = 20)]
    lines: u64,
}

impl Tail {
    /// Runs it. With `--json` each entry is one line.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let mut next = match self.from {
            Some(index) => index,
            None => size(&client)?.saturating_sub(self.lines),
        };
        let mut left = if self.follow { u64::MAX } else { self.lines };
        while left > 0 {
            let page = query(&[
                ("from", Some(next.to_string())),
                ("limit", Some(left.min(500).to_string())),
            ]);
            let answer = client.get(&format!("/v1/log/entries{page}"))?;
            let found = items(&answer, "items");
            for entry in found {
                print(&if shared.json { entry.to_string() } else { entry_line(entry) })?;
                next = entry.get("index").and_then(Value::as_u64).map_or(next, |index| index + 1);
            }
            left = left.saturating_sub(found.len() as u64);
            match (found.is_empty(), self.follow) {
                (true, true) => std::thread::sleep(EVERY),
                (true, false) => break,
                (false, _) => {}
            }
        }
        Ok(Exit::Ok)
    }
}

/// How many entries the newest checkpoint covers: where the end is, about.
fn size(client: &Client) -> Result<u64, Failure> {
    let note = client.file("/tlog/checkpoint")?.unwrap_or_default();
    let text = String::from_utf8_lossy(&note);
    Ok(text.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or_default())
}
