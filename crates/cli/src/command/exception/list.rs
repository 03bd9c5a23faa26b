//! `glassbreak exception list`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};

use super::state;

/// Arguments of `exception list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this subject.
    #[arg(long)]
    subject: Option<String>,

    #[command(flatten)]
    page: Page,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [("subject", self.subject)];
        self.page.show(shared, "/v1/exceptions", &filters, &LISTING)
    }
}

const LISTING: Listing<8> = Listing {
    none: "No exceptions.",
    header: ["exception", "subject", "kind", "state", "reason", "requester", "approvers", "ends"],
    row,
};

fn row(exception: &Value) -> [String; 8] {
    [
        text(exception, "exception_id"),
        text(exception, "subject"),
        text(exception, "kind"),
        state(exception),
        text(exception, "reason"),
        text(exception, "requester"),
        text(exception, "approvers"),
        minute(&text(exception, "ends_at")),
    ]
}
