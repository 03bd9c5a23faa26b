//! Revoking every set that is older than a year, on the pages as somebody at the console does, and
//! what the others notice of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use glassbreak_testkit::http::Client;
use serde_json::{Value, json};

use super::pages::Side;
use crate::load::Load;
use crate::machine::processor_micros;
use crate::random::Mixed;
use crate::report::{Report, Row, millis, per_second};
use crate::seed::failed;
use crate::visitor::{Visitor, hidden};

/// How long the others are watched before it.
const BEFORE: Duration = Duration::from_secs(10);
/// How often somebody redeems, and somebody opens the console.
const REDEEM_EVERY: Duration = Duration::from_millis(10);
const OPEN_EVERY: Duration = Duration::from_millis(100);
/// How often the page of the revocation is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long it may take.
const TIME_MAX: Duration = Duration::from_mins(20);

/// The day a year ago, as the pages write it.
pub(super) fn a_year_ago() -> Result<String> {
    let then = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(365 * 24))?;
    Ok(then.strftime("%Y-%m-%d").to_string())
}

/// Codes to redeem, each once.
struct Codes {
    all: Vec<(String, String)>,
    next: AtomicUsize,
    random: Mixed,
}

/// What others do meanwhile, and how long each took.
struct Others {
    stop: Arc<AtomicBool>,
    redeeming: tokio::task::JoinHandle<Result<Vec<u32>>>,
    opening: tokio::task::JoinHandle<Result<Vec<u32>>>,
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

impl Others {
    fn begin(side: &Side, codes: &Arc<Codes>) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let client = Client::new(side.server.addr(), Some(&side.server.admin_key()?));
        let redeeming = tokio::spawn(redeem(client, Arc::clone(codes), Arc::clone(&stop)));
        let opening = tokio::spawn(open(side.admin.another(), Arc::clone(&stop)));
        Ok(Self { stop, redeeming, opening })
    }

    async fn end(self) -> Result<(Load, Load)> {
        self.stop.store(true, Ordering::Relaxed);
        let redeemed = self.redeeming.await.context("redeeming ended badly")??;
        let opened = self.opening.await.context("opening ended badly")??;
        Ok((Load::new(1.0, redeemed), Load::new(1.0, opened)))
    }
}

async fn redeem(mut client: Client, codes: Arc<Codes>, stop: Arc<AtomicBool>) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    let mut every = tokio::time::interval(REDEEM_EVERY);
    while !stop.load(Ordering::Relaxed) {
        every.tick().await;
        let Some((subject, code)) = codes.all.get(codes.next.fetch_add(1, Ordering::Relaxed))
        else {
            break;
        };
        let body = json!({
            "redemption_id": codes.random.uuid(), "subject": subject, "code": code,
            "role": "second_factor", "presented": ["password"],
        });
        let begun = Instant::now();
        let answer = client.post("/v1/redemptions", &body).await.map_err(failed)?;
        all.push(micros(begun));
        ensure!(answer.status == 200, "a redemption was answered {}", answer.text());
    }
    Ok(all)
}

async fn open(mut visitor: Visitor, stop: Arc<AtomicBool>) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    let mut every = tokio::time::interval(OPEN_EVERY);
    while !stop.load(Ordering::Relaxed) {
        every.tick().await;
        let begun = Instant::now();
        visitor.open("/console").await?;
        all.push(micros(begun));
    }
    Ok(all)
}

/// The sets issued before `until` that a statement finds.
fn sets(side: &Side, statement: &str, until: i64) -> Result<BTreeSet<[u8; 16]>> {
    let db = side.crowd.look()?;
    let mut statement = db.prepare(statement)?;
    let found = statement.query_map([until], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

const REVOKED: &str = "SELECT id FROM code_sets WHERE state = 'revoked' AND issued_at < ?1";
const OLD: &str = "SELECT id FROM code_sets WHERE state = 'active' AND issued_at < ?1";

/// Measures.
pub(super) async fn run(side: &mut Side, report: &mut Report) -> Result<()> {
    let codes = side.crowd.known.get("codes").cloned().unwrap_or(Value::Null);
    let codes = Arc::new(Codes {
        all: serde_json::from_value(codes)?,
        next: AtomicUsize::new(0),
        random: Mixed::new(u64::from(std::process::id())),
    });
    let others = Others::begin(side, &codes)?;
    tokio::time::sleep(BEFORE).await;
    let before = others.end().await?;

    let day = a_year_ago()?;
    let midnight: jiff::Timestamp = format!("{day}T00:00:00Z").parse()?;
    let expected = sets(side, OLD, midnight.as_millisecond())?;
    let revoked_before = sets(side, REVOKED, i64::MAX)?;
    let others = Others::begin(side, &codes)?;
    let pid = side.server.pid();
    let (begun, processor) = (Instant::now(), processor_micros(pid)?);
    let filter = format!("state=active&issued_before={day}");
    let page = side.admin.open(&format!("/console/inventory?{filter}")).await?;
    let csrf = hidden(&page, "csrf")?;
    let choice = [("csrf", csrf.as_str()), ("which", "all"), ("filter", filter.as_str())];
    let answer = side.admin.send("/console/inventory/revocations", &choice).await?;
    let found = begun.elapsed();
    let place = answer.headers.get("location").and_then(|place| place.to_str().ok());
    let place = place.context("it leads nowhere")?.to_owned();
    let confirm = side.admin.open(&place).await?;
    let (csrf, number) = (hidden(&confirm, "csrf")?, expected.len().to_string());
    let confirmed = Instant::now();
    let sure = [("csrf", csrf.as_str()), ("reason", "requested"), ("typed", number.as_str())];
    side.admin.send(&place, &sure).await?;
    while side.admin.open(&place).await?.text().contains("data-progress=\"1\"") {
        if confirmed.elapsed() > TIME_MAX {
            bail!("the revocation does not end");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let took = confirmed.elapsed();
    let processor = processor_micros(pid)? - processor;
    let during = others.end().await?;

    let after = sets(side, REVOKED, i64::MAX)?;
    let revoked: BTreeSet<_> = after.difference(&revoked_before).copied().collect();
    let count = expected.len() as f64;
    let rate = per_second(count / took.as_secs_f64());
    let figure = format!(
        "found after {}, then {:.1} s: {rate}; processor {:.1} s",
        millis(found.as_secs_f64() * 1000.0),
        took.as_secs_f64(),
        processor / 1e6
    );
    let what = format!("revoking {} sets on the pages, all older than a year", expected.len());
    let is_exact = revoked == expected;
    report.add(Row::plain(what, figure).hold("exactly those are revoked", is_exact));
    for (name, before, during) in
        [("a redemption", &before.0, &during.0), ("`/console`", &before.1, &during.1)]
    {
        report.add(meanwhile(name, before, during));
    }
    Ok(())
}

fn meanwhile(name: &str, before: &Load, during: &Load) -> Row {
    let told = |load: &Load| {
        let (p50, p99) = (load.percentile(50), load.percentile(99));
        format!("p50 {}, p99 {} of {}", millis(p50), millis(p99), load.count)
    };
    let ratio = during.percentile(99) / before.percentile(99).max(1e-3);
    Row::plain(format!("meanwhile, {name}"), told(during))
        .against(format!("before it: {}", told(before)), format!("{ratio:.1} times"))
        .hold("p99 under 100 ms", during.percentile(99) < 100.0)
}
