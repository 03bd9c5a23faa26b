//! All metrics, as of now.

use glassbreak_engine::Engine;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::meter::{Figures, Reading, Stored};

use super::{Family, HttpMeter, Metric, list, number, process};

/// What the server knows of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    /// Spans that were not sent.
    pub(crate) dropped: u64,
    /// When it began to serve.
    pub(crate) started: Option<Timestamp>,
}

/// Every metric with its values.
pub(crate) async fn gather(engine: &Engine, http: &HttpMeter, own: Own) -> Vec<Family> {
    let figures = engine.figures().await;
    let mut all = http.families();
    all.extend(work(&figures));
    all.extend(stored(&figures));
    all.push(Family::one(list::SPANS_DROPPED, number(own.dropped)));
    all.extend(process::families());
    // Whole milliseconds, and none before 1970.
    let seconds = |at: Timestamp| number(at.millis().unsigned_abs()) / 1000.0;
    let started = own.started.map(|at| (Vec::new(), seconds(at)));
    all.push(Family::of(list::PROCESS_START, started.into_iter().collect()));
    let version = vec![env!("CARGO_PKG_VERSION").to_owned()];
    all.push(Family::of(list::BUILD, vec![(version, 1.0)]));
    all
}

fn named(metric: &'static Metric, values: &[(&'static str, u64)]) -> Family {
    let values = values.iter().map(|(name, value)| (vec![(*name).to_owned()], number(*value)));
    Family::of(metric, values.collect())
}

fn read(metric: &'static Metric, reading: Option<&Reading>) -> Family {
    Family::read(metric, reading.map(|it| (Vec::new(), it.clone())).into_iter().collect())
}

/// What this process has done.
fn work(figures: &Figures) -> Vec<Family> {
    let stretching = &figures.stretching;
    vec![
        named(list::REDEMPTIONS, &figures.redeemed),
        named(list::EVENTS, &figures.events),
        named(list::REVOKED, &figures.revoked),
        Family::one(list::STRETCH_RUNNING, number(stretching.running)),
        Family::one(list::STRETCH_THREADS, number(stretching.threads)),
        Family::one(list::STRETCH_WAITING, number(stretching.waiting)),
        Family::one(list::STRETCH_WAITING_MAX, number(stretching.waiting_max)),
        Family::one(list::STRETCH_TURNED_AWAY, number(stretching.turned_away)),
        read(list::COMMIT_DURATION, figures.commit.as_ref()),
        read(list::COMMIT_SIZE, figures.batch.as_ref()),
        Family::one(list::COMMIT_FAILED, number(figures.failed)),
        Family::one(list::CONFLICTS, number(figures.conflicts)),
        Family::one(list::FAILOVERS, number(figures.succession)),
    ]
}

/// How things stand.
fn stored(figures: &Figures) -> Vec<Family> {
    let stored = figures.stored.as_ref();
    let since = |at: Option<Timestamp>| number(at.map_or(0, |at| figures.now.seconds_from(at)));
    let of = |metric, value: &dyn Fn(&Stored) -> f64| {
        Family::of(metric, stored.map(|it| (Vec::new(), value(it))).into_iter().collect())
    };
    vec![
        Family::one(list::DATABASE_UP, number(u64::from(stored.is_some()))),
        of(list::LOG_ENTRIES, &|stored| number(stored.committed)),
        of(list::LOG_INTEGRATED, &|stored| number(stored.integrated)),
        of(list::LOG_LAG, &|stored| since(stored.waits_since)),
        Family::one(list::CHECKPOINTS, number(figures.checkpoints)),
        Family::one(list::ANCHORS, number(figures.anchors)),
        Family::one(list::ANCHOR_LAG, since(figures.unanchored_since)),
        of(list::CONTAINMENTS, &|stored| number(stored.containments)),
        of(list::SEALED, &|stored| number(u64::from(stored.sealed.is_some()))),
    ]
}
