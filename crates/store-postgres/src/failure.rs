//! What can go wrong between a row and a value, and between a batch and its answer.

use std::sync::Arc;

use glassbreak_store::StoreError;
use glassbreak_store::step::Injected;
use tokio_postgres::error::SqlState;

use crate::sql;

/// Why the database gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Failure {
    /// PostgreSQL refused, or is gone.
    #[error("PostgreSQL refused")]
    Sql(#[source] Arc<tokio_postgres::Error>),
    /// No connection could be made.
    #[error("PostgreSQL cannot be reached as it must be")]
    Open(#[source] Arc<crate::OpenError>),
    /// It took too long.
    #[error("PostgreSQL did not answer in time")]
    Late,
    /// The server warned while it was committing: a wait for a standby was cut short.
    #[error("PostgreSQL warned while it was committing; a standby may not have the commit")]
    Warned,
    /// A row holds what cannot be.
    #[error("{0}")]
    Corrupt(String),
    /// A test asked for it.
    #[error("a test asked for it")]
    Injected(#[source] Injected),
    /// It was another server that was read.
    #[error("another PostgreSQL server has taken over since this was read")]
    Moved,
    /// The writer went away with the answer.
    #[error("the writer ended before it answered")]
    Gone,
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Sql(Arc::new(error))
    }
}

impl From<crate::OpenError> for Failure {
    fn from(error: crate::OpenError) -> Self {
        Self::Open(Arc::new(error))
    }
}

impl From<Injected> for Failure {
    fn from(injected: Injected) -> Self {
        Self::Injected(injected)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Corrupt(what) => Self::Corrupt(what),
            failure => Self::Unavailable(Box::new(failure)),
        }
    }
}

/// Why a batch was not written.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// An aggregate has another version than a decision expects or rests on, or a recovery has
    /// changed.
    Stale,
    /// A name is taken, or an agent has opened another case since its cases were counted.
    Taken,
    /// A set is not in the state a decision needs.
    Marked,
    /// A decision cannot be written down.
    Wrong(Failure),
    /// Two transactions waited for each other: the same may go through at once.
    Again(Failure),
    /// Nothing can be written at present, whatever it is.
    Down(Failure),
    /// It may have been committed.
    Unknown(Failure),
}

impl From<Injected> for Trouble {
    fn from(injected: Injected) -> Self {
        // A step that failed after it was taken has happened.
        Self::Unknown(injected.into())
    }
}

impl Trouble {
    /// What the failure of a statement before the commit means. The commit behind it was one of a
    /// failed transaction, which commits nothing.
    pub(crate) fn of(error: tokio_postgres::Error) -> Self {
        let Some(code) = error.code().cloned() else {
            // No word of the server's: the connection is gone, and whatever was sent may arrive.
            return Self::Unknown(error.into());
        };
        match code.code() {
            sql::STALE => Self::Stale,
            sql::MARKED => Self::Marked,
            sql::MISSING => Self::Wrong(Failure::Corrupt(NO_SUCH_ROW.to_owned())),
            sql::OPENED => Self::Taken,
            _ if code == SqlState::UNIQUE_VIOLATION => Self::Taken,
            _ if code == SqlState::T_R_DEADLOCK_DETECTED
                || code == SqlState::T_R_SERIALIZATION_FAILURE
                || code == SqlState::LOCK_NOT_AVAILABLE =>
            {
                Self::Again(error.into())
            }
            // A constraint or a value: of one decision, and not of the others.
            code if code.starts_with("22") || code.starts_with("23") => Self::Wrong(error.into()),
            _ => Self::Down(error.into()),
        }
    }
}

const NO_SUCH_ROW: &str = "a row that an event changes is not there";
