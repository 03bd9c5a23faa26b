//! `glassbreak alert list`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{items, minute, plain, text};
use crate::words;

/// Arguments of `alert list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this level and above.
    #[arg(long, value_parser = words::one_of(words::ALERT_LEVELS))]
    level: Option<String>,

    /// Only those of this rule, or of this name where no rule raises it.
    #[arg(long)]
    rule: Option<String>,

    /// Only those about this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only those raised then or later (RFC 3339).
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    #[command(flatten)]
    page: Page,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [
            ("level", self.level),
            ("rule", self.rule),
            ("subject", self.subject),
            ("since", self.since),
        ];
        self.page.show(shared, "/v1/alerts", &filters, &LISTING)
    }
}

const LISTING: Listing<6> = Listing {
    none: "No alerts.",
    header: ["raised", "level", "rule", "subject", "why", "entry"],
    row,
};

fn row(alert: &Value) -> [String; 6] {
    let reasons: Vec<String> = items(alert, "reasons").iter().map(plain).collect();
    [
        minute(&text(alert, "at")),
        text(alert, "level"),
        text(alert, "rule"),
        text(alert, "subject"),
        reasons.join("\n"),
        text(alert, "index"),
    ]
}
