//! Migrations under load: two versions of the list, an older and a newer server on one database,
//! and clients that redeem through real engines all the while.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::fold::State;
use glassbreak_engine::core::id::{RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issued};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::snapshot::SnapshotQuery;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::{Caller, Engine, Error, Options, RootKey};
use glassbreak_store::Store as _;
use glassbreak_store_postgres::{
    Kind, MIGRATIONS, Migration, OpenError, Options as StoreOptions, PostgresStore, Statements,
};
use glassbreak_testkit::postgres::{Cluster, Database};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// What the next version has besides: a column, an index on it, and the end of an index.
const NEXT: &[Migration] = &[
    match MIGRATIONS {
        [first, ..] => *first,
        [] => panic!("no migrations"),
    },
    Migration {
        number: 2,
        name: "0002_label",
        kind: Kind::Expand,
        statements: Statements::Together(
            "ALTER TABLE code_sets ADD COLUMN label text NOT NULL DEFAULT ''; \
             ALTER TABLE aggregates ADD COLUMN label text",
        ),
    },
    Migration {
        number: 3,
        name: "0003_label_index",
        kind: Kind::Expand,
        statements: Statements::Alone {
            sql: "CREATE INDEX CONCURRENTLY code_sets_label ON code_sets (label, id)",
            undo: "DROP INDEX CONCURRENTLY IF EXISTS code_sets_label",
        },
    },
    Migration {
        number: 4,
        name: "0004_no_unconfirmed",
        kind: Kind::Contract,
        statements: Statements::Together("DROP INDEX code_sets_unconfirmed"),
    },
];

/// For how many subjects codes are issued before the load begins.
const SUBJECTS: usize = 50;
const CLIENTS: usize = 8;
/// How many redemptions show that a server serves.
const SOME: usize = 60;
/// Longer than any of it takes.
const PATIENCE: Duration = Duration::from_mins(2);

fn options(migrations: &'static [Migration]) -> StoreOptions {
    StoreOptions {
        readers: 2,
        scanners: 1,
        migrations,
        contract_every: Duration::from_millis(50),
        ..StoreOptions::default()
    }
}

async fn server(database: &Database, migrations: &'static [Migration]) -> Engine {
    let store = PostgresStore::connect(&database.address, &options(migrations)).await.unwrap();
    let options = Options::new(Settings::defaults());
    Engine::open(Arc::new(store), RootKey::from_bytes([7; 32]), options).await.unwrap()
}

/// Codes that were not used yet. They never run out: the load lasts as long as what it is for.
#[derive(Clone, Default)]
struct Codes {
    unused: Arc<Mutex<Vec<(SubjectRef, String)>>>,
    subjects: Arc<AtomicU32>,
}

impl Codes {
    async fn issue(engine: &Engine) -> Self {
        let codes = Self::default();
        let mut issuing = JoinSet::new();
        for _ in 0..SUBJECTS {
            let (engine, codes) = (engine.clone(), codes.clone());
            issuing.spawn(async move { codes.issue_more(&engine).await });
        }
        issuing.join_all().await;
        codes
    }

    /// Registers one more subject and issues ten codes to it. After a failure of the store there
    /// are no more codes than before, and the next try is for another subject.
    async fn issue_more(&self, engine: &Engine) {
        let number = self.subjects.fetch_add(1, Ordering::Relaxed);
        let subject = SubjectRef::try_from(format!("subject-{number}")).unwrap();
        let (caller, person) = (Caller::embedder(), Registration::person(Assurance::Aal2));
        match engine.register(&caller, &subject, person).await {
            Ok(_) => {}
            Err(Error::Busy | Error::Store(_)) => return,
            Err(other) => panic!("{}: {other}", subject.as_str()),
        }
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(10),
            lifetime: None,
            custody: None,
        };
        let issued = match engine.issue(&caller, &subject, &request).await {
            Ok(issued) => issued.into_reply(),
            Err(Error::Busy | Error::Store(_)) => return,
            Err(other) => panic!("{}: {other}", subject.as_str()),
        };
        let Issued::Shown { codes, .. } = issued else { panic!("no codes") };
        let shown = codes.iter().map(|code| code.expose_display().as_str().to_owned());
        self.unused.lock().unwrap().extend(shown.map(|code| (subject.clone(), code)));
    }

    async fn take(&self, engine: &Engine) -> (SubjectRef, String) {
        for _ in 0..20 {
            let code = self.unused.lock().unwrap().pop();
            match code {
                Some(code) => return code,
                None => self.issue_more(engine).await,
            }
        }
        panic!("nothing could be issued in 20 tries");
    }
}

