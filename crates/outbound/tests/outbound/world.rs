//! A log with a few people in it, and a destination that is told of it.

use std::sync::Arc;
use std::time::Duration;

use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::Registration;
use glassbreak_engine::store::Store;
use glassbreak_engine::{Begin, Caller, Engine, Options, RootKey};
use glassbreak_outbound::signed::destination::Allowed;
use glassbreak_outbound::{
    Collector, CollectorSettings, Described, Desk, Destination, Dispatcher, Events, Origin,
    Overview, Pace, Tls, Transport, Webhook, WebhookSettings, message, signed,
};
use glassbreak_store::memory::MemoryStore;
use tokio::task::JoinHandle;

/// The secret of every webhook here.
pub(crate) const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// How long anything may take that is waited for: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// A log, and the desk of its one destination, `d`.
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) engine: Engine,
    pub(crate) desk: Desk,
    running: Option<JoinHandle<()>>,
}

pub(crate) async fn open(store: &Arc<MemoryStore>) -> Engine {
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    let options = Options::new(Settings::defaults());
    Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap()
}

impl World {
    /// A log of so many people.
    pub(crate) async fn of(people: usize) -> Self {
        let store = Arc::new(MemoryStore::new());
        let engine = open(&store).await;
        let desk = Desk::new(&engine, Vec::new());
        let world = Self { store, engine, desk, running: None };
        world.register(0..people).await;
        world
    }

    pub(crate) async fn register(&self, people: std::ops::Range<usize>) {
        for number in people {
            let name = SubjectRef::try_from(format!("person-{number}")).unwrap();
            let person = Registration::person(Assurance::Aal2);
            self.engine.register(&Caller::embedder(), &name, person).await.unwrap();
        }
    }

    /// Starts to send there.
    pub(crate) async fn send(&mut self, transport: Transport, events: &[&str]) {
        let events: Vec<String> = events.iter().map(|name| (*name).to_owned()).collect();
        let milliseconds = Duration::from_millis;
        let destination = Destination {
            name: "d".to_owned(),
            transport,
            events: Events::of(&events).unwrap(),
            begin: Begin::First,
            pace: Pace { first: milliseconds(2), most: milliseconds(20), look: milliseconds(10) },
        };
        self.desk = Desk::new(&self.engine, vec![Described::from(&destination)]);
        let dispatcher = Dispatcher::open(&self.engine, destination, origin()).await.unwrap();
        self.running = Some(tokio::spawn(dispatcher.run()));
    }

    /// Ends sending in the middle of whatever it does, as the end of the process would.
    pub(crate) async fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            drop(running.await);
        }
    }

    pub(crate) async fn size(&self) -> u64 {
        self.engine.entries(0, 100_000).await.unwrap().len() as u64
    }

    pub(crate) async fn overview(&self) -> Overview {
        self.desk.list().await.unwrap().remove(0)
    }

    /// Waits until the destination stands so.
    pub(crate) async fn until(&self, stands: impl Fn(&Overview) -> bool) -> Overview {
        let looking = async {
            let mut again = tokio::time::interval(Duration::from_millis(5));
            loop {
                again.tick().await;
                let overview = self.overview().await;
                if stands(&overview) {
                    return overview;
                }
            }
        };
        let Ok(overview) = tokio::time::timeout(PATIENCE, looking).await else {
            panic!("waited in vain: {:?}", self.overview().await);
        };
        overview
    }

    /// Waits until nothing waits for the destination.
    pub(crate) async fn until_told(&self) -> Overview {
        let size = self.size().await;
        self.until(|it| it.position >= size).await
    }
}

fn origin() -> Origin {
    let log = "glassbreak.example/log".to_owned();
    Origin { version: "0.1.0".to_owned(), installation: "here".to_owned(), log }
}

/// A webhook to a port of this machine.
pub(crate) fn webhook(port: u16, timeout: Duration) -> Transport {
    let allowed =
        Allowed { http: true, ports: vec![port], networks: vec!["127.0.0.0/8".parse().unwrap()] };
    let settings = WebhookSettings {
        url: format!("http://127.0.0.1:{port}/hook"),
        allowed,
        signer: signed::Signer::parse(SECRET).unwrap(),
        tls: Tls::new(None, None).unwrap(),
        timeout,
    };
    Transport::Webhook(Box::new(Webhook::new(settings).unwrap()))
}

/// A collector at a port of this machine.
pub(crate) fn collector(port: u16, tls: Option<Tls>, timeout: Duration) -> Transport {
    let settings = CollectorSettings {
        host: if tls.is_some() { "localhost" } else { "127.0.0.1" }.to_owned(),
        port,
        tls,
        settings: message::Settings::default(),
        body: message::Body::Ocsf,
        confirms: true,
        timeout,
    };
    Transport::Syslog(Box::new(Collector::new(settings).unwrap()))
}

/// In order, with nothing left out: an index is one that was there before, or the next one.
#[track_caller]
pub(crate) fn in_order(indices: &[u64], end: u64) {
    let mut reached = 0;
    for index in indices {
        assert!(*index <= reached, "{index} came before {reached}: {indices:?}");
        reached = reached.max(index + 1);
    }
    assert_eq!(reached, end, "the last ones are missing: {indices:?}");
}
