//! What happened day by day: entries of the log, counted by what they tell as they come. Whoever
//! runs an engine lets one [`DayCounter`] step; what it has counted lies beside the log.

use std::collections::BTreeMap;

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_store::{Kept, LogEntry};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::Error;
use crate::feed::{Begin, Feed};
use crate::shelf::{Expected, Shelf};

/// The feed's name.
const FEED: &str = "days";
/// The shelf with the figures: one key for each day, and [`UPTO`].
const SHELF: &str = "days";
/// The key of the moment up to which entries were counted.
const UPTO: &str = "upto";
/// What the keys of days begin with.
const DAY: &str = "day/";
/// How many entries one step takes.
const BATCH: usize = 5_000;

/// The figures of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// The day in UTC, as `2026-11-22`.
    pub day: String,
    /// Entries by what they tell, such as `code.accepted`.
    pub events: BTreeMap<String, u64>,
}

impl Day {
    /// How many entries of that day tell one of `events`.
    pub fn count(&self, events: &[&str]) -> u64 {
        events.iter().filter_map(|event| self.events.get(*event)).sum()
    }

    /// Codes that were accepted, saved ones and sent ones.
    pub fn accepted(&self) -> u64 {
        self.count(&["code.accepted", "sent_code.accepted"])
    }

    /// Codes that were refused.
    pub fn refused(&self) -> u64 {
        self.count(&["code.refused"])
    }

    /// Attempts that came too early.
    pub fn throttled(&self) -> u64 {
        self.count(&["code.throttled"])
    }
}

/// The figures of the newest days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// The moment of the newest entry that was counted; `None` if none was.
    pub as_of: Option<Timestamp>,
    /// The days, the oldest first, without gaps, today the last.
    pub days: Vec<Day>,
}

impl Days {
    /// How many days there are.
    pub const COUNT: u32 = 30;
}

/// The figures of the last [`Days::COUNT`] days.
pub(crate) async fn newest(engine: &Engine, now: Timestamp) -> Result<Days, Error> {
    let shelf = engine.shelf(SHELF);
    let upto = shelf.get(UPTO).await?;
    let as_of = upto.as_ref().map(read::<Timestamp>).transpose()?;
    let names = (0..Days::COUNT).rev().map(|back| name(now.minus(Seconds::days(back))));
    let mut days: Vec<Day> = names.map(|day| Day { day, ..Day::default() }).collect();
    let first = days.first().map(|day| name_before(&day.day)).unwrap_or_default();
    // One more, for a clock of another node that is ahead.
    let kept = shelf.list(DAY, Some(&first), Days::COUNT as usize + 1).await?;
    for kept in kept {
        let day = kept.key.strip_prefix(DAY).unwrap_or_default();
        if let Some(found) = days.iter_mut().find(|found| found.day == day) {
            found.events = read(&kept)?;
        }
    }
    Ok(Days { as_of, days })
}

/// The day of a moment.
fn name(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The last key before that of a day.
fn name_before(day: &str) -> String {
    let mut key = format!("{DAY}{day}");
    key.pop();
    key
}

/// What is counted of an entry.
#[derive(Deserialize)]
struct Told {
    at: Timestamp,
    #[serde(rename = "type")]
    event: String,
}

impl Told {
    fn of(entry: &LogEntry) -> Result<Self, Error> {
        let told = serde_json::from_slice(&entry.bytes);
        told.map_err(|_| Error::Log(format!("entry {} cannot be read", entry.index)))
    }
}

/// Counts the entries of the log by days.
pub struct DayCounter {
    feed: Feed,
    shelf: Shelf,
}

impl Engine {
    /// What counts the days, where it was left; from the first entry if it was never run. It holds
    /// the engine: let go of it before the engine is closed.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn day_counter(&self) -> Result<DayCounter, Error> {
        let feed = self.feed(FEED, Begin::First).await?;
        Ok(DayCounter { feed, shelf: self.shelf(SHELF) })
    }
}

impl DayCounter {
    /// The place of the next entry to count.
    pub const fn position(&self) -> u64 {
        self.feed.position()
    }

    /// Counts the next entries, as many as there are and one step takes; waits until there are
    /// some. Tells whether there may be more at once.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer, [`Error::Log`] for an entry that cannot be
    /// read.
    pub async fn step(&mut self) -> Result<bool, Error> {
        let entries = self.feed.next(BATCH).await?;
        let Some(last) = entries.last() else { return Ok(false) };
        let (position, upto) = (last.index.saturating_add(1), Told::of(last)?.at);
        let mut days: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for entry in &entries {
            let told = Told::of(entry)?;
            let count = days.entry(name(told.at)).or_default().entry(told.event).or_default();
            *count = count.saturating_add(1);
        }
        let mut changes = vec![self.shelf.putting(UPTO, Expected::Anything, written(&upto)?)];
        for (day, counted) in days {
            let key = format!("{DAY}{day}");
            let kept = self.shelf.get(&key).await?;
            let mut events: BTreeMap<String, u64> =
                kept.as_ref().map(read).transpose()?.unwrap_or_default();
            for (event, more) in counted {
                let count = events.entry(event).or_default();
                *count = count.saturating_add(more);
            }
            let expected = kept.map_or(Expected::Nothing, |kept| Expected::Version(kept.version));
            changes.push(self.shelf.putting(key, expected, written(&events)?));
        }
        // If another process was faster nothing is kept, and what it has counted is not counted
        // twice: the feed goes on from where that has left it.
        let kept = self.feed.advance(position, changes).await?;
        Ok(!kept || entries.len() == BATCH)
    }
}

fn read<T: for<'a> Deserialize<'a>>(kept: &Kept) -> Result<T, Error> {
    let value = serde_json::from_slice(&kept.value);
    value.map_err(|error| Error::Log(format!("`{}` cannot be read: {error}", kept.key)))
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::Log(error.to_string()))
}
