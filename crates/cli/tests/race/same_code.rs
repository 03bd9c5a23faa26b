//! Goal 1, REG-02: the same code fired by many clients at once, at one server on SQLite and at
//! three servers on one PostgreSQL database.
//!
//! `GLASSBREAK_SOAK_CODES` and `GLASSBREAK_SOAK_CLIENTS` say how many of each there are in the
//! long form, which ends when all codes are raced for, or when its time is up;
//! `GLASSBREAK_SOAK_LANES` how many codes are raced for at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::Client;
use serde_json::Value;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::random::{fork, uuid};
use super::run::Run;
use super::server::{CONFIG, enrol, redemption};
use super::servers::Servers;

/// Clients that retry each other's attempt: they send the same `redemption_id`.
const RETRYING: usize = 4;
/// Codes that are raced for at the same time. Each has clients of its own; their commits share
/// fsyncs, which keeps 32,000 durable refusals under a minute. A request waits for all that came
/// before it for its code: too many lanes for the machine, and it waits longer than a request may.
const LANES: usize = 8;
/// After so long without a request a client takes a new connection: the server ends idle ones, and
/// one that ends while a request is on its way is another test's matter
/// ([`unknown`](super::unknown)).
const IDLE_MAX: Duration = Duration::from_secs(2);
/// Codes of each lane that are made ready at a time; a long run looks at its time between two
/// rounds.
const ROUND: usize = 5;
/// How often a client asks under the same name before it says that nobody knows.
const ASKS_MAX: usize = 60;
/// How long it waits before it asks again, as `Retry-After` says.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// How many codes, how many clients for each, and how many codes at a time.
#[derive(Debug, Clone, Copy)]
struct Size {
    codes: usize,
    clients: usize,
    lanes: usize,
}

impl Size {
    /// The goal's in the long form, unless told; `self` in the short one.
    fn of(self, run: &Run) -> Self {
        if !run.is_long() {
            return self;
        }
        let told = |name: &str| std::env::var(name).ok()?.parse().ok();
        Self {
            codes: told("GLASSBREAK_SOAK_CODES").unwrap_or(10_000),
            clients: told("GLASSBREAK_SOAK_CLIENTS").unwrap_or(256),
            lanes: told("GLASSBREAK_SOAK_LANES").unwrap_or(self.lanes),
        }
    }
}

/// One code, and the names of its clients' attempts.
struct Race {
    subject: String,
    code: String,
    ids: Vec<Uuid>,
}

/// A client that keeps its connection from code to code.
struct Racer {
    client: Client,
    /// When it was last answered.
    answered: Instant,
}

impl Racer {
    fn of(client: &Client) -> Self {
        Self { client: client.another(), answered: Instant::now() }
    }

    /// Takes a new connection if the one it has was idle for long.
    fn is_off(&mut self) {
        if self.answered.elapsed() > IDLE_MAX {
            self.client = self.client.another();
        }
    }
}

