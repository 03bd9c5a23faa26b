//! The same redemptions with a thousand subjects in the database, and with very many.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use glassbreak_core::code_set::Profile;
use glassbreak_testkit::server::TestServer;

use crate::bench::Bench;
use crate::child::{Kind, spawn};
use crate::load::{Target, Turns, drive};
use crate::report::{Row, per_second, percent};
use crate::seed::{Codes, People, Seeded};

const FEW: usize = 1000;
const CLIENTS: usize = 64;
/// Throughput falls by less than a fifth.
const SHARE: f64 = 0.8;
/// What the larger population answers before it is measured. A thousand subjects are in the caches
/// at once; a million are after a while, and what lasts is what is asked for.
const WARM_UP: Duration = Duration::from_secs(10);

/// A server on a database of its own.
struct Population {
    server: TestServer,
    key: String,
    codes: Arc<Codes>,
}

impl Population {
    async fn new(bench: &Bench, name: &str, people: People) -> Result<(Self, f64)> {
        let seeded = Seeded::new(bench.scratch.path().join(name)).await?;
        let (codes, rate) = seeded.add(people).await?;
        let server = spawn(Kind::Glassbreak, &seeded.directory)?;
        Ok((Self { server, key: seeded.key, codes }, rate))
    }

    async fn turn(&self, turns: &mut Turns, time: Duration) -> Result<()> {
        let key = Some(self.key.clone());
        let target = Target { addr: self.server.addr(), key, status: 200 };
        turns.add(drive(&target, CLIENTS, time, &self.codes.redemptions()).await?);
        Ok(())
    }
}

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let people = |count, codes| People { name: "one-of", count, profile: Profile::Strong, codes };
    let many = bench.plan.many;
    // A thousand subjects have few codes between them, and codes that are used all day are stopped
    // (C7): short turns, and a new thousand each time.
    let (time, many_codes) = (Duration::from_millis(300), if many >= 500_000 { 2 } else { 4 });
    let (large, rate) = Population::new(bench, "many", people(many, many_codes)).await?;
    let what = format!("seeding in process: {many} subjects, {many_codes} strong codes each");
    bench.report.add(Row::plain(what, format!("{} subjects", per_second(rate))));
    let (mut few_turns, mut many_turns) = (Turns::default(), Turns::default());
    // A smaller one is in the caches at once, and has no codes to spare.
    let warm_up = if many >= 500_000 { WARM_UP } else { time };
    large.turn(&mut Turns::default(), warm_up).await?;
    for round in 0..bench.plan.rounds.max(3) {
        let name = format!("few-{round}");
        let (small, _) = Population::new(bench, &name, people(FEW, 32)).await?;
        small.turn(&mut few_turns, time).await?;
        large.turn(&mut many_turns, time).await?;
    }
    let (few, of_many) = (few_turns.rate(), many_turns.rate());
    let row = Row::plain(
        format!("redemptions accepted, `strong`, {CLIENTS} clients, {many} subjects"),
        per_second(of_many),
    );
    let row = row.against(format!("{FEW} subjects {}", per_second(few)), percent(of_many, few));
    bench.report.add(row.hold("at least 80%", of_many >= SHARE * few));
    Ok(())
}
