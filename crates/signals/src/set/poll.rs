//! Poll delivery (RFC 8936): what is asked and answered, at either end.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::json::{self, Misfit};
use super::refusal::ErrorBody;

/// What a receiver asks (POLL-01).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollRequest {
    /// As many tokens as it wants at most; 0 only acknowledges, nothing is no limit.
    pub max_events: Option<u64>,
    /// Whether to answer at once, also with nothing.
    pub return_immediately: bool,
    /// The `jti` of what it has stored: it need not be kept for it any more (POLL-03).
    pub ack: Vec<String>,
    /// The `jti` of what it refused, with the code and the text it gave.
    pub set_errs: BTreeMap<String, (String, String)>,
}

/// What a transmitter answers (POLL-02).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PollResponse {
    /// Tokens by `jti`.
    pub sets: BTreeMap<String, String>,
    /// Whether there are more than these.
    pub more_available: bool,
}

/// As many tokens or acknowledgements as one message may have.
pub const MESSAGE_SETS_MAX: usize = 10_000;

impl PollRequest {
    /// The request in a body. Members that are not known are ignored.
    ///
    /// # Errors
    /// A text for a 400 (POLL-06).
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let members = json::object(body).map_err(|error| error.to_string())?;
        let read = || {
            let misfit = || Misfit::of("maxEvents", "must be a whole number");
            let max_events = members.get("maxEvents").map(|max| max.as_u64().ok_or_else(misfit));
            let misfit = || Misfit::of("returnImmediately", "must be true or false");
            let at_once = members.get("returnImmediately");
            let at_once = at_once.map(|value| value.as_bool().ok_or_else(misfit));
            let ack = json::texts(&members, "ack")?.unwrap_or_default();
            let mut set_errs = BTreeMap::new();
            for (jti, value) in json::inner(&members, "setErrs")?.into_iter().flatten() {
                let wants = "must hold objects with `err` and `description`";
                let error = value.as_object().ok_or_else(|| Misfit::of("setErrs", wants))?;
                let description = json::text(error, "description")?.unwrap_or_default();
                let error = json::needed(error, "err")?;
                set_errs.insert(jti.clone(), (error.to_owned(), description.to_owned()));
            }
            if ack.len().max(set_errs.len()) > MESSAGE_SETS_MAX {
                return Err(Misfit::of("ack", "must have at most 10,000 members"));
            }
            Ok(Self {
                max_events: max_events.transpose()?,
                return_immediately: at_once.transpose()?.unwrap_or_default(),
                ack,
                set_errs,
            })
        };
        read().map_err(|misfit: Misfit| misfit.to_string())
    }

    /// The body that asks, with what we refused.
    pub fn write(
        max_events: Option<u64>,
        return_immediately: bool,
        ack: &[String],
        refused: &BTreeMap<String, ErrorBody>,
    ) -> Value {
        let mut body = serde_json::json!({ "ack": ack, "returnImmediately": return_immediately });
        if let Some(members) = body.as_object_mut() {
            members.extend(max_events.map(|max| ("maxEvents".to_owned(), max.into())));
            if !refused.is_empty() {
                members.insert("setErrs".to_owned(), serde_json::json!(refused));
            }
        }
        body
    }
}

impl PollResponse {
    /// The answer in a body. Each token is judged by itself, so that one that cannot be taken holds
    /// up no other.
    ///
    /// # Errors
    /// A text, if it is no answer.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let members = json::object(body).map_err(|error| error.to_string())?;
        let sets = json::inner(&members, "sets").map_err(|misfit| misfit.to_string())?;
        let sets = sets.filter(|sets| sets.len() <= MESSAGE_SETS_MAX);
        let token = |(jti, token): (&String, &Value)| Some((jti.clone(), token.as_str()?.into()));
        let sets = sets.and_then(|sets| sets.iter().map(token).collect::<Option<_>>());
        let more = members.get("moreAvailable").is_none_or(Value::is_boolean);
        let (Some(sets), true) = (sets, more) else {
            return Err("`sets` must be an object of texts, `moreAvailable` a Boolean".to_owned());
        };
        let more_available = members.get("moreAvailable").and_then(Value::as_bool);
        Ok(Self { sets, more_available: more_available.unwrap_or_default() })
    }
}
