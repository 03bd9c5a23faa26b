//! Taking a token: verified, read, and stored. Only then is it acknowledged.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::Error;
use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_signals::set::event::Event;
use glassbreak_signals::set::{ErrorBody, Expected, Refusal, Set, receive};
use serde_json::Value;

use super::book::{Received, State};
use super::keys::Found;
use super::{Receiver, Receivers};

/// What came of a token.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is stored, now or since it came before: it is to be acknowledged.
    Stored,
    /// It is refused for good.
    Refused(ErrorBody),
    /// Nobody can say yet: it is to come again.
    Later,
}

impl Receivers {
    /// Takes a token from a stream.
    ///
    /// # Errors
    /// [`Error`] if it could not be stored: it is not to be acknowledged.
    pub(super) async fn take(&self, receiver: &Receiver, token: &str) -> Result<Taken, Error> {
        let now = self.engine.now();
        let Ok(found) = receiver.keys.current(now).await else { return Ok(Taken::Later) };
        let set = match receiver.verified(token, &found, now) {
            // A key that is not there may be new; under an old name there may be a new key.
            Err(refusal @ (Refusal::UnknownKey | Refusal::Signature)) => {
                match receiver.keys.newer(&found, now).await {
                    Some(newer) => receiver.verified(token, &newer, now),
                    None if refusal == Refusal::Signature && found.is_fresh(now) => Err(refusal),
                    None => return Ok(Taken::Later),
                }
            }
            opened => opened,
        };
        let set = match set {
            Ok(set) => set,
            Err(refusal) => {
                let (stream, why) = (&receiver.name, refusal.to_string());
                tracing::warn!(stream, why, "a security event token was refused");
                return Ok(Taken::Refused(refusal.body()));
            }
        };
        if self.book.store(&self.received(receiver, &set, token, now)).await? {
            self.stored.notify_one();
        }
        Ok(Taken::Stored)
    }

    fn received(&self, receiver: &Receiver, set: &Set, token: &str, now: Timestamp) -> Received {
        let mut tail = [0; 10];
        let counter = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let name = Digest::of(
            "glassbreak/ssf-received/v1",
            &[receiver.name.as_bytes(), set.jti.as_bytes()],
        );
        for (into, from) in tail.iter_mut().zip(counter.iter().chain(&name.0)) {
            *into = *from;
        }
        // Ids in the order of arrival: they are applied in it, and looked at in it.
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid();
        let occurred_at = occurred_at(set).unwrap_or(now).min(now);
        Received {
            id,
            stream: receiver.name.clone(),
            jti: set.jti.clone(),
            issued_at: set.iat,
            occurred_at,
            received_at: now,
            event_type: set.event.uri(),
            event: set.event.payload().into(),
            subject: set.subject.to_json().into(),
            named: receiver.mapping.references(&set.subject).into_iter().map(Into::into).collect(),
            claims: claims(token),
            state: State::Pending,
        }
    }
}

impl Receiver {
    fn verified(&self, token: &str, found: &Arc<Found>, now: Timestamp) -> Result<Set, Refusal> {
        let expected = Expected {
            issuer: &self.issuer,
            audiences: &self.audiences,
            critical_members: &found.critical,
            now,
            skew: self.skew,
            age_max: Some(self.age_max),
        };
        receive(token, &found.keys, &expected)
    }
}

/// When it happened, by the transmitter's word.
fn occurred_at(set: &Set) -> Option<Timestamp> {
    match &set.event {
        Event::Caep(context, _) => context.event_timestamp.or(set.toe),
        _ => set.toe,
    }
}

/// All that a token says, also what nobody here reads. This verifies nothing.
pub(super) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
}
