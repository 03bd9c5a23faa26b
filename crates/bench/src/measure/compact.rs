//! Redemptions of compact codes, in turns with Argon2id by itself on as many threads.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use glassbreak_core::code::{ARGON2ID_DEFAULT, Scheme};

use crate::bench::Bench;
use crate::load::{Turns, drive, median};
use crate::report::{Row, millis, per_second, percent};

/// The least share of what Argon2id does by itself.
const SHARE: f64 = 0.9;
/// Clients: enough to keep every thread busy.
const CLIENTS: usize = 8;

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let time = bench.plan.slice * 2;
    let (target, redemptions) = (bench.target(200)?, bench.compact.redemptions());
    let (mut redeemed, mut bare) = (Turns::default(), Vec::new());
    for _ in 0..bench.plan.rounds {
        bare.push(stretches(threads, time)?);
        let load = drive(&target, CLIENTS, time, &redemptions).await?;
        if load.count == 0 {
            bail!("the compact codes ran out");
        }
        redeemed.add(load);
    }
    let (rate, bare) = (redeemed.rate(), median(bare));
    let figure = format!(
        "{}, p50 {}, p99 {}",
        per_second(rate),
        millis(redeemed.percentile(50)),
        millis(redeemed.percentile(99))
    );
    let row = Row::plain(format!("redemptions accepted, `compact`, {CLIENTS} clients"), figure);
    let baseline = format!("Argon2id on {threads} threads, memory reused: {}", per_second(bare));
    let row = row.against(baseline, percent(rate, bare));
    bench.report.add(row.hold("at least 90%", rate >= SHARE * bare));
    Ok(())
}

/// How many stretches a second `threads` threads make, each in memory that it keeps.
fn stretches(threads: usize, time: Duration) -> Result<f64> {
    let begun = Instant::now();
    let done: Result<Vec<usize>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| stretch_for(time))).collect();
        let done = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.map(|done| done.map_err(|_| anyhow!("a thread ended badly"))?).collect()
    });
    Ok(done?.into_iter().sum::<usize>() as f64 / begun.elapsed().as_secs_f64())
}

fn stretch_for(time: Duration) -> Result<usize> {
    let Scheme::Argon2id { memory_kib, passes, lanes } = ARGON2ID_DEFAULT else {
        bail!("compact codes are not stretched by Argon2id");
    };
    let refused = |error: argon2::Error| anyhow!("Argon2id refused: {error}");
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(refused)?;
    let mut blocks = vec![Block::new(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (begun, mut done, mut out) = (Instant::now(), 0, [0; 32]);
    while begun.elapsed() < time {
        let salt = [7; 16];
        argon
            .hash_password_into_with_memory(&out.clone(), &salt, &mut out, &mut blocks)
            .map_err(refused)?;
        done += 1;
    }
    Ok(done)
}
