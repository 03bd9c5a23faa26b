//! Engines in several processes, as far as the database can tell: what one alone would keep in
//! order, the commit does.
#![expect(clippy::unwrap_used, reason = "a test")]
use std::sync::Arc;

use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::recovery::{Cause, Reference};
use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::{Assurance, SubjectKind};
use glassbreak_engine::operation::{Opening, Registration};
use glassbreak_engine::{Caller, Engine, Error, Options, RootKey};
use glassbreak_store::Store as _;
use glassbreak_store_postgres::{Options as StoreOptions, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use tokio::task::JoinSet;
use uuid::Uuid;

const ALLOWED: usize = 10;

fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

/// A node of its own on the database, with a root key of these bytes.
async fn node(database: &Database, number: u128, root: u8) -> Result<Engine, Error> {
    let options = StoreOptions {
        node: Uuid::from_u128(number),
        readers: 2,
        scanners: 1,
        ..StoreOptions::default()
    };
    let store = PostgresStore::connect(&database.address, &options).await.unwrap();
    let mut settings = Settings::defaults();
    for tier in settings.tiers.values_mut() {
        let risk_analysis = Reference::try_from("RISK-7".to_owned()).unwrap();
        tier.support = Some(Support { risk_analysis });
    }
    Engine::open(Arc::new(store), RootKey::from_bytes([root; 32]), Options::new(settings)).await
}

async fn opens(engine: &Engine, agent: &str, subject: &str) -> Result<(), Error> {
    let (agent, cause) = (Some(name(agent)), Cause::PhoneLost);
    let opening = Opening { agent, cause, requester: None, reference: None, bundle: None };
    engine.open_recovery(&Caller::embedder(), &name(subject), &opening).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h4_of_60_openings_by_one_agent_over_two_nodes_as_many_are_done_as_an_hour_allows() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let nodes = [node(&database, 1, 7).await.unwrap(), node(&database, 2, 7).await.unwrap()];
    let caller = Caller::embedder();
    let person = || Registration::person(Assurance::Aal2);
    nodes[0].register(&caller, &name("ann"), person()).await.unwrap();
    let bot = Registration { kind: SubjectKind::Agent, owner: Some(name("ann")), ..person() };
    nodes[0].register(&caller, &name("bot"), bot).await.unwrap();
    nodes[0].appoint(&caller, &name("bot"), vec![Duty::Support]).await.unwrap();
    let mut running = JoinSet::new();
    for number in 0..60 {
        let subject = format!("subject-{number}");
        nodes[0].register(&caller, &name(&subject), person()).await.unwrap();
    }
    for number in 0..60 {
        let (engine, subject) = (nodes[number % 2].clone(), format!("subject-{number}"));
        running.spawn(async move {
            loop {
                match opens(&engine, "bot", &subject).await {
                    Ok(()) => return true,
                    Err(Error::Throttled { .. }) => return false,
                    // It lost every race: asked again, as a caller would.
                    Err(Error::Busy) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    let done = running.join_all().await.into_iter().filter(|done| *done).count();
    assert_eq!(done, ALLOWED);
    let store = PostgresStore::connect(&database.address, &StoreOptions::default()).await.unwrap();
    let entries = store.entries(0, usize::MAX).await.unwrap();
    let opened = entries
        .iter()
        .filter(|entry| matches!(entry.entry().unwrap().happened, Happened::RecoveryOpened { .. }));
    assert_eq!(opened.count(), ALLOWED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_at_once_on_a_new_database_make_each_key_once() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let mut starting = JoinSet::new();
    for number in 1..=4 {
        let database = database.clone();
        starting.spawn(async move { node(&database, number, 7).await.unwrap() });
    }
    for engine in starting.join_all().await {
        let generations = engine.key_generations().await.unwrap();
        assert!(generations.iter().all(|(_, generation)| *generation == 1), "{generations:?}");
    }
    let stranger = node(&database, 5, 8).await.err().unwrap();
    assert!(stranger.to_string().contains("root key"), "{stranger}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_nodes_with_two_root_keys_that_start_at_once_those_of_one_come_up() {
    let cluster = Cluster::start(&[]).unwrap();
    for _ in 0..5 {
        let database = cluster.database().unwrap();
        let mut starting = JoinSet::new();
        for number in 0..4_u8 {
            let database = database.clone();
            starting.spawn(async move {
                let root = number % 2;
                (root, node(&database, u128::from(number) + 1, root).await)
            });
        }
        let came = starting.join_all().await;
        let up = came.iter().filter_map(|(root, opened)| opened.is_ok().then_some(*root));
        let up: Vec<u8> = up.collect();
        assert!(matches!(up.as_slice(), [0, 0] | [1, 1]), "{up:?}");
        for error in came.into_iter().filter_map(|(_, opened)| opened.err()) {
            assert!(error.to_string().contains("root key"), "{error}");
        }
        cluster.forget(&database).unwrap();
    }
}
