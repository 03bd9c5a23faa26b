//! A stream's configuration: made, changed, replaced and shown (SSF 8.1.1).

use serde_json::{Map, Value, json};

use super::{Delivery, Offer, POLL, PUSH, Stream, StreamFault};
use crate::set::discovery;
use crate::set::event::StreamStatus;
use crate::set::json::{self, Misfit, inner, needed, text, texts};

/// As many event types as a stream may ask for.
const REQUESTED_MAX: usize = 256;
/// A description's longest, in characters; SSF lets a transmitter cut it.
const DESCRIPTION_MAX: usize = 1024;

/// Makes a stream (SSF-01; 201). `has_stream` is whether this receiver has one.
///
/// # Errors
/// [`StreamFault::Exists`], or what is wrong with the body. A receiver that says no `delivery` gets
/// poll delivery.
pub fn create(
    body: &[u8],
    stream_id: &str,
    aud: &[String],
    has_stream: bool,
    offer: &Offer<'_>,
) -> Result<Stream, StreamFault> {
    let members = json::object(body)?;
    if has_stream {
        return Err(StreamFault::Exists);
    }
    Ok(Stream {
        stream_id: stream_id.to_owned(),
        aud: aud.to_vec(),
        events_requested: requested(&members)?.unwrap_or_default(),
        delivery: delivery(&members, offer)?.unwrap_or_else(|| polled(offer)),
        description: description(&members)?,
        status: StreamStatus::Enabled,
        reason: None,
    })
}

/// Changes what the body names, and nothing else (SSF-03).
///
/// # Errors
/// [`StreamFault`]; nothing has changed then.
pub fn update(body: &[u8], stream: &Stream, offer: &Offer<'_>) -> Result<Stream, StreamFault> {
    let members = for_stream(body, stream, offer)?;
    Ok(Stream {
        events_requested: requested(&members)?.unwrap_or_else(|| stream.events_requested.clone()),
        delivery: delivery(&members, offer)?.unwrap_or_else(|| stream.delivery.clone()),
        description: description(&members)?.or_else(|| stream.description.clone()),
        ..stream.clone()
    })
}

/// Replaces what is the receiver's to say; what the body does not name is gone (SSF-04). Without a
/// `delivery` that is poll delivery, as for a new stream.
///
/// # Errors
/// [`StreamFault`]; nothing has changed then.
pub fn replace(body: &[u8], stream: &Stream, offer: &Offer<'_>) -> Result<Stream, StreamFault> {
    let members = for_stream(body, stream, offer)?;
    Ok(Stream {
        events_requested: requested(&members)?.unwrap_or_default(),
        delivery: delivery(&members, offer)?.unwrap_or_else(|| polled(offer)),
        description: description(&members)?,
        ..stream.clone()
    })
}

impl Stream {
    /// The configuration as it is shown.
    pub fn to_json(&self, offer: &Offer<'_>) -> Map<String, Value> {
        let aud = match self.aud.as_slice() {
            [one] => json!(one),
            several => json!(several),
        };
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("stream_id", json!(self.stream_id));
        put("iss", json!(offer.issuer));
        put("aud", aud);
        put("events_supported", json!(offer.events_supported));
        put("events_requested", json!(self.events_requested));
        put("events_delivered", json!(self.events_delivered(offer)));
        put("delivery", self.delivery.to_json());
        put("min_verification_interval", json!(offer.min_verification_interval.0));
        if let Some(description) = &self.description {
            put("description", json!(description));
        }
        if let Some(timeout) = offer.inactivity_timeout {
            put("inactivity_timeout", json!(timeout.0));
        }
        shown
    }
}

impl Delivery {
    /// As it is shown: to the receiver alone, its own header included.
    fn to_json(&self) -> Value {
        match self {
            Self::Push { endpoint_url, authorization_header: Some(header) } => json!({
                "method": PUSH, "endpoint_url": endpoint_url, "authorization_header": header,
            }),
            Self::Push { endpoint_url, authorization_header: None } => {
                json!({ "method": PUSH, "endpoint_url": endpoint_url })
            }
            Self::Poll { endpoint_url } => json!({ "method": POLL, "endpoint_url": endpoint_url }),
        }
    }
}

/// The body of a change: for this stream, and right wherever it repeats what is ours to say.
fn for_stream(
    body: &[u8],
    stream: &Stream,
    offer: &Offer<'_>,
) -> Result<Map<String, Value>, StreamFault> {
    let members = json::object(body)?;
    if needed(&members, "stream_id")? != stream.stream_id {
        return Err(StreamFault::Unknown);
    }
    let shown = stream.to_json(offer);
    for name in [
        "iss",
        "aud",
        "events_supported",
        "events_delivered",
        "min_verification_interval",
        "inactivity_timeout",
    ] {
        if members.get(name).is_some_and(|said| Some(said) != shown.get(name)) {
            return Err(Misfit::of(name, "is the transmitter's to say, and another").into());
        }
    }
    Ok(members)
}

fn requested(members: &Map<String, Value>) -> Result<Option<Vec<String>>, Misfit> {
    let found = texts(members, "events_requested")?;
    if found.as_ref().is_some_and(|found| found.len() > REQUESTED_MAX) {
        return Err(Misfit::of("events_requested", "must be at most 256 types"));
    }
    Ok(found)
}

fn description(members: &Map<String, Value>) -> Result<Option<String>, Misfit> {
    Ok(text(members, "description")?.map(|text| text.chars().take(DESCRIPTION_MAX).collect()))
}

fn polled(offer: &Offer<'_>) -> Delivery {
    Delivery::Poll { endpoint_url: offer.poll_endpoint.to_owned() }
}

/// The delivery that a body wants. Where to poll is ours to say: what a receiver says of it is
/// ignored if it is ours, and refused if not.
fn delivery(members: &Map<String, Value>, offer: &Offer<'_>) -> Result<Option<Delivery>, Misfit> {
    let Some(wanted) = inner(members, "delivery")? else { return Ok(None) };
    let header = text(wanted, "authorization_header")?;
    match needed(wanted, "method")? {
        PUSH => {
            let endpoint_url = needed(wanted, "endpoint_url")?;
            let base = endpoint_url.split('?').next().unwrap_or_default();
            if discovery::location(base).is_none() || endpoint_url.contains(char::is_whitespace) {
                return Err(Misfit::of("endpoint_url", "must be an https URL"));
            }
            let fits = |header: &str| header.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
            if header.is_some_and(|header| header.is_empty() || !fits(header)) {
                return Err(Misfit::of("authorization_header", "must be visible characters"));
            }
            let authorization_header = header.map(str::to_owned);
            Ok(Some(Delivery::Push { endpoint_url: endpoint_url.to_owned(), authorization_header }))
        }
        POLL => match text(wanted, "endpoint_url")? {
            Some(url) if url != offer.poll_endpoint => {
                Err(Misfit::of("endpoint_url", "is the transmitter's to say for polling"))
            }
            _ => Ok(Some(polled(offer))),
        },
        _ => Err(Misfit::of("method", "must be push (RFC 8935) or poll (RFC 8936)")),
    }
}
