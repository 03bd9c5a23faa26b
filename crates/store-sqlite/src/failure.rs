//! What can go wrong between a row and a value.

use std::sync::Arc;

use glassbreak_store::StoreError;
use glassbreak_store::step::Injected;
use rusqlite::ErrorCode;

/// Why the database gave no answer to one statement or one decision.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// SQLite refused.
    #[error("SQLite refused")]
    Sql(#[source] rusqlite::Error),
    /// A row holds what cannot be.
    #[error("{0}")]
    Corrupt(String),
    /// A test asked for it.
    #[error("a test asked for it")]
    Injected(#[source] Injected),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match error {
            // The statement ran; what it gave is not what was written there.
            E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::InvalidColumnType(..)
            | E::Utf8Error(..) => Self::Corrupt(error.to_string()),
            E::SqliteFailure(cause, _)
                if matches!(cause.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                Self::Corrupt(error.to_string())
            }
            error => Self::Sql(error),
        }
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

/// Why a decision was not written.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Something it rests on has changed.
    Conflict,
    /// Its statements failed.
    Failed(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Injected> for Refusal {
    fn from(injected: Injected) -> Self {
        Self::Failed(injected.into())
    }
}

/// Why the writer answers for a whole batch at once.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refused {
    /// The transaction they shared came to nothing, or nobody knows.
    #[error("the transaction it shared with others was not committed")]
    Batch(#[source] Arc<Failure>),
    /// A full disk or an I/O error made SQLite end the transaction by itself.
    #[error("the transaction it shared with others was ended before it was committed")]
    Lost,
    /// After a failed commit nobody can say what is on disk until the file is opened anew.
    #[error("a commit failed before; nothing more is written until the database is opened again")]
    Poisoned,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// The writer went away with the answer.
    #[error("the writer ended before it answered")]
    Gone,
}
