//! `glassbreak health`

use serde_json::{Value, json};

use crate::args::Shared;
use crate::client::Method;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, text};

/// Arguments of `health`. Which server, `--url` says; no key is needed.
#[derive(Debug, clap::Args)]
pub struct Health;

impl Health {
    /// Runs it: 0 if the server is ready, `sealed` or `not_ready` if it is that.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.keyless_client()?;
        let reply = client.call(Method::Get, "/readyz", None::<&Value>, None)?;
        let state = text(&reply.body, "state");
        let exit = match state.as_str() {
            "ready" => Exit::Ok,
            "sealed" => Exit::Sealed,
            "not_ready" => Exit::NotReady,
            _ => {
                let message = format!(
                    "`{}` answers, with status {}, and does not say how it stands",
                    client.base(),
                    reply.status
                );
                return Err(Failure::Unreachable(message));
            }
        };
        shared.output().show(&json!(reply.body), human)?;
        Ok(exit)
    }
}

fn human(answer: &Value) -> String {
    let reasons = items(answer, "reasons").iter().map(|reason| {
        let since = text(reason, "since");
        let since = if since.is_empty() { since } else { format!(", since {since}") };
        let containment = text(reason, "containment_id");
        let containment = if containment.is_empty() {
            containment
        } else {
            format!("; containment {containment}")
        };
        format!("{}: {}{since}{containment}", text(reason, "code"), text(reason, "detail"))
    });
    let lines: Vec<String> = std::iter::once(text(answer, "state")).chain(reasons).collect();
    lines.join("\n")
}
