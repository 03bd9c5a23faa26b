//! `POST /ssf/poll/{stream_id}`: a receiver fetches its tokens, and acknowledges (RFC 8936).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path};
use axum::http::HeaderMap;
use glassbreak_engine::Error;
use glassbreak_signals::set::event::StreamStatus;
use glassbreak_signals::set::poll::{PollRequest, PollResponse};
use glassbreak_signals::set::stream::{Delivery, Stream};

use super::Transmitter;
use super::outbox::Outgoing;
use crate::ssf::Ssf;
use crate::ssf::error::Refused;

/// As many tokens as one answer has at most; each is signed for it.
const EVENTS_MAX: usize = 50;
/// How long a poll waits for events.
const HOLD: Duration = Duration::from_secs(5);
/// How often it is looked whether another server has put something there.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Takes acknowledgements, and gives what waits; waits for it if it is asked to.
pub(super) async fn poll(
    ssf: Option<Extension<Arc<Ssf>>>,
    Path(stream_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PollResponse>, Refused> {
    let transmitter = super::manage::transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let asked = PollRequest::parse(&body).map_err(Refused::request)?;
    let stream = transmitter.held(peer, Some(&stream_id)).await?.stream;
    if !matches!(stream.delivery, Delivery::Poll { .. }) {
        return Err(Refused::unknown("this stream is pushed"));
    }
    transmitter.outbox.done(&stream_id, &asked.ack).await?;
    for (jti, (err, description)) in &asked.set_errs {
        transmitter.outbox.lay_aside(&stream_id, jti, (err, description)).await?;
    }
    let wanted = asked.max_events.unwrap_or(u64::MAX);
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(EVENTS_MAX);
    let mut changed = transmitter.changed.subscribe();
    let until = tokio::time::Instant::now() + HOLD;
    loop {
        changed.borrow_and_update();
        let stream = transmitter.held(peer, Some(&stream_id)).await?.stream;
        let answer = waiting(transmitter, &stream, wanted).await?;
        let waits = !asked.return_immediately && wanted > 0 && answer.sets.is_empty();
        if !waits || tokio::time::Instant::now() >= until {
            return Ok(Json(answer));
        }
        tokio::select! {
            _ = changed.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn waiting(
    transmitter: &Transmitter,
    stream: &Stream,
    wanted: usize,
) -> Result<PollResponse, Error> {
    if stream.status == StreamStatus::Disabled {
        transmitter.outbox.clear(&stream.stream_id, false).await?;
    }
    let mut found = transmitter.outbox.first(&stream.stream_id, wanted.saturating_add(1)).await?;
    if stream.status != StreamStatus::Enabled {
        found.retain(Outgoing::is_of_the_stream);
    }
    let more_available = found.len() > wanted;
    let mut sets = BTreeMap::new();
    for outgoing in found.iter().take(wanted) {
        let now = transmitter.engine.now();
        let set = outgoing.set(&transmitter.issuer, &stream.aud, now);
        let token = match &set {
            Some(set) => transmitter.signers.sign(set).await.ok(),
            None => None,
        };
        let (stream_id, jti) = (&stream.stream_id, &outgoing.jti);
        if let Some(token) = token {
            sets.insert(jti.clone(), token);
        } else {
            let why = ("unfit", "it cannot be signed");
            transmitter.outbox.lay_aside(stream_id, jti, why).await?;
        }
    }
    Ok(PollResponse { sets, more_available })
}
