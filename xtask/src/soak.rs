//! `cargo xtask soak`: the long forms of tests.
//!
//! A test with a long form reads `GLASSBREAK_SOAK_MINUTES` and goes on for so long; without it, it
//! takes its seconds among the ordinary tests. It reads `GLASSBREAK_SEED` as every seeded test does
//! (`glassbreak_testkit::seed`). Its checks at the end come on top of the minutes. A run that fails
//! says its seed and keeps its directory. With `--dev` it takes the build of the ordinary tests.

use std::hash::{BuildHasher, Hasher, RandomState};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, step};

/// A soak: what it is called, which test binary it is in, how its test begins, and on which
/// databases it runs.
type Kind = (&'static str, &'static str, &'static str, On);

/// The databases that a soak runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Either,
    Sqlite,
    Postgresql,
}

const KINDS: &[Kind] = &[
    ("race", "race", "goal_1_exactly_one_client", On::Either),
    ("kill", "crash", "goal_6_nothing_is_lost_by_kills", On::Either),
    // Three hosts under Patroni, in network namespaces: as root.
    ("failover", "crash", "goal_8_nothing_is_accepted_twice", On::Postgresql),
    // `glassbreak backup` is of SQLite; PostgreSQL has means of its own.
    ("restore", "restore", "goal_9_every_restored_backup", On::Sqlite),
    ("load", "race", "goal_29_a_mixed_load", On::Either),
];
/// Runs end within the ten minutes that a command in the foreground has here.
const MINUTES: u32 = 8;

/// What was asked for.
struct Asked {
    kind: &'static Kind,
    minutes: u32,
    seed: u64,
    is_on_postgresql: bool,
    /// With the build that the ordinary tests have: to try a soak, not to measure.
    is_dev: bool,
    /// Codes, clients and lanes of a race, where they are not the goal's.
    size: Vec<(&'static str, u32)>,
}

/// Soaks.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asked = read(arguments)?;
    let (name, binary, test, on) = asked.kind;
    let database = if asked.is_on_postgresql { "postgresql" } else { "sqlite" };
    println!("soak {name}: GLASSBREAK_SEED={}, {} min, {database}", asked.seed, asked.minutes);
    let profile: &[&str] = if asked.is_dev { &[] } else { &["--release"] };
    let mut test = format!("binary({binary}) and test({test})");
    if *name == "restore" {
        let mut witness = cargo();
        witness.args(["build", "--package", "glassbreak-witness"]).args(profile);
        step("the witness", &mut witness)?;
    }
    if *name == "failover" {
        crate::test::offer_patroni()?;
    }
    if *on == On::Either {
        test = format!("{test} and test({database})");
    }
    let mut soak = cargo();
    soak.args(["nextest", "run", "--package", "glassbreak"]).args(profile);
    soak.args(["--features", "failpoints", "--test", binary]);
    soak.args(["--profile", "soak", "--no-capture", "-E", &test]);
    soak.env("GLASSBREAK_SOAK_MINUTES", asked.minutes.to_string());
    soak.env("GLASSBREAK_SEED", asked.seed.to_string());
    for (variable, value) in asked.size {
        soak.env(variable, value.to_string());
    }
    step(&format!("soak {name}"), &mut soak)?;
    Ok(())
}

fn read(arguments: &[String]) -> Result<Asked> {
    let (mut kind, mut minutes, mut seed, mut size) = (None, MINUTES, None, Vec::new());
    let (mut is_on_postgresql, mut is_dev) = (false, false);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} takes a value"));
        let number = |text: &String| text.parse().context("that is no number");
        match argument.as_str() {
            "--minutes" => minutes = number(value()?)?,
            "--seed" => seed = Some(value()?.parse().context("that is no number")?),
            "--dev" => is_dev = true,
            "--codes" => size.push(("GLASSBREAK_SOAK_CODES", number(value()?)?)),
            "--clients" => size.push(("GLASSBREAK_SOAK_CLIENTS", number(value()?)?)),
            "--lanes" => size.push(("GLASSBREAK_SOAK_LANES", number(value()?)?)),
            "--database" => {
                is_on_postgresql = match value()?.as_str() {
                    "sqlite" => false,
                    "postgres" | "postgresql" => true,
                    other => bail!("`{other}` is no database: sqlite or postgres"),
                }
            }
            other => match KINDS.iter().find(|(name, ..)| *name == other) {
                Some(known) => kind = Some(known),
                None => bail!("there is no `{other}`"),
            },
        }
    }
    let names: Vec<&str> = KINDS.iter().map(|(name, ..)| *name).collect();
    let kind = kind.with_context(|| format!("which? {}", names.join(", ")))?;
    match kind.3 {
        On::Sqlite if is_on_postgresql => bail!("`{}` runs on SQLite alone", kind.0),
        On::Postgresql => is_on_postgresql = true,
        On::Sqlite | On::Either => {}
    }
    if !size.is_empty() && kind.0 != "race" {
        bail!("--codes, --clients and --lanes are for a race");
    }
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    Ok(Asked { kind, minutes, seed, is_on_postgresql, is_dev, size })
}
