//! `glassbreak notice list`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};

/// Arguments of `notice list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those that cannot be delivered.
    #[arg(long, conflicts_with_all = ["due", "sent"])]
    failed: bool,

    /// Only those that are on their way, or wait for another attempt.
    #[arg(long, conflicts_with = "sent")]
    due: bool,

    /// Only those that went out.
    #[arg(long)]
    sent: bool,

    #[command(flatten)]
    page: Page,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let states = [(self.failed, "failed"), (self.due, "due"), (self.sent, "sent")];
        let state = states.into_iter().find(|(asked, _)| *asked);
        let filters = [("state", state.map(|(_, name)| name.to_owned()))];
        self.page.show(shared, "/v1/notices", &filters, &LISTING)
    }
}

const LISTING: Listing<8> = Listing {
    none: "No notices.",
    header: ["happened", "subject", "what", "by", "state", "attempts", "problem", "since"],
    row,
};

fn row(notice: &Value) -> [String; 8] {
    [
        minute(&text(notice, "happened_at")),
        text(notice, "subject"),
        text(notice, "what"),
        text(notice, "channel"),
        text(notice, "state"),
        text(notice, "attempts"),
        text(notice, "problem"),
        minute(&text(notice, "at")),
    ]
}
