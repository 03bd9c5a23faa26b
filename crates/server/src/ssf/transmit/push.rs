//! Pushing to a receiver (RFC 8935): one token after the other, in order, each until it is taken.
//! A receiver that is away holds up its own stream and nothing else; what waits is on a shelf and
//! not in memory.

use std::time::Duration;

use glassbreak_engine::Error;
use glassbreak_signals::set::MEDIA_TYPE;
use glassbreak_signals::set::event::StreamStatus;
use glassbreak_signals::set::stream::Delivery;
use serde_json::Value;

use super::outbox::Outgoing;
use super::streams::Held;
use super::{Peer, Transmitter};
use crate::background::Stopped;
use crate::ssf::http::Ask;

/// How many are looked at in one step.
const STEP: usize = 32;
/// How often it is looked whether another server has put something there.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest that is waited between two attempts.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// What became of one token.
enum Pushed {
    /// It was taken, or laid aside.
    Done,
    /// It is to be sent again.
    Again {
        why: String,
        /// Not before so many seconds, by the receiver's word.
        after: Option<u64>,
    },
}

/// Pushes until the server ends.
pub(super) async fn run(transmitter: &Transmitter, name: &str, mut stopped: Stopped) {
    let Some(peer) = transmitter.peers.get(name) else { return };
    let mut changed = transmitter.changed.subscribe();
    let mut failures = 0_u32;
    loop {
        changed.borrow_and_update();
        let Some(round) = stopped.or(round(transmitter, peer)).await else { return };
        let again = match round {
            Ok(None) => {
                failures = 0;
                let waited = async {
                    tokio::select! {
                        _ = changed.changed() => {}
                        () = tokio::time::sleep(LOOK_EVERY) => {}
                    }
                };
                if stopped.or(waited).await.is_none() {
                    return;
                }
                continue;
            }
            Ok(Some(again)) => again,
            Err(error) => (error.code().to_owned(), None),
        };
        let (why, after) = again;
        failures = failures.saturating_add(1);
        tracing::warn!(receiver = name, why, failures, "a token was not taken; it is kept");
        let doubled = Duration::from_millis(500).saturating_mul(1 << (failures - 1).min(7));
        let asked = Duration::from_secs(after.unwrap_or(0)).min(PAUSE_MAX);
        if !stopped.sleep(doubled.min(PAUSE_MAX).max(asked)).await {
            return;
        }
    }
}

/// Pushes what waits. Why it stopped, and for how long, if not because nothing waits any more.
async fn round(
    transmitter: &Transmitter,
    peer: &Peer,
) -> Result<Option<(String, Option<u64>)>, Error> {
    loop {
        if !transmitter.engine.leads().await? {
            return Ok(None);
        }
        let poll_endpoint = |id: &str| transmitter.poll_endpoint(id);
        let Some(held) = transmitter.streams.get(&peer.name, poll_endpoint).await? else {
            return Ok(None);
        };
        let Delivery::Push { endpoint_url, authorization_header } = &held.stream.delivery else {
            return Ok(None);
        };
        if held.stream.status == StreamStatus::Disabled {
            transmitter.outbox.clear(&held.stream.stream_id, false).await?;
        }
        let mut waiting = transmitter.outbox.first(&held.stream.stream_id, STEP).await?;
        if held.stream.status != StreamStatus::Enabled {
            waiting.retain(Outgoing::is_of_the_stream);
        }
        if waiting.is_empty() {
            return Ok(None);
        }
        for outgoing in waiting {
            let header = authorization_header.clone();
            let pushed = push(transmitter, peer, &held, endpoint_url, header, &outgoing).await?;
            if let Pushed::Again { why, after } = pushed {
                return Ok(Some((why, after)));
            }
        }
    }
}

async fn push(
    transmitter: &Transmitter,
    peer: &Peer,
    held: &Held,
    url: &str,
    authorization: Option<String>,
    outgoing: &Outgoing,
) -> Result<Pushed, Error> {
    let (outbox, stream_id) = (&transmitter.outbox, &held.stream.stream_id);
    let now = transmitter.engine.now();
    let set = outgoing.set(&transmitter.issuer, &held.stream.aud, now);
    let token = match &set {
        Some(set) => transmitter.signers.sign(set).await.ok(),
        None => None,
    };
    let Some(token) = token else {
        outbox.lay_aside(stream_id, &outgoing.jti, ("unfit", "it cannot be signed")).await?;
        return Ok(Pushed::Done);
    };
    let body = Some((MEDIA_TYPE, token.into_bytes()));
    let answer = match peer.http.ask(Ask { url: url.to_owned(), authorization, body }).await {
        Ok(answer) => answer,
        Err(failure) => return Ok(Pushed::Again { why: failure.to_string(), after: None }),
    };
    match answer.status {
        200..=299 => {
            outbox.done(stream_id, std::slice::from_ref(&outgoing.jti)).await?;
            Ok(Pushed::Done)
        }
        400 => {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            // Of the token, and so for good; the other errors are of keys and names, which people
            // set right.
            if text("err") == "invalid_request" {
                let why = ("invalid_request", text("description"));
                outbox.lay_aside(stream_id, &outgoing.jti, why).await?;
                return Ok(Pushed::Done);
            }
            let err: String = text("err").chars().take(40).collect();
            Ok(Pushed::Again { why: format!("it refuses: {err:?}"), after: None })
        }
        status => {
            let (why, after) = (format!("it answered with status {status}"), answer.retry_after);
            Ok(Pushed::Again { why, after })
        }
    }
}
