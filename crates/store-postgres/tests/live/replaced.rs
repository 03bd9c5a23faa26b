//! A primary that another has taken the place of, and whose PostgreSQL goes on: its Patroni died
//! alone. Servers reach both (RELIABILITY goals 1 and 8).
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::world::{Step, World};
use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::id::{RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issued};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::{Caller, Engine, Error, Options as EngineOptions, RootKey};
use glassbreak_store::{Committed, Store, StoreError};
use glassbreak_store_postgres::{Options, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use uuid::Uuid;

/// Nobody of that name is there: each commit waits for it.
const NOBODY: &str = "synchronous_standby_names = 'nobody'";
const NONE: &str = "synchronous_standby_names = ''";
/// Standbys that take part in commits.
const TAKING_PART: &str = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
/// How many commits wait for a standby.
const WAITS: &str = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' \
                     AND application_name = 'glassbreak'";

fn reload(cluster: &Cluster, setting: &str) {
    cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}")).unwrap();
    cluster.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    let (name, value) = setting.split_once(" = ").unwrap();
    let value = value.trim_matches('\'');
    while cluster.sql("postgres", &format!("SHOW {name}")).unwrap() != value {}
}

/// A stopped cluster, whose place is known before it is a copy of another.
fn other() -> Cluster {
    let mut other = Cluster::start(&[]).unwrap();
    other.crash().unwrap();
    other
}

fn both(first: &Cluster, second: &Cluster, database: &Database) -> String {
    let (first, second) = (first.socket().display(), second.socket().display());
    format!("host={first},{second} port=5432,5432 user=postgres dbname={}", database.name)
}

fn alone(cluster: &Cluster, database: &Database) -> String {
    format!("host={} port=5432 user=postgres dbname={}", cluster.socket().display(), database.name)
}

