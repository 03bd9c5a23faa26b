//! Data directories with subjects and codes in them, made in this process through the engine: the
//! same road as over HTTP, without the HTTP.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use glassbreak_core::code_set::{IssueReason, Profile, SetKind};
use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::issue::{IssueRequest, Reply};
use glassbreak_core::settings::Settings;
use glassbreak_core::subject::Assurance;
use glassbreak_engine::operation::Registration;
use glassbreak_engine::{Caller, Engine, KeyFile, Options, RootKeySource};
use glassbreak_server::{Postgres, ServeOptions, start};
use glassbreak_store_postgres::PostgresStore;
use glassbreak_store_sqlite::SqliteStore;

use crate::load::{Ask, Next};
use crate::random::Mixed;

/// How many subjects are seeded at once.
const TASKS: usize = 256;
/// How many of those whose codes are stretched: more would be turned away.
const STRETCHED_TASKS: usize = 8;

/// Subjects of one kind.
#[derive(Clone, Copy)]
pub(crate) struct People {
    /// What their names begin with.
    pub(crate) name: &'static str,
    /// How many.
    pub(crate) count: usize,
    /// The form of their codes.
    pub(crate) profile: Profile,
    /// How many codes each; none if 0.
    pub(crate) codes: u8,
}

/// Codes not yet redeemed, in no order, each with its subject.
pub(crate) struct Codes {
    name: &'static str,
    codes: Mutex<Vec<(usize, Box<str>)>>,
    subjects: usize,
    random: Mixed,
}

/// The name of a subject.
pub(crate) fn subject(name: &str, number: usize) -> String {
    format!("{name}-{number:07}")
}

impl Codes {
    fn new(people: People, mut codes: Vec<(usize, Box<str>)>) -> Self {
        let random = Mixed::new(u64::from(std::process::id()) << 8 | u64::from(people.codes));
        random.shuffle(&mut codes);
        Self { name: people.name, codes: Mutex::new(codes), subjects: people.count, random }
    }

    fn take(&self) -> Option<(usize, Box<str>)> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Redemptions that are accepted, until the codes run out.
    pub(crate) fn redemptions(self: &Arc<Self>) -> Next {
        let codes = Arc::clone(self);
        Arc::new(move || {
            let (number, code) = codes.take()?;
            Some(codes.attempt(number, &code))
        })
    }

    /// Attempts with a code of somebody else, each subject in turn; they use nothing up.
    pub(crate) fn wrong(self: &Arc<Self>) -> Next {
        let (codes, turn) = (Arc::clone(self), AtomicUsize::new(0));
        Arc::new(move || {
            let number = turn.fetch_add(1, Ordering::Relaxed) % codes.subjects;
            let pool = codes.codes.lock().unwrap_or_else(PoisonError::into_inner);
            let (_, code) = pool.iter().find(|(owner, _)| *owner != number)?;
            let code = code.clone();
            drop(pool);
            Some(codes.attempt(number, &code))
        })
    }

    fn attempt(&self, number: usize, code: &str) -> Ask {
        let (id, subject) = (self.random.uuid(), subject(self.name, number));
        let body = format!(
            "{{\"redemption_id\":\"{id}\",\"subject\":\"{subject}\",\"code\":\"{code}\",\
             \"role\":\"second_factor\",\"presented\":[\"password\"]}}"
        );
        Ask::post("/v1/redemptions", body)
    }
}

/// A seeded data directory.
pub(crate) struct Seeded {
    /// Where.
    pub(crate) directory: PathBuf,
    /// The admin key.
    pub(crate) key: String,
    /// The PostgreSQL database, if it is not a file in the directory.
    address: Option<String>,
}

impl Seeded {
    /// A new directory with nothing in it but what a first start makes.
    pub(crate) async fn new(directory: PathBuf) -> Result<Self> {
        Self::on(directory, None).await
    }

