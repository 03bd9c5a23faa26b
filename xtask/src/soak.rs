//! `cargo xtask soak`: the long forms of tests.
//!
//! A test with a long form reads `GLASSBREAK_SOAK_MINUTES` and goes on for so long; without it, it
//! takes its seconds among the ordinary tests. It reads `GLASSBREAK_SEED` as every seeded test does
//! (`glassbreak_testkit::seed`). The word in its name (`race`, `kill`) puts it into a soak.

use anyhow::{Context, Result, bail};

use crate::run::{cargo, step};

const KINDS: &[&str] = &["race", "kill"];
/// Runs end within the ten minutes that a command in the foreground has here.
const MINUTES: u32 = 8;

/// Soaks.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut kind, mut minutes, mut seed) = (None, MINUTES, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} takes a number"));
        match argument.as_str() {
            "--minutes" => minutes = value()?.parse().context("--minutes takes a number")?,
            "--seed" => {
                seed = Some(value()?.parse::<u64>().context("--seed takes a number")?);
            }
            known if KINDS.contains(&known) => kind = Some(known),
            other => bail!("there is no `{other}`"),
        }
    }
    let kind = kind.with_context(|| format!("which? {}", KINDS.join(" or ")))?;
    let mut soak = cargo();
    soak.args(["nextest", "run", "--release", "--workspace", "--all-features"]);
    soak.args(["--profile", "soak", "--run-ignored", "all", "-E"]);
    soak.arg(format!("test({kind})"));
    soak.env("GLASSBREAK_SOAK_MINUTES", minutes.to_string());
    if let Some(seed) = seed {
        soak.env("GLASSBREAK_SEED", seed.to_string());
    }
    step(&format!("soak {kind}, {minutes} min each"), &mut soak)?;
    Ok(())
}