/// Clients that redeem one code after the other at one server.
struct Load {
    stop: watch::Sender<bool>,
    done: watch::Sender<usize>,
    clients: JoinSet<()>,
}

impl Load {
    fn start(engine: &Engine, codes: &Codes) -> Self {
        let (stop, done) = (watch::Sender::new(false), watch::Sender::new(0));
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (engine, codes) = (engine.clone(), codes.clone());
            let (stopped, done) = (stop.subscribe(), done.clone());
            clients.spawn(async move {
                while !*stopped.borrow() {
                    let (subject, code) = codes.take(&engine).await;
                    redeem(&engine, &subject, &code).await;
                    done.send_modify(|done| *done += 1);
                }
            });
        }
        Self { stop, done, clients }
    }

    /// Waits until so many more were accepted.
    async fn goes_on(&self) {
        let mut done = self.done.subscribe();
        let goal = *done.borrow() + SOME;
        let waited = tokio::time::timeout(PATIENCE, done.wait_for(|done| *done >= goal)).await;
        waited.expect("redemptions stand still").unwrap();
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        self.clients.join_all().await;
    }
}

/// Redeems a code; after a failure of the store asks again under the same name, as callers do.
async fn redeem(engine: &Engine, subject: &SubjectRef, code: &str) {
    static NAMES: AtomicU32 = AtomicU32::new(1);
    let name = subject.as_str();
    let id = RedemptionId(Uuid::from_u128(NAMES.fetch_add(1, Ordering::Relaxed).into()));
    for _ in 0..20 {
        let redemption = Redemption {
            id,
            subject,
            code,
            role: Role::SecondFactor,
            presented: vec![Method::Password],
            recovery: None,
        };
        match engine.redeem(&Caller::embedder(), redemption).await {
            Ok(applied) => match applied.into_reply() {
                Reply::Accepted { .. } => return,
                other => panic!("{name}: {other:?}"),
            },
            Err(Error::Busy | Error::Store(_)) => {}
            Err(other) => panic!("{name}: {other}"),
        }
    }
    panic!("{name}: no answer in 20 tries");
}

fn steps(cluster: &Cluster, database: &Database) -> BTreeSet<i32> {
    let ran = cluster.sql(&database.name, "SELECT number FROM glassbreak.migrations").unwrap();
    ran.lines().map(|number| number.parse().unwrap()).collect()
}

fn indexes(cluster: &Cluster, database: &Database, like: &str) -> String {
    let of = format!(
        "SELECT string_agg(indexdef, '') FROM pg_indexes JOIN pg_class c ON relname = indexname \
         JOIN pg_index i ON i.indexrelid = c.oid WHERE indexname = '{like}' AND indisvalid"
    );
    cluster.sql(&database.name, &of).unwrap()
}

