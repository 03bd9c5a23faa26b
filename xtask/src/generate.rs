//! `cargo xtask generate`: the files in the repository that a program writes.
//!
//! With `--check` nothing is written; the task fails if a file is not what it would be.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, now, output, root, spell};

/// A file, the example of `glassbreak-server` that prints it, and the example's arguments.
struct Generated {
    path: &'static str,
    example: &'static str,
    arguments: &'static [&'static str],
}

const GENERATED: &[Generated] = &[
    Generated { path: "docs/openapi.json", example: "openapi", arguments: &[] },
    Generated { path: "docs/ERRORS.md", example: "openapi", arguments: &["errors"] },
    Generated { path: "docs/METRICS.md", example: "openapi", arguments: &["metrics"] },
    Generated {
        path: "deploy/grafana/glassbreak.json",
        example: "openapi",
        arguments: &["dashboard"],
    },
    Generated {
        path: "deploy/prometheus/glassbreak.rules.yml",
        example: "openapi",
        arguments: &["alerts"],
    },
    Generated { path: "deploy/glassbreak.toml", example: "openapi", arguments: &["config"] },
];

/// Writes them, or checks them.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let started = now();
    let check = match arguments {
        [] => false,
        [only] if only == "--check" => true,
        _ => bail!("takes nothing but `--check`"),
    };
    let mut stale = Vec::new();
    for file in GENERATED {
        let path = root().join(file.path);
        let Some(wanted) = file.print()? else { continue };
        let there = fs::read(&path).unwrap_or_default();
        if there == wanted {
            continue;
        }
        if check {
            stale.push(format!("{}{}", file.path, first_difference(&there, &wanted)));
        } else {
            fs::write(&path, &wanted).with_context(|| format!("cannot write {}", file.path))?;
            println!("{} written", file.path);
        }
    }
    if !stale.is_empty() {
        bail!("not up to date; run `cargo xtask generate`: {}", stale.join(", "));
    }
    println!("generate: {} files ({})", GENERATED.len(), spell(started.elapsed()));
    Ok(())
}

impl Generated {
    /// What the file should hold; none if neither it nor its example exists yet.
    fn print(&self) -> Result<Option<Vec<u8>>> {
        let example = format!("crates/server/examples/{}.rs", self.example);
        if !root().join(&example).is_file() && !root().join(self.path).is_file() {
            println!("{}: {example} does not exist yet", self.path);
            return Ok(None);
        }
        let mut print = cargo();
        print.args(["run", "--quiet", "--package", "glassbreak-server"]);
        print.args(["--example", self.example, "--"]).args(self.arguments);
        let printed = output(&mut print).with_context(|| format!("{} fails", self.path))?;
        if printed.trim_ascii().is_empty() {
            bail!("{example} printed nothing for {}", self.path);
        }
        Ok(Some(printed))
    }
}

/// Where two texts part, for people.
fn first_difference(there: &[u8], wanted: &[u8]) -> String {
    if there.is_empty() {
        return " (missing)".to_owned();
    }
    let pairs = there.split(|byte| *byte == b'\n').zip(wanted.split(|byte| *byte == b'\n'));
    let same = pairs.take_while(|(there, wanted)| there == wanted).count();
    format!(" (line {})", same + 1)
}
