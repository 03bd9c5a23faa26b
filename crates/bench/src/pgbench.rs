//! The yardstick on PostgreSQL: pgbench, PostgreSQL's own load generator, on a copy of the seeded
//! database, with the real tables, their indexes and their checks.
//!
//! # What is equal
//!
//! The same number of clients, the same cluster and settings, the same socket, the same rows. Of
//! one redemption the equal transaction has:
//!
//! - read by the caller's name for the subject: its aggregate, its live set with what is stored in
//!   place of the codes, and whether the redemption's name was used before;
//! - written: the aggregate (version, newest entry, budget, last uses), one entry of the usual
//!   length, the set (the code's bit, who used it), the redemption's name;
//! - one commit, waited for.
//!
//! # What is not
//!
//! - The place of the entry is drawn from a sequence, which leaves gaps and does not keep the order
//!   of commits. With the counter that Glassbreak takes it from, pgbench's clients would wait for
//!   each other's commits, and the yardstick would be much shorter.
//! - Each of its nine statements waits for the one before, nine round trips in all; Glassbreak
//!   sends what belongs together at once. The pipelined script is one round trip. pgbench cannot
//!   use in a pipeline what it has read, so there each statement finds the subject anew.
//! - The redemption's name is of version 7, in the order of time, as the load's are: the index
//!   grows at its end. Here PostgreSQL makes it, in Glassbreak's case the caller; pgbench has no
//!   means.
//! - What Glassbreak reads besides is left out: the caller's key, the generations of its keys, the
//!   epoch of the containments, recoveries, bundles, exceptions, contacts.
//! - The same subject is redeemed for again and again, so the set's bits may be set already, and
//!   its uses are cut off at ten.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use glassbreak_testkit::postgres::{Cluster, Database};

use crate::load::Load;
use crate::seed::{People, failed, subject};

/// What pgbench runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// The reads and writes of a redemption, a statement each, in one transaction.
    Equal,
    /// The same in one go, as Glassbreak sends what it writes.
    Pipelined,
    /// Only the writes, as one statement: the least that one round trip and one commit can be.
    Statement,
    /// One row, one commit.
    Commit,
}

impl Script {
    const ALL: [Self; 4] = [Self::Equal, Self::Pipelined, Self::Statement, Self::Commit];

    const fn file(self) -> &'static str {
        match self {
            Self::Equal => "equal.sql",
            Self::Pipelined => "pipelined.sql",
            Self::Statement => "statement.sql",
            Self::Commit => "commit.sql",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Equal => EQUAL,
            Self::Pipelined => PIPELINED,
            Self::Statement => STATEMENT,
            Self::Commit => "INSERT INTO bare (at) VALUES (1800000000000);\n",
        }
    }
}

/// The equal transaction, one statement a line.
const EQUAL: &str = "\
\\set number random(0, :subjects - 1)
\\set ordinal random(0, 9)
BEGIN;
SELECT id AS subject, version, newest, failures, retry_at, kind, tier, assurance, ial, status, \
group_names, second_factor, new_name() AS redemption FROM aggregates \
WHERE reference = :name || lpad(:number::text, 7, '0') \\gset
SELECT id AS held, state, scheme, key_generation, count, expires_at, failures, used, uses, codes \
FROM code_sets WHERE subject = :subject::uuid AND due_at IS NOT NULL \\gset
SELECT count(place) AS known FROM redemptions WHERE id = :redemption::uuid \\gset
INSERT INTO entries (place, id, before, bytes) \
SELECT next, ('ffffffff' || lpad(to_hex(next), 24, '0'))::uuid, :newest::int8, repeat('x', 700)::bytea \
FROM nextval('places') AS next RETURNING place \\gset
UPDATE aggregates SET version = version + 1, newest = :place::int8, failures = 0, \
retry_at = NULL, second_factor = substring('\\x0000019a00000000'::bytea || second_factor \
FROM 1 FOR 256) WHERE id = :subject::uuid AND version = :version::int8;
UPDATE code_sets SET used = used | (1::int8 << :ordinal::int), uses = substring(\
'\\x0000112233445566778899aabbccddeeff'::bytea || uses FROM 1 FOR 170), failures = 0, \
replace_by = coalesce(replace_by, 1800600000000) \
WHERE subject = :subject::uuid AND id = :held::uuid AND state = 'active';
INSERT INTO redemptions (id, place) VALUES (:redemption::uuid, :place::int8);
COMMIT;
";

