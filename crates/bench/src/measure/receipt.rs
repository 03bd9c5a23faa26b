//! Receipts fetched: an entry with its inclusion proof under a signed checkpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use glassbreak_testkit::http::Client;
use hyper::Method;

use crate::bench::Bench;
use crate::load::{Ask, Next, Turns, drive, median};
use crate::report::{Row, millis, per_second};
use crate::seed::failed;

/// Redemptions whose receipts are fetched, again and again.
const EVENTS: usize = 500;

/// How many redeem while it is measured how soon a receipt is there.
const CLIENTS: usize = 64;

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let target = bench.target(200)?;
    let next = receipts(events(bench).await?);
    // The first fetches may wait for the sequencer.
    drive(&target, 1, Duration::from_millis(500), &next).await?;
    for clients in [8, 64] {
        let mut turns = Turns::default();
        for _ in 0..bench.plan.rounds.div_ceil(2) {
            turns.add(drive(&target, clients, bench.plan.slice / 2, &next).await?);
        }
        let (p50, p99) = (turns.percentile(50), turns.percentile(99));
        let rate = per_second(turns.rate());
        bench.report.add(Row::plain(
            format!("receipts fetched, {clients} clients"),
            format!("{rate}, p50 {}, p99 {}", millis(p50), millis(p99)),
        ));
    }
    published(bench).await
}

/// How long after its answer a redemption is in a published checkpoint, while others redeem: its
/// receipt is asked for at once, and the server answers when it has one.
async fn published(bench: &mut Bench) -> Result<()> {
    let (target, redemptions) = (bench.target(200)?, bench.strong.redemptions());
    let (time, begun) = (bench.plan.slice * 3, Instant::now());
    let load = tokio::spawn({
        let (target, redemptions) = (target.clone(), Arc::clone(&redemptions));
        async move { drive(&target, CLIENTS, time, &redemptions).await }
    });
    let mut client = Client::new(target.addr, target.key.as_deref());
    let mut waited = Vec::new();
    while begun.elapsed() < time {
        let Some(ask) = redemptions() else { break };
        let answer = client.send(ask.method, &ask.path, &[], ask.body).await.map_err(failed)?;
        let (json, answered) = (answer.json(), Instant::now());
        let event = json.pointer("/evidence/0").and_then(|event| event.as_str());
        let path = format!("/v1/log/receipts/{}", event.context("no evidence")?);
        let receipt = client.get(&path).await.map_err(failed)?;
        ensure!(receipt.status == 200, "a receipt was answered with {}", receipt.status);
        waited.push(answered.elapsed().as_secs_f64() * 1000.0);
    }
    let load = load.await.context("the load ended badly")??;
    waited.sort_by(f64::total_cmp);
    let most = waited.last().copied().context("no receipt was asked for")?;
    bench.report.add(
        Row::plain(
            format!(
                "from an answer to its receipt, {CLIENTS} clients redeeming {}",
                per_second(load.rate())
            ),
            format!(
                "median {}, longest of {} {}",
                millis(median(waited.clone())),
                waited.len(),
                millis(most)
            ),
        )
        .hold("under 1 s", most < 1000.0),
    );
    Ok(())
}

/// Redeems some codes, and gives the events of that.
async fn events(bench: &Bench) -> Result<Vec<String>> {
    let target = bench.target(200)?;
    let mut client = Client::new(target.addr, target.key.as_deref());
    let next = bench.strong.redemptions();
    let mut events = Vec::with_capacity(EVENTS);
    for _ in 0..EVENTS {
        let ask = next().context("the codes ran out")?;
        let answer = client.send(ask.method, &ask.path, &[], ask.body).await.map_err(failed)?;
        let json = answer.json();
        let event = json.pointer("/evidence/0").and_then(|event| event.as_str());
        events.push(event.context("an acceptance without evidence")?.to_owned());
    }
    Ok(events)
}

fn receipts(events: Vec<String>) -> Next {
    let turn = AtomicUsize::new(0);
    Arc::new(move || {
        let place = turn.fetch_add(1, Ordering::Relaxed) % events.len().max(1);
        let path = format!("/v1/log/receipts/{}", events.get(place)?);
        Some(Ask { method: Method::GET, path, body: String::new() })
    })
}
