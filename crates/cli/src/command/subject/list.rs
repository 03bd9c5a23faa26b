//! `glassbreak subject list`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};

/// Arguments of `subject list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those whose id, yours, begins so.
    #[arg(long)]
    prefix: Option<String>,

    /// Only of this tier.
    #[arg(long)]
    tier: Option<String>,

    /// Only those registered with this group.
    #[arg(long)]
    group: Option<String>,

    /// Only those that have not left and have no active set.
    #[arg(long)]
    uncovered: bool,

    #[command(flatten)]
    page: Page,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [
            ("prefix", self.prefix),
            ("tier", self.tier),
            ("group", self.group),
            ("uncovered", self.uncovered.then(|| "true".to_owned())),
        ];
        self.page.show(shared, "/v1/subjects", &filters, &LISTING)
    }
}

const LISTING: Listing<7> = Listing {
    none: "No subjects.",
    header: ["subject", "tier", "assurance", "standing", "set", "unused", "expires"],
    row,
};

fn row(subject: &Value) -> [String; 7] {
    let set = subject.get("code_set").unwrap_or(&Value::Null);
    let unused = match (text(set, "unused"), text(set, "count")) {
        (unused, count) if !count.is_empty() => format!("{unused} of {count}"),
        _ => String::new(),
    };
    [
        text(subject, "subject"),
        text(subject, "tier"),
        text(subject, "assurance"),
        text(subject, "standing"),
        text(set, "state"),
        unused,
        minute(&text(set, "expires_at")),
    ]
}
