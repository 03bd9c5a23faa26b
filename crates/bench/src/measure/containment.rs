//! A containment of everyone: how long until it is answered, which is when it is in force, and how
//! fast what follows is written down.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use glassbreak_core::code_set::Profile;
use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TempDir;

use crate::args::Plan;
use crate::child::{Kind, spawn};
use crate::report::{Report, Row, per_second};
use crate::seed::{People, Seeded, failed};

/// How often it is looked whether all is written.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Events for each subject: that it was contained, and its one set.
const EVENTS_EACH: usize = 2;

/// Measures, over a population of its own.
pub(crate) async fn run(plan: &Plan, scratch: &TempDir, report: &mut Report) -> Result<()> {
    let count = plan.many;
    let seeded = Seeded::new(scratch.path().join("containment")).await?;
    let people = People { name: "contained", count, profile: Profile::Strong, codes: 1 };
    let (codes, _) = seeded.add(people).await?;
    let server = spawn(Kind::Glassbreak, &seeded.directory)?;
    let mut client = Client::new(server.addr(), Some(&seeded.key));
    let body = serde_json::json!({ "scope": "all", "reason": "precaution" });
    let began = Instant::now();
    let answer = client.post("/v1/containments", &body).await.map_err(failed)?;
    let answered = began.elapsed();
    let json = answer.json();
    let id = json.get("containment_id").and_then(|id| id.as_str()).context("it was not begun")?;
    let path = format!("/v1/containments/{id}");
    let ask = codes.redemptions()().context("no code")?;
    let refused = client.send(ask.method, &ask.path, &[], ask.body).await.map_err(failed)?;
    if refused.status != 401 {
        bail!("a code of a contained subject was answered with {}", refused.status);
    }
    let in_force = began.elapsed();
    while client.get(&path).await.map_err(failed)?.json().get("finished_at").is_none() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let finished = began.elapsed();
    server.stop()?;
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    report.add(Row::plain(
        format!("containment of {count} subjects: answered, first refusal seen"),
        format!("{}, {}", millis(answered), millis(in_force)),
    ));
    let rate = (count * EVENTS_EACH) as f64 / finished.as_secs_f64();
    report.add(Row::plain(
        format!(
            "the same: events of what follows, all written after {:.1} s",
            finished.as_secs_f64()
        ),
        format!("{} events", per_second(rate)),
    ));
    Ok(())
}
