//! Clients that never give up: what is not answered is asked again under the same name, through any
//! server, for as long as it takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::super::audit::ids;
use super::super::people::{Crowd, Worker};
use super::super::person::{Known, Op, Person, content};
use super::super::random::{fork, uuid};
use super::nodes::NODES;

const WORKERS: usize = 9;
/// How long who was not answered waits before asking again.
const AGAIN: Duration = Duration::from_millis(50);
/// How often each server is asked for something new, whatever became of what was asked before.
const PROBE_EVERY: Duration = Duration::from_millis(250);
/// How long a service may be away before it counts as lost.
const BACK_MAX: Duration = Duration::from_mins(2);

/// How long a client may be without an answer once nothing is broken any more.
const ANSWERED_MAX: Duration = Duration::from_mins(3);

/// Of each server, when the newest probe began whose write it has acknowledged.
type Good = [Option<Instant>; NODES];

/// Clients at work.
pub(crate) struct Load {
    workers: JoinSet<Worker>,
    probes: JoinSet<()>,
    good: watch::Receiver<Good>,
    written: Written,
    is_over: Arc<AtomicBool>,
}

impl Load {
    /// Sets everybody to work.
    pub(crate) fn start(nodes: &[Client], random: &SeededEntropy) -> Self {
        let (sender, good) = watch::channel([None; NODES]);
        let is_over = Arc::new(AtomicBool::new(false));
        let (mut workers, mut probes) = (JoinSet::new(), JoinSet::new());
        for number in 0..WORKERS {
            let asking = Asking {
                nodes: nodes.iter().map(Client::another).collect(),
                at: number % nodes.len(),
                random: fork(random),
                is_over: Arc::clone(&is_over),
            };
            let people = (0..2).map(|place| person(number, place, place == 1)).collect();
            let worker = Worker { number, people, generations: [1, 1], rotating: None };
            workers.spawn(asking.run(worker));
        }
        let written = Written::default();
        for (node, client) in nodes.iter().enumerate() {
            let told = (sender.clone(), Arc::clone(&written));
            probes.spawn(probe(node, client.another(), told));
        }
        Self { workers, probes, good, written, is_over }
    }

    /// Waits until each of `nodes` has acknowledged a write that it was asked for after `since`;
    /// gives how long it took from then.
    pub(crate) async fn good(&mut self, nodes: &[usize], since: Instant) -> Duration {
        let is_good =
            |good: &Good| nodes.iter().all(|node| good[*node].is_some_and(|began| began >= since));
        let good = tokio::time::timeout(BACK_MAX, self.good.wait_for(is_good)).await;
        let is_back = good.is_ok_and(|good| good.is_ok());
        let newest = *self.good.borrow();
        assert!(is_back, "not each of {nodes:?} comes back after {since:?}: {newest:?}");
        since.elapsed()
    }

    /// Waits until everybody has an answer, and asks for no more. Also gives the subjects that
    /// probes were told are written.
    pub(crate) async fn stop(mut self) -> (Crowd, Vec<String>) {
        self.is_over.store(true, Ordering::SeqCst);
        self.probes.shutdown().await;
        let mut workers = answered(self.workers).await;
        workers.sort_by_key(|worker| worker.number);
        let written = std::mem::take(&mut *lock(&self.written));
        (Crowd { workers, ..Crowd::new() }, written)
    }
}

fn person(worker: usize, place: usize, is_privileged: bool) -> Person {
    Person::new(format!("f-{worker}-{place}"), is_privileged)
}

struct Asking {
    nodes: Vec<Client>,
    at: usize,
    random: SeededEntropy,
    is_over: Arc<AtomicBool>,
}

impl Asking {
    async fn run(mut self, mut worker: Worker) -> Worker {
        while !self.is_over.load(Ordering::SeqCst) {
            if worker.people.iter().all(Person::is_worn) || self.random.once_in(40) {
                let place = worker.people.len();
                worker.people.push(person(worker.number, place, self.random.once_in(3)));
            }
            let place = self.random.below(worker.people.len());
            let person = &mut worker.people[place];
            if !person.is_worn() {
                self.ask(person).await;
            }
        }
        worker
    }

    /// Asks for the next thing for somebody until it is answered.
    async fn ask(&mut self, person: &mut Person) {
        let op = person.next(&self.random);
        let (mut is_retry, mut again) = (false, tokio::time::interval(AGAIN));
        loop {
            again.tick().await;
            if let Some(answer) = known(person.ask(&mut self.nodes[self.at], &op).await) {
                person.learn(&op, &answer, is_retry);
                return;
            }
            is_retry = true;
            self.at = (self.at + 1) % self.nodes.len();
        }
    }
}

