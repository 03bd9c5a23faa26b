//! Polling a transmitter (RFC 8936): what it has is stored, and then acknowledged with the next
//! poll. An acknowledgement that is lost costs a repetition and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use glassbreak_signals::set::ErrorBody;
use glassbreak_signals::set::poll::{PollRequest, PollResponse};

use super::take::Taken;
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
    for (jti, token) in sets {
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
