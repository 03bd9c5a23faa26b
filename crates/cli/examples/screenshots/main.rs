//! Takes the pictures of the pages that are in docs/screenshots: `cargo xtask screenshots`.
//!
//! ```text
//! screenshots SERVER FOLDER            takes them, with the program SERVER
//! screenshots --check FOLDER           says which are missing, and which nobody takes any more
//! ```
//!
//! A bank with some forty people is made up by the embedded engine, with a clock that stands where
//! it is put and with seeded randomness: more than a year of it. A real server is then started on
//! what that left, and Chromium goes to the screens. What differs from one run to the next is the
//! times.

mod past;
mod people;
mod screens;
mod today;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use glassbreak_engine::{Clock as _, SystemClock};
use glassbreak_testkit::http::Failure;
use glassbreak_testkit::server::{TempDir, TestServer};

/// What the bank has set: sheets live for two years, and the desk may help.
const CONFIG: &str = "\
[service]
name = 'Example Bank'
contact = 'the service desk, +1 202 555 0100'
[self_service]
redeem = true
reenrol_url = 'https://id.bank.example/enrol'
[tiers.standard]
lifetime = 63072000
[tiers.standard.support]
risk_analysis = 'RA-2026-1'
[tiers.privileged.support]
risk_analysis = 'RA-2026-1'
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--check", folder] => check(Path::new(folder)),
        [server, folder] => take(server, Path::new(folder)).await,
        _ => Err("screenshots [--check | SERVER] FOLDER".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("screenshots: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn take(server: &str, folder: &Path) -> Result<(), Failure> {
    let place = TempDir::new("screenshots")?;
    let (data, config) = (place.path().join("data"), place.path().join("glassbreak.toml"));
    fs::write(&config, CONFIG)?;
    let past = past::fill(&data, &config, SystemClock.now()).await?;
    let file = config.to_str().ok_or("the path is not UTF-8")?;
    let server =
        TestServer::start(server, &data, &["--config", file], &[("GLASSBREAK_LOG", "warn")])?;
    let today = today::happen(&server, past).await?;
    let missed = screens::take(&today, folder)?;
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("no picture could be taken of these:\n  {}", missed.join("\n  ")).into())
}

/// A picture of each screen and no other is in the folder.
fn check(folder: &Path) -> Result<(), Failure> {
    let wanted: BTreeSet<PathBuf> =
        screens::names().map(|name| PathBuf::from(format!("{name}.png"))).collect();
    let files = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.file_name());
    let there: BTreeSet<PathBuf> = files.map(PathBuf::from).collect();
    let (missing, stale) = (wanted.difference(&there), there.difference(&wanted));
    let wrong: Vec<String> = missing
        .map(|file| format!("{} is missing", file.display()))
        .chain(stale.map(|file| format!("{} is of no screen", file.display())))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ").into()) }
}
