//! Signals: what neighbours tell us by OpenID Shared Signals, and the key that signs what we tell.

mod received;
mod resolve;
mod rotate_key;
mod show;

pub use received::Received;
pub use resolve::Resolve;
pub use rotate_key::RotateKey;
pub use show::Show;

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::Outcome;
use crate::output::{filled, items, minute, text};

/// What to do with signals.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List what neighbours told us, and what became of it.
    Received(Received),
    /// Show a signal, with everything its token says.
    Show(Show),
    /// Say what a signal means here, where a person has to.
    Resolve(Resolve),
    /// Draw another key to sign what we tell neighbours.
    RotateKey(RotateKey),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Received(args) => args.run(shared),
            Self::Show(args) => args.run(shared),
            Self::Resolve(args) => args.run(shared),
            Self::RotateKey(args) => args.run(shared),
        }
    }
}

/// Which signal.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The signal.
    signal_id: String,
}

impl Named {
    fn path(&self) -> String {
        format!("/v1/signals/received/{}", segment(&self.signal_id))
    }
}

/// The end of an event's type, which says what it is.
fn event(signal: &Value) -> String {
    let uri = text(signal, "event_type");
    uri.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What was reported, in a few words.
fn reported(signal: &Value) -> String {
    let reported = items(signal, "reported").iter();
    let told = reported.map(|one| format!("{} of {}", text(one, "type"), text(one, "subject")));
    told.collect::<Vec<_>>().join(", ")
}

/// Where a signal stands, field by field; what is empty is left out.
fn standing(signal: &Value) -> String {
    let time = |name| minute(&text(signal, name));
    filled(vec![
        ("signal", text(signal, "id")),
        ("from", text(signal, "stream")),
        ("event", text(signal, "event_type")),
        ("about", text(signal, "about")),
        ("subjects here", text(signal, "subjects")),
        ("state", text(signal, "state")),
        ("why", text(signal, "why")),
        ("reported", reported(signal)),
        ("occurred", time("occurred_at")),
        ("received", time("received_at")),
        ("resolved by", text(signal, "resolved_by")),
        ("resolved", time("resolved_at")),
        ("reference", text(signal, "reference")),
        ("token", text(signal, "claims")),
    ])
}