/// The same sent in one go, so that it waits for one answer and not for nine. What a statement
/// found is not known when the next is sent: each finds the subject anew, and none compares
/// versions.
const PIPELINED: &str = "\
\\set number random(0, :subjects - 1)
\\set ordinal random(0, 9)
\\startpipeline
BEGIN;
SELECT id, version, newest, failures, retry_at, kind, tier, assurance, ial, status, group_names, \
second_factor FROM aggregates WHERE reference = :name || lpad(:number::text, 7, '0');
SELECT id, state, scheme, key_generation, count, expires_at, failures, used, uses, codes \
FROM code_sets WHERE subject = (SELECT id FROM aggregates WHERE reference = :name || \
lpad(:number::text, 7, '0')) AND due_at IS NOT NULL;
SELECT count(place) FROM redemptions WHERE id = (SELECT new_name());
INSERT INTO entries (place, id, before, bytes) \
SELECT next, ('ffffffff' || lpad(to_hex(next), 24, '0'))::uuid, (SELECT newest FROM aggregates \
WHERE reference = :name || lpad(:number::text, 7, '0')), repeat('x', 700)::bytea \
FROM nextval('places') AS next;
UPDATE aggregates SET version = version + 1, newest = currval('places'), failures = 0, \
retry_at = NULL, second_factor = substring('\\x0000019a00000000'::bytea || second_factor \
FROM 1 FOR 256) WHERE reference = :name || lpad(:number::text, 7, '0');
UPDATE code_sets SET used = used | (1::int8 << :ordinal::int), uses = substring(\
'\\x0000112233445566778899aabbccddeeff'::bytea || uses FROM 1 FOR 170), failures = 0, \
replace_by = coalesce(replace_by, 1800600000000) \
WHERE subject = (SELECT id FROM aggregates WHERE reference = :name || \
lpad(:number::text, 7, '0')) AND state = 'active';
INSERT INTO redemptions (id, place) SELECT new_name(), currval('places');
COMMIT;
\\endpipeline
";

/// Its writes as one statement, which is its own transaction.
const STATEMENT: &str = "\
\\set number random(0, :subjects - 1)
\\set ordinal random(0, 9)
WITH e AS (INSERT INTO entries (place, id, bytes) \
SELECT next, ('ffffffff' || lpad(to_hex(next), 24, '0'))::uuid, repeat('x', 700)::bytea \
FROM nextval('places') AS next RETURNING place), \
a AS (UPDATE aggregates SET version = version + 1, newest = e.place, failures = 0, \
retry_at = NULL, second_factor = substring('\\x0000019a00000000'::bytea || second_factor \
FROM 1 FOR 256) FROM e WHERE reference = :name || lpad(:number::text, 7, '0') RETURNING id), \
s AS (UPDATE code_sets SET used = used | (1::int8 << :ordinal::int), uses = substring(\
'\\x0000112233445566778899aabbccddeeff'::bytea || uses FROM 1 FOR 170), failures = 0, \
replace_by = coalesce(replace_by, 1800600000000) FROM a \
WHERE subject = a.id AND state = 'active') \
INSERT INTO redemptions (id, place) SELECT new_name(), place FROM e;
";

/// What the copy has besides.
const BESIDES: &str = "CREATE TABLE bare (id bigserial PRIMARY KEY, at int8 NOT NULL); \
    CREATE SEQUENCE places; SELECT setval('places', (SELECT max(place) + 1 FROM entries)); \
    CREATE FUNCTION new_name() RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT \
    (lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::int8), 12, '0') || '7' || \
    substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid $$";

/// What pgbench's sessions are set to, as those of the store are: a plan for each statement and not
/// for each time.
const SETTINGS: &str = "-c search_path=glassbreak -c plan_cache_mode=force_generic_plan -c jit=off";

/// What is not counted: 256 connections plan nine statements each.
const WARM_UP: Duration = Duration::from_secs(1);

