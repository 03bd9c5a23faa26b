//! `glassbreak containment begin`

use serde_json::{Value, json};

use super::standing;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `containment begin`.
#[derive(Debug, clap::Args)]
pub struct Begin {
    #[command(flatten)]
    whom: Whom,

    /// Why.
    #[arg(long, value_parser = words::one_of(words::CONTAINMENT_REASONS))]
    reason: String,

    /// The incident's ticket.
    #[arg(long)]
    reference: Option<String>,

    /// The person who asks for it, if one does; others approve the lifting then.
    #[arg(long, value_name = "SUBJECT")]
    requester: Option<String>,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

/// Whom it covers.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// One subject, by your own id.
    #[arg(long)]
    subject: Option<String>,

    /// Whoever is registered with this group, spelled as it is registered.
    #[arg(long)]
    group: Option<String>,

    /// Everyone.
    #[arg(long)]
    all: bool,
}

impl Whom {
    fn scope(self) -> Value {
        match (self.subject, self.group) {
            (Some(subject), _) => json!({ "subject": subject }),
            (None, Some(group)) => json!({ "group": group }),
            (None, None) => json!("all"),
        }
    }
}

impl Begin {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({ "scope": self.whom.scope(), "reason": self.reason });
        let optional = [("reference", self.reference), ("requester", self.requester)];
        for (name, value) in optional {
            if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                body.insert(name.to_owned(), value.into());
            }
        }
        let client = shared.connection.client()?;
        let answer = client.post("/v1/containments", &body, self.idempotency_key.as_deref())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