/// What one client was told.
struct Told {
    id: Uuid,
    status: u16,
    /// Whether this answer is the first under its name: it names the events it wrote.
    first: bool,
    /// Why it had to ask again, each time: the code of a 503, or how its connection ended.
    again: Vec<String>,
    /// The answer itself, where it is none of those that a race gives.
    odd: Option<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_1_exactly_one_client_is_accepted_for_each_code_on_sqlite() {
    let run = Run::begin("race on SQLite");
    let size = Size { codes: 500, clients: 64, lanes: LANES }.of(&run);
    race(run, Servers::on_sqlite(CONFIG), size).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_1_exactly_one_client_is_accepted_for_each_code_over_three_servers_on_postgresql() {
    let run = Run::begin("race over three servers on PostgreSQL");
    let size = Size { codes: 30, clients: 63, lanes: LANES }.of(&run);
    race(run, Servers::on_postgresql(3, CONFIG), size).await;
}

/// Each code has a subject of its own. With one subject for all, the losers of one race would
/// throttle the next one and keep its winner out: that is what the one budget per account is for
/// (REG-08), and not what is asked here. The winner of a race cannot be kept out by its losers: an
/// attempt only fails once the code is spent.
async fn race(mut run: Run, servers: Servers, size: Size) {
    let random = run.random();
    let nodes = servers.clients();
    let of_one = |place: usize| Racer::of(&nodes[place % nodes.len()]);
    let mut lanes: Vec<Vec<Racer>> =
        (0..size.lanes).map(|_| (0..size.clients).map(of_one).collect()).collect();
    let (mut raced, mut again) = (0, BTreeMap::new());
    while raced < size.codes && !run.is_over(false) {
        let last = size.codes.min(raced + size.lanes * ROUND);
        let ready = prepare(&nodes, raced..last, size, &random).await;
        for (subject, told) in fire(&mut lanes, ready).await {
            assert_eq!(told.len(), size.clients);
            check(&subject, &told);
            for why in told.into_iter().flat_map(|told| told.again) {
                *again.entry(why).or_insert(0_usize) += 1;
            }
            raced += 1;
        }
        run.tell(&figures(raced, size, &again));
    }
    drop(lanes);
    let books = servers.close().await;
    assert_eq!(books.count("code.accepted"), raced as u64);
    assert_eq!(books.placed("used"), raced as u64);
    run.end(&format!("{}, {} entries verified", figures(raced, size, &again), books.entries()));
}

fn figures(raced: usize, size: Size, again: &BTreeMap<String, usize>) -> String {
    let Size { codes, clients, .. } = size;
    let requests = raced * clients;
    let again: Vec<String> = again.iter().map(|(why, times)| format!("{why}: {times}")).collect();
    let again = if again.is_empty() {
        String::new()
    } else {
        format!(", asked again ({})", again.join(", "))
    };
    format!(
        "{raced} of {codes} codes x {clients} clients, one acceptance each; {requests} requests{again}"
    )
}

async fn prepare(
    servers: &[Client],
    codes: std::ops::Range<usize>,
    size: Size,
    random: &SeededEntropy,
) -> Vec<Race> {
    let mut lanes = JoinSet::new();
    for lane in 0..size.lanes {
        let mut client = servers[lane % servers.len()].another();
        let (random, codes) = (fork(random), codes.clone());
        lanes.spawn(async move {
            let mut races = Vec::new();
            for number in codes.skip(lane).step_by(size.lanes) {
                let subject = format!("racer-{number}");
                // Every other set has more codes: it stays active when its one code is spent, and
                // the losers are charged to it.
                let codes = enrol(&mut client, &subject, if number % 2 == 0 { 1 } else { 3 }).await;
                let mut ids: Vec<Uuid> = (0..size.clients).map(|_| uuid(&random)).collect();
                let shared = ids[0];
                ids.iter_mut().take(RETRYING).for_each(|id| *id = shared);
                races.push(Race { subject, code: codes[0].clone(), ids });
            }
            races
        });
    }
    lanes.join_all().await.into_iter().flatten().collect()
}

/// Has the clients of each lane race for the codes that fall to it. They keep their connections
/// from round to round.
async fn fire(lanes: &mut [Vec<Racer>], races: Vec<Race>) -> Vec<(String, Vec<Told>)> {
    let width = lanes.len().max(1);
    let mut shares: Vec<Vec<Race>> = lanes.iter().map(|_| Vec::new()).collect();
    for (number, race) in races.into_iter().enumerate() {
        shares[number % width].push(race);
    }
    let mut running = JoinSet::new();
    for (lane, share) in shares.into_iter().enumerate() {
        let share = Arc::new(share);
        let barrier = Arc::new(Barrier::new(lanes[lane].len()));
        let mut clients = JoinSet::new();
        for (place, racer) in std::mem::take(&mut lanes[lane]).into_iter().enumerate() {
            clients.spawn(fire_one(place, Arc::clone(&share), Arc::clone(&barrier), racer));
        }
        running.spawn(async move {
            let mut told: Vec<(String, Vec<Told>)> =
                share.iter().map(|race| (race.subject.clone(), Vec::new())).collect();
            let mut kept = Vec::new();
            for (place, racer, answers) in clients.join_all().await {
                kept.push((place, racer));
                for ((_, told), answer) in told.iter_mut().zip(answers) {
                    told.push(answer);
                }
            }
            // Each goes on with its server.
            kept.sort_by_key(|(place, _)| *place);
            (lane, kept.into_iter().map(|(_, racer)| racer).collect(), told)
        });
    }
    let mut all = Vec::new();
    for (lane, racers, told) in running.join_all().await {
        lanes[lane] = racers;
        all.extend(told);
    }
    all
}

/// One client: at each code it waits for all the others.
async fn fire_one(
    place: usize,
    lane: Arc<Vec<Race>>,
    barrier: Arc<Barrier>,
    mut racer: Racer,
) -> (usize, Racer, Vec<Told>) {
    let mut told = Vec::with_capacity(lane.len());
    for Race { subject, code, ids } in lane.iter() {
        let id = ids[place];
        let body = redemption(id, subject, code);
        barrier.wait().await;
        racer.is_off();
        told.push(ask(&mut racer.client, id, &body).await);
        racer.answered = Instant::now();
    }
    (place, racer, told)
}

/// Asks until somebody knows: the same attempt under the same name.
async fn ask(client: &mut Client, id: Uuid, body: &Value) -> Told {
    let mut again = Vec::new();
    let mut turn = tokio::time::interval(ASK_AGAIN);
    while again.len() < ASKS_MAX {
        turn.tick().await;
        match client.post("/v1/redemptions", body).await {
            Ok(answer) if answer.status == 503 => again.push(answer.code()),
            Ok(answer) => {
                let events = answer.json();
                let first = events["evidence"].as_array().is_some_and(|events| !events.is_empty());
                let is_odd = !matches!(answer.status, 200 | 401 | 429);
                let odd = is_odd.then(|| format!("{}: {}", answer.status, answer.text()));
                return Told { id, status: answer.status, first, again, odd };
            }
            Err(error) => again.push(format!("no answer, {error}")),
        }
    }
    panic!("{id}: nobody knows: {again:?}");
}

fn check(subject: &str, told: &[Told]) {
    let accepted: BTreeSet<Uuid> =
        told.iter().filter(|told| told.status == 200).map(|told| told.id).collect();
    assert_eq!(accepted.len(), 1, "{subject}: accepted under {accepted:?}");
    let first = told.iter().filter(|told| told.first).count();
    // The first answer may have been the one that was not given.
    let is_unheard = told.iter().any(|told| !told.again.is_empty() && accepted.contains(&told.id));
    assert!(first == 1 || first == 0 && is_unheard, "{subject}: accepted anew {first} times");
    for told in told {
        // Refused, throttled after ten refusals, or the one that was accepted; never an error, and
        // never a good code called wrong for losing a race inside (REG-06).
        assert_eq!(told.odd, None, "{subject}, after {:?}", told.again);
        assert_eq!(told.status == 200, accepted.contains(&told.id), "{subject}: {}", told.id);
    }
    // Who retries is told the same. An attempt that was not looked at has no answer to repeat.
    let shared = told.iter().filter(|one| told.iter().filter(|two| two.id == one.id).count() > 1);
    let answers: BTreeSet<u16> = shared.map(|told| told.status).filter(|s| *s != 429).collect();
    assert!(answers.len() <= 1, "{subject}: a retry was told otherwise: {answers:?}");
}
