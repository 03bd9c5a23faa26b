//! From the start of the process to the first answer, and the memory of a server that does nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::{TempDir, TestServer};

use crate::args::Plan;
use crate::bench::Bench;
use crate::child::{Kind, spawn};
use crate::load::median;
use crate::machine::memory;
use crate::report::{Report, Row, millis};
use crate::seed::failed;

const START_MS_MAX: f64 = 200.0;
const REST_MIB_MAX: f64 = 64.0;

/// On directories that are not there yet.
pub(crate) async fn fresh(plan: &Plan, scratch: &TempDir, report: &mut Report) -> Result<()> {
    let (mut times, mut rests) = (Vec::new(), Vec::new());
    for number in 0..plan.starts {
        let (time, server) = start(&scratch.path().join(format!("start-{number}"))).await?;
        times.push(time);
        if number + 1 == plan.starts {
            // What a start leaves to be done is done.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        rests.push(memory(server.pid())?);
        server.stop()?;
    }
    add(report, "a new directory", times);
    if let Some(rest) = rests.last() {
        let figure = format!("{:.1} MiB ({:.1} of it anonymous)", rest.resident, rest.anonymous);
        let row = Row::plain("memory at rest, new directory", figure);
        report.add(row.hold("under 64 MiB", rest.resident < REST_MIB_MAX));
    }
    Ok(())
}

/// On the directory that was under load.
pub(crate) async fn existing(bench: &mut Bench) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..bench.plan.starts {
        let (time, server) = start(&bench.seeded.directory).await?;
        times.push(time);
        server.stop()?;
    }
    add(&mut bench.report, "the directory that was under load", times);
    Ok(())
}

fn add(report: &mut Report, what: &str, times: Vec<f64>) {
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let middle = median(times);
    let figure = format!("{} (slowest {})", millis(middle), millis(slowest));
    let row = Row::plain(format!("start to ready, {what}"), figure);
    report.add(row.hold("under 200 ms", middle < START_MS_MAX));
}

/// Milliseconds until the server says that it is ready.
async fn start(directory: &Path) -> Result<(f64, TestServer)> {
    let begun = Instant::now();
    let server = spawn(Kind::Glassbreak, directory)?;
    let answer = Client::new(server.addr(), None).get("/readyz").await.map_err(failed)?;
    let time = begun.elapsed().as_secs_f64() * 1000.0;
    ensure!(answer.status == 200, "not ready: {}", answer.text());
    Ok((time, server))
}
