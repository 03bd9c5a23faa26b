//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo, at the root of the repository.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// The `cargo` of rustup, which understands `+nightly`; without what the running one passes on.
pub(crate) fn rustup_cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root());
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTC", "RUSTDOC"] {
        command.env_remove(name);
    }
    command
}

/// Runs a program to its end; an error if it fails. Tells how long it took.
pub(crate) fn step(what: &str, command: &mut Command) -> Result<Duration> {
    eprintln!("--- {what}");
    let started = now();
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("{what}: cannot start {command:?}"))?;
    ensure!(status.success(), "{what} failed after {}", spell(started.elapsed()));
    Ok(started.elapsed())
}

/// Runs a program and gives what it prints.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let done = command.stdin(Stdio::null()).output();
    let done = done.with_context(|| format!("cannot start {command:?}"))?;
    if !done.status.success() {
        bail!("{command:?} failed:\n{}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(done.stdout)
}

/// Whether a program runs and ends well.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// For people: `3 min 5 s`.
pub(crate) fn spell(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    format!("{} min {} s", seconds / 60, seconds % 60)
}

/// Now, for measuring how long something takes.
pub(crate) fn now() -> Instant {
    Instant::now()
}
