//! `glassbreak policy decisions`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};
use crate::words;

/// Arguments of `policy decisions`.
#[derive(Debug, clap::Args)]
pub struct Decisions {
    /// Only of this action.
    #[arg(long, value_parser = words::one_of(words::ACTIONS))]
    action: Option<String>,

    /// Only with this outcome.
    #[arg(long, value_parser = words::one_of(words::OUTCOMES))]
    outcome: Option<String>,

    #[command(flatten)]
    page: Page,
}

impl Decisions {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [("action", self.action), ("outcome", self.outcome)];
        self.page.show(shared, "/v1/decisions", &filters, &LISTING)
    }
}

const LISTING: Listing<5> =
    Listing { none: "No decisions.", header: ["entry", "made", "question", "outcome", "by"], row };

fn row(decision: &Value) -> [String; 5] {
    [
        text(decision, "index"),
        minute(&text(decision, "at")),
        text(decision, "in_words"),
        text(decision, "outcome"),
        text(decision, "reasons"),
    ]
}