/// Lets the stopped `copy` have what `of` has, as its standby does.
fn copy(of: &Cluster, copy: &Cluster) {
    let data = copy.socket().join("data");
    std::fs::remove_dir_all(&data).unwrap();
    let program = of.program("pg_basebackup");
    let is_root = std::fs::read_to_string("/proc/self/status").unwrap().contains("\nUid:\t0\t");
    let mut backup = if is_root {
        let mut as_postgres = Command::new("setpriv");
        as_postgres.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        as_postgres
    } else {
        Command::new(program)
    };
    backup.arg("-h").arg(of.socket()).args(["-p", "5432", "-U", "postgres", "--checkpoint=fast"]);
    let done = backup.arg("-D").arg(&data).current_dir("/").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn options() -> Options {
    Options { readers: 2, scanners: 1, patience: Duration::from_secs(2), ..Options::default() }
}

/// Registers a name, and again until it is acknowledged.
async fn registered(store: &PostgresStore, name: usize) {
    for _ in 0..30 {
        let step = World::new(name as u64, 99).register(store, name).await;
        if matches!(step, Ok(Step::Answered(_, Ok(Committed::Done(_))))) {
            return;
        }
    }
    panic!("{name} was never acknowledged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_leave_the_old_primary_once_a_write_went_to_the_new_one() {
    let (old, mut new) = (Cluster::start(&[]).unwrap(), other());
    let database = old.database().unwrap();
    let store = PostgresStore::connect(&both(&new, &old, &database), &options()).await.unwrap();
    registered(&store, 1).await;
    let key = "INSERT INTO glassbreak.api_keys (id, label, scopes, digest, created_at, group_names) \
               VALUES ('one', 'x', '[]', decode(repeat('00', 32), 'hex'), 1, '[]')";
    old.sql(&database.name, key).unwrap();
    // Each reader has its connection.
    for _ in 0..4 {
        store.subject(&World::reference(1)).await.unwrap();
    }
    assert_eq!(store.api_key("one").await.unwrap().unwrap().revoked_at, None);
    assert_eq!(store.entries(0, 9).await.unwrap().len(), 1);
    assert_eq!(store.succession(), 0);
    copy(&old, &new);
    new.run().unwrap();
    reload(&old, NOBODY);
    let revoke = "UPDATE glassbreak.api_keys SET revoked_at = 5 WHERE id = 'one'";
    new.sql(&database.name, revoke).unwrap();
    registered(&store, 2).await;
    assert_eq!(store.succession(), 1);
    for _ in 0..20 {
        assert!(
            store.subject(&World::reference(2)).await.unwrap().is_some(),
            "read on the old one"
        );
        assert!(store.api_key("one").await.unwrap().unwrap().revoked_at.is_some());
        assert_eq!(store.entries(0, 9).await.unwrap().len(), 2);
    }
    for name in 3..6 {
        let step = World::new(name as u64, 99).register(&store, name).await.unwrap();
        assert!(matches!(step, Step::Answered(_, Ok(Committed::Done(_)))), "{step:?}");
    }
    store.settled().await.unwrap();
}

async fn engine(address: &str) -> Engine {
    let store = PostgresStore::connect(address, &options()).await.unwrap();
    let options = EngineOptions::new(Settings::defaults());
    Engine::open(Arc::new(store), RootKey::from_bytes([7; 32]), options).await.unwrap()
}

/// Whether a code is accepted.
async fn redeem(
    engine: &Engine,
    id: u128,
    subject: &SubjectRef,
    code: &str,
) -> Result<bool, Error> {
    let redemption = Redemption {
        id: RedemptionId(Uuid::from_u128(id)),
        subject,
        code,
        role: Role::SecondFactor,
        presented: vec![Method::Password],
        recovery: None,
    };
    let applied = engine.redeem(&Caller::embedder(), redemption).await?;
    Ok(matches!(applied.into_reply(), Reply::Accepted { .. }))
}

/// A subject, and a code of its.
async fn enrolled(engine: &Engine) -> (SubjectRef, String) {
    let (caller, subject) = (Caller::embedder(), SubjectRef::try_from("ann".to_owned()).unwrap());
    engine.register(&caller, &subject, Registration::person(Assurance::Aal2)).await.unwrap();
    let request = IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Enrolment,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: Some(3),
        lifetime: None,
        custody: None,
    };
    let issued = engine.issue(&caller, &subject, &request).await.unwrap();
    let Issued::Shown { codes, .. } = issued.into_reply() else { panic!("no codes") };
    let code = codes.first().unwrap().expose_display().as_str().to_owned();
    (subject, code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_only_the_old_primary_has_is_not_told_of_on_the_word_of_the_new_one() {
    let (old, mut new) = (Cluster::start(&[]).unwrap(), other());
    let database = old.database().unwrap();
    let node = engine(&both(&new, &old, &database)).await;
    let (subject, code) = enrolled(&node).await;
    let at_rest =
        "SELECT size = (SELECT count(*) FROM glassbreak.entries) FROM glassbreak.log_head";
    while old.sql(&database.name, at_rest).unwrap() != "t" {}
    copy(&old, &new);
    reload(&old, NOBODY);
    let (first, of, said) = (node.clone(), subject.clone(), code.clone());
    let asking = tokio::spawn(async move { redeem(&first, 1, &of, &said).await });
    let cancel = WAITS.replace("count(*)", "count(pg_cancel_backend(pid))");
    while old.sql("postgres", &cancel).unwrap() == "0" {}
    assert!(matches!(asking.await.unwrap(), Err(Error::Store(StoreError::Unknown(_)))));
    // Asked again before the failover: it is there, and cannot be told.
    assert!(redeem(&node, 1, &subject, &code).await.is_err());
    new.run().unwrap();
    let mut told = None;
    for _ in 0..30 {
        if let Ok(accepted) = redeem(&node, 1, &subject, &code).await {
            told = Some(accepted);
            break;
        }
    }
    assert_eq!(told, Some(true));
    let count = "SELECT count(*) FROM glassbreak.redemptions";
    assert_eq!(new.sql(&database.name, count).unwrap(), "1", "told of what is not there");
    let another = engine(&alone(&new, &database)).await;
    assert!(!redeem(&another, 2, &subject, &code).await.unwrap(), "accepted twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn that_a_database_has_lost_an_entry_is_not_forgotten_when_another_node_wrote() {
    let (mut cluster, backup) = (Cluster::start(&[]).unwrap(), other());
    let database = cluster.database().unwrap();
    let store = PostgresStore::connect(&database.address, &options()).await.unwrap();
    registered(&store, 1).await;
    copy(&cluster, &backup);
    registered(&store, 2).await;
    // A standby that was behind takes the primary's place.
    cluster.crash().unwrap();
    let (from, to) = (backup.socket().join("data"), cluster.socket().join("data"));
    std::fs::remove_dir_all(&to).unwrap();
    std::fs::rename(from, to).unwrap();
    cluster.run().unwrap();
    let said = format!("{:?}", store.subject(&World::reference(1)).await.unwrap_err());
    assert!(said.contains("Behind { found: 1, told: 2 }"), "{said}");
    let other = PostgresStore::connect(&database.address, &options()).await.unwrap();
    for name in 5..8 {
        registered(&other, name).await;
        let said = format!("{:?}", store.subject(&World::reference(1)).await.unwrap_err());
        assert!(said.contains("Rewritten { place: 1 }"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_setting_that_is_refused_does_not_reach_connections_that_are_open() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    // One reader, which is open then as the writer is: a new connection would be refused.
    let options = Options { readers: 1, ..Options::default() };
    let store = PostgresStore::connect(&database.address, &options).await.unwrap();
    registered(&store, 1).await;
    reload(&cluster, "synchronous_commit = off");
    reload(&cluster, NOBODY);
    let node = store.clone();
    let commit = tokio::spawn(async move { World::new(2, 99).register(&node, 2).await });
    // With the setting that the server has now it would wait for nobody.
    while cluster.sql("postgres", WAITS).unwrap() == "0" {
        assert!(!commit.is_finished(), "it did not wait");
    }
    reload(&cluster, NONE);
    let step = commit.await.unwrap().unwrap();
    assert!(matches!(step, Step::Answered(_, Ok(Committed::Done(_)))), "{step:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_commit_goes_through_once_no_standby_is_named_where_one_was_declared() {
    let (primary, mut standby) = (Cluster::start(&[]).unwrap(), other());
    let database = primary.database().unwrap();
    copy(&primary, &standby);
    let follows = format!(
        "primary_conninfo = 'host={} port=5432 user=postgres application_name=one'\n",
        primary.socket().display()
    );
    let settings = standby.socket().join("data/postgresql.auto.conf");
    std::fs::write(&settings, follows).unwrap();
    standby.make_standby().unwrap();
    standby.run().unwrap();
    reload(&primary, "synchronous_standby_names = 'one'");
    while primary.sql("postgres", TAKING_PART).unwrap() != "1" {}
    let options = Options { readers: 1, synchronous_standbys: 1, ..Options::default() };
    let store = PostgresStore::connect(&database.address, &options).await.unwrap();
    registered(&store, 1).await;
    store.settled().await.unwrap();
    reload(&primary, NONE);
    let step = World::new(2, 99).register(&store, 2).await.unwrap();
    assert!(matches!(step, Step::Answered(_, Err(StoreError::Unavailable(_)))), "{step:?}");
    assert!(matches!(store.settled().await, Err(StoreError::Unavailable(_))));
    reload(&primary, "synchronous_standby_names = 'one'");
    while primary.sql("postgres", TAKING_PART).unwrap() != "1" {}
    registered(&store, 2).await;
    store.settled().await.unwrap();
}
