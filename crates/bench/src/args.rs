//! What can be asked of the bench.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Measures Glassbreak against the yardsticks of DESIGN section 9, all in one run.
#[derive(Parser)]
#[command(name = "glassbreak-bench", bin_name = "cargo xtask bench")]
pub(crate) struct Args {
    /// About one minute, and rougher figures.
    #[arg(long)]
    pub(crate) quick: bool,
    /// As many as a million subjects against a thousand; some minutes longer.
    #[arg(long)]
    pub(crate) full: bool,
    /// So many subjects against a thousand.
    #[arg(long, value_name = "N", conflicts_with = "full")]
    pub(crate) subjects: Option<usize>,
    /// Only these measures; names as the run prints them.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Where the table is written.
    #[arg(long, value_name = "DIR", default_value = "bench-out")]
    pub(crate) out: PathBuf,
    /// Also put the table into README.md, between its two marks.
    #[arg(long)]
    pub(crate) write_readme: bool,
    /// What takes too long to be measured along. The servers that are measured run as processes
    /// of this same binary.
    #[command(subcommand)]
    pub(crate) child: Option<Child>,
}

/// What else it does.
#[derive(Subcommand)]
pub(crate) enum Child {
    /// Measures the pages of a server with a million subjects, or with `--subjects`, against one
    /// with a thousand; then a revocation of a twentieth of all sets. Takes 3 GB of disk.
    Pages {
        /// Where what was filled is kept for the next run; in the temporary directory unless told.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// Serves until told to stop.
    #[command(hide = true)]
    Serve {
        /// Its data directory.
        #[arg(long)]
        data_dir: PathBuf,
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
        /// Its configuration.
        #[arg(long)]
        config: Option<PathBuf>,
        /// The PostgreSQL database that it has in place of a file.
        #[arg(long)]
        database: Option<String>,
        /// Not Glassbreak, but axum alone.
        #[arg(long)]
        hello: bool,
        /// Not Glassbreak, but axum in front of the bare writer thread.
        #[arg(long, conflicts_with = "hello")]
        bare: bool,
    },
}

/// How much is done.
pub(crate) struct Plan {
    /// How often baseline and subject take turns.
    pub(crate) rounds: usize,
    /// How long each turn lasts.
    pub(crate) slice: Duration,
    /// Subjects with ten strong codes each.
    pub(crate) subjects: usize,
    /// Subjects without codes, to issue to.
    pub(crate) to_issue: usize,
    /// Subjects with ten compact codes each.
    pub(crate) compact: usize,
    /// The larger of the two populations compared.
    pub(crate) many: usize,
    /// How often a start is timed.
    pub(crate) starts: usize,
    /// Where large databases are kept between runs.
    pub(crate) kept: PathBuf,
    only: Vec<String>,
}

impl Plan {
    pub(crate) fn of(args: &Args) -> Self {
        let pages = matches!(args.child, Some(Child::Pages { .. }));
        let kept = match &args.child {
            Some(Child::Pages { keep }) => keep.clone(),
            _ => None,
        };
        let kept = kept.unwrap_or_else(|| std::env::temp_dir().join("glassbreak-bench"));
        let many = args.subjects.unwrap_or(match (args.full || pages, args.quick) {
            (true, _) => 1_000_000,
            (false, true) => 20_000,
            (false, false) => 100_000,
        });
        let only = args.only.clone();
        if args.quick {
            let slice = Duration::from_millis(600);
            let (rounds, subjects, to_issue, compact) = (2, 12_000, 15_000, 40);
            Self { rounds, slice, subjects, to_issue, compact, many, starts: 5, kept, only }
        } else {
            let slice = Duration::from_millis(1500);
            let (rounds, subjects, to_issue, compact) = (5, 60_000, 60_000, 200);
            Self { rounds, slice, subjects, to_issue, compact, many, starts: 9, kept, only }
        }
    }

    /// Whether none but these measures was asked for, so that nothing else need be seeded.
    pub(crate) fn wants_only(&self, names: &[&str]) -> bool {
        !self.only.is_empty() && self.only.iter().all(|only| names.contains(&only.as_str()))
    }

    /// Whether a measure was asked for; announces it.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let wanted = self.only.is_empty() || self.only.iter().any(|only| only == name);
        if wanted {
            eprintln!("== {name}");
        }
        wanted
    }
}
