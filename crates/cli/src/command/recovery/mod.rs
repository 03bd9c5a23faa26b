//! Recoveries: a subject gets back in, by itself or as a support case.

mod approve;
mod approve_options;
mod burden;
mod cancel;
mod complete;
mod decline;
mod evidence;
mod grant;
mod list;
mod open;
mod review;
mod review_options;
mod send_code;
mod show;

pub use approve::Approve;
pub use approve_options::ApproveOptions;
pub use burden::Burden;
pub use cancel::Cancel;
pub use complete::Complete;
pub use decline::Decline;
pub use evidence::Evidence;
pub use grant::Grant;
pub use list::List;
pub use open::Open;
pub use review::Review;
pub use review_options::ReviewOptions;
pub use send_code::SendCode;
pub use show::Show;

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::Outcome;
use crate::output::{filled, items, minute, text};

/// What to do with a recovery.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Open a recovery; with `--agent` as a support case.
    Open(Open),
    /// Show a recovery with everything gathered in it, and what approvers sign.
    Show(Show),
    /// List recoveries.
    List(List),
    /// Add a piece of evidence.
    Evidence(Evidence),
    /// Send a code to the subject's verified address. Nobody else sees it.
    SendCode(SendCode),
    /// Fetch what an approver's passkey signs: the case as it stands, or a no to it.
    ApproveOptions(ApproveOptions),
    /// Approve with what the passkey gave. A page of your relying party does the signing.
    Approve(Approve),
    /// Decline with what the passkey gave: the recovery is refused.
    Decline(Decline),
    /// Fetch the grant of an open window.
    Grant(Grant),
    /// Report what was done in the window.
    Complete(Complete),
    /// Give a recovery up.
    Cancel(Cancel),
    /// Fetch what a reviewer's passkey signs after a use of break-glass.
    ReviewOptions(ReviewOptions),
    /// Record the review that follows a use of break-glass, with what the passkey gave.
    Review(Review),
    /// Show what recovery costs people: time to restore, what waits, the causes.
    Burden(Burden),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Open(args) => args.run(shared),
            Self::Show(args) => args.run(shared),
            Self::List(args) => args.run(shared),
            Self::Evidence(args) => args.run(shared),
            Self::SendCode(args) => args.run(shared),
            Self::ApproveOptions(args) => args.run(shared),
            Self::Approve(args) => args.run(shared),
            Self::Decline(args) => args.run(shared),
            Self::Grant(args) => args.run(shared),
            Self::Complete(args) => args.run(shared),
            Self::Cancel(args) => args.run(shared),
            Self::ReviewOptions(args) => args.run(shared),
            Self::Review(args) => args.run(shared),
            Self::Burden(args) => args.run(shared),
        }
    }
}

/// What every change of a recovery takes.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The recovery.
    recovery_id: String,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl Named {
    fn post(
        &self,
        shared: &Shared,
        verb: &str,
        body: &Value,
    ) -> Result<Value, crate::exit::Failure> {
        let path = format!("/v1/recoveries/{}/{verb}", segment(&self.recovery_id));
        shared.connection.client()?.post(&path, body, self.idempotency_key.as_deref())
    }
}

/// Where a recovery stands, field by field; what is empty is left out.
fn standing(answer: &Value) -> String {
    let time = |name| minute(&text(answer, name));
    filled(vec![
        ("recovery", text(answer, "recovery_id")),
        ("subject", text(answer, "subject")),
        ("state", text(answer, "state")),
        ("cause", text(answer, "cause")),
        ("opened by", text(answer, "opened_by")),
        ("reference", text(answer, "reference")),
        ("opened", time("opened_at")),
        ("lapses", time("expires_at")),
        ("satisfied", time("satisfied_at")),
        ("window ends", time("window_ends_at")),
        ("to be done", text(answer, "obligations")),
        ("ended", time("ended_at")),
        ("review due", time("review_due_by")),
        ("reviewed", time("reviewed_at")),
        ("needs one of", alternatives(answer)),
        ("evidence", text(answer, "evidence")),
    ])
}

/// The alternatives of an answer, for people.
pub(crate) fn alternatives(answer: &Value) -> String {
    let sets = items(answer, "alternatives").iter().map(|methods| {
        let methods = methods.as_array().map_or(&[][..], Vec::as_slice);
        methods.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" and ")
    });
    sets.collect::<Vec<_>>().join(", or ")
}

/// A grant as a person sees it, with what it is good for.
pub(crate) fn shown_grant(answer: &Value) -> String {
    let grant = text(answer, "grant");
    if grant.is_empty() {
        return grant;
    }
    let until = minute(&text(answer, "window_ends_at"));
    format!(
        "\n\nThe grant. Good for one thing, to enrol a new authenticator, until {until} UTC. Hand it to \
         nobody but the program that enrols:\n{grant}"
    )
}
