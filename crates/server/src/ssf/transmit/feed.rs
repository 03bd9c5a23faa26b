//! Reading the log: each entry's news is put into the outbox of every stream that is about its
//! subject, in the same change that moves the feed on. Nothing is skipped by a crash, and what is
//! put there again is put under the same name.

use std::time::Duration;

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::event::Entry;
use glassbreak_engine::store::LogEntry;
use glassbreak_engine::{Begin, Error, Keep};
use glassbreak_signals::set::outbound;
use glassbreak_signals::set::stream::{Sending, sending};

use super::Transmitter;
use super::happening::news;
use super::outbox::{Outgoing, jti_of_entry};
use super::streams::Held;
use crate::background::Stopped;

/// The feed's name.
const FEED: &str = "ssf";
/// How many entries are read in one step.
const STEP: usize = 64;
/// How long is waited after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads until the server ends.
pub(super) async fn run(transmitter: &Transmitter, mut stopped: Stopped) {
    loop {
        let Some(ended) = stopped.or(read(transmitter)).await else { return };
        if let Err(error) = ended {
            let code = error.code();
            tracing::warn!(code, "the log could not be read for neighbours; it is read again");
        }
        if !stopped.sleep(PAUSE).await {
            return;
        }
    }
}

async fn read(transmitter: &Transmitter) -> Result<(), Error> {
    let mut feed = transmitter.engine.feed(FEED, Begin::Now).await?;
    loop {
        let entries = feed.next(STEP).await?;
        let (mut beside, mut next) = (Vec::new(), feed.position());
        let streams = streams(transmitter).await?;
        for entry in &entries {
            if !streams.is_empty() {
                of_entry(transmitter, &streams, entry, &mut beside).await?;
            }
            next = entry.index.saturating_add(1);
        }
        let anything = !beside.is_empty();
        if feed.advance(next, beside).await? && anything {
            transmitter.changed.send_replace(());
        }
    }
}

async fn streams(transmitter: &Transmitter) -> Result<Vec<Held>, Error> {
    let mut found = Vec::new();
    for name in transmitter.peers.keys() {
        found.extend(transmitter.streams.get(name, |id| transmitter.poll_endpoint(id)).await?);
    }
    Ok(found)
}

async fn of_entry(
    transmitter: &Transmitter,
    streams: &[Held],
    read: &LogEntry,
    beside: &mut Vec<Keep>,
) -> Result<(), Error> {
    let entry = read.entry()?;
    let news = news(&entry);
    let Some(subject) = entry.subject.filter(|_| !news.is_empty()) else { return Ok(()) };
    // Of somebody who was erased nobody has a name any more.
    let Some(reference) = transmitter.engine.reference(subject).await? else { return Ok(()) };
    let events: Vec<_> = news
        .iter()
        .flat_map(|news| outbound(&news.happening, entry.at, news.by, news.reason))
        .collect();
    let txn = txn(&entry);
    for held in streams {
        let stream = &held.stream;
        let added = transmitter.subjects.get(&stream.stream_id, &reference).await?;
        let Some(subject) = added else { continue };
        let poll_endpoint = transmitter.poll_endpoint(&stream.stream_id);
        let offer = transmitter.offer(&poll_endpoint);
        let added = std::slice::from_ref(&subject);
        for (place, event) in events.iter().enumerate() {
            if sending(stream, &offer, added, &subject, event) != Sending::Leave {
                let jti = jti_of_entry(read.index, &read.id.0.to_string(), place);
                let outgoing = Outgoing::new(jti, Some(txn.clone()), entry.at, &subject, event);
                beside.push(transmitter.outbox.putting(&stream.stream_id, &outgoing)?);
            }
        }
    }
    Ok(())
}

/// What the events of one cause have in common (SET-08): one decision writes its entries at one
/// moment, about one subject.
fn txn(entry: &Entry) -> String {
    let subject = entry.subject.map(|subject| subject.0.to_string()).unwrap_or_default();
    let at = entry.at.millis().to_be_bytes();
    let digest = Digest::of("glassbreak/ssf-txn/v1", &[subject.as_bytes(), &at]).to_string();
    digest.get(..32).unwrap_or(&digest).to_owned()
}
