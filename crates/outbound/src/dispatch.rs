//! One destination: its feed, read in order, for as long as it takes.
//!
//! What a batch comes to is written down together with the place of the feed, so nothing is passed
//! over: it was taken, or it is a dead letter, or it is tried again. An entry becomes a dead letter
//! only where the destination is well, or may be: [`REFUSALS`] refusals of it, and not more than
//! [`IN_A_ROW`] dead letters before something is taken again; or a failure that an entry of
//! somebody else does not have. A destination that is down waits, and the log with it.

use std::time::Duration;

use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::store::LogEntry;
use glassbreak_engine::{Begin, Engine, EntropySource, Error, Feed, Keep, SystemEntropy};
use glassbreak_signals::export::Origin;
use tokio::time::{Instant, sleep, timeout};

use crate::books::{Books, DeadLetter, Failed, State, Waiting, Wish};
use crate::cause::{Cause, Failure};
use crate::events::Events;
use crate::pace::Pace;
use crate::transport::{Kind, Letter, Progress, Transport};

/// So many entries are read at once, and no more are in memory.
const BATCH: usize = 256;
/// An entry is a dead letter when it was refused so often.
const REFUSALS: u32 = 3;
/// So many dead letters in a row are about entries. One more is about the destination, which then
/// waits like one that is down.
const IN_A_ROW: u32 = 8;
/// After so many failures at one entry another one is tried: is it the entry, or the peer?
const ASK_ANOTHER: u32 = 5;

/// A destination, as it is set up.
pub struct Destination {
    /// Its name: lower-case letters, digits, `-` and `_`, at most 64.
    pub name: String,
    /// The way there.
    pub transport: Transport,
    /// Which events it is told of.
    pub events: Events,
    /// Where it begins when it is new.
    pub begin: Begin,
    /// When it is tried again.
    pub pace: Pace,
}

/// Reads the log for one destination.
pub struct Dispatcher {
    engine: Engine,
    books: Books,
    feed: Feed,
    destination: Destination,
    origin: Origin,
    entropy: Box<dyn EntropySource>,
    /// How many entries are read next: fewer where the time was up before.
    window: usize,
    /// Failures at the entry that is next.
    failures: u32,
    /// Dead letters since something was taken.
    in_a_row: u32,
}