    /// The same with a PostgreSQL database in place of a file, if one is named.
    pub(crate) async fn on(directory: PathBuf, address: Option<String>) -> Result<Self> {
        let listen = "127.0.0.1:0".parse()?;
        let named = |address| Postgres { address, synchronous_standbys: 0 };
        let postgres = address.clone().map(named);
        let options = ServeOptions { postgres, ..ServeOptions::new(directory.clone(), listen) };
        let running = start(options).await?;
        running.run_until(async {}).await?;
        let key = std::fs::read_to_string(directory.join("admin-key"))?.trim().to_owned();
        Ok(Self { directory, key, address })
    }

    /// Its database.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.join("glassbreak.db")
    }

    /// Registers people and issues their codes; tells how many subjects a second that made.
    pub(crate) async fn add(&self, people: People) -> Result<(Arc<Codes>, f64)> {
        let engine = match &self.address {
            None => open(&self.directory).await?,
            Some(address) => open_on(address, &self.directory).await?,
        };
        let (begun, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        let mut tasks = Vec::new();
        let tasks_max = match people.profile {
            Profile::Compact => STRETCHED_TASKS,
            Profile::Strong => TASKS,
        };
        for _ in 0..tasks_max {
            let (engine, next) = (engine.clone(), Arc::clone(&next));
            tasks.push(tokio::spawn(async move {
                let mut codes = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= people.count {
                        return Ok::<_, anyhow::Error>(codes);
                    }
                    let issued = one(&engine, people, number).await?;
                    codes.extend(issued.into_iter().map(|code| (number, code)));
                }
            }));
        }
        let mut codes = Vec::new();
        for task in tasks {
            codes.extend(task.await.context("seeding ended badly")??);
        }
        let rate = people.count as f64 / begun.elapsed().as_secs_f64();
        engine.close().await;
        Ok((Arc::new(Codes::new(people, codes)), rate))
    }
}

/// The engine over a data directory on which no server runs.
pub(crate) async fn open(directory: &Path) -> Result<Engine> {
    let root = KeyFile(directory.join("root.key")).root_key()?;
    let database = directory.join("glassbreak.db");
    let store = SqliteStore::open(&database, &glassbreak_store_sqlite::Options::default())?;
    Ok(Engine::open(Arc::new(store), root, Options::new(Settings::defaults())).await?)
}

async fn open_on(address: &str, directory: &Path) -> Result<Engine> {
    let root = KeyFile(directory.join("root.key")).root_key()?;
    let options = glassbreak_store_postgres::Options::default();
    let store = PostgresStore::connect(address, &options).await?;
    Ok(Engine::open(Arc::new(store), root, Options::new(Settings::defaults())).await?)
}

async fn one(engine: &Engine, people: People, number: usize) -> Result<Vec<Box<str>>> {
    let caller = Caller::embedder();
    let reference = SubjectRef::try_from(subject(people.name, number))?;
    engine.register(&caller, &reference, Registration::person(Assurance::Aal2)).await?;
    if people.codes == 0 {
        return Ok(Vec::new());
    }
    let request = IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Enrolment,
        session_assurance: Assurance::Aal2,
        profile: Some(people.profile),
        count: Some(people.codes),
        lifetime: None,
        custody: None,
    };
    match engine.issue(&caller, &reference, &request).await?.into_reply() {
        Reply::Shown { codes, .. } => {
            Ok(codes.iter().map(|code| code.expose_display().as_str().into()).collect())
        }
        Reply::ShownBefore { .. } | Reply::Refused(_) => bail!("no codes were issued"),
    }
}

/// Requests for one set of ten codes for each of `count` subjects.
pub(crate) fn issues(name: &'static str, count: usize) -> Next {
    let turn = AtomicUsize::new(0);
    Arc::new(move || {
        let number = turn.fetch_add(1, Ordering::Relaxed);
        let path = format!("/v1/subjects/{}/code-sets", subject(name, number));
        let body = "{\"reason\":\"enrolment\",\"session_assurance\":\"aal2\",\"count\":10}";
        (number < count).then(|| Ask::post(&path, body.to_owned()))
    })
}

/// What went wrong in the test kit, as an error of ours.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands over what it maps")]
pub(crate) fn failed(error: glassbreak_testkit::http::Failure) -> anyhow::Error {
    anyhow!("{error}")
}
