//! `glassbreak subject throttled`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};

/// Arguments of `subject throttled`.
#[derive(Debug, clap::Args)]
pub struct Throttled {
    #[command(flatten)]
    page: Page,
}

impl Throttled {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        self.page.show(shared, "/v1/throttled", &[], &LISTING)
    }
}

const LISTING: Listing<4> = Listing {
    none: "Nobody has to wait.",
    header: ["subject", "tier", "wrong codes", "until"],
    row,
};

fn row(waiting: &Value) -> [String; 4] {
    [
        text(waiting, "subject"),
        text(waiting, "tier"),
        text(waiting, "failures"),
        minute(&text(waiting, "until")),
    ]
}
