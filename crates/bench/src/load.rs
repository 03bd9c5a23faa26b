//! The load generator: so many clients, each with one kept connection, each asking again as soon as
//! it is answered. The same code loads the baseline and the subject.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use glassbreak_testkit::http::Client;
use hyper::Method;
use tokio::sync::Barrier;

/// One request to send.
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: String,
}

impl Ask {
    pub(crate) fn post(path: &str, body: String) -> Self {
        Self { method: Method::POST, path: path.to_owned(), body }
    }
}

/// Where to send requests, and what must come back.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) addr: SocketAddr,
    pub(crate) key: Option<String>,
    pub(crate) status: u16,
}

/// What to send next; `None` when there is no more.
pub(crate) type Next = Arc<dyn Fn() -> Option<Ask> + Send + Sync>;

/// What came of a load.
#[derive(Default, Clone)]
pub(crate) struct Load {
    /// Answers.
    pub(crate) count: usize,
    /// In so many seconds.
    pub(crate) seconds: f64,
    /// How long each took, in microseconds; sorted.
    micros: Vec<u32>,
}

impl Load {
    pub(crate) fn new(seconds: f64, mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        Self { count: micros.len(), seconds, micros }
    }

    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        self.count as f64 / self.seconds.max(1e-9)
    }

    /// The time below which so many per cent of the answers came, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let place = self.micros.len() * percent / 100;
        let micros = self.micros.get(place).or(self.micros.last()).copied().unwrap_or(0);
        f64::from(micros) / 1000.0
    }
}

/// Loads `target` from `clients` for `time`, or until there is nothing more to ask.
pub(crate) async fn drive(
    target: &Target,
    clients: usize,
    time: Duration,
    next: &Next,
) -> Result<Load> {
    let ready = Arc::new(Barrier::new(clients + 1));
    let mut running = Vec::with_capacity(clients);
    for _ in 0..clients {
        let (target, next, ready) = (target.clone(), Arc::clone(next), Arc::clone(&ready));
        running.push(tokio::spawn(async move {
            let mut client = Client::new(target.addr, target.key.as_deref());
            // The connection is made before the clock runs.
            let connected = client.get("/healthz").await;
            ready.wait().await;
            connected.map_err(|error| anyhow!("no connection: {error}"))?;
            ask_on(&mut client, &target, time, &next).await
        }));
    }
    ready.wait().await;
    let begun = Instant::now();
    let mut micros = Vec::new();
    for client in running {
        micros.extend(client.await.context("a client ended badly")??);
    }
    Ok(Load::new(begun.elapsed().as_secs_f64(), micros))
}

async fn ask_on(
    client: &mut Client,
    target: &Target,
    time: Duration,
    next: &Next,
) -> Result<Vec<u32>> {
    let begun = Instant::now();
    let mut micros = Vec::with_capacity(4096);
    while begun.elapsed() < time {
        let Some(ask) = next() else { break };
        let sent = Instant::now();
        let answer = client.send(ask.method, &ask.path, &[], ask.body).await;
        let answer = answer.map_err(|error| anyhow!("no answer to {}: {error}", ask.path))?;
        micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        if answer.status != target.status {
            bail!("{} was answered {}: {}", ask.path, answer.status, answer.text());
        }
    }
    Ok(micros)
}

/// Figures of several turns: the median of their rates, and the times of all.
#[derive(Default)]
pub(crate) struct Turns(Vec<Load>);

impl Turns {
    pub(crate) fn add(&mut self, load: Load) {
        self.0.push(load);
    }

    pub(crate) fn rate(&self) -> f64 {
        median(self.0.iter().map(Load::rate).collect())
    }

    /// The median of the turns' percentiles: one stall of the machine is not the subject's.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        median(self.0.iter().map(|load| load.percentile(percent)).collect())
    }
}

/// The middle one; zero of none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