/// An answer that says what became of it.
fn known(answer: Result<Answer, Failure>) -> Option<Answer> {
    answer.ok().filter(|answer| answer.status < 500)
}

/// The subjects that probes were told are written.
type Written = Arc<Mutex<Vec<String>>>;

fn lock(written: &Written) -> std::sync::MutexGuard<'_, Vec<String>> {
    written.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks a server for a write again and again, without waiting for the one before. Only a write that
/// is acknowledged counts: a refusal may come from what the server remembers.
async fn probe(node: usize, client: Client, (good, written): (watch::Sender<Good>, Written)) {
    let mut every = tokio::time::interval(PROBE_EVERY);
    let mut waiting = JoinSet::new();
    for number in 0_u32.. {
        every.tick().await;
        while waiting.try_join_next().is_some() {}
        let (mut client, good, written) = (client.another(), good.clone(), Arc::clone(&written));
        waiting.spawn(async move {
            let (began, name) = (Instant::now(), format!("probe-{node}-{number}"));
            let subject = json!({"kind": "person", "assurance": "aal2"});
            let answer = client.put(&format!("/v1/subjects/{name}"), &subject).await;
            if answer.is_ok_and(|answer| answer.status == 201) {
                lock(&written).push(name);
                good.send_modify(|good| good[node] = good[node].max(Some(began)));
            }
        });
    }
}

/// Waits until all have their answers.
pub(crate) async fn answered<T: 'static>(asking: JoinSet<T>) -> Vec<T> {
    let answered = tokio::time::timeout(ANSWERED_MAX, asking.join_all()).await;
    answered.unwrap_or_else(|_| panic!("somebody is not answered within {ANSWERED_MAX:?}"))
}

/// A code for which every server is asked under another name.
pub(crate) struct Contest {
    subject: String,
    set: String,
    code: String,
}

/// Makes so many codes ready.
pub(crate) async fn contests(node: &Client, names: std::ops::Range<usize>) -> Vec<Contest> {
    let mut client = node.another();
    let mut ready = Vec::new();
    for name in names {
        let subject = format!("contest-{name}");
        let person = json!({"kind": "person", "assurance": "aal2"});
        let registered = client.put(&format!("/v1/subjects/{subject}"), &person).await.unwrap();
        assert_eq!(registered.status, 201, "{}", registered.text());
        let set = json!({"reason": "enrolment", "session_assurance": "aal2", "count": 1});
        let issued = client.post(&format!("/v1/subjects/{subject}/code-sets"), &set).await.unwrap();
        assert_eq!(issued.status, 201, "{}", issued.text());
        let issued = issued.json();
        let set = issued["set_id"].as_str().unwrap().to_owned();
        ready.push(Contest { subject, set, code: ids(&issued["codes"])[0].clone() });
    }
    ready
}

/// Asks every server for each code at once; each asks on until it is answered by its own server.
pub(crate) fn fire(
    contests: Vec<Contest>,
    nodes: &[Client],
    random: &SeededEntropy,
) -> JoinSet<Person> {
    let mut running = JoinSet::new();
    for contest in contests {
        let mut attempts = JoinSet::new();
        for node in nodes {
            let id = uuid(random);
            attempts.spawn(attempt(
                node.another(),
                id,
                contest.subject.clone(),
                contest.code.clone(),
            ));
        }
        running.spawn(async move { decided(contest, attempts.join_all().await) });
    }
    running
}

async fn attempt(mut node: Client, id: Uuid, subject: String, code: String) -> (Uuid, Answer) {
    let body = json!({
        "redemption_id": id,
        "subject": subject,
        "code": code,
        "role": "second_factor",
        "presented": ["password"],
    });
    let mut again = tokio::time::interval(AGAIN);
    loop {
        again.tick().await;
        if let Some(answer) = known(node.post("/v1/redemptions", &body).await) {
            return (id, answer);
        }
    }
}

/// Exactly one was accepted. As a person who knows it, for the checks at the end.
fn decided(contest: Contest, told: Vec<(Uuid, Answer)>) -> Person {
    let Contest { subject, set, code } = contest;
    let mut person = Person::new(subject, false);
    let mut used: Vec<(Uuid, Value)> = Vec::new();
    for (id, answer) in told {
        match answer.status {
            200 => used.push((id, content(&answer))),
            401 => person.fresh.push(Op::RedeemSpent { set: 0, ordinal: 0, id }),
            other => panic!("{}: {other}: {}", person.name, answer.text()),
        }
    }
    assert_eq!(used.len(), 1, "{}: accepted under {used:?}", person.name);
    let used = used.into_iter().map(|accepted| (0, accepted)).collect();
    let known = Known { id: set, codes: vec![code], state: "exhausted", used, failures: 0 };
    person.is_registered = true;
    person.sets.push(known);
    person
}
