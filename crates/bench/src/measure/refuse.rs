//! Wrong codes refused. A refusal is counted, durably, and leaves on a multiple of 5 ms after it
//! came in (C9): with few clients that wait is what bounds the rate.

use anyhow::Result;

use crate::bench::Bench;
use crate::load::{Turns, drive};
use crate::report::{Row, millis, per_second};

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let (target, next) = (bench.target(401)?, bench.strong.wrong());
    for clients in [64, 256] {
        let mut turns = Turns::default();
        for _ in 0..bench.plan.rounds.div_ceil(2) {
            turns.add(drive(&target, clients, bench.plan.slice / 2, &next).await?);
        }
        let (p50, p99) = (turns.percentile(50), turns.percentile(99));
        let rate = per_second(turns.rate());
        bench.report.add(Row::plain(
            format!("wrong codes refused (on multiples of 5 ms), {clients} clients"),
            format!("{rate}, p50 {}, p99 {}", millis(p50), millis(p99)),
        ));
    }
    Ok(())
}
