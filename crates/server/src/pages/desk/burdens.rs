//! The figures of `GET /desk/burden`, measured beside the requests: a period of a large
//! installation has tens of thousands of recoveries, and each is read.
//!
//! ```text
//! asked ── figures older than twenty times as long as measuring took ──> measured anew
//!   └──> waits a moment for that, then has the older figures, which say how old they are
//! ```
//!
//! Nobody asks, nothing is measured; who asks while it is measured waits for the same. A small
//! installation measures in milliseconds, so what its page shows is of now.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::store::meter::Stopwatch;
use glassbreak_engine::{Engine, Reach};
use tokio::sync::watch;

use crate::problem::Problem;
use crate::read::burden::{Burden, measure};

/// How long an answer waits for new figures. A page is to be there in a tenth of a second.
const WAIT: Duration = Duration::from_millis(60);
/// How many times as long as measuring took its figures are kept.
const KEPT: u32 = 20;

/// The figures of a period.
pub(super) struct Measured {
    /// The moment they are of: the end of the period.
    pub(super) as_of: Timestamp,
    /// The figures.
    pub(super) burden: Burden,
    took: Duration,
}

impl Measured {
    fn is_kept(&self, now: Timestamp) -> bool {
        let age = now.millis().saturating_sub(self.as_of.millis());
        let kept = self.took.saturating_mul(KEPT).as_millis();
        u128::try_from(age).is_ok_and(|age| age < kept)
    }
}

/// What is under way, or how it ended: `None` for as long as it is under way.
type Coming = watch::Receiver<Option<Arc<Measured>>>;

#[derive(Default)]
struct Period {
    latest: Option<Arc<Measured>>,
    coming: Option<Coming>,
}

/// The figures by periods, in days. Cheap to clone; all clones are the same.
#[derive(Clone, Default)]
pub(super) struct Burdens(Arc<Mutex<BTreeMap<u32, Period>>>);

impl Burdens {
    /// The figures of the last `days` days, the newest there are in a moment; `None` if they are
    /// being measured for the first time. They concern everybody: the caller has asked for that.
    ///
    /// # Errors
    /// `unavailable` if the database gave no answer.
    pub(super) async fn of(
        &self,
        engine: &Engine,
        days: u32,
    ) -> Result<Option<Arc<Measured>>, Problem> {
        let (latest, mut coming) = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let period = all.entry(days).or_default();
            let latest = period.latest.clone();
            if latest.as_ref().is_some_and(|latest| latest.is_kept(engine.now())) {
                return Ok(latest);
            }
            // What ended without an answer is begun anew.
            let is_dead = |coming: &Coming| coming.has_changed().is_err();
            period.coming = period.coming.take().filter(|coming| !is_dead(coming));
            let coming = period.coming.get_or_insert_with(|| self.begin(engine.clone(), days));
            (latest, coming.clone())
        };
        let arrived = coming.wait_for(Option::is_some);
        match tokio::time::timeout(WAIT, arrived).await {
            Ok(Ok(measured)) => Ok(measured.clone()),
            Ok(Err(_)) => Err(Problem::plain("unavailable")),
            Err(_) => Ok(latest),
        }
    }

    /// Begins to measure. Who waits is told when it is over; if it failed, by its end alone.
    fn begin(&self, engine: Engine, days: u32) -> Coming {
        let (told, coming) = watch::channel(None);
        let all = self.clone();
        tokio::spawn(async move {
            let (until, began) = (engine.now(), Stopwatch::start());
            let since = until.minus(Seconds::days(days));
            let burden = measure(&engine, &Reach::Everybody, since, until).await;
            let took = Duration::from_micros(began.micros());
            let burden = burden.map(|burden| Arc::new(Measured { as_of: until, burden, took }));
            let mut all = all.0.lock().unwrap_or_else(PoisonError::into_inner);
            let period = all.entry(days).or_default();
            period.coming = None;
            if let Ok(measured) = burden {
                period.latest = Some(Arc::clone(&measured));
                told.send_replace(Some(measured));
            } else {
                tracing::warn!("the burden of recovery could not be measured");
            }
        });
        coming
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_to_measure_is_kept_for_longer() {
        let at = Timestamp::from_millis(1_000_000);
        let later = |millis| Timestamp::from_millis(at.millis() + millis);
        let burden = Burden::default();
        let measured = Measured { as_of: at, burden, took: Duration::from_millis(300) };
        assert!(measured.is_kept(at) && measured.is_kept(later(5_999)));
        assert!(!measured.is_kept(later(6_000)));
        assert!(!measured.is_kept(later(-1)), "a clock that was set back");
        let quick = Measured { took: Duration::ZERO, ..measured };
        assert!(!quick.is_kept(at));
    }
}
