//! `glassbreak destination replay`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};

/// Arguments of `destination replay`.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The destination.
    destination: String,

    /// Send this dead letter again, by its index.
    #[arg(long, value_name = "INDEX", required_unless_present = "from")]
    dead_letter: Option<u64>,

    /// Send the log again from this index on. Receivers know entries again by their ids.
    #[arg(long, value_name = "INDEX", conflicts_with = "dead_letter")]
    from: Option<u64>,
}

impl Replay {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let base = format!("/v1/destinations/{}", segment(&self.destination));
        let answer = if let Some(index) = self.dead_letter {
            let path = format!("{base}/dead-letters/{index}/replay");
            client.post(&path, &json!({}), None)?
        } else {
            let body = json!({ "from_index": self.from });
            client.post(&format!("{base}/replay"), &body, None)?
        };
        shared.output().show(&answer, |_| "It is sent again within a second or two.".to_owned())?;
        Ok(Exit::Ok)
    }
}
