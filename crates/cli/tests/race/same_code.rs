//! Goal 1, REG-02: the same code fired by 64 clients at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use glassbreak_testkit::http::Client;
use glassbreak_testkit::{SeededEntropy, seed};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::audit::{audit, placed};
use super::random::{fork, soak, uuid};
use super::server::{Served, enrol, redemption};

const CODES: usize = 500;
pub(crate) const CLIENTS: usize = 64;
/// Clients that retry each other's attempt: they send the same `redemption_id`.
const RETRYING: usize = 4;
/// Codes that are raced for at the same time. Each has its own 64 clients; their commits share
/// fsyncs, which keeps 32,000 durable refusals under a minute.
const LANES: usize = 8;

/// One code, and what its 64 clients were told.
struct Race {
    subject: String,
    code: String,
    ids: Vec<Uuid>,
}

/// What one client was told.
pub(crate) struct Told {
    pub(crate) id: Uuid,
    pub(crate) status: u16,
    /// Whether this answer is the first under its name: it names the events it wrote.
    pub(crate) first: bool,
}

/// Each code has a subject of its own. With one subject for all, the losers of one race would
/// throttle the next one and keep its winner out: that is what the one budget per account is for
/// (REG-08), and not what is asked here. The winner of a race cannot be kept out by its losers: an
/// attempt only fails once the code is spent.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_1_of_64_clients_exactly_one_is_accepted_for_each_of_500_codes() {
    let seed = seed();
    let random = seed.entropy();
    let end = soak().map(|time| Instant::now() + time);
    loop {
        let served = Served::start("same-code");
        let races = prepare(&served, &random).await;
        let told = fire(&served, races).await;
        assert_eq!(told.len(), CODES);
        for (subject, told) in &told {
            check(subject, told);
        }
        let mut client = served.server.client().unwrap();
        let audit = audit(&mut client, &served.vkey(), None).await;
        assert_eq!(audit.count("code.accepted"), CODES as u64);
        assert_eq!(placed(&audit, "used"), CODES as u64);
        if end.is_none_or(|end| Instant::now() >= end) {
            return;
        }
    }
}

async fn prepare(served: &Served, random: &SeededEntropy) -> Vec<Race> {
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let mut client = served.server.client().unwrap();
        let random = fork(random);
        lanes.spawn(async move {
            let mut races = Vec::new();
            for number in (lane..CODES).step_by(LANES) {
                let subject = format!("racer-{number}");
                // Every other set has more codes: it stays active when its one code is spent, and
                // the losers are charged to it.
                let codes = enrol(&mut client, &subject, if number % 2 == 0 { 1 } else { 3 }).await;
                let mut ids: Vec<Uuid> = (0..CLIENTS).map(|_| uuid(&random)).collect();
                let shared = ids[0];
                ids[..RETRYING].fill(shared);
                races.push(Race { subject, code: codes[0].clone(), ids });
            }
            races
        });
    }
    lanes.join_all().await.into_iter().flatten().collect()
}

async fn fire(served: &Served, races: Vec<Race>) -> Vec<(String, Vec<Told>)> {
    let mut lanes: Vec<Vec<Race>> = (0..LANES).map(|_| Vec::new()).collect();
    for (number, race) in races.into_iter().enumerate() {
        lanes[number % LANES].push(race);
    }
    let mut running = JoinSet::new();
    for lane in lanes {
        let lane = Arc::new(lane);
        let barrier = Arc::new(Barrier::new(CLIENTS));
        let mut clients = JoinSet::new();
        for place in 0..CLIENTS {
            let (lane, barrier) = (Arc::clone(&lane), Arc::clone(&barrier));
            let client = served.server.client().unwrap();
            clients.spawn(fire_one(place, lane, barrier, client));
        }
        running.spawn(async move {
            let mut told: Vec<(String, Vec<Told>)> =
                lane.iter().map(|race| (race.subject.clone(), Vec::new())).collect();
            for answers in clients.join_all().await {
                for ((_, told), answer) in told.iter_mut().zip(answers) {
                    told.push(answer);
                }
            }
            told
        });
    }
    running.join_all().await.into_iter().flatten().collect()
}

/// One client: at each code it waits for the other 63.
async fn fire_one(
    place: usize,
    lane: Arc<Vec<Race>>,
    barrier: Arc<Barrier>,
    mut client: Client,
) -> Vec<Told> {
    let mut told = Vec::with_capacity(lane.len());
    for Race { subject, code, ids } in lane.iter() {
        let id = ids[place];
        let body = redemption(id, subject, code);
        barrier.wait().await;
        let answer = client.post("/v1/redemptions", &body).await.unwrap();
        let first = answer.json()["evidence"].as_array().is_some_and(|events| !events.is_empty());
        told.push(Told { id, status: answer.status, first });
    }
    told
}

pub(crate) fn check(subject: &str, told: &[Told]) {
    assert_eq!(told.len(), CLIENTS);
    let accepted: BTreeSet<Uuid> =
        told.iter().filter(|told| told.status == 200).map(|told| told.id).collect();
    assert_eq!(accepted.len(), 1, "{subject}: accepted under {accepted:?}");
    assert_eq!(told.iter().filter(|told| told.first).count(), 1, "{subject}: accepted anew");
    for told in told {
        // Refused, throttled after ten refusals, or the one that was accepted; never an error, and
        // never a good code called wrong for losing a race inside (REG-06).
        assert!(matches!(told.status, 200 | 401 | 429), "{subject}: {}", told.status);
        assert_eq!(told.status == 200, accepted.contains(&told.id), "{subject}: {}", told.id);
    }
    // Who retries is told the same. An attempt that was not looked at has no answer to repeat.
    let shared = told.iter().filter(|one| told.iter().filter(|two| two.id == one.id).count() > 1);
    let answers: BTreeSet<u16> = shared.map(|told| told.status).filter(|s| *s != 429).collect();
    assert!(answers.len() <= 1, "{subject}: a retry was told otherwise: {answers:?}");
}
