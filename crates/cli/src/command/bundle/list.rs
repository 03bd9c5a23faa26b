//! `glassbreak bundle list`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};
use crate::words;

/// Arguments of `bundle list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only those that stand so.
    #[arg(long, value_parser = words::one_of(words::BUNDLE_STATES))]
    state: Option<String>,

    #[command(flatten)]
    page: Page,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [("subject", self.subject), ("state", self.state)];
        self.page.show(shared, "/v1/bundles", &filters, &LISTING)
    }
}

const LISTING: Listing<7> = Listing {
    none: "No bundles.",
    header: [
        "bundle",
        "subject",
        "state",
        "shares",
        "proofs missing",
        "rotate since",
        "new shares",
    ],
    row,
};

fn row(bundle: &Value) -> [String; 7] {
    let left = bundle.get("needs_new_shares") == Some(&Value::Bool(true));
    [
        text(bundle, "bundle_id"),
        text(bundle, "subject"),
        text(bundle, "state"),
        format!("{} of {}", text(bundle, "threshold"), text(bundle, "custodians")),
        text(bundle, "proofs_missing"),
        minute(&text(bundle, "rotate_since")),
        if left { "needed".to_owned() } else { String::new() },
    ]
}
