//! `glassbreak destination dead-letters`

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};

/// Arguments of `destination dead-letters`.
#[derive(Debug, clap::Args)]
pub struct DeadLetters {
    /// The destination.
    destination: String,

    #[command(flatten)]
    page: Page,
}

impl DeadLetters {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let destination = segment(&self.destination);
        let path = format!("/v1/destinations/{destination}/dead-letters");
        self.page.show(shared, &path, &[], &LISTING)
    }
}

const LISTING: Listing<7> = Listing {
    none: "No dead letters.",
    header: ["index", "event", "cause", "status", "attempts", "since", "id"],
    row,
};

fn row(letter: &Value) -> [String; 7] {
    [
        text(letter, "index"),
        text(letter, "event"),
        text(letter, "cause"),
        text(letter, "status"),
        text(letter, "attempts"),
        minute(&text(letter, "since")),
        text(letter, "id"),
    ]
}
