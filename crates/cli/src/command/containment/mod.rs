//! Containments: recovery switched off for a subject, a group or everyone, until two lift it.

mod approve;
mod approve_options;
mod begin;
mod lift;
mod list;
mod show;

pub use approve::Approve;
pub use approve_options::ApproveOptions;
pub use begin::Begin;
pub use lift::Lift;
pub use list::List;
pub use show::Show;

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::Outcome;
use crate::output::{filled, minute, plain, text};

/// What to do with a containment.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Switch recovery off, at once.
    Begin(Begin),
    /// List the containments, with how far what they ended is written down.
    List(List),
    /// Show a containment.
    Show(Show),
    /// Show what an approver signs for it to be lifted, and what a page gives to the passkey.
    ApproveOptions(ApproveOptions),
    /// Hand in an approver's signature for it to be lifted.
    Approve(Approve),
    /// Lift a containment that two people have approved the lifting of.
    Lift(Lift),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Begin(args) => args.run(shared),
            Self::List(args) => args.run(shared),
            Self::Show(args) => args.run(shared),
            Self::ApproveOptions(args) => args.run(shared),
            Self::Approve(args) => args.run(shared),
            Self::Lift(args) => args.run(shared),
        }
    }
}

/// Which containment.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The containment.
    containment_id: String,
}

impl Named {
    fn path(&self) -> String {
        format!("/v1/containments/{}", segment(&self.containment_id))
    }
}

/// Whom a containment covers, in a few words.
fn scope(answer: &Value) -> String {
    match answer.get("scope") {
        Some(Value::Object(one)) => {
            let named = one.iter().map(|(kind, name)| format!("{kind} {}", plain(name)));
            named.collect::<Vec<_>>().join(", ")
        }
        Some(all) => plain(all),
        None => String::new(),
    }
}

/// Where a containment stands, field by field; what is empty is left out.
fn standing(answer: &Value) -> String {
    let time = |name| minute(&text(answer, name));
    filled(vec![
        ("containment", text(answer, "containment_id")),
        ("scope", scope(answer)),
        ("reason", text(answer, "reason")),
        ("reference", text(answer, "reference")),
        ("requester", text(answer, "requester")),
        ("state", text(answer, "state")),
        ("approvers", text(answer, "approvers")),
        ("begun", time("begun_at")),
        ("lifted", time("lifted_at")),
        ("finished", time("finished_at")),
        ("left", text(answer, "left")),
        ("to be signed", text(answer, "case")),
        ("evidence", text(answer, "evidence")),
    ])
}
