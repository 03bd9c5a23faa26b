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

use glassbreak_testkit::http::Failure;

fn utf8(path: &Path) -> Result<&str, Failure> {
    Ok(path.to_str().ok_or("the path is not UTF-8")?)
}

/// Waits until `done` says so, for as long as a test may wait.
fn until(what: &str, mut done: impl FnMut() -> bool) -> Result<(), Failure> {
    for _ in 0..600 {
        if done() {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Err(format!("waited in vain: {what}").into())
}
