//! Feeds: readers of the log that are told of every entry, in order, however often the process
//! ends. This is the outbox: an entry is written in the commit of its event, so there is no second
//! list that could lack one, and nothing that a redemption waits for.
//!
//! A feed is a name and a position, kept beside the log. What happens to an entry happens before
//! the position moves on, so an entry may come twice, with the same id, and never not at all. Of
//! several nodes on one database the one that moves the log's tree reads the feeds too; the
//! position moves under a condition, so two that both believe it are found out.

use std::sync::Arc;
use std::time::Duration;

use glassbreak_store::{Expected, Keep, Kept, LogEntry};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::shelf::Shelf;

/// The shelf with the positions, by the names of the feeds.
const SHELF: &str = "feed";

/// How often a node that does not lead looks whether it does.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where a feed begins that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// With the first entry of the log.
    First,
    /// With what is committed from now on.
    Now,
}

/// How far a feed has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    /// Its name.
    pub name: String,
    /// The place of the next entry.
    pub position: u64,
    /// How many entries wait for it.
    pub behind: u64,
}

/// A reader of the log with a place of its own in it.
pub struct Feed {
    engine: Engine,
    shelf: Shelf,
    name: String,
    position: u64,
    version: u64,
    /// Whether this process was the one to read it when it last asked.
    led: bool,
}

#[derive(Serialize, Deserialize)]
struct Position {
    next: u64,
}

impl Engine {
    /// The feed of that name, where it was left; it is made if it is not there. A feed holds the
    /// engine: let go of it before the engine is closed.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn feed(&self, name: &str, begin: Begin) -> Result<Feed, Error> {
        let positions = self.shelf(SHELF);
        loop {
            if let Some(kept) = positions.get(name).await? {
                let (position, version) = read(&kept)?;
                let (engine, name) = (self.clone(), name.to_owned());
                return Ok(Feed { engine, shelf: positions, name, position, version, led: false });
            }
            let next = match begin {
                Begin::First => 0,
                Begin::Now => self.parts.store.committed().await?.0,
            };
            // Somebody else may be faster; then it is theirs that is read.
            positions.put(name, Expected::Nothing, written(next)?).await?;
        }
    }

    /// Whether this process is the one that reads the feeds, and so the one that acts on what was
    /// read. It may have just lost that, or be about to: what is done twice has to bear it.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn leads(&self) -> Result<bool, Error> {
        Ok(self.parts.store.leads().await?)
    }

    /// Every feed there ever was, with what it has still to see.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn feeds(&self) -> Result<Vec<FeedState>, Error> {
        let size = self.parts.store.log_head().await?.map_or(0, |head| head.size);
        let kept = self.shelf(SHELF).list("", None, usize::MAX).await?;
        let state = |kept: Kept| {
            let (position, _) = read(&kept)?;
            Ok(FeedState { name: kept.key, position, behind: size.saturating_sub(position) })
        };
        kept.into_iter().map(state).collect()
    }
}

impl Feed {
    /// The place of the next entry.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether this process is the one to read it now, as far as it knows.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn leads(&mut self) -> Result<bool, Error> {
        let leads = self.engine.parts.store.leads().await?;
        if leads && !self.led {
            // Whoever read it before has moved it since this process last looked.
            self.look_again().await?;
        }
        self.led = leads;
        Ok(leads)
    }

    /// The next entries, at least one and at most `limit`. Waits until there are some in the log's
    /// tree and this process is the one to read them. It may be left and asked again at any time.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<LogEntry>, Error> {
        let parts = Arc::clone(&self.engine.parts);
        let mut head = parts.head.subscribe();
        loop {
            if !self.leads().await? {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
            let size = head.borrow_and_update().as_ref().map_or(0, |head| head.size);
            let ahead = usize::try_from(size.saturating_sub(self.position)).unwrap_or(usize::MAX);
            if ahead > 0 {
                return entries(&parts, self.position, limit.min(ahead)).await;
            }
            tokio::select! {
                _ = head.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Moves on: everything before `position` was seen to. `beside` is kept in the same change.
    /// `false` if another process has moved the feed, or a condition of `beside` does not hold;
    /// then nothing is kept, and the feed is where that process has left it.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer, or [`Error::TooLarge`].
    pub async fn advance(&mut self, position: u64, beside: Vec<Keep>) -> Result<bool, Error> {
        let expected = Expected::Version(self.version);
        let moved = self.shelf.putting(self.name.as_str(), expected, written(position)?);
        let kept = self.engine.keep(std::iter::once(moved).chain(beside).collect()).await;
        if let Ok(true) = kept {
            (self.position, self.version) = (position, self.version.saturating_add(1));
            return Ok(true);
        }
        self.look_again().await?;
        kept
    }

    /// Reads where the feed is, wherever this process believes it to be.
    async fn look_again(&mut self) -> Result<(), Error> {
        if let Some(kept) = self.shelf.get(&self.name).await? {
            (self.position, self.version) = read(&kept)?;
        }
        Ok(())
    }
}

async fn entries(parts: &Parts, from: u64, limit: usize) -> Result<Vec<LogEntry>, Error> {
    let entries = parts.store.entries(from, limit).await?;
    match entries.first() {
        Some(first) if first.index == from => Ok(entries),
        _ => Err(Error::Log(format!("entry {from} is missing"))),
    }
}

fn read(kept: &Kept) -> Result<(u64, u64), Error> {
    let position: Position = serde_json::from_slice(&kept.value)
        .map_err(|error| Error::Log(format!("the position of a feed cannot be read: {error}")))?;
    Ok((position.next, kept.version))
}

fn written(next: u64) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(&Position { next }).map_err(|error| Error::Log(error.to_string()))
}
