//! The transparency log: read, copied, verified.

mod approvals;
mod export;
mod receipt;
mod replay;
mod tail;
mod verify;

pub use approvals::Approvals;
pub(crate) use approvals::check as check_approvals;
pub use export::Export;
pub use receipt::Receipt;
pub use replay::Replay;
pub use tail::Tail;
pub use verify::Verify;

use serde_json::Value;

use crate::output::{instant, text};

/// What to do with the log.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Verify a whole log, from a copy or a server, with nothing but its verifier key.
    Verify(Verify),
    /// Check every approval, refusal and review in a log: signed by whom, over which case.
    Approvals(Approvals),
    /// Fetch the receipt of an event, or verify one offline.
    Receipt(Receipt),
    /// Fold the log from the start and compare it with the server's tables.
    Replay(Replay),
    /// Show entries as they come.
    Tail(Tail),
    /// Copy the log into a directory, to be verified offline.
    Export(Export),
}

/// An entry of the log on one line.
pub(crate) fn entry_line(placed: &Value) -> String {
    let entry = placed.get("entry").unwrap_or(&Value::Null);
    let at = entry.get("at").and_then(Value::as_i64).map(instant).unwrap_or_default();
    let subject = text(entry, "subject");
    let data = entry.get("data").and_then(Value::as_object).map(|data| {
        let short = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
        let told = data.iter().filter(|(_, value)| short(value));
        told.map(|(name, value)| format!("{name}={}", crate::output::plain(value)))
            .collect::<Vec<_>>()
            .join(" ")
    });
    let index = text(placed, "index");
    let kind = text(entry, "type");
    let line = format!("{index:>7}  {at}  {kind:<26} {subject:<36}  {}", data.unwrap_or_default());
    line.trim_end().to_owned()
}
