//! What is counted while work is done: counters, gauges and histograms of atomic numbers. Counting
//! takes no lock and no memory. Nothing is decided by a figure, and none holds more than a number.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn add_one(&self) {
        self.add(1);
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are at the moment.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// Counts one for as long as what it gives is kept.
    pub fn hold(&self) -> Held<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(self)
    }

    /// How many at the moment.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One that a [`Gauge`] counts.
#[derive(Debug)]
pub struct Held<'a>(&'a Gauge);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The limits of [`Histogram::of_durations`], in microseconds: 100 µs to 10 s.
pub const DURATIONS: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// The limits of [`Histogram::of_sizes`].
pub const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256];

/// How often a value was at most each of some limits.
#[derive(Debug)]
pub struct Histogram {
    limits: &'static [u64],
    /// One more than there are limits: the last is for what is beyond them all.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    fn new(limits: &'static [u64]) -> Self {
        let counts = (0..=limits.len()).map(|_| AtomicU64::new(0)).collect();
        Self { limits, counts, sum: AtomicU64::new(0) }
    }

    /// One of durations, in microseconds.
    pub fn of_durations() -> Self {
        Self::new(DURATIONS)
    }

    /// One of numbers of things that are done together.
    pub fn of_sizes() -> Self {
        Self::new(SIZES)
    }

    /// Takes one value in.
    pub fn observe(&self, value: u64) {
        let place = self.limits.partition_point(|limit| *limit < value);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// What it holds now. Values that are taken in meanwhile may be in it or not.
    pub fn reading(&self) -> Reading {
        let mut sofar = 0_u64;
        let mut buckets = Vec::with_capacity(self.limits.len());
        for (limit, count) in self.limits.iter().zip(&self.counts) {
            sofar = sofar.saturating_add(count.load(Ordering::Relaxed));
            buckets.push((*limit, sofar));
        }
        let beyond = self.counts.last().map_or(0, |count| count.load(Ordering::Relaxed));
        Reading {
            buckets,
            count: sofar.saturating_add(beyond),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

/// A histogram at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Each limit, with how many values were at most that.
    pub buckets: Vec<(u64, u64)>,
    /// How many values in all.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

/// What a store counts of its own work, in this process.
#[derive(Debug)]
pub struct StoreMeter {
    /// How many decisions shared a transaction, of each transaction that was committed.
    pub batch: Histogram,
    /// How long a transaction took, its wait for the disk with it, in microseconds.
    pub commit: Histogram,
    /// Transactions that failed, or of which nobody can say what became of them.
    pub failed: Counter,
}

impl Default for StoreMeter {
    fn default() -> Self {
        Self {
            batch: Histogram::of_sizes(),
            commit: Histogram::of_durations(),
            failed: Counter::default(),
        }
    }
}

impl StoreMeter {
    /// Counts a transaction of so many decisions, which began then and was committed now.
    pub fn committed(&self, decisions: usize, began: Stopwatch) {
        self.batch.observe(decisions as u64);
        self.commit.observe(began.micros());
    }
}

/// Measures how long something takes, for a figure alone.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Microseconds since it was started.
    pub fn micros(self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_under_the_limit_that_it_reaches_and_all_above() {
        let histogram = Histogram::of_sizes();
        for value in [1, 2, 3, 256, 257] {
            histogram.observe(value);
        }
        let reading = histogram.reading();
        let under = |limit| reading.buckets.iter().find(|(known, _)| *known == limit);
        assert_eq!(under(1), Some(&(1, 1)));
        assert_eq!(under(2), Some(&(2, 2)));
        assert_eq!(under(4), Some(&(4, 3)));
        assert_eq!(under(256), Some(&(256, 4)));
        assert_eq!((reading.count, reading.sum), (5, 519));
    }

    #[test]
    fn a_gauge_counts_what_is_held() {
        let gauge = Gauge::default();
        let (first, second) = (gauge.hold(), gauge.hold());
        assert_eq!(gauge.get(), 2);
        drop(first);
        assert_eq!(gauge.get(), 1);
        drop(second);
        assert_eq!(gauge.get(), 0);
    }
}
