//! Traces and metrics to an OpenTelemetry collector, over OTLP/HTTP in its JSON form
//! (docs/decisions/0034).
//!
//! A request leaves one span behind, in a queue of bounded length; one thread takes it from there.
//! A collector that is slow or away costs no request anything: what finds the queue full is dropped
//! and counted.

mod context;
mod otlp;
mod sender;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::meter::Counter;
use glassbreak_engine::stages::Stages;

use crate::config::TelemetryConfig;
use crate::metrics::Family;

pub(crate) use context::{TraceContext, threshold};
use otlp::Resource;
use sender::{Item, Sender};

/// How many spans wait for the thread at most.
const QUEUE: usize = 4096;
/// How long a server that ends waits for the last spans to be sent.
const LAST_SPANS: Duration = Duration::from_secs(3);

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    /// The trace it belongs to.
    pub(crate) trace: TraceContext,
    /// When it began.
    pub(crate) at: Timestamp,
    /// How long it took, in microseconds.
    pub(crate) micros: u64,
    /// The route that matched.
    pub(crate) route: Option<String>,
    /// The method, if it is a known one.
    pub(crate) method: &'static str,
    /// The status.
    pub(crate) status: u16,
    /// The code of the problem, if it was refused.
    pub(crate) refused: Option<&'static str>,
    /// What the log calls the request.
    pub(crate) request: String,
    /// Its stages, and the events it wrote.
    pub(crate) stages: Arc<Stages>,
}

/// The way to the collector.
pub(crate) struct Telemetry {
    queue: SyncSender<Item>,
    dropped: Arc<Counter>,
    traces: bool,
    metrics_every: Option<Duration>,
    /// A trace is recorded if the beginning of its id is below this.
    sampled_below: u64,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Telemetry {
    /// Starts the thread, where a collector is configured.
    ///
    /// # Errors
    /// With the setting that is wrong.
    pub(crate) fn start(config: &TelemetryConfig) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = config.endpoint()? else { return Ok(None) };
        let dropped = Arc::new(Counter::default());
        let (queue, items) = sync_channel(QUEUE);
        let sender = Sender::open(config, endpoint, Resource::of(config), Arc::clone(&dropped))?;
        let thread = std::thread::Builder::new().name("telemetry".to_owned());
        let thread = thread.spawn(move || sender.run(&items))?;
        let every = Duration::from_secs(u64::from(config.metrics_every.get()));
        Ok(Some(Self {
            queue,
            dropped,
            traces: config.traces,
            metrics_every: config.metrics.then_some(every),
            sampled_below: config.sampled_below(),
            thread: std::sync::Mutex::new(Some(thread)),
        }))
    }

    /// How often metrics are sent, if they are.
    pub(crate) const fn metrics_every(&self) -> Option<Duration> {
        self.metrics_every
    }

    /// Whether a request of this trace is recorded: as the caller says, or by the share that the
    /// configuration names.
    pub(crate) fn wants(&self, trace: &TraceContext) -> bool {
        self.traces && trace.is_sampled(self.sampled_below)
    }

    /// Queues a span.
    pub(crate) fn answered(&self, answered: &Answered) {
        self.put(Item::Span(Box::new(otlp::span(answered))));
    }

    /// Queues metrics.
    pub(crate) fn metrics(&self, families: &[Family], started: Timestamp, now: Timestamp) {
        self.put(Item::Metrics(Box::new(otlp::metrics(families, started, now))));
    }

    /// How many were dropped.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    fn put(&self, item: Item) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.queue.try_send(item)
        {
            self.dropped.add_one();
        }
    }

    /// Sends what is queued, if that goes fast, and ends. Blocks.
    pub(crate) fn close(&self) {
        let (done, is_done) = std::sync::mpsc::channel();
        // Where the queue is full nobody is there to take the last of it.
        if self.queue.try_send(Item::Last(done)).is_ok() {
            // Whether it was done in time or not, the process ends now.
            let _ = is_done.recv_timeout(LAST_SPANS);
        }
        drop(self.thread.lock().map(|mut thread| thread.take()));
    }
}
