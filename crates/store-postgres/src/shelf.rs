//! What is kept beside the log: changed on a connection of its own, which no decision waits for.

use glassbreak_store::step::Step;
use glassbreak_store::{Expected, Keep, Kept, ShelfQuery, StoreError};
use tokio::sync::Mutex;
use tokio_postgres::Row;

use crate::failure::{Failure, Trouble};
use crate::log::clamp;
use crate::open::Source;
use crate::pool::{Shared, Walkers};
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::writer::{AGAIN_MAX, Writing};

/// Writes changes, one at a time.
pub(crate) struct Shelf(Mutex<Writing>);

impl Shelf {
    pub(crate) fn new(source: Source) -> Self {
        Self(Mutex::new(Writing::new(source)))
    }

    /// Makes the changes, if their conditions hold.
    pub(crate) async fn keep(&self, changes: Vec<Keep>) -> Result<bool, StoreError> {
        let mut writing = self.0.lock().await;
        let calls: Vec<Call> = changes.into_iter().flat_map(calls).collect();
        let mut tried = 0;
        loop {
            return match writing.transact(Step::ShelfCommit, None, calls.clone()).await {
                Ok(_) => Ok(true),
                Err(Trouble::Stale | Trouble::Taken | Trouble::Marked) => Ok(false),
                Err(Trouble::Again(_)) if tried < AGAIN_MAX => {
                    tried += 1;
                    continue;
                }
                Err(Trouble::Unknown(why)) => Err(StoreError::Unknown(Box::new(why))),
                Err(Trouble::Wrong(why) | Trouble::Again(why) | Trouble::Down(why)) => {
                    Err(why.into())
                }
            };
        }
    }
}

/// The statements of one change. Where nothing is expected, two that come at once are told apart by
/// the key itself.
fn calls(change: Keep) -> impl Iterator<Item = Call> {
    let Keep { shelf, key, expected, value } = change;
    let expects =
        |version: i64| call(Sql::KeptExpected).with(shelf).with(key.clone()).with(version);
    let (expects, add) = match expected {
        Expected::Anything => (None, Sql::Keep),
        Expected::Nothing => (Some(expects(0)), Sql::KeepNew),
        Expected::Version(version) => (Some(expects(clamp(version))), Sql::Keep),
    };
    let change = match value {
        Some(value) => call(add).with(shelf).with(key).with(value),
        None => call(Sql::TakeAway).with(shelf).with(key),
    };
    expects.into_iter().chain([change])
}

/// One thing.
pub(crate) async fn kept(
    pool: &Shared,
    shelf: &'static str,
    key: &str,
) -> Result<Option<Kept>, Failure> {
    let found = pool.one(call(Sql::Kept).with(shelf).with(key.to_owned())).await?;
    found.first().map(read).transpose()
}

/// What lies on a shelf.
pub(crate) async fn shelf(walkers: &Walkers, query: &ShelfQuery) -> Result<Vec<Kept>, Failure> {
    let ask = call(Sql::Shelf).with(query.shelf).with(query.prefix.clone()).with(query.last());
    let ask = ask.with(query.after.clone()).with(clamp(query.limit as u64));
    walkers.one(ask).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Kept, Failure> {
    let value = rows::bytes(row, 2)?.to_vec();
    Ok(Kept { key: rows::get(row, 0)?, version: rows::place(row, 1)?, value })
}
