//! Operating a server: metrics, traces, logs, health, settings and their reload, on a server
//! process of its own (issue 5, part 9).

#![cfg(test)]

#[path = "../regression/calls.rs"]
mod calls;

mod exposition;
mod health;
mod logs;
mod metrics;
mod settings;
mod traces;

use std::path::Path;
use std::time::Duration;

use glassbreak_testkit::http::Failure;

/// How often it is asked whether something is so by now.
const AGAIN: Duration = Duration::from_millis(50);
/// The longest that a test waits.
const WAIT_MAX: Duration = Duration::from_secs(30);

fn utf8(path: &Path) -> Result<&str, Failure> {
    Ok(path.to_str().ok_or("the path is not UTF-8")?)
}

/// Waits until `done` says so, for as long as a test may wait. It is asked again every so often,
/// because what another process says comes with no event.
async fn until(what: &str, mut done: impl FnMut() -> bool) -> Result<(), Failure> {
    let asked = async {
        let mut again = tokio::time::interval(AGAIN);
        while !done() {
            again.tick().await;
        }
    };
    let waited = tokio::time::timeout(WAIT_MAX, asked).await;
    waited.map_err(|_| format!("waited in vain: {what}").into())
}
