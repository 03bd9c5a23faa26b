//! Which kinds of things a subject has ever had, a bit each, in the row that every decision reads.
//! Nearly every subject has none of them, and of the tables of those nothing is read then: each
//! look into one costs a reader pages, because SQLite throws its pages away with every commit.

use glassbreak_core::id::SubjectId;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::project::{Projected, execute};
use crate::{load, sql};

/// A kind of thing that has a table of its own; its value is its bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    Recovery = 1,
    Bundle = 2,
    Exception = 4,
    AddressBook = 8,
}

/// The bits of one subject. One that was set stays so, also when the last such thing has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Holds(i64);

impl Holds {
    pub(crate) const fn new(bits: i64) -> Self {
        Self(bits)
    }

    /// What `read` finds of a kind, or nothing where the subject never had it.
    pub(crate) fn then<T: Default>(
        self,
        thing: Thing,
        read: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.0 & thing as i64 == 0 { Ok(T::default()) } else { read() }
    }
}

/// Notes that a subject has a thing of a kind. Every statement that adds one comes with it.
pub(crate) fn note(db: &Connection, subject: SubjectId, thing: Thing) -> Projected {
    execute(db, sql::AGGREGATE_HOLDS, params![subject.0.as_bytes(), thing as i64])?;
    Ok(())
}

/// Whether every thing there is has its bit: one without it would be overlooked.
///
/// # Errors
/// [`Failure::Corrupt`] names a subject of which something would be.
pub(crate) fn check(db: &Connection) -> Result<(), Failure> {
    match load::first(db, sql::HELD_UNNOTED, [], |row| crate::rows::uuid(row, 0))? {
        None => Ok(()),
        Some(id) => Err(Failure::Corrupt(format!("aggregates: {id} has more than it notes"))),
    }
}
