//! A stream's status, its subjects and its verification (SSF 8.1.2 to 8.1.5), and what all that
//! says about one event.

use glassbreak_core::time::{Seconds, Timestamp};
use serde_json::{Map, Value, json};

use super::{Offer, Stream, StreamFault};
use crate::set::event::{Event, Ssf, StreamStatus};
use crate::set::json::{self, Misfit, inner, needed, text};
use crate::set::subject::{Identifier, Subject};

/// What a receiver asks a stream's status to be (SSF-07).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRequest {
    /// Which stream.
    pub stream_id: String,
    /// The status.
    pub status: StreamStatus,
    /// Why.
    pub reason: Option<String>,
}

impl StatusRequest {
    /// The request in a body.
    ///
    /// # Errors
    /// [`StreamFault`], for a 400.
    pub fn parse(body: &[u8]) -> Result<Self, StreamFault> {
        let members = json::object(body)?;
        Ok(Self {
            stream_id: needed(&members, "stream_id")?.to_owned(),
            status: StreamStatus::read(&members)?,
            reason: text(&members, "reason")?.map(str::to_owned),
        })
    }
}

/// A stream after its status changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// As it stands now.
    pub stream: Stream,
    /// What becomes of events that wait.
    pub waiting: Waiting,
}

/// What becomes of events that wait to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// They go out, oldest first.
    Send,
    /// They are kept.
    Keep,
    /// They are dropped: a stream that is disabled holds nothing (SSF-06).
    Drop,
}

/// The stream with the status that was asked for or that we chose.
///
/// # Errors
/// [`StreamFault::Unknown`] if the request is for another stream.
pub fn change_status(
    request: &StatusRequest,
    stream: &Stream,
) -> Result<StatusChange, StreamFault> {
    if request.stream_id != stream.stream_id {
        return Err(StreamFault::Unknown);
    }
    let waiting = match request.status {
        StreamStatus::Enabled => Waiting::Send,
        StreamStatus::Paused => Waiting::Keep,
        StreamStatus::Disabled => Waiting::Drop,
    };
    let stream =
        Stream { status: request.status, reason: request.reason.clone(), ..stream.clone() };
    Ok(StatusChange { stream, waiting })
}

/// The event that tells the receiver of a status that we chose (SSF 8.1.5): sent before a stream
/// rests, and after it goes on. A receiver that asked for the status is not told.
pub fn updated_event(stream: &Stream) -> (Subject, Event) {
    let (status, reason) = (stream.status, stream.reason.clone());
    (of_stream(stream), Event::Ssf(Ssf::StreamUpdated { status, reason }))
}

/// The event that shows that delivery works (SSF 8.1.4): with the state that was asked with, with
/// none if nobody asked.
pub fn verification_event(stream: &Stream, state: Option<&str>) -> (Subject, Event) {
    let state = state.map(str::to_owned);
    (of_stream(stream), Event::Ssf(Ssf::Verification { state }))
}

fn of_stream(stream: &Stream) -> Subject {
    Subject::One(Identifier::Opaque { id: stream.stream_id.clone() })
}

impl Stream {
    /// The status as it is shown (SSF-06).
    pub fn status_json(&self) -> Map<String, Value> {
        let status = [("stream_id", json!(self.stream_id)), ("status", json!(self.status.name()))];
        let reason = self.reason.as_ref().map(|reason| ("reason", json!(reason)));
        status.into_iter().chain(reason).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A subject to be added or removed (SSF-08, SSF-09).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRequest {
    /// Which stream.
    pub stream_id: String,
    /// Who.
    pub subject: Subject,
    /// Whether the receiver says that it verified the subject; true if it says nothing.
    pub verified: bool,
}

impl SubjectRequest {
    /// The request in a body.
    ///
    /// # Errors
    /// [`StreamFault`], for a 400.
    pub fn parse(body: &[u8]) -> Result<Self, StreamFault> {
        let members = json::object(body)?;
        let subject = inner(&members, "subject")?;
        let subject = subject.ok_or_else(|| Misfit::of("subject", "must be there"))?;
        let misfit = || Misfit::of("verified", "must be true or false");
        let verified = members.get("verified").map(|value| value.as_bool().ok_or_else(misfit));
        Ok(Self {
            stream_id: needed(&members, "stream_id")?.to_owned(),
            subject: Subject::from_json(subject)?,
            verified: verified.transpose()?.unwrap_or(true),
        })
    }
}

/// A verification that is asked for (SSF-10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationRequest {
    /// Which stream.
    pub stream_id: String,
    /// What to send back.
    pub state: Option<String>,
}

/// A state's longest, in bytes: it goes into a token.
const STATE_LEN_MAX: usize = 4096;

impl VerificationRequest {
    /// The request in a body, if the last one, at `asked_before`, is long enough ago.
    ///
    /// # Errors
    /// [`StreamFault`], for a 400 or a 429.
    pub fn parse(
        body: &[u8],
        offer: &Offer<'_>,
        asked_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, StreamFault> {
        let members = json::object(body)?;
        let stream_id = needed(&members, "stream_id")?.to_owned();
        let state = text(&members, "state")?.map(str::to_owned);
        if state.as_ref().is_some_and(|state| state.len() > STATE_LEN_MAX) {
            return Err(Misfit::of("state", "must be at most 4096 bytes").into());
        }
        let wait = offer.min_verification_interval;
        match asked_before.map(|at| at.plus(wait).seconds_from(now)) {
            Some(retry_after_seconds) if retry_after_seconds > 0 && wait != Seconds(0) => {
                Err(StreamFault::TooSoon { retry_after_seconds })
            }
            _ => Ok(Self { stream_id, state }),
        }
    }
}

/// What becomes of an event on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It is sent.
    Send,
    /// It is kept until the stream goes on.
    Keep,
    /// It is not for this stream.
    Leave,
}

/// What becomes of an event about `subject` on a stream to which `added` were added, where no
/// subject is in a stream by itself. Of itself a stream always speaks, whatever was asked for (SSF
/// 8.1.4, 8.1.5).
pub fn sending(
    stream: &Stream,
    offer: &Offer<'_>,
    added: &[Subject],
    subject: &Subject,
    event: &Event,
) -> Sending {
    let of_itself = matches!(event, Event::Ssf(_)) && *subject == of_stream(stream);
    if of_itself {
        return Sending::Send;
    }
    let uri = event.uri();
    let wanted = stream.events_delivered(offer).contains(&uri.as_str())
        && added.iter().any(|one| one.matches(subject));
    match stream.status {
        StreamStatus::Enabled if wanted => Sending::Send,
        StreamStatus::Paused if wanted => Sending::Keep,
        _ => Sending::Leave,
    }
}
