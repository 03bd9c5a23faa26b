//! Polling a transmitter (RFC 8936): what it has is stored, and then acknowledged with the next
//! poll. An acknowledgement that is lost costs a repetition and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use glassbreak_engine::core::lifecycle::Effect;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_signals::set::poll::{PollRequest, PollResponse};
use glassbreak_signals::set::{Consequence, ErrorBody, Event, consequence, told_at};
use serde_json::Value;

use super::take::{Taken, claims};
use super::{Polled, Receiver, Receivers};
use crate::background::Stopped;
use crate::ssf::http::Ask;

/// As many tokens as one answer may have.
const EVENTS_MAX: u64 = 100;
/// The longest that is waited after failures.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// What is said with the next poll.
#[derive(Default)]
struct Owed {
    ack: Vec<String>,
    refused: BTreeMap<String, ErrorBody>,
}

/// What a poll came to.
enum Round {
    /// There is more, or there is something to be acknowledged.
    GoOn,
    /// There was nothing.
    Nothing,
    /// There was no answer, or nothing could be stored.
    Failed(&'static str),
}

/// Polls until the server ends.
pub(super) async fn run(receivers: &Receivers, name: &str, mut stopped: Stopped) {
    let Some(receiver) = receivers.streams.get(name) else { return };
    let Some(polled) = &receiver.polled else { return };
    let (mut owed, mut failures) = (Owed::default(), 0_u32);
    loop {
        let round = round(receivers, receiver, polled, &mut owed);
        let Some(round) = stopped.or(round).await else { return };
        let pause = match round {
            Round::GoOn => {
                failures = 0;
                continue;
            }
            // A transmitter that does not wait is asked at intervals.
            Round::Nothing => {
                failures = 0;
                if polled.long { Duration::from_millis(50) } else { polled.interval }
            }
            Round::Failed(why) => {
                failures = failures.saturating_add(1);
                tracing::warn!(stream = name, why, failures, "a poll failed");
                let doubled = Duration::from_secs(1).saturating_mul(1 << (failures - 1).min(6));
                doubled.min(PAUSE_MAX)
            }
        };
        if !stopped.sleep(pause).await {
            return;
        }
    }
}

async fn round(
    receivers: &Receivers,
    receiver: &Receiver,
    polled: &Polled,
    owed: &mut Owed,
) -> Round {
    // Of several servers on one database one polls: the others would be told the same again.
    match receivers.engine.leads().await {
        Ok(true) => {}
        Ok(false) => return Round::Nothing,
        Err(_) => return Round::Failed("the database gave no answer"),
    }
    let at_once = !polled.long || !owed.ack.is_empty() || !owed.refused.is_empty();
    let body = PollRequest::write(Some(EVENTS_MAX), at_once, &owed.ack, &owed.refused);
    let asked = polled.http.ask(Ask {
        url: polled.url.clone(),
        authorization: Some(format!("Bearer {}", polled.token.as_str())),
        body: Some(("application/json", body.to_string().into_bytes())),
    });
    let answer = match asked.await {
        Ok(answer) if answer.status == 200 => answer,
        Ok(_) => return Round::Failed("it answered with another status than 200"),
        Err(_) => return Round::Failed("it gave no answer"),
    };
    let Ok(PollResponse { sets, more_available }) = PollResponse::parse(&answer.body) else {
        return Round::Failed("its answer is none");
    };
    let told = !owed.ack.is_empty() || !owed.refused.is_empty();
    *owed = Owed::default();
    let mut later = false;
    for (jti, token) in in_order(sets) {
        match receivers.take(receiver, &token).await {
            Ok(Taken::Stored) => owed.ack.push(jti),
            Ok(Taken::Refused(body)) => drop(owed.refused.insert(jti, body)),
            Ok(Taken::Later) => later = true,
            Err(_) => return Round::Failed("what it sent could not be stored"),
        }
    }
    if !owed.ack.is_empty() || !owed.refused.is_empty() || more_available && !later {
        Round::GoOn
    } else if later {
        Round::Failed("its keys could not be fetched")
    } else if told {
        Round::GoOn
    } else {
        Round::Nothing
    }
}

/// The tokens of one answer in the order of what they tell of: an object has none, and a `jti` says
/// nothing of time. Nobody has verified them yet, so this decides on their order and nothing else.
/// Of two that tell of one moment, the one that lifts is first: in doubt recovery rests.
fn in_order(sets: BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut sets: Vec<_> = sets.into_iter().collect();
    sets.sort_by_cached_key(|(_, token)| place(&claims(token)));
    sets
}

fn place(claims: &Value) -> (Option<Timestamp>, bool) {
    let Some(claims) = claims.as_object() else { return (None, false) };
    let event = claims.get("events").and_then(Value::as_object).and_then(|all| all.iter().next());
    let event = event.and_then(|(uri, payload)| Event::read(uri, payload.as_object()?).ok());
    let lifts = event.is_some_and(|event| match consequence(&event) {
        Consequence::Report(kinds) => {
            kinds.iter().any(|kind| kind.effect_default() == Effect::Resume)
        }
        _ => false,
    });
    (told_at(claims), !lifts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    #[test]
    fn tokens_are_taken_in_the_order_of_time_and_of_one_moment_what_lifts_is_first() {
        let token = |jti: &str, iat: Value, name: &str| {
            let uri = format!("https://schemas.openid.net/secevent/risc/event-type/{name}");
            let claims = json!({ "iat": iat, "jti": jti, "events": { uri: {} } }).to_string();
            (jti.to_owned(), format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims)))
        };
        let sets = BTreeMap::from([
            token("a", json!(20), "account-disabled"),
            token("b", json!(10), "account-enabled"),
            token("c", json!(30), "account-disabled"),
            token("d", json!(30), "account-enabled"),
            token("e", json!("soon"), "account-enabled"),
            ("f".to_owned(), "no token".to_owned()),
        ]);
        let order: Vec<String> = in_order(sets).into_iter().map(|(jti, _)| jti).collect();
        assert_eq!(order, ["e", "f", "b", "a", "d", "c"]);
    }
}
