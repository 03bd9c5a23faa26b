//! `cargo xtask fuzz`: runs the fuzz targets.
//!
//! New inputs go to a scratch folder under the target directory. `--keep` merges those that reach
//! new code into `fuzz/corpus/`, which the ordinary tests replay; look at what it adds before you
//! commit it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{output, root, rustup_cargo, step, works};

/// Inputs larger than this teach nothing that smaller ones do not.
const INPUT_BYTES_MAX: u32 = 8192;
/// RELIABILITY goal 21: no input takes longer, or more memory (and as much again for the tools).
const SECONDS_MAX: u32 = 1;
const MEBIBYTES_MAX: u32 = 512;

struct Wanted {
    target: Option<String>,
    seconds: u64,
    keep: bool,
}

/// Fuzzes.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let wanted = Wanted::read(arguments)?;
    need_nightly()?;
    need_cargo_fuzz()?;
    let targets = targets()?;
    if let Some(target) = &wanted.target {
        ensure!(targets.contains(target), "no target `{target}`; there are {}", targets.join(", "));
    }
    for target in targets.iter().filter(|name| wanted.target.as_ref().is_none_or(|t| t == *name)) {
        fuzz(target, &wanted)?;
    }
    Ok(())
}

impl Wanted {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut wanted = Self { target: None, seconds: 60, keep: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--seconds" => {
                    let seconds = arguments.next().context("--seconds takes a number")?;
                    wanted.seconds = seconds.parse().context("--seconds takes a number")?;
                }
                "--keep" => wanted.keep = true,
                flag if flag.starts_with('-') => bail!("there is no `{flag}`"),
                target => wanted.target = Some(target.to_owned()),
            }
        }
        Ok(wanted)
    }
}

fn fuzz(target: &str, wanted: &Wanted) -> Result<()> {
    let scratch = scratch().join(target);
    fs::create_dir_all(&scratch).context("cannot make the scratch folder")?;
    let committed = root().join("fuzz/corpus").join(target);
    let limits = [
        format!("-max_len={INPUT_BYTES_MAX}"),
        format!("-timeout={SECONDS_MAX}"),
        format!("-rss_limit_mb={MEBIBYTES_MAX}"),
        format!("-max_total_time={}", wanted.seconds),
        "-print_final_stats=1".to_owned(),
    ];
    let mut command = cargo_fuzz("run", target);
    command.args([&scratch, &committed]).arg("--").args(&limits);
    step(&format!("fuzz {target} for {} s", wanted.seconds), &mut command)?;
    if wanted.keep {
        let mut merge = cargo_fuzz("run", target);
        // Only what reaches new code, and not what merely reaches it more often: corpora stay
        // small.
        merge.args([&committed, &scratch]);
        merge.args(["--", "-set_cover_merge=1", "-use_counters=0", "-max_len=1024"]);
        step(&format!("merge what {target} found"), &mut merge)?;
    }
    Ok(())
}

fn cargo_fuzz(verb: &str, target: &str) -> Command {
    let mut command = rustup_cargo();
    command.args(["+nightly", "fuzz", verb, target]);
    command
}

fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| root().join("fuzz/target")).join("fuzz-inputs")
}

/// The names of the targets, from the files in `fuzz/fuzz_targets`.
fn targets() -> Result<Vec<String>> {
    let mut targets = Vec::new();
    let folder = root().join("fuzz/fuzz_targets");
    for file in fs::read_dir(&folder).context("cannot read fuzz/fuzz_targets")? {
        let path = file?.path();
        targets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    targets.sort();
    Ok(targets)
}

fn need_nightly() -> Result<()> {
    let listed = output(Command::new("rustup").args(["toolchain", "list"])).unwrap_or_default();
    if String::from_utf8_lossy(&listed).lines().any(|line| line.starts_with("nightly")) {
        return Ok(());
    }
    bail!(
        "fuzzing needs a nightly toolchain, and rustup knows none here; where rustup may download, \
         `rustup toolchain install nightly` brings it. The corpora are replayed by the ordinary \
         tests, without nightly"
    )
}

fn need_cargo_fuzz() -> Result<()> {
    if works("cargo", &["fuzz", "--version"]) {
        return Ok(());
    }
    let mut install = rustup_cargo();
    install.args(["install", "--locked", "cargo-fuzz"]).current_dir(Path::new("/"));
    step("install cargo-fuzz", &mut install)?;
    Ok(())
}
