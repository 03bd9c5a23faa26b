//! Receipts fetched: an entry with its inclusion proof under a signed checkpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use glassbreak_testkit::http::Client;
use hyper::Method;

use crate::bench::Bench;
use crate::load::{Ask, Next, Turns, drive};
use crate::report::{Row, millis, per_second};
use crate::seed::failed;

/// Redemptions whose receipts are fetched, again and again.
const EVENTS: usize = 500;

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
