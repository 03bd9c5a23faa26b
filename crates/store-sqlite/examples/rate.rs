//! How many accepted redemptions a second the writer makes durable, and how many the same rows
//! written by one bare loop. The loop is what the design's figures are held against.
//!
//! `cargo run --release -p glassbreak-store-sqlite --example rate [subjects] [directory]`

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use glassbreak_core::code::{
    Code, Entropy, EntropyFailed, Ordinal, PepperKey, Prefix, Profile, Scheme, candidate_mac,
    derive, draw,
};
use glassbreak_core::code_set::{IssueReason, SetKind};
use glassbreak_core::digest::Fingerprint;
use glassbreak_core::event::{Actor, Happened};
use glassbreak_core::id::{RedemptionId, SetId, SubjectId, SubjectRef};
use glassbreak_core::operation::{Denial, Rules, issue, redeem, register};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::Settings;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::{Call, Decided, SealedWrite};
use glassbreak_core::subject::{
    Assurance, DirectoryEntry, Profile as What, Proofing, SubjectKind, Tier,
};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{Committed, Store};
use glassbreak_store_sqlite::{Options, SqliteStore};
use rusqlite::{Connection, params};
use uuid::Uuid;

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Fallible<()> {
    let mut args = std::env::args().skip(1);
    let subjects: usize = args.next().map_or(Ok(20_000), |text| text.parse())?;
    let directory = args.next().map_or_else(std::env::temp_dir, Into::into);
    let directory = directory.join(format!("glassbreak-rate-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let store = SqliteStore::open(&directory.join("data.db"), &Options::default())?;
    let world = Arc::new(World::new());
    let begun = Instant::now();
    let codes = fill(&store, &world, subjects).await?;
    println!("{subjects} subjects with 10 codes each in {:?}", begun.elapsed());
    for (round, group) in [1, 64, 256, 64, 256].into_iter().enumerate() {
        let share = if group == 1 { subjects.min(5_000) } else { subjects.min(50_000) };
        let begun = Instant::now();
        let mut writes = Vec::new();
        // Spread over all subjects: neighbours would find their pages warm.
        for turn in 0..share {
            let name = (turn * 7_919 + round * 17) % subjects;
            let code =
                codes.get(name).and_then(|codes| codes.get(round)).ok_or("a code a round")?;
            writes.push(world.redeem(&store, name, code).await?);
        }
        let decided = begun.elapsed() / u32::try_from(share)?;
        let bare = rate(share, bare(&directory.join("bare.db"), &writes, group)?)?;
        let begun = Instant::now();
        let mut waits = submit(&store, writes, group).await?;
        let rate = rate(share, begun.elapsed())?;
        waits.sort_unstable();
        let at =
            |percent: usize| waits.get(waits.len() * percent / 100).copied().unwrap_or_default();
        println!(
            "{group:>4} at once: writer {rate:>6.0}/s, bare loop {bare:>6.0}/s ({:.0}%); \
             p50 {:?}, p99 {:?}; load and decide {decided:?}",
            100.0 * rate / bare,
            at(50),
            at(99)
        );
    }
    drop(store);
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

fn rate(count: usize, took: Duration) -> Fallible<f64> {
    Ok(f64::from(u32::try_from(count)?) / took.as_secs_f64())
}

/// Commits from `group` tasks, each waiting for its answer before it goes on.
async fn submit(
    store: &SqliteStore,
    writes: Vec<SealedWrite>,
    group: usize,
) -> Fallible<Vec<Duration>> {
    let queue = Arc::new(Mutex::new(writes));
    let tasks: Vec<_> = (0..group)
        .map(|_| {
            let (store, queue) = (store.clone(), Arc::clone(&queue));
            tokio::spawn(async move {
                let mut waits = Vec::new();
                loop {
                    let write = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some(write) = write else { return Ok(waits) };
                    let begun = Instant::now();
                    done(store.commit(write).await?)?;
                    waits.push(begun.elapsed());
                }
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        let result: Fallible<_> = task.await?;
        waits.extend(result?);
    }
    Ok(waits)
}

fn done(committed: Committed) -> Fallible<()> {
    match committed {
        Committed::Done(_) => Ok(()),
        Committed::Conflict => Err("a conflict".into()),
    }
}

/// The same rows in a bare loop: one thread, one transaction for each group, nothing answered.
fn bare(path: &Path, writes: &[SealedWrite], group: usize) -> Fallible<Duration> {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    let db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA wal_autocheckpoint = 4096;
         CREATE TABLE aggregates (id BLOB PRIMARY KEY, version, newest, filler BLOB) WITHOUT ROWID;
         CREATE TABLE code_sets (subject BLOB, id BLOB, filler BLOB, used, uses BLOB,
                                 PRIMARY KEY (subject, id)) WITHOUT ROWID;
         CREATE TABLE redemptions (id BLOB PRIMARY KEY, place) WITHOUT ROWID;
         CREATE TABLE entries (place INTEGER PRIMARY KEY, id BLOB UNIQUE, before, bytes BLOB);
         BEGIN",
    )?;
    for write in writes {
        for (event, _) in write.events() {
            let Happened::CodeAccepted(accepted) = &event.entry.happened else { continue };
            let (set, subject) = (accepted.set.0.as_bytes(), write.write().aggregate());
            let version = write.write().expected_version();
            db.prepare_cached("INSERT INTO aggregates VALUES (?1, ?2, 0, zeroblob(150))")?
                .execute(params![subject.0.as_bytes(), i64::try_from(version)?])?;
            db.prepare_cached("INSERT INTO code_sets VALUES (?1, ?2, zeroblob(520), 0, x'')")?
                .execute(params![subject.0.as_bytes(), set])?;
        }
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    let begun = Instant::now();
    for batch in writes.chunks(group) {
        db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for write in batch {
            bare_redemption(&db, write)?;
        }
        db.prepare_cached("COMMIT")?.execute([])?;
    }
    Ok(begun.elapsed())
}

fn bare_redemption(db: &Connection, write: &SealedWrite) -> Fallible<()> {
    for (event, bytes) in write.events() {
        let Happened::CodeAccepted(accepted) = &event.entry.happened else { continue };
        let subject = write.write().aggregate();
        let subject = subject.0.as_bytes();
        let version = i64::try_from(write.write().expected_version())?;
        let (set, redemption) = (accepted.set.0.as_bytes(), accepted.attempt.redemption.0);
        db.prepare_cached("INSERT INTO entries (id, before, bytes) VALUES (?1, 0, ?2)")?
            .execute(params![event.entry.id.0.as_bytes(), bytes])?;
        let place = db.last_insert_rowid();
        db.prepare_cached(
            "UPDATE aggregates SET version = version + 1, newest = ?3 \
             WHERE id = ?1 AND version = ?2",
        )?
        .execute(params![subject, version, place])?;
        db.prepare_cached(
            "UPDATE code_sets SET used = used | (1 << ?3), uses = CAST(uses || ?4 AS BLOB) \
             WHERE subject = ?1 AND id = ?2 AND used & (1 << ?3) = 0",
        )?
        .execute(params![subject, set, accepted.ordinal, [0_u8; 17]])?;
        db.prepare_cached("INSERT INTO redemptions VALUES (?1, ?2)")?
            .execute(params![redemption.as_bytes(), place])?;
    }
    Ok(())
}

/// Registers subjects and issues a set of ten codes to each.
async fn fill(
    store: &SqliteStore,
    world: &Arc<World>,
    subjects: usize,
) -> Fallible<Vec<Vec<Code>>> {
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..256)
        .map(|_| {
            let (store, world, next) = (store.clone(), Arc::clone(world), Arc::clone(&next));
            tokio::spawn(async move {
                let mut made = Vec::new();
                loop {
                    let name = next.fetch_add(1, Ordering::Relaxed);
                    if name >= subjects {
                        return Ok(made);
                    }
                    done(store.commit(world.register(&store, name).await?).await?)?;
                    let (write, codes) = world.issue(&store, name).await?;
                    done(store.commit(write).await?)?;
                    made.push((name, codes));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        let made: Fallible<Vec<_>> = task.await?;
        all.extend(made?);
    }
    all.sort_unstable_by_key(|(name, _)| *name);
    Ok(all.into_iter().map(|(_, codes)| codes).collect())
}

struct World {
    settings: Settings,
    policy: BuiltinPolicy,
    pepper: PepperKey,
    random: Random,
}

impl World {
    fn new() -> Self {
        let settings = Settings::defaults();
        let policy = BuiltinPolicy::new(&settings);
        let random = Random(Arc::default());
        Self { settings, policy, pepper: PepperKey::new(&[7; 32]), random }
    }

    fn decide<R>(
        &self,
        decide: impl FnOnce(&mut Call<'_>, &Rules<'_>) -> Result<Decided<R>, Denial>,
    ) -> Fallible<SealedWrite> {
        let mut entropy = self.random.clone();
        let now = Timestamp::from_millis(1_800_000_000_000);
        let mut call = Call { now, actor: Actor::Embedder, request: None, entropy: &mut entropy };
        let rules = Rules { settings: &self.settings, policy: &self.policy };
        match decide(&mut call, &rules)? {
            Decided::Write(decision) => Ok(decision.split().0.seal()?),
            Decided::Refuse(_) | Decided::Already(_) => Err("nothing to write".into()),
        }
    }

    async fn register(&self, store: &SqliteStore, name: usize) -> Fallible<SealedWrite> {
        let snapshot = store.load(&of(name)?).await?;
        let directory = DirectoryEntry {
            reference: reference(name)?,
            groups: Vec::new(),
            notification_addresses: Vec::new(),
            contacts: Vec::new(),
            salt: [0; 16],
        };
        let profile = What {
            kind: SubjectKind::Person,
            tier: Tier::standard(),
            assurance: Assurance::Aal1,
            ial: Proofing::None,
            owner: None,
        };
        let new_id = SubjectId(self.random.uuid());
        let command = register::Register { new_id, profile, directory };
        self.decide(|call, rules| register::decide(&snapshot, command, call, rules))
    }

    async fn issue(&self, store: &SqliteStore, name: usize) -> Fallible<(SealedWrite, Vec<Code>)> {
        let snapshot = store.load(&of(name)?).await?;
        let request = issue::IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(10),
            lifetime: None,
            custody: None,
        };
        let mut random = self.random.clone();
        let (prefix, mut codes, mut verifiers) = (Prefix::test(), Vec::new(), Vec::new());
        for ordinal in 0..10 {
            let code = draw(Profile::Strong, &prefix, Ordinal::try_from(ordinal)?, &mut random)?;
            verifiers.push(derive(Scheme::Keyed, 1, &self.pepper, None, &code)?);
            codes.push(code);
        }
        let set = SetId::new(Timestamp::from_millis(1_800_000_000_000), self.random.ten());
        let write = self.decide(|call, rules| {
            let plan = issue::plan(&snapshot, &request, rules)?;
            let codes = Vec::new();
            let minted = issue::Minted { set, plan, codes, verifiers, key_generation: 1 };
            issue::decide(&snapshot, &request, minted, call, rules)
        })?;
        Ok((write, codes))
    }

    async fn redeem(&self, store: &SqliteStore, name: usize, code: &Code) -> Fallible<SealedWrite> {
        let redemption = RedemptionId(self.random.uuid());
        let query = SnapshotQuery { redemption: Some(redemption), ..of(name)? };
        let snapshot = store.load(&query).await?;
        let command = redeem::Redeem {
            redemption,
            fingerprint: Fingerprint([7; 16]),
            role: Role::SecondFactor,
            presented: vec![Method::Password],
            source: None,
            recovery: None,
            candidates: vec![candidate_mac(Scheme::Keyed, 1, &self.pepper, None, code)?],
        };
        self.decide(|call, rules| redeem::decide(&snapshot, command, call, rules))
    }
}

fn reference(name: usize) -> Fallible<SubjectRef> {
    Ok(SubjectRef::try_from(format!("subject-{name}@example.org"))?)
}

fn of(name: usize) -> Fallible<SnapshotQuery> {
    let otherwise = SubjectId(Uuid::from_u128(name as u128 + 1));
    let of = Aggregate::Reference { reference: reference(name)?, otherwise };
    Ok(SnapshotQuery { of, ..SnapshotQuery::default() })
}

/// A counter, mixed: the same on every run, and as spread out as random ids are.
#[derive(Clone)]
struct Random(Arc<AtomicUsize>);

impl Random {
    fn next(&self) -> u64 {
        let count = self.0.fetch_add(1, Ordering::Relaxed) as u64;
        let z = count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }

    fn ten(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        for byte in &mut bytes {
            *byte = self.next().to_be_bytes()[0];
        }
        bytes
    }
}

impl Entropy for Random {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        for (byte, random) in buf.iter_mut().zip(std::iter::repeat_with(|| self.next())) {
            *byte = random.to_be_bytes()[0];
        }
        Ok(())
    }
}
