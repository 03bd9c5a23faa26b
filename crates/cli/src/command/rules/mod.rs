//! `glassbreak rules`: what raises alerts, checked and tried without a server.

mod check;
mod run;

pub use check::Check;
pub use run::Run;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use glassbreak_watch::{SourceFile, built_in_files};

use crate::args::Shared;
use crate::exit::{Failure, Outcome};

/// What to do with the rules that raise alerts.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Read the rules, and run their tests.
    Check(Check),
    /// Run the rules over a log, and show the alerts with their reasons.
    Run(Run),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Check(args) => args.run(shared),
            Self::Run(args) => args.run(shared),
        }
    }
}

/// Which rules.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// A file of rules, or the directory with the `*.yml` files; the built-in rules unless given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Which {
    fn files(&self) -> Result<Vec<SourceFile>, Failure> {
        self.dir.as_deref().map_or_else(|| Ok(built_in_files()), read)
    }
}

/// The files of a directory, or one file.
fn read(path: &Path) -> Result<Vec<SourceFile>, Failure> {
    let shown = path.display();
    let mut paths = vec![path.to_path_buf()];
    if !path.is_file() {
        let listed = fs::read_dir(path).with_context(|| format!("cannot read `{shown}`"))?;
        let listed = listed.map(|entry| entry.map(|entry| entry.path()));
        paths = listed.collect::<Result<_, _>>().map_err(Failure::other)?;
        let yaml = |path: &PathBuf| {
            path.extension()
                .and_then(OsStr::to_str)
                .is_some_and(|end| end == "yml" || end == "yaml")
        };
        paths.retain(yaml);
        paths.sort();
    }
    if paths.is_empty() {
        return Err(anyhow!("`{shown}` has no files `*.yml` in it").into());
    }
    let file = |path: PathBuf| {
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read `{}`", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(SourceFile::new(name, text))
    };
    paths.into_iter().map(file).collect()
}
