//! What operators ask: where each destination stands, what it would not take, to send again.

use glassbreak_engine::{Engine, Error};

use crate::books::{Books, DeadLetter, State, Wish};
use crate::dispatch::{Destination, feed_name};
use crate::transport::Kind;

/// A destination, as operators know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// What kind of way leads there.
    pub kind: Kind,
    /// Host and port.
    pub to: String,
}

impl From<&Destination> for Described {
    fn from(destination: &Destination) -> Self {
        let transport = &destination.transport;
        Self { name: destination.name.clone(), kind: transport.kind(), to: transport.to() }
    }
}

/// Where a destination stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Which.
    pub described: Described,
    /// The index of the entry that is next.
    pub position: u64,
    /// How many entries wait for it.
    pub behind: u64,
    /// How it stands.
    pub state: State,
    /// How many dead letters it has.
    pub dead_letters: u64,
}

/// Why something that an operator asks for is not there.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No destination has that name.
    #[error("no destination has that name; the configuration names them")]
    DestinationUnknown,
    /// No dead letter of it has that index.
    #[error("the destination has no dead letter of that index")]
    DeadLetterUnknown,
    /// The database gave no answer.
    #[error(transparent)]
    Engine(#[from] Error),
}

/// Answers operators. What they wish for is kept; whichever server reads the feed sees to it,
/// within a second or two.
#[derive(Clone)]
pub struct Desk {
    engine: Engine,
    books: Books,
    known: Vec<Described>,
}

impl Desk {
    /// A desk for those destinations.
    pub fn new(engine: &Engine, known: Vec<Described>) -> Self {
        Self { engine: engine.clone(), books: Books::of(engine), known }
    }

    /// Every destination, by name.
    ///
    /// # Errors
    /// [`DeskError::Engine`] if the database gave no answer.
    pub async fn list(&self) -> Result<Vec<Overview>, DeskError> {
        let feeds = self.engine.feeds().await?;
        let mut list = Vec::new();
        for described in &self.known {
            let name = feed_name(&described.name);
            let feed = feeds.iter().find(|feed| feed.name == name);
            let (position, behind) = feed.map_or((0, 0), |feed| (feed.position, feed.behind));
            let letters = self.books.letters(&described.name, None, usize::MAX).await?;
            list.push(Overview {
                described: described.clone(),
                position,
                behind,
                state: self.books.state(&described.name).await?,
                dead_letters: u64::try_from(letters.len()).unwrap_or(u64::MAX),
            });
        }
        Ok(list)
    }

    /// The dead letters of a destination, the oldest first: at most `limit`, behind the index
    /// `after` if one is given.
    ///
    /// # Errors
    /// [`DeskError`] for a destination that is not known.
    pub async fn dead_letters(
        &self,
        name: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, DeskError> {
        self.must_know(name)?;
        Ok(self.books.letters(name, after, limit).await?)
    }

    /// Sends a dead letter again, once. It stays one if it is not taken.
    ///
    /// # Errors
    /// [`DeskError`] for a destination or a letter that is not known.
    pub async fn replay_letter(&self, name: &str, index: u64) -> Result<(), DeskError> {
        self.letter(name, index).await?;
        Ok(self.books.wish(name, &Wish::Letter { index }).await?)
    }

    /// Throws a dead letter away. The entry stays in the log.
    ///
    /// # Errors
    /// [`DeskError`] for a destination or a letter that is not known.
    pub async fn discard(&self, name: &str, index: u64) -> Result<DeadLetter, DeskError> {
        let letter = self.letter(name, index).await?;
        self.books.keep(vec![self.books.taking(name, index)]).await?;
        Ok(letter)
    }

    /// Sends again from an index of the log on. Never forward of where the destination is: no entry
    /// is passed over.
    ///
    /// # Errors
    /// [`DeskError`] for a destination that is not known.
    pub async fn replay(&self, name: &str, from: u64) -> Result<(), DeskError> {
        self.must_know(name)?;
        Ok(self.books.wish(name, &Wish::Replay { from }).await?)
    }

    /// Goes on with a destination that is paused, or that is waited for, now.
    ///
    /// # Errors
    /// [`DeskError`] for a destination that is not known.
    pub async fn resume(&self, name: &str) -> Result<(), DeskError> {
        self.must_know(name)?;
        Ok(self.books.wish(name, &Wish::Resume).await?)
    }

    async fn letter(&self, name: &str, index: u64) -> Result<DeadLetter, DeskError> {
        self.must_know(name)?;
        let letter = self.books.letter(name, index).await?;
        letter.ok_or(DeskError::DeadLetterUnknown)
    }

    fn must_know(&self, name: &str) -> Result<(), DeskError> {
        let known = self.known.iter().any(|known| known.name == name);
        known.then_some(()).ok_or(DeskError::DestinationUnknown)
    }
}
