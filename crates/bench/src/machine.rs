//! The machine that is measured, and the memory of a process.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::load::median;

/// What the figures were taken on.
pub(crate) fn describe(directory: &Path) -> Result<Vec<(&'static str, String)>> {
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory: u64 = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next().and_then(|kib| kib.parse().ok()))
        .unwrap_or(0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    let sync = sync_micros(directory)?;
    Ok(vec![
        ("date", now),
        ("commit", commit()),
        ("machine", format!("{cores} cores, {processor}, {} MiB", memory / 1024)),
        ("system", format!("Linux {}", kernel.trim())),
        ("disk", format!("a 4 KiB write with fsync takes {sync:.0} µs (median)")),
        ("load at the start", load_average()),
    ])
}

/// How busy the machine is besides.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn commit() -> String {
    let git = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    git.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default()
}

fn sync_micros(directory: &Path) -> Result<f64> {
    let path = directory.join("sync");
    let mut file = fs::File::create(&path)?;
    let mut micros = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        micros.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    fs::remove_file(&path)?;
    Ok(median(micros))
}

/// The memory of a process, in MiB.
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: f64,
    /// Of that, what is not backed by a file.
    pub(crate) anonymous: f64,
    /// The most that was resident.
    pub(crate) peak: f64,
}

/// Asks the kernel.
pub(crate) fn memory(process: u32) -> Result<Memory> {
    let file = format!("/proc/{process}/status");
    let mib = |name: &str| -> Result<f64> {
        let text = field(&file, name).with_context(|| format!("{file} has no {name}"))?;
        let kib: f64 = text.split(' ').next().unwrap_or_default().parse()?;
        Ok(kib / 1024.0)
    };
    Ok(Memory { resident: mib("VmRSS")?, anonymous: mib("RssAnon")?, peak: mib("VmHWM")? })
}

/// The time that a process has had on the processors so far, in microseconds; to 10 ms.
pub(crate) fn processor_micros(process: u32) -> Result<f64> {
    Ok(ticks(&stat(process)?, 2)? * MICROS_PER_TICK)
}

/// The same with its children: those that are there, and those that have ended.
pub(crate) fn family_micros(process: u32) -> Result<f64> {
    let mut all = ticks(&stat(process)?, 4)?;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(child) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that has ended meanwhile counts as its parent's next time.
        let Ok(fields) = stat(child) else { continue };
        if fields.split_whitespace().nth(1) == Some(&process.to_string()) {
            all += ticks(&fields, 2)?;
        }
    }
    Ok(all * MICROS_PER_TICK)
}

const MICROS_PER_TICK: f64 = 10_000.0;

/// The fields behind a process's name, which stands in parentheses and may hold anything.
fn stat(process: u32) -> Result<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = text.rsplit_once(')').context("a process without a name")?;
    Ok(fields.to_owned())
}

/// The first so many of the fields that count time.
fn ticks(fields: &str, count: usize) -> Result<f64> {
    let ticks = fields.split_whitespace().skip(11).take(count).map(str::parse::<f64>);
    Ok(ticks.collect::<Result<Vec<f64>, _>>()?.into_iter().sum())
}
