//! Applying what was stored: what an event asks of us is reported under a name made of its stream
//! and its `jti`, so that a crash between the report and the note of it has no second effect.

use std::sync::Arc;
use std::time::Duration;

use glassbreak_engine::core::event::Actor;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::lifecycle::{Effect, LifecycleKind};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::store::StoreError;
use glassbreak_engine::{Caller, Engine, Error};
use glassbreak_signals::set::{Consequence, Event, consequence};

use super::Receivers;
use super::book::{Book, Received, Reported, State, Why};
use crate::background::Stopped;
use crate::shape::evidence;

/// How often it is looked whether something waits that this process was not told of.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How many are applied in one step.
const STEP: usize = 64;

/// What the callers begin with that report in the name of a transmitter.
const CALLER: &str = "ssf:";

/// Whether a transmitter's word was behind what an actor did. What was heard is not told again.
pub(crate) fn applied_by(actor: &Actor) -> bool {
    matches!(actor, Actor::ApiKey { id } if id.starts_with(CALLER))
}

/// Applies until the server ends.
pub(super) async fn run(receivers: Arc<Receivers>, mut stopped: Stopped) {
    loop {
        let step = async {
            if let Err(error) = all(&receivers).await {
                let code = error.code();
                tracing::warn!(code, "what neighbours said could not be applied; it is kept");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            tokio::select! {
                () = receivers.stored.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        };
        if stopped.or(step).await.is_none() {
            return;
        }
    }
}

async fn all(receivers: &Receivers) -> Result<(), Error> {
    loop {
        let waiting = receivers.book.pending(STEP).await?;
        let is_last = waiting.len() < STEP;
        for (mut received, version) in waiting {
            received.state = applied(receivers, &received).await?;
            let (stream, state) = (&received.stream, received.state.name());
            // Not its type: that is the neighbour's text.
            tracing::info!(stream, state, signal = %received.id, "a neighbour's event");
            // If it is another by now, another process has applied it.
            receivers.book.settle(&received, version).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

async fn applied(receivers: &Receivers, received: &Received) -> Result<State, Error> {
    let payload = received.event.as_object().cloned().unwrap_or_default();
    // It could be read when it came; a version that cannot any more shows it all the same.
    let Ok(event) = Event::read(&received.event_type, &payload) else {
        return Ok(State::Failed { cause: "type_unknown".to_owned() });
    };
    let kinds = match consequence(&event) {
        Consequence::Report(kinds) => kinds,
        Consequence::Keep if matches!(event, Event::Unknown { .. }) => {
            return Ok(State::Kept { why: Why::TypeUnknown });
        }
        Consequence::Keep => return Ok(State::Kept { why: Why::NoEffect }),
        Consequence::Verified => return Ok(State::Kept { why: Why::Verified }),
        Consequence::Ask(question) => {
            return Ok(State::Asked { question: question.name().to_owned() });
        }
    };
    if received.named.is_empty() {
        return Ok(State::Kept { why: Why::SubjectUnnamed });
    }
    let current = not_overtaken(&receivers.book, received, kinds).await?;
    if current.is_empty() {
        return Ok(State::Kept { why: Why::Overtaken });
    }
    let caller = Caller::api_key(format!("{CALLER}{}", received.stream));
    match report(&receivers.engine, &caller, received, kinds, &current).await {
        Ok(reported) if reported.is_empty() => Ok(State::Kept { why: Why::SubjectUnknown }),
        Ok(reported) => Ok(State::Applied { reported }),
        Err(error) if passes(&error) => Err(error),
        Err(error) => Ok(State::Failed { cause: error.code().to_owned() }),
    }
}

/// The subjects it names of whom nothing newer was applied, if it lifts: what was said of them
/// since is not undone by what comes late. What takes away is applied whenever it comes.
async fn not_overtaken(
    book: &Book,
    received: &Received,
    kinds: &[LifecycleKind],
) -> Result<Vec<String>, Error> {
    let lifts = kinds.iter().find(|kind| kind.effect_default() == Effect::Resume);
    let Some(cause) = lifts.map(|kind| kind.cause()) else { return Ok(received.named.clone()) };
    let mut current = Vec::new();
    for subject in &received.named {
        if !book.latest.is_newer(received, subject, cause).await? {
            current.push(subject.clone());
        }
    }
    Ok(current)
}

/// Reports each kind of each subject that is known, in this order. Safe to repeat.
///
/// # Errors
/// The first refusal; what was reported before it stays so.
pub(crate) async fn report(
    engine: &Engine,
    caller: &Caller,
    received: &Received,
    kinds: &[LifecycleKind],
    subjects: &[String],
) -> Result<Vec<Reported>, Error> {
    let mut reported = Vec::new();
    for subject in subjects {
        let Ok(reference) = SubjectRef::try_from(subject.clone()) else { continue };
        for kind in kinds {
            let (stream, jti) = (&received.stream, &received.jti);
            let what = kind.name();
            let name = format!("ssf/{stream}/{what}/{jti}/{subject}");
            let caller = caller.clone().naming(Some(name));
            let at = Some(received.occurred_at);
            match engine.report(&caller, &reference, *kind, at).await {
                Ok(applied) => reported.push(Reported {
                    subject: subject.clone(),
                    kind: *kind,
                    effect: Some(applied.reply().effect),
                    evidence: evidence(&applied),
                }),
                Err(Error::Denied(Denial::SubjectUnknown)) => break,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(reported)
}

/// Whether the same may well succeed later.
fn passes(error: &Error) -> bool {
    let transient = |error: &StoreError| !matches!(error, StoreError::Corrupt(_));
    matches!(error, Error::Busy | Error::Throttled { .. })
        || matches!(error, Error::Store(error) if transient(error))
}
