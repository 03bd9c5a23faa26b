//! The newest word on what rests: of each stream, subject and cause, when that happened which last
//! had recovery rest or lifted it. Tokens may come late and in any order (RFC 8935, RFC 8936), and
//! an older one does not lift what a newer one is about.
//!
//! ```text
//! ssf.latest     DIGEST       -> a time; the digest is of stream, cause and subject
//! ```

use std::collections::BTreeSet;

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::lifecycle::Effect;
use glassbreak_engine::core::subject::SuspendCause;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, Error, Expected, Keep, Kept, Shelf};
use glassbreak_signals::set::told_at;

use super::book::{Received, State};

const LATEST: &str = "ssf.latest";

/// The newest word on what rests.
#[derive(Clone)]
pub(super) struct Latest(Shelf);

impl Latest {
    /// That of this database.
    pub(super) fn of(engine: &Engine) -> Self {
        Self(engine.shelf(LATEST))
    }

    /// Whether newer word than this was applied, of the same stream, subject and cause.
    pub(super) async fn is_newer(
        &self,
        received: &Received,
        subject: &str,
        cause: SuspendCause,
    ) -> Result<bool, Error> {
        let kept = self.0.get(&key(&received.stream, subject, cause)).await?;
        Ok(kept.as_ref().map(read).transpose()?.is_some_and(|at| at > moment(received)))
    }

    /// What is noted in the change that settles it: a crash leaves both or neither.
    pub(super) async fn noting(&self, received: &Received) -> Result<Vec<Keep>, Error> {
        let State::Applied { reported } = &received.state else { return Ok(Vec::new()) };
        let moves = |effect| matches!(effect, Some(Effect::Suspend | Effect::Resume));
        let keys: BTreeSet<String> = reported
            .iter()
            .filter(|one| moves(one.effect))
            .map(|one| key(&received.stream, &one.subject, one.kind.cause()))
            .collect();
        let (at, mut changes) = (moment(received), Vec::new());
        for key in keys {
            let expected = match self.0.get(&key).await? {
                Some(kept) if read(&kept)? >= at => continue,
                Some(kept) => Expected::Version(kept.version),
                None => Expected::Nothing,
            };
            changes.push(self.0.putting(key, expected, at.millis().to_be_bytes().to_vec()));
        }
        Ok(changes)
    }
}

/// What it is ordered by. Not later than it came: a clock that is ahead holds up nothing for long.
fn moment(received: &Received) -> Timestamp {
    let told = received.claims.as_object().and_then(told_at);
    told.unwrap_or(received.issued_at).min(received.received_at)
}

/// Its place. Not by names: it is kept for longer than the tokens are.
fn key(stream: &str, subject: &str, cause: SuspendCause) -> String {
    let cause = match cause {
        SuspendCause::Account => "account",
        SuspendCause::Risk => "risk",
        SuspendCause::Recovery => "recovery",
        SuspendCause::Lowered { .. } => "lowered",
    };
    let parts = [stream.as_bytes(), cause.as_bytes(), subject.as_bytes()];
    Digest::of("glassbreak/ssf-latest/v1", &parts).to_string()
}

fn read(kept: &Kept) -> Result<Timestamp, Error> {
    let bytes = <[u8; 8]>::try_from(kept.value.as_slice());
    let bytes = bytes.map_err(|_| Error::Log("a time of `ssf.latest` cannot be read".to_owned()));
    Ok(Timestamp::from_millis(i64::from_be_bytes(bytes?)))
}