async fn holds_together(store: &PostgresStore) {
    let mut folded = State::default();
    for entry in store.entries(0, usize::MAX).await.unwrap() {
        folded.apply(&entry.entry().unwrap()).unwrap();
    }
    assert_eq!(store.dump().await.unwrap(), folded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_newer_server_expands_while_an_older_one_serves_and_contracts_when_it_has_gone() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let older = server(&database, MIGRATIONS).await;
    let codes = Codes::issue(&older).await;
    let of_older = Load::start(&older, &codes);
    of_older.goes_on().await;

    let newer = server(&database, NEXT).await;
    let of_newer = Load::start(&newer, &codes);
    assert_eq!(steps(&cluster, &database), BTreeSet::from([1, 2, 3]));
    assert!(indexes(&cluster, &database, "code_sets_label").contains("(label, id)"));
    of_older.goes_on().await;
    of_newer.goes_on().await;
    // An older one may still start: nothing that it needs was taken away.
    let another = server(&database, MIGRATIONS).await;
    another.close().await;
    drop(another);
    of_older.goes_on().await;
    assert_eq!(steps(&cluster, &database), BTreeSet::from([1, 2, 3]), "contracted too early");

    of_older.stop().await;
    older.close().await;
    drop(older);
    let contracted = async {
        while !steps(&cluster, &database).contains(&4) {
            of_newer.goes_on().await;
        }
    };
    tokio::time::timeout(PATIENCE, contracted).await.expect("it was never contracted");
    assert_eq!(indexes(&cluster, &database, "code_sets_unconfirmed"), "");
    of_newer.goes_on().await;
    of_newer.stop().await;

    let refused = PostgresStore::connect(&database.address, &options(MIGRATIONS)).await;
    assert!(matches!(refused, Err(OpenError::Newer { found: 4, known: 1 })));
    let store = PostgresStore::connect(&database.address, &options(NEXT)).await.unwrap();
    holds_together(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_expansion_that_waits_for_a_long_reader_holds_up_no_redemption() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let older = server(&database, MIGRATIONS).await;
    let codes = Codes::issue(&older).await;
    let load = Load::start(&older, &codes);
    load.goes_on().await;
    let reader = raw(&database).await;
    let read = "BEGIN; SELECT count(*) FROM glassbreak.code_sets";
    reader.batch_execute(read).await.unwrap();
    let expanding = tokio::spawn({
        let database = database.clone();
        async move { drop(server(&database, NEXT).await) }
    });
    for _ in 0..5 {
        load.goes_on().await;
    }
    assert!(!expanding.is_finished(), "it did not wait for the reader");
    assert_eq!(steps(&cluster, &database), BTreeSet::from([1]));
    reader.batch_execute("COMMIT").await.unwrap();
    tokio::time::timeout(PATIENCE, expanding).await.expect("it never got through").unwrap();
    assert!(steps(&cluster, &database).is_superset(&BTreeSet::from([1, 2, 3])));
    load.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_a_broken_off_try_left_is_made_anew() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    drop(PostgresStore::connect(&database.address, &options(MIGRATIONS)).await.unwrap());
    let left = "CREATE INDEX code_sets_label ON glassbreak.code_sets (kind)";
    cluster.sql(&database.name, left).unwrap();
    drop(PostgresStore::connect(&database.address, &options(NEXT)).await.unwrap());
    assert!(indexes(&cluster, &database, "code_sets_label").contains("(label, id)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_has_become_an_older_or_a_contracted_one_does_not_use_it() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let edit = |sql: &str| cluster.sql(&database.name, sql).unwrap();
    let store = PostgresStore::connect(&database.address, &options(NEXT)).await.unwrap();
    store.load(&SnapshotQuery::default()).await.unwrap();
    // As after a failover to, or a restore of, another state: every connection is made anew.
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for (change, found) in [
        ("DELETE FROM glassbreak.migrations WHERE number = 3", "step 3"),
        (
            "INSERT INTO glassbreak.migrations VALUES \
             (3, 'x', false, decode(repeat('00', 32), 'hex')), \
             (9, 'y', true, decode(repeat('00', 32), 'hex'))",
            "step 9",
        ),
    ] {
        edit(change);
        edit(cut);
        let told = async {
            loop {
                match store.load(&SnapshotQuery::default()).await {
                    Ok(_) => panic!("it was used"),
                    Err(error) if chain(&error).contains(found) => return,
                    // The end of the old connection.
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, told).await.expect("it was not told why");
    }
}

/// What an error says, with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

async fn raw(database: &Database) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(&database.address, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
