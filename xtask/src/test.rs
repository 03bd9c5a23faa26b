//! `cargo xtask test`: every test there is.
//!
//! First it sees to what the tests need: today a C compiler, for SQLite and the crypto core, and
//! `age`, for recovery bundles. All features are on, so the `glassbreak` binary that the crash
//! tests kill has its fail points.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::run::{cargo, now, spell, step, works};

/// The whole of it should take less, on two cores.
const MINUTES_MAX: u64 = 15;

/// Runs the tests; with arguments, only those that the arguments pick, and no documentation tests.
pub(crate) fn run(filter: &[String]) -> Result<()> {
    let started = now();
    need_c_compiler()?;
    need_age()?;
    let mut times: Vec<(&str, Duration)> = Vec::new();
    // Documentation tests first: CI reads the summary that nextest ends with.
    if filter.is_empty() {
        let mut documented = cargo();
        documented.args(["test", "--doc", "--workspace", "--all-features"]);
        times.push(("documentation", step("documentation tests", &mut documented)?));
    }
    times.push(("tests", step("tests", &mut all_tests(filter))?));
    let each: Vec<String> =
        times.iter().map(|(name, time)| format!("{name} {}", spell(*time))).collect();
    let whole = started.elapsed();
    eprintln!("xtask test: {} ({})", spell(whole), each.join(", "));
    if whole > Duration::from_secs(MINUTES_MAX * 60) {
        eprintln!("warning: that is more than {MINUTES_MAX} minutes");
    }
    Ok(())
}

fn all_tests(filter: &[String]) -> std::process::Command {
    let mut tests = cargo();
    if works("cargo", &["nextest", "--version"]) {
        tests.args(["nextest", "run", "--workspace", "--all-features"]);
    } else {
        eprintln!(
            "cargo-nextest is not installed; `cargo test` runs the tests one crate at a time"
        );
        tests.args(["test", "--workspace", "--all-features", "--tests", "--no-fail-fast"]);
    }
    tests.args(filter);
    tests
}

fn need_c_compiler() -> Result<()> {
    if works("cc", &["--version"]) || install("C compiler", &["gcc", "libc6-dev"])? {
        return Ok(());
    }
    bail!("a C compiler is needed (`cc`); on Debian: apt-get install gcc libc6-dev");
}

/// Custodians open their shares with `age`, and so do the tests of recovery bundles.
fn need_age() -> Result<()> {
    if !works("age", &["--version"]) && !install("age", &["age"])? {
        eprintln!(
            "warning: without `age` the tests of its interoperation fail; apt-get install age"
        );
    }
    Ok(())
}

/// Installs packages of Debian, if that can be done here; tells whether it was.
fn install(what: &str, packages: &[&str]) -> Result<bool> {
    let is_root = crate::run::output(std::process::Command::new("id").arg("-u"))
        .is_ok_and(|id| id.trim_ascii() == b"0");
    if !is_root || !works("apt-get", &["--version"]) {
        return Ok(false);
    }
    eprintln!("there is no {what}; installing it");
    step("apt-get update", std::process::Command::new("apt-get").arg("update"))?;
    let mut install = std::process::Command::new("apt-get");
    install.args(["install", "--yes"]).args(packages);
    step("apt-get install", &mut install)?;
    Ok(true)
}
