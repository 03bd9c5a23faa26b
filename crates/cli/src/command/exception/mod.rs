//! Exceptions: a rule set aside for a subject and a time, by people who sign for it.

mod approve;
mod approve_options;
mod list;
mod request;
mod withdraw;

pub use approve::Approve;
pub use approve_options::ApproveOptions;
pub use list::List;
pub use request::Request;
pub use withdraw::Withdraw;

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::Outcome;
use crate::output::{filled, minute, text};

/// What to do with an exception.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Ask for an exception. It is in force once it has its approvals.
    Request(Request),
    /// Show what an approver signs, and what a page gives to the passkey.
    ApproveOptions(ApproveOptions),
    /// Hand in an approver's signature.
    Approve(Approve),
    /// Take an exception back, or the request for one.
    Withdraw(Withdraw),
    /// List the exceptions that are in force or wait for approval.
    List(List),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Request(args) => args.run(shared),
            Self::ApproveOptions(args) => args.run(shared),
            Self::Approve(args) => args.run(shared),
            Self::Withdraw(args) => args.run(shared),
            Self::List(args) => args.run(shared),
        }
    }
}

/// Which exception.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// Your own id for the subject.
    subject: String,

    /// The exception.
    exception_id: String,
}

impl Named {
    fn path(&self) -> String {
        format!(
            "/v1/subjects/{}/exceptions/{}",
            segment(&self.subject),
            segment(&self.exception_id)
        )
    }
}

/// Its state, and whether that is only on paper.
fn state(answer: &Value) -> String {
    let state = text(answer, "state");
    if state == "granted" && answer["in_force"] == false {
        return "granted, not in force".to_owned();
    }
    state
}

/// Where an exception stands, field by field; what is empty is left out.
fn standing(answer: &Value) -> String {
    let time = |name| minute(&text(answer, name));
    filled(vec![
        ("exception", text(answer, "exception_id")),
        ("subject", text(answer, "subject")),
        ("kind", text(answer, "kind")),
        ("reason", text(answer, "reason")),
        ("requester", text(answer, "requester")),
        ("state", state(answer)),
        ("approvers", text(answer, "approvers")),
        ("requested", time("requested_at")),
        ("granted", time("granted_at")),
        ("ends", time("ends_at")),
        ("ended", time("ended_at")),
        ("because", text(answer, "ended_because")),
        ("to be signed", text(answer, "case")),
        ("evidence", text(answer, "evidence")),
    ])
}