impl Dispatcher {
    /// A reader for `destination`; its feed is made if it is not there, and then begins where the
    /// destination says.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn open(
        engine: &Engine,
        destination: Destination,
        origin: Origin,
    ) -> Result<Self, Error> {
        let feed = engine.feed(&feed_name(&destination.name), destination.begin).await?;
        Ok(Self {
            engine: engine.clone(),
            books: Books::of(engine),
            feed,
            destination,
            origin,
            entropy: Box::new(SystemEntropy::default()),
            window: BATCH,
            failures: 0,
            in_a_row: 0,
        })
    }

    /// Sends, for ever. It may be left at any time: what was on its way is sent again by the next.
    pub async fn run(mut self) {
        loop {
            if let Err(error) = self.round().await {
                let destination = self.name();
                tracing::warn!(destination, %error, "a destination waits for the database");
                sleep(self.destination.pace.look).await;
            }
        }
    }

    fn name(&self) -> &str {
        &self.destination.name
    }

    async fn round(&mut self) -> Result<(), Error> {
        let look = self.destination.pace.look;
        if !self.feed.leads().await? {
            sleep(look).await;
            return Ok(());
        }
        let state = self.grant_wishes().await?;
        if state.paused.is_some() {
            sleep(look).await;
            return Ok(());
        }
        let Ok(entries) = timeout(look, self.feed.next(self.window)).await else { return Ok(()) };
        self.deliver(&entries?, state).await
    }

    async fn deliver(&mut self, entries: &[LogEntry], state: State) -> Result<(), Error> {
        let end = entries.last().map_or(self.feed.position(), |entry| entry.index + 1);
        let letters = self.letters(entries)?;
        let writable = letters.iter().take_while(|letter| letter.bytes.is_ok()).count();
        let (ready, rest) = letters.split_at_checked(writable).unwrap_or_default();
        let (Some(_), Progress { taken, failure }) = (ready.first(), self.send(ready).await) else {
            return match rest {
                [] => self.advance(end, Vec::new()).await.map(drop),
                [first, behind @ ..] => {
                    let cause = first.bytes.as_ref().err().copied().unwrap_or(Cause::NotWritable);
                    self.lay_aside(first, &cause.into(), place(behind, end), state).await
                }
            };
        };
        let mut state = state;
        if taken > 0 {
            state = State { last_failure: state.last_failure, ..State::default() };
            state.last_success = Some(self.engine.now());
            (self.failures, self.in_a_row) = (0, 0);
            self.window = self.window.saturating_mul(2).min(BATCH);
            let next = place(letters.get(taken..).unwrap_or_default(), end);
            let kept = self.books.keeping(self.name(), &state)?;
            if !self.advance(next, vec![kept]).await? {
                return Ok(());
            }
        }
        let (Some(failure), Some(left)) = (failure, letters.get(taken..)) else { return Ok(()) };
        self.failed(left, end, failure, state).await
    }

    /// What becomes of the first of `letters`, which was not taken.
    async fn failed(
        &mut self,
        letters: &[Letter],
        end: u64,
        failure: Failure,
        mut state: State,
    ) -> Result<(), Error> {
        let [first, behind @ ..] = letters else { return Ok(()) };
        self.failures = self.failures.saturating_add(1);
        // A batch that is too much for the time there is would be too much each time.
        // And of a message that a collector hangs up on, only a batch of one says which it is.
        let is_of_batch = matches!(failure.cause, Cause::Timeout | Cause::ConnectionLost);
        if is_of_batch && self.destination.transport.kind() == Kind::Syslog {
            self.window = (self.window / 4).max(1);
        }
        let is_refused = failure.cause == Cause::Refused;
        if is_refused && self.failures >= REFUSALS && self.in_a_row < IN_A_ROW {
            return self.lay_aside(first, &failure, place(behind, end), state).await;
        }
        if !self.takes_another(first, behind, &failure).await {
            return self.wait(first.index, &failure, state).await;
        }
        state.last_success = Some(self.engine.now());
        self.in_a_row = 0;
        // It may have come back just now.
        let again = self.send(std::slice::from_ref(first)).await;
        let next = place(behind, end);
        if let Some(failure) = again.failure {
            // Asked to be left alone just now, it has said nothing of the entry.
            if !is_about_entries(failure.cause) {
                return self.wait(first.index, &failure, state).await;
            }
            return self.lay_aside(first, &failure, next, state).await;
        }
        let state = State { failures: 0, next_attempt: None, ..state };
        let kept = self.books.keeping(self.name(), &state)?;
        self.failures = 0;
        self.advance(next, vec![kept]).await.map(drop)
    }

    /// Whether the peer, which failed at `first` now and again, takes an entry of somebody else:
    /// then it is well. Each time it is asked with another one, always the next of its subject.
    /// That comes again when it is its turn, so that those of a subject stay in order.
    async fn takes_another(&self, first: &Letter, behind: &[Letter], failure: &Failure) -> bool {
        if !self.failures.is_multiple_of(ASK_ANOTHER) || !is_about_entries(failure.cause) {
            return false;
        }
        let mut others: Vec<&Letter> = Vec::new();
        for letter in behind.iter().filter(|letter| letter.subject != first.subject) {
            if others.iter().all(|other| other.subject != letter.subject) {
                others.push(letter);
            }
        }
        others.retain(|letter| letter.bytes.is_ok());
        let turn = (self.failures / ASK_ANOTHER).saturating_sub(1);
        let turn = usize::try_from(turn).unwrap_or_default().checked_rem(others.len());
        match turn.and_then(|turn| others.get(turn)) {
            Some(other) => self.send(std::slice::from_ref(*other)).await.taken == 1,
            None => false,
        }
    }

    /// Makes a dead letter of `letter`, and goes on with what is at `next`.
    async fn lay_aside(
        &mut self,
        letter: &Letter,
        failure: &Failure,
        next: u64,
        state: State,
    ) -> Result<(), Error> {
        let now = self.engine.now();
        let dead = self.dead(letter, failure, now);
        let failed = Failed::new(now, letter.index, failure);
        let state = State { last_failure: Some(failed), next_attempt: None, failures: 0, ..state };
        let kept = vec![
            self.books.laying_aside(self.name(), &dead)?,
            self.books.keeping(self.name(), &state)?,
        ];
        if !self.advance(next, kept).await? {
            return Ok(());
        }
        self.failures = 0;
        // What cannot be sent anywhere says nothing of this destination.
        self.in_a_row += u32::from(letter.bytes.is_ok());
        let (destination, index, cause) = (self.name(), letter.index, failure.cause.name());
        let (id, status) = (letter.id, failure.status);
        tracing::error!(destination, index, %id, cause, status, "an entry is a dead letter");
        Ok(())
    }

    fn dead(&self, letter: &Letter, failure: &Failure, since: Timestamp) -> DeadLetter {
        DeadLetter {
            index: letter.index,
            id: letter.id,
            event: letter.event.to_owned(),
            subject: letter.subject,
            cause: failure.cause,
            status: failure.status,
            attempts: self.failures.max(1),
            since,
        }
    }

    /// Writes down that `index` did not get through, and waits until it is time to try again or an
    /// operator wishes for something.
    async fn wait(&mut self, index: u64, failure: &Failure, state: State) -> Result<(), Error> {
        let now = self.engine.now();
        let failed = Failed::new(now, index, failure);
        let mut state = State { last_failure: Some(failed), failures: self.failures, ..state };
        let (destination, cause) = (self.name(), failure.cause.name());
        let (status, failures) = (failure.status, self.failures);
        if failure.cause == Cause::Gone {
            state = State { paused: Some(now), next_attempt: None, ..state };
            self.books.keep(vec![self.books.keeping(self.name(), &state)?]).await?;
            tracing::error!(destination, index, "a destination is gone (410) and is paused");
            return Ok(());
        }
        let wait = self.destination.pace.wait(failures, self.random(), failure.retry_after);
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX);
        state.next_attempt = Some(now.plus(Seconds(seconds)));
        tracing::warn!(destination, index, cause, status, failures, "a destination took nothing");
        self.books.keep(vec![self.books.keeping(self.name(), &state)?]).await?;
        self.sleep_or_wish(wait).await
    }

    /// Waits so long, or until there is a wish that was not there before.
    async fn sleep_or_wish(&self, wait: Duration) -> Result<(), Error> {
        let keys = async || -> Result<Vec<String>, Error> {
            let wishes = self.books.wishes(self.name()).await?;
            Ok(wishes.into_iter().map(|wish| wish.key).collect())
        };
        let (before, until) = (keys().await?, Instant::now() + wait);
        while let Some(left) = until.checked_duration_since(Instant::now())
            && !left.is_zero()
        {
            sleep(left.min(self.destination.pace.look)).await;
            if keys().await?.iter().any(|key| !before.contains(key)) {
                break;
            }
        }
        Ok(())
    }

    /// Does what operators wish for. Gives how the destination stands then.
    async fn grant_wishes(&mut self) -> Result<State, Error> {
        let mut state = self.books.state(self.name()).await?;
        for waiting in self.books.wishes(self.name()).await? {
            let granted = self.books.granting(&waiting);
            match waiting.wish {
                Wish::Resume => {
                    let resumed = State { paused: None, next_attempt: None, failures: 0, ..state };
                    let kept = self.books.keeping(self.name(), &resumed)?;
                    if self.books.keep(vec![kept, granted]).await? {
                        (self.failures, self.in_a_row) = (0, 0);
                    }
                    state = self.books.state(self.name()).await?;
                }
                Wish::Replay { from } => {
                    // Never forward: that would pass entries over.
                    let from = from.min(self.feed.position());
                    self.feed.advance(from, vec![granted]).await?;
                    self.failures = 0;
                }
                Wish::Letter { .. } if state.paused.is_some() => {}
                Wish::Letter { index } => self.send_again(index, &waiting).await?,
            }
        }
        Ok(state)
    }

    /// Sends a dead letter again, once.
    async fn send_again(&mut self, index: u64, waiting: &Waiting) -> Result<(), Error> {
        let granted = self.books.granting(waiting);
        let known = self.books.letter(self.name(), index).await?;
        let entries = self.engine.entries(index, 1).await?;
        let (Some(known), Some(entry)) = (known, entries.first()) else {
            self.books.keep(vec![granted]).await?;
            return Ok(());
        };
        let letter = self.letter(entry)?;
        let sent = match &letter.bytes {
            Ok(_) => self.send(std::slice::from_ref(&letter)).await,
            Err(cause) => Progress::stopped(0, (*cause).into()),
        };
        let kept = match sent.failure {
            None => self.books.taking(self.name(), index),
            Some(Failure { cause, status, .. }) => {
                let attempts = known.attempts.saturating_add(1);
                let again = DeadLetter { cause, status, attempts, ..known };
                self.books.laying_aside(self.name(), &again)?
            }
        };
        self.books.keep(vec![kept, granted]).await.map(drop)
    }

    async fn send(&self, letters: &[Letter]) -> Progress {
        if letters.is_empty() {
            return Progress::fine(0);
        }
        let engine = self.engine.clone();
        self.destination.transport.deliver(letters, &move || engine.now()).await
    }

    /// The letters of those entries that the destination is told of.
    fn letters(&self, entries: &[LogEntry]) -> Result<Vec<Letter>, Error> {
        let letters = entries.iter().map(|entry| self.letter(entry));
        let told = |letter: &Result<Letter, Error>| {
            letter.as_ref().is_ok_and(|letter| !self.destination.events.contain(letter.event))
        };
        letters.filter(|letter| !told(letter)).collect()
    }

    fn letter(&self, entry: &LogEntry) -> Result<Letter, Error> {
        let read = entry.entry()?;
        Ok(self.destination.transport.letter(&read, entry.index, &self.origin))
    }

    /// Moves on. `false` if another server has moved the feed: what is known here is of no use
    /// then.
    async fn advance(&mut self, position: u64, beside: Vec<Keep>) -> Result<bool, Error> {
        let moved = self.feed.advance(position, beside).await?;
        if !moved {
            tracing::info!(destination = self.name(), "another server reads for a destination");
        }
        Ok(moved)
    }

    /// Evenly drawn. Where there is no randomness, waits are not spread, and that is all.
    fn random(&self) -> u32 {
        let mut bytes = [0; 4];
        if self.entropy.fill(&mut bytes).is_err() {
            return u32::MAX;
        }
        u32::from_le_bytes(bytes)
    }
}

/// Whether another entry may fare better.
const fn is_about_entries(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::Refused
            | Cause::ServerFailed
            | Cause::TurnedAway
            | Cause::Timeout
            | Cause::ConnectionLost
    )
}

/// The name of a destination's feed.
pub(crate) fn feed_name(destination: &str) -> String {
    format!("destination/{destination}")
}

/// Where the first of these letters is; `end` if there is none.
fn place(letters: &[Letter], end: u64) -> u64 {
    letters.first().map_or(end, |letter| letter.index)
}
