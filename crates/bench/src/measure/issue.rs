//! Sets of ten strong codes issued over HTTP, each to a subject that has none.

use anyhow::Result;

use crate::bench::{Bench, TO_ISSUE};
use crate::load::{Turns, drive};
use crate::report::{Row, millis, per_second};
use crate::seed::issues;

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let (target, next) = (bench.target(201)?, issues(TO_ISSUE, bench.plan.to_issue));
    for clients in [8, 64] {
        let mut turns = Turns::default();
        for _ in 0..bench.plan.rounds {
            turns.add(drive(&target, clients, bench.plan.slice / 2, &next).await?);
        }
        let (p50, p99) = (turns.percentile(50), turns.percentile(99));
        let rate = per_second(turns.rate());
        bench.report.add(Row::plain(
            format!("sets of ten strong codes issued, {clients} clients"),
            format!("{rate}, p50 {}, p99 {}", millis(p50), millis(p99)),
        ));
    }
    Ok(())
}
