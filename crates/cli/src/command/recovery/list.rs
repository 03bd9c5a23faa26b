//! `glassbreak recovery list`

use serde_json::Value;

use crate::args::Shared;
use crate::command::page::{Listing, Page};
use crate::exit::Outcome;
use crate::output::{minute, text};
use crate::words;

/// Arguments of `recovery list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only those that stand so.
    #[arg(long, value_parser = words::one_of(words::RECOVERY_STATES))]
    state: Option<String>,

    /// Only cases that agents opened, or those that subjects opened.
    #[arg(long, value_parser = words::one_of(words::RECOVERY_KINDS))]
    kind: Option<String>,

    /// Only the cases that this agent opened.
    #[arg(long)]
    agent: Option<String>,

    /// Only those under way that wait for this; `any` tells what each waits for.
    #[arg(long, value_parser = words::one_of(words::NEEDS))]
    needs: Option<String>,

    /// Only those opened then or later (RFC 3339).
    #[arg(long, value_name = "TIME")]
    opened_after: Option<String>,

    /// Only those opened before then (RFC 3339).
    #[arg(long, value_name = "TIME")]
    opened_before: Option<String>,

    /// Only those whose review is due.
    #[arg(long)]
    review_due: bool,

    /// The newest first.
    #[arg(long)]
    newest: bool,

    #[command(flatten)]
    page: Page,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = [
            ("subject", self.subject),
            ("state", self.state),
            ("kind", self.kind),
            ("agent", self.agent),
            ("needs", self.needs),
            ("opened_after", self.opened_after),
            ("opened_before", self.opened_before),
            ("review_due", self.review_due.then(|| "true".to_owned())),
            ("newest", self.newest.then(|| "true".to_owned())),
        ];
        self.page.show(shared, "/v1/recoveries", &filters, &LISTING)
    }
}

const LISTING: Listing<8> = Listing {
    none: "No recoveries.",
    header: ["recovery", "subject", "state", "cause", "opened by", "opened", "until", "review due"],
    row,
};

fn row(recovery: &Value) -> [String; 8] {
    let until = [text(recovery, "expires_at"), text(recovery, "window_ends_at")];
    [
        text(recovery, "recovery_id"),
        text(recovery, "subject"),
        [text(recovery, "state"), text(recovery, "waits_for")].join(" ").trim().to_owned(),
        text(recovery, "cause"),
        text(recovery, "opened_by"),
        minute(&text(recovery, "opened_at")),
        minute(&until.concat()),
        minute(&text(recovery, "review_due_by")),
    ]
}