/// pgbench on a copy of a seeded database.
pub(crate) struct Yardstick {
    program: PathBuf,
    socket: PathBuf,
    database: Database,
    directory: PathBuf,
    people: People,
}

impl Yardstick {
    /// Copies a database that nobody has open, and writes the scripts.
    pub(crate) fn new(
        cluster: &Cluster,
        seeded: &Database,
        scratch: &Path,
        people: People,
    ) -> Result<Self> {
        let database = cluster.copy(seeded).map_err(failed)?;
        let run = |sql: &str| cluster.sql(&database.name, sql).map_err(failed);
        run(&format!("SET search_path = glassbreak; {BESIDES}"))?;
        for name in [&seeded.name, &database.name] {
            cluster.sql(name, "VACUUM ANALYZE").map_err(failed)?;
        }
        cluster.sql("postgres", "CHECKPOINT").map_err(failed)?;
        let directory = scratch.join("pgbench");
        std::fs::create_dir(&directory)?;
        for script in Script::ALL {
            std::fs::write(directory.join(script.file()), script.text())?;
        }
        let (program, socket) = (cluster.program("pgbench"), cluster.socket().to_owned());
        let yardstick = Self { program, socket, database, directory, people };
        Ok(yardstick)
    }

    /// Loads the copy from `clients` for `time`, which is whole seconds, and for [`WARM_UP`] before
    /// that; gives what came of `time`, if anything did, and how many transactions there were in
    /// all.
    pub(crate) fn drive(
        &self,
        script: Script,
        clients: usize,
        time: Duration,
    ) -> Result<(Option<Load>, usize)> {
        let mut pgbench = Command::new(&self.program);
        // As many threads as the measured machine's two halves have: it is the load generator.
        let threads = clients.min(2).to_string();
        pgbench.args(["-n", "-M", "prepared", "-j", &threads, "-U", "postgres", "-l"]);
        pgbench.arg("-h").arg(&self.socket).args(["-c", &clients.to_string()]);
        pgbench.args(["-T", &(WARM_UP + time).as_secs().to_string(), "-f", script.file()]);
        let name = subject(self.people.name, 0);
        let name = name.trim_end_matches('0');
        pgbench.args(["-D", &format!("subjects={}", self.people.count)]);
        pgbench.args(["-D", &format!("name={name}"), &self.database.name]);
        pgbench.env("PGOPTIONS", SETTINGS);
        let done = pgbench.current_dir(&self.directory).output();
        let done = done.with_context(|| format!("`{}` is needed", self.program.display()))?;
        if !done.status.success() {
            let said = [done.stdout, done.stderr].concat();
            bail!("pgbench: {}", String::from_utf8_lossy(&said));
        }
        let transactions = self.transactions()?;
        Ok((warm(&transactions), transactions.len()))
    }

    /// When each transaction ended and how long it took, both in microseconds: the files that
    /// pgbench leaves have client, number, time, script, second, microsecond.
    fn transactions(&self) -> Result<Vec<(u64, u32)>> {
        let mut transactions = Vec::new();
        for entry in std::fs::read_dir(&self.directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "sql") {
                continue;
            }
            for line in std::fs::read_to_string(&path)?.lines() {
                let columns = line.split(' ').map(str::parse).collect::<Result<Vec<u64>, _>>()?;
                let [_, _, took, _, second, micros, ..] = columns.as_slice() else {
                    bail!("pgbench wrote `{line}`");
                };
                transactions.push((second * 1_000_000 + micros, u32::try_from(*took)?));
            }
            std::fs::remove_file(&path)?;
        }
        Ok(transactions)
    }
}

/// What came of it once all connections were there and had planned their statements.
fn warm(transactions: &[(u64, u32)]) -> Option<Load> {
    let ends = || transactions.iter().map(|(end, _)| *end);
    let began = ends().min()? + u64::try_from(WARM_UP.as_micros()).ok()?;
    let micros: Vec<u32> =
        transactions.iter().filter(|(end, _)| *end >= began).map(|(_, took)| *took).collect();
    let seconds = Duration::from_micros(ends().max()?.checked_sub(began)?).as_secs_f64();
    (!micros.is_empty()).then(|| Load::new(seconds, micros))
}
