//! The load: people who ask for one thing after the other until one is not answered, and who
//! know what they were told.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::Client;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::person::Person;
use super::process::client;
use super::random::fork;

const WORKERS: usize = 4;

/// All that was asked for and told, by worker.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    pub(crate) workers: Vec<Worker>,
    /// The newest checkpoint that anybody has seen.
    pub(crate) checkpoint: Option<Vec<u8>>,
    /// What became of requests that were not answered.
    pub(crate) settled: Settled,
}

/// What became of requests that were not answered.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Settled {
    /// They had been done.
    pub(crate) before: u64,
    /// They were done when asked for again.
    pub(crate) again: u64,
}

impl std::ops::AddAssign for Settled {
    fn add_assign(&mut self, other: Self) {
        self.before += other.before;
        self.again += other.again;
    }
}

/// One client and the people it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    pub(crate) number: usize,
    pub(crate) people: Vec<Person>,
    /// The generations of the keys that were acknowledged, by purpose. One worker rotates.
    pub(crate) generations: [u64; 2],
    /// A rotation that was not answered.
    pub(crate) rotating: Option<usize>,
}

/// The keys that are rotated.
pub(crate) const PURPOSES: [&str; 2] = ["pepper", "log_signing"];

/// A crowd at work.
pub(crate) struct Load {
    tasks: JoinSet<Worker>,
    settled: Settled,
    acknowledged: watch::Receiver<u64>,
    checkpoint: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Crowd {
    /// People of whom the server knows nothing.
    pub(crate) fn new() -> Self {
        let people = |worker| {
            (0..3)
                .map(move |place| Person::new(format!("p-{worker}-{place}"), place == 2))
                .collect()
        };
        let worker =
            |number| Worker { number, people: people(number), generations: [1, 1], rotating: None };
        Self {
            workers: (0..WORKERS).map(worker).collect(),
            checkpoint: None,
            settled: Settled::default(),
        }
    }

    /// How many entries the newest checkpoint covers that anybody has seen.
    pub(crate) fn entries(&self) -> u64 {
        self.checkpoint.as_deref().map_or(0, size)
    }

    /// Lets everybody ask until somebody is not answered.
    pub(crate) fn go(self, dir: &Path, addr: SocketAddr, random: &SeededEntropy) -> Load {
        self.go_to(&[client(dir, addr)], random)
    }

    /// Lets everybody ask, each one of the servers, until somebody is not answered.
    pub(crate) fn go_to(self, servers: &[Client], random: &SeededEntropy) -> Load {
        let (sender, acknowledged) = watch::channel(0);
        let checkpoint = Arc::new(Mutex::new(self.checkpoint));
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for worker in self.workers {
            let asking = Asking {
                client: servers[worker.number % servers.len()].another(),
                random: fork(random),
                acknowledged: sender.clone(),
                checkpoint: Arc::clone(&checkpoint),
                is_over: Arc::clone(&is_over),
            };
            tasks.spawn(asking.run(worker));
        }
        Load { tasks, settled: self.settled, acknowledged, checkpoint }
    }
}

impl Load {
    /// Waits until so many requests were acknowledged.
    pub(crate) async fn acknowledged(&mut self, count: u64) {
        // An error says that all have ended, which the caller will see.
        drop(self.acknowledged.wait_for(|seen| *seen >= count).await);
    }

    /// Waits until everybody has stopped.
    pub(crate) async fn back(self) -> Crowd {
        let mut workers = self.tasks.join_all().await;
        workers.sort_by_key(|worker| worker.number);
        let checkpoint = self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner).take();
        Crowd { workers, checkpoint, settled: self.settled }
    }
}

struct Asking {
    client: Client,
    random: SeededEntropy,
    acknowledged: watch::Sender<u64>,
    checkpoint: Arc<Mutex<Option<Vec<u8>>>>,
    /// Somebody was not answered.
    is_over: Arc<AtomicBool>,
}

impl Asking {
    async fn run(mut self, mut worker: Worker) -> Worker {
        while !self.is_over.load(Ordering::SeqCst) {
            let went_on = match self.random.below(24) {
                0 => self.look().await,
                1 if worker.number == 0 => self.rotate(&mut worker).await,
                _ => self.ask(&mut worker).await,
            };
            self.is_over.fetch_or(!went_on, Ordering::SeqCst);
        }
        worker
    }

    /// Asks for something for somebody. `false` if nobody knows what came of it.
    async fn ask(&mut self, worker: &mut Worker) -> bool {
        if self.random.once_in(30) || worker.people.iter().all(Person::is_worn) {
            let name = format!("p-{}-{}", worker.number, worker.people.len());
            worker.people.push(Person::new(name, self.random.once_in(3)));
        }
        let place = self.random.below(worker.people.len());
        let Some(person) = worker.people.get_mut(place).filter(|person| !person.is_worn()) else {
            return true;
        };
        let op = person.next(&self.random);
        person.pending = Some(op.clone());
        match person.ask(&mut self.client, &op).await {
            Ok(answer) if answer.status != 503 => {
                person.learn(&op, &answer, false);
                person.pending = None;
                self.acknowledged.send_modify(|count| *count += 1);
                true
            }
            _ => false,
        }
    }

    async fn rotate(&mut self, worker: &mut Worker) -> bool {
        // The log's key seldom: each of its generations signs every checkpoint from then on.
        let purpose = usize::from(self.random.once_in(8));
        worker.rotating = Some(purpose);
        let path = format!("/v1/keys/{}/rotate", PURPOSES[purpose]);
        match self.client.post(&path, &Value::Null).await {
            Ok(answer) if answer.status == 200 => {
                worker.generations[purpose] += 1;
                assert_eq!(answer.json()["generation"], worker.generations[purpose]);
                worker.rotating = None;
                self.acknowledged.send_modify(|count| *count += 1);
                true
            }
            Ok(answer) if answer.status != 503 => panic!("rotate: {}", answer.text()),
            _ => false,
        }
    }

    /// Takes the checkpoint home, as an auditor does.
    async fn look(&mut self) -> bool {
        match self.client.get("/tlog/checkpoint").await {
            Ok(answer) if answer.status == 200 => {
                let mut newest = self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner);
                if newest.as_deref().is_none_or(|known| size(known) < size(&answer.bytes)) {
                    *newest = Some(answer.bytes);
                }
                true
            }
            // On a new database there is none yet.
            Ok(answer) => answer.status == 404,
            Err(_) => false,
        }
    }
}

/// How many entries a checkpoint covers, by its own word.
pub(crate) fn size(note: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(note);
    text.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0)
}
