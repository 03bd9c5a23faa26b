//! `glassbreak subject put`

use serde_json::{Value, json};

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};
use crate::words;

/// Arguments of `subject put`.
#[derive(Debug, clap::Args)]
pub struct Put {
    /// Your own stable id for the subject.
    subject: String,

    /// What it is.
    #[arg(long, default_value = "person", value_parser = words::one_of(words::KINDS))]
    kind: String,

    /// The class of policy, as the server's configuration names it.
    #[arg(long)]
    tier: Option<String>,

    /// The highest authenticator assurance level.
    #[arg(long, value_parser = words::one_of(words::ASSURANCES))]
    assurance: String,

    /// The level at which its identity was proofed.
    #[arg(long, value_parser = words::one_of(words::IALS))]
    ial: Option<String>,

    /// The accountable owner of a service or an agent. Registered before.
    #[arg(long, value_name = "SUBJECT")]
    owner: Option<String>,

    /// A group it belongs to; may be repeated.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,

    /// Where it is told of what happens, as `email:anna@example.org`; may be repeated. Channels:
    /// email, sms, voice, postal, push.
    #[arg(long = "notify", value_name = "CHANNEL:ADDRESS", value_parser = address)]
    notify: Vec<Value>,

    /// The same for an address that was verified, at proofing or by a confirmation code: codes are
    /// sent to no other. May be repeated.
    #[arg(long = "verified", value_name = "CHANNEL:ADDRESS", value_parser = address)]
    verified: Vec<Value>,
}

impl Put {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let verified = self.verified.into_iter().map(|mut to| {
            if let Some(to) = to.as_object_mut() {
                to.insert("verified".to_owned(), true.into());
            }
            to
        });
        let addresses: Vec<Value> = self.notify.into_iter().chain(verified).collect();
        let mut body = json!({
            "kind": self.kind,
            "assurance": self.assurance,
            "groups": self.groups,
            "notification_addresses": addresses,
        });
        let optional = [("tier", self.tier), ("ial", self.ial), ("owner", self.owner)];
        if let Some(body) = body.as_object_mut() {
            let given = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
            body.extend(given.map(|(name, value)| (name.to_owned(), Value::String(value))));
        }
        let path = format!("/v1/subjects/{}", segment(&self.subject));
        let answer = shared.connection.client()?.put(&path, &body)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("subject", text(answer, "subject")),
                ("id in the log", text(answer, "id")),
                ("change", text(answer, "change")),
                ("sets revoked", text(answer, "revoked")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}

/// Reads `channel:address`.
pub(crate) fn address(text: &str) -> Result<Value, String> {
    let split = text
        .split_once(':')
        .filter(|(channel, to)| words::CHANNELS.contains(channel) && !to.trim().is_empty());
    let Some((channel, address)) = split else {
        return Err(format!("a channel ({}), a colon, an address", words::CHANNELS.join(", ")));
    };
    Ok(json!({ "channel": channel, "address": address.trim() }))
}
