//! Redemptions of strong codes over HTTP with the data in PostgreSQL, in turns with pgbench on a
//! copy of the same database, in the same cluster, from as many clients.
//!
//! What is equal is in [`crate::pgbench`], statement by statement. What a redemption does besides
//! (HTTP, the caller's key, the policy, MACs, a place in the log without gaps) is the subject's to
//! pay for.

use std::time::Duration;

use anyhow::{Context, Result};
use glassbreak_core::code_set::Profile;
use glassbreak_testkit::postgres::Cluster;
use glassbreak_testkit::server::TempDir;

use crate::args::Plan;
use crate::child::spawn_on;
use crate::load::{Target, Turns, drive};
use crate::machine::{family_micros, processor_micros};
use crate::pgbench::{Script, Yardstick};
use crate::report::{Report, Row, millis, per_second, percent};
use crate::seed::{People, Seeded, failed};

/// How many clients ask at once.
const CLIENTS: [usize; 4] = [1, 8, 64, 256];
/// How many ask before anything is measured.
const WARM_UP_CLIENTS: usize = 8;
/// The least share of pgbench's rate.
const SHARE: f64 = 0.6;
/// The settings of the cluster, for both: no checkpoint forced by the size of the log, and room
/// for 256 clients. What durability rests on is on already.
const SETTINGS: [&str; 3] = ["shared_buffers=512MB", "max_wal_size=4GB", "max_connections=400"];

/// Processor time, and for how many units of work.
#[derive(Default)]
struct Cost {
    micros: f64,
    units: usize,
}

impl Cost {
    fn add(&mut self, micros: f64, units: usize) {
        self.micros += micros;
        self.units += units;
    }

    fn each(&self) -> f64 {
        self.micros / (self.units as f64).max(1.0)
    }
}

/// What came of so many clients.
#[derive(Default)]
struct Figures {
    /// What redemptions cost our server.
    own_cost: Cost,
    /// What redemptions cost PostgreSQL.
    redeemed_cost: Cost,
    /// What equal transactions cost it.
    equal_cost: Cost,
    redeemed: Turns,
    equal: Turns,
    pipelined: Turns,
    statement: Turns,
    commit: Turns,
}

/// Measures, on a cluster of its own. Where PostgreSQL is not installed the report says so.
pub(crate) async fn run(plan: &Plan, scratch: &TempDir, report: &mut Report) -> Result<()> {
    if !Cluster::is_installed() {
        report.note("PostgreSQL is not installed here, so nothing was measured on it.");
        return Ok(());
    }
    let cluster = Cluster::start(&SETTINGS).map_err(failed)?;
    let database = cluster.database().map_err(failed)?;
    let directory = scratch.path().join("postgres");
    let seeded = Seeded::on(directory.clone(), Some(database.address.clone())).await?;
    let people =
        People { name: "postgres", count: plan.subjects / 4, profile: Profile::Strong, codes: 10 };
    let (codes, rate) = seeded.add(people).await?;
    report.add(Row::plain(
        format!("seeding in process on PostgreSQL: {} subjects, ten codes each", people.count),
        format!("{} subjects", per_second(rate)),
    ));
    let yardstick = Yardstick::new(&cluster, &database, scratch.path(), people)?;
    let server = spawn_on(&database.address, &directory)?;
    let target = Target { addr: server.addr(), key: Some(seeded.key.clone()), status: 200 };
    let redemptions = codes.redemptions();
    let postmaster = cluster.pid().context("PostgreSQL has ended")?;
    // pgbench counts whole seconds.
    let time = Duration::from_secs(plan.slice.as_secs() + 1);
    // Each connection of the server prepares all statements when it is first needed.
    drive(&target, WARM_UP_CLIENTS, time, &redemptions).await?;
    let mut figures = CLIENTS.map(|clients| (clients, Figures::default()));
    for _ in 0..plan.rounds {
        for (clients, figures) in &mut figures {
            let before = family_micros(postmaster)?;
            let (equal, units) = yardstick.drive(Script::Equal, *clients, time)?;
            figures.equal_cost.add(family_micros(postmaster)? - before, units);
            if let Some(load) = equal {
                figures.equal.add(load);
            }
            let before = (family_micros(postmaster)?, processor_micros(server.pid())?);
            let redeemed = drive(&target, *clients, time, &redemptions).await?;
            figures.redeemed_cost.add(family_micros(postmaster)? - before.0, redeemed.count);
            figures.own_cost.add(processor_micros(server.pid())? - before.1, redeemed.count);
            figures.redeemed.add(redeemed);
            for (script, turns) in [
                (Script::Pipelined, &mut figures.pipelined),
                (Script::Statement, &mut figures.statement),
                (Script::Commit, &mut figures.commit),
            ] {
                if let (Some(load), _) = yardstick.drive(script, *clients, time)? {
                    turns.add(load);
                }
            }
        }
    }
    server.stop()?;
    report.note(format!(
        "PostgreSQL {}, `fsync` and `synchronous_commit` on, over a unix socket, on the same cores. \
         pgbench speaks the prepared protocol to a copy of the same tables. Its equal transaction \
         reads and writes the rows of one redemption, a statement each, each waiting for the one \
         before; names of redemptions are of version 7 on both sides.",
        cluster.sql("postgres", "SHOW server_version").map_err(failed)?
    ));
    for (clients, figures) in &figures {
        tell(report, *clients, figures);
    }
    Ok(())
}

fn told(turns: &Turns) -> String {
    let (p50, p99) = (millis(turns.percentile(50)), millis(turns.percentile(99)));
    format!("{}, p50 {p50}, p99 {p99}", per_second(turns.rate()))
}

fn tell(report: &mut Report, clients: usize, figures: &Figures) {
    let Figures { redeemed, equal, pipelined, statement, commit, .. } = figures;
    let what = format!("redemptions accepted on PostgreSQL, `strong`, {clients} clients");
    // A machine that is full of other work may leave pgbench no time at all.
    let against = |what: &str, turns: &Turns| {
        if turns.rate() > 0.0 {
            (format!("{what}: {}", told(turns)), percent(redeemed.rate(), turns.rate()))
        } else {
            (format!("{what}: nothing within the time"), String::new())
        }
    };
    let (baseline, ratio) = against("pgbench, an equal transaction", equal);
    let met = equal.rate() > 0.0 && redeemed.rate() >= SHARE * equal.rate();
    let hold = format!("at least {:.0}%", SHARE * 100.0);
    report.add(Row::plain(what, told(redeemed)).against(baseline, ratio).hold(hold, met));
    let what = format!("the same, {clients} clients");
    let (baseline, ratio) = against("pgbench, the transaction sent in one go", pipelined);
    report.add(Row::plain(what.clone(), told(redeemed)).against(baseline, ratio));
    let (baseline, ratio) = against("pgbench, its writes as one statement", statement);
    report.add(Row::plain(what.clone(), told(redeemed)).against(baseline, ratio));
    let (baseline, ratio) = against("pgbench, the bare commit of one row", commit);
    report.add(Row::plain(what, told(redeemed)).against(baseline, ratio));
    let (own, redeemed) = (figures.own_cost.each(), figures.redeemed_cost.each());
    let equal = figures.equal_cost.each();
    let what = format!("processor time that a redemption costs PostgreSQL, {clients} clients");
    let row = Row::plain(what, format!("{redeemed:.0} µs, and the server {own:.0} µs"));
    let baseline = format!("an equal transaction of pgbench: {equal:.0} µs");
    report.add(row.against(baseline, percent(redeemed, equal)));
}
