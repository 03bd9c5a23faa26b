//! `glassbreak signal received`

use serde_json::Value;

use super::{event, reported};
use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};
use crate::words;

/// Arguments of `signal received`.
#[derive(Debug, clap::Args)]
pub struct Received {
    /// Only those in this state; `asked` waits for a person.
    #[arg(long, value_parser = words::one_of(words::SIGNAL_STATES))]
    state: Option<String>,

    /// Only those from this transmitter, as the configuration names it.
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,

    /// Only those about this subject.
    #[arg(long)]
    subject: Option<String>,

    #[command(flatten)]
    page: Page,
}

impl Received {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [("state", self.state), ("stream", self.stream), ("subject", self.subject)];
        self.page.show(shared, "/v1/signals/received", &filters, &LISTING)
    }
}

const LISTING: Listing<8> = Listing {
    none: "No signals.",
    header: ["signal", "received", "from", "event", "subjects", "state", "why", "reported"],
    row,
};

fn row(signal: &Value) -> [String; 8] {
    [
        text(signal, "id"),
        minute(&text(signal, "received_at")),
        text(signal, "stream"),
        event(signal),
        text(signal, "subjects"),
        text(signal, "state"),
        text(signal, "why"),
        reported(signal),
    ]
}
