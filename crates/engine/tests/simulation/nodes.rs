//! The three nodes: each a real engine over its own link, with its own clock and randomness. One
//! that ends is started again some time later, over the same store.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use glassbreak_engine::core::code::Prefix;
use glassbreak_engine::core::settings::{Settings, Throttle};
use glassbreak_engine::{Engine, Error, Options, RootKey, SourceLimit};
use glassbreak_testkit::SeededEntropy;
use tokio::sync::watch;

use super::database::Database;
use super::link::{Death, Link};
use super::weather::{NodeClock, Weather, pass};

/// How many nodes there are.
pub(crate) const NODES: usize = 3;

/// A node while it lives.
#[derive(Clone)]
pub(crate) struct Life {
    pub(crate) engine: Engine,
    death: Arc<Death>,
}

/// One node.
pub(crate) struct Node {
    clock: NodeClock,
    /// By how many milliseconds its clock is wrong.
    pub(crate) wrong: Arc<AtomicI64>,
    entropy: SeededEntropy,
    life: watch::Sender<Option<Life>>,
}

/// All of them over one store.
pub(crate) struct Nodes {
    pub(crate) database: Arc<Database>,
    pub(crate) weather: Arc<Weather>,
    all: Vec<Node>,
    lives: AtomicU64,
    random: SeededEntropy,
}

impl Nodes {
    pub(crate) fn new(
        database: Arc<Database>,
        weather: Arc<Weather>,
        random: SeededEntropy,
    ) -> Self {
        let all = (0..NODES).map(|_| {
            let (clock, wrong) = weather.clock();
            let entropy = SeededEntropy::new(random.number());
            Node { clock, wrong, entropy, life: watch::Sender::new(None) }
        });
        let all = all.collect();
        Self { database, weather, all, lives: AtomicU64::new(0), random }
    }

    /// A node by its place.
    pub(crate) fn node(&self, place: usize) -> &Node {
        &self.all[place % NODES]
    }

    /// Starts a node again and again, for as long as it is asked to. What it must not answer when
    /// it is started is the error.
    pub(crate) async fn keep(self: Arc<Self>, place: usize) -> Result<(), String> {
        let node = self.node(place);
        loop {
            let holder = self.lives.fetch_add(1, Ordering::Relaxed) * 10 + place as u64;
            let link = Link::new(Arc::clone(&self.database), Arc::clone(&self.weather), holder);
            let death = link.death();
            let opening =
                Engine::open(Arc::new(link), RootKey::from_bytes([7; 32]), node.options());
            let opened = tokio::select! {
                biased;
                opened = opening => Some(opened),
                () = death.wait() => None,
            };
            self.weather.trace(holder, "opened", u64::from(matches!(opened, Some(Ok(_)))));
            match opened {
                Some(Ok(engine)) => {
                    node.life.send_replace(Some(Life { engine, death: Arc::clone(&death) }));
                    // The link is gone only with the engine, which is not gone before it is dead.
                    death.wait().await;
                    node.life.send_replace(None);
                }
                Some(Err(Error::Store(_))) | None => {}
                Some(Err(error)) => return Err(format!("a node does not start: {error}")),
            }
            pass(self.random.number() % 700).await;
        }
    }

    /// Every node, once all of them live. Only in calm weather does that last.
    pub(crate) async fn all_live(&self) -> Vec<Engine> {
        let mut engines = Vec::with_capacity(NODES);
        for node in &self.all {
            let mut life = node.life.subscribe();
            if let Ok(life) = life.wait_for(Option::is_some).await
                && let Some(life) = life.as_ref()
            {
                engines.push(life.engine.clone());
            }
        }
        engines
    }
}

impl Node {
    fn options(&self) -> Options {
        let many = std::num::NonZeroU32::new(1_000_000).unwrap_or(std::num::NonZeroU32::MAX);
        // Each field, and not the defaults: those ask the machine how many cores it has, each time.
        Options {
            settings: settings(),
            prefix: Prefix::default(),
            origin: None,
            policy: None,
            clock: Box::new(self.clock.clone()),
            entropy: Box::new(self.entropy.clone()),
            // Real threads and the machine's time have no place here: codes are of the keyed
            // scheme, refusals leave at once, and no flood is turned away.
            stretching: 1,
            stretching_queue: 1,
            source_limit: SourceLimit { per_second: many, burst: many },
            refusal_quantum: Duration::ZERO,
            checkpoint_every: Duration::from_millis(200),
            relying_party: None,
            sweep_every: Duration::from_secs(2),
            anchors: Vec::new(),
        }
    }

    /// Asks this node, if it is there. None if it is not, or ends before it has answered.
    pub(crate) async fn ask<T>(&self, ask: impl AsyncFnOnce(&Engine) -> T) -> Option<T> {
        let Life { engine, death } = self.life.borrow().clone()?;
        tokio::select! {
            biased;
            answer = ask(&engine) => Some(answer),
            () = death.wait() => None,
        }
    }
}

/// The defaults, with failures free as far as they go: what is asked for is what becomes of codes,
/// and the throttle would answer in its place.
fn settings() -> Settings {
    let mut settings = Settings::defaults();
    settings.throttle = Throttle { free: 10, ..Throttle::default() };
    for tier in settings.tiers.values_mut() {
        tier.routine.codes_are_second_factor = true;
    }
    settings
}
