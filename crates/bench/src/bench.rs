//! What the measures share: the plan, the servers under load, and the table.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use glassbreak_core::code_set::Profile;
use glassbreak_testkit::server::{TempDir, TestServer};

use crate::args::Plan;
use crate::child::{Kind, spawn};
use crate::load::Target;
use crate::report::{Report, Row, per_second};
use crate::seed::{Codes, People, Seeded};
use crate::{bare, machine};

/// The subjects that redeem strong codes.
const STRONG: &str = "strong";
/// The subjects that sets are issued to.
pub(crate) const TO_ISSUE: &str = "issue";

/// A run.
pub(crate) struct Bench {
    pub(crate) plan: Plan,
    pub(crate) report: Report,
    /// Where everything lies; gone at the end.
    pub(crate) scratch: TempDir,
    pub(crate) seeded: Seeded,
    pub(crate) strong: Arc<Codes>,
    pub(crate) compact: Arc<Codes>,
    /// axum alone.
    pub(crate) hello: TestServer,
    server: Option<TestServer>,
}

impl Bench {
    /// Seeds a directory, and starts the servers.
    pub(crate) async fn new(plan: Plan, scratch: TempDir, mut report: Report) -> Result<Self> {
        eprintln!("== seeding");
        let seeded = Seeded::new(scratch.path().join("strong")).await?;
        let Plan { subjects, to_issue, compact, .. } = plan;
        let people = |name, count, profile, codes| People { name, count, profile, codes };
        let (strong, rate) = seeded.add(people(STRONG, subjects, Profile::Strong, 10)).await?;
        report.add(Row::plain(
            format!("seeding in process: {subjects} subjects, ten strong codes each"),
            format!("{} subjects", per_second(rate)),
        ));
        seeded.add(people(TO_ISSUE, to_issue, Profile::Strong, 0)).await?;
        let (compact, _) = seeded.add(people("compact", compact, Profile::Compact, 10)).await?;
        let hello = spawn(Kind::Hello, scratch.path())?;
        let mut bench =
            Self { plan, report, scratch, seeded, strong, compact, hello, server: None };
        for name in ["loop", "submit", "http"] {
            let to = bench.bare_directory(name);
            std::fs::create_dir_all(&to)?;
            let spare = if name == "loop" { 2_000_000 } else { 0 };
            bare::prepare(&bench.seeded.database(), &to.join("bare.db"), spare)?;
        }
        bench.server = Some(spawn(Kind::Glassbreak, &bench.seeded.directory)?);
        Ok(bench)
    }

    /// Where a copy of the seeded database lies for the bare writer: one each, so that their counts
    /// do not mix.
    pub(crate) fn bare_directory(&self, name: &str) -> PathBuf {
        self.scratch.path().join("bare").join(name)
    }

    /// The server under load.
    pub(crate) fn server(&self) -> Result<&TestServer> {
        self.server.as_ref().context("the server was stopped")
    }

    /// Asks the server to stop, and waits until it has.
    pub(crate) fn stop(&mut self) -> Result<()> {
        if let Some(server) = self.server.take() {
            server.stop()?;
        }
        Ok(())
    }

    /// The server as a target that answers `status`.
    pub(crate) fn target(&self, status: u16) -> Result<Target> {
        let key = Some(self.seeded.key.clone());
        Ok(Target { addr: self.server()?.addr(), key, status })
    }

    /// axum alone as a target.
    pub(crate) fn hello_target(&self) -> Target {
        Target { addr: self.hello.addr(), key: None, status: 200 }
    }

    /// The table so far, with how busy the machine was at the end.
    pub(crate) fn finish(mut self) -> Report {
        self.report.header.push(("load at the end", machine::load_average()));
        self.report
    }
}
