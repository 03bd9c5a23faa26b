//! The log of this run, copied out as files and verified from outside.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use glassbreak_engine::Engine;
use glassbreak_tlog::tile::{bundles_at, tiles_at};
use glassbreak_tlog::{LogPath, SignedCheckpoint, VerifierKey};
use glassbreak_verify::{DirSource, verify_log};

use crate::bench::Bench;
use crate::report::{Row, per_second};
use crate::seed;

/// A million entries in ten seconds.
const ENTRIES_PER_SECOND: f64 = 100_000.0;

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let to = bench.scratch.path().join("log");
    let engine = seed::open(&bench.seeded.directory).await?;
    let keys = engine.verifier_keys().await?;
    copy(&engine, &keys, &to).await?;
    engine.close().await;
    drop(engine);
    let begun = Instant::now();
    let report = verify_log(&DirSource::new(&to), &keys, None, &mut |_, _| {});
    let report = report.map_err(|error| anyhow!("the log does not verify: {error}"))?;
    let rate = report.size() as f64 / begun.elapsed().as_secs_f64();
    let row = Row::plain(
        format!("log verification, offline, {} entries", report.size()),
        format!("{} entries", per_second(rate)),
    );
    let hold = "a million in under 10 s";
    bench.report.add(row.hold(hold, rate >= ENTRIES_PER_SECOND));
    Ok(())
}

/// Writes the log as files.
async fn copy(engine: &Engine, keys: &[VerifierKey], to: &Path) -> Result<()> {
    let checkpoint = engine.checkpoint().await?.context("the log has no checkpoint")?;
    let signed = SignedCheckpoint::open(checkpoint.as_bytes(), keys)
        .map_err(|error| anyhow!("the checkpoint does not open: {error}"))?;
    let size = signed.checkpoint().size();
    fs::create_dir_all(to)?;
    fs::write(to.join("checkpoint"), checkpoint)?;
    let tiles = tiles_at(size).map(LogPath::Tile);
    for path in tiles.chain(bundles_at(size).map(LogPath::Bundle)) {
        let bytes = engine.log_file(path).await?.context("the log lacks a file")?;
        let file = to.join(path.to_string());
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(file, bytes)?;
    }
    Ok(())
}
