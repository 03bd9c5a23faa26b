//! `cargo xtask bench`: what Glassbreak does per second, against what this machine does at best, in
//! one run (DESIGN section 9).
//!
//! Figures of two machines, or of two hours of one machine, say nothing about each other: each
//! measure takes turns with its yardstick, and ratios are what counts. The servers under load and
//! the yardstick servers are processes of their own; the load generator is this process, the same
//! code for all of them, and shares the machine's cores with whatever it loads.
//!
//! One measure is one file in [`measure`].

#![expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]

mod args;
mod bare;
mod bench;
mod child;
mod crowd;
mod load;
mod machine;
mod measure;
mod pgbench;
mod random;
mod report;
mod seed;
mod visitor;

use anyhow::{Result, anyhow};
use clap::Parser;
use glassbreak_testkit::server::TempDir;

use args::{Args, Child, Plan};
use bench::Bench;
use child::Kind;
use report::Report;

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    if let Some(Child::Serve { data_dir, listen, config, database, hello, bare }) = args.child {
        let kind = match (hello, bare) {
            (true, _) => Kind::Hello,
            (_, true) => Kind::Bare,
            _ => Kind::Glassbreak,
        };
        return child::serve(kind, &data_dir, listen, config, database).await;
    }
    let scratch = TempDir::new("bench").map_err(|error| anyhow!("no place to work: {error}"))?;
    let mut report = Report::default();
    report.header = machine::describe(scratch.path())?;
    let plan = Plan::of(&args);
    report.note(format!(
        "{} turns of {:?} each; rates are medians of the turns. Servers run as processes of their \
         own. The load generator runs on the same cores and takes its share of them, with the \
         baseline as with the subject.",
        plan.rounds, plan.slice
    ));
    let report = if matches!(args.child, Some(Child::Pages { .. })) {
        measure::pages::run(&plan, &scratch, &mut report).await?;
        report
    } else {
        measured(plan, scratch, report).await?
    };
    report.write(&args.out)?;
    if args.write_readme {
        report.write_readme(std::path::Path::new("README.md"))?;
    }
    println!("{}", report.markdown());
    Ok(())
}

async fn measured(plan: Plan, scratch: TempDir, mut report: Report) -> Result<Report> {
    if plan.wants("start") {
        measure::start::fresh(&plan, &scratch, &mut report).await?;
    }
    if plan.wants("policy") {
        measure::policy::run(&mut report)?;
    }
    if plan.wants("containment") {
        measure::containment::run(&plan, &scratch, &mut report).await?;
    }
    if plan.wants("postgres") {
        measure::postgres::run(&plan, &scratch, &mut report).await?;
    }
    if plan.wants("peers") {
        measure::peers::run(&plan, &scratch, &mut report).await?;
    }
    if plan.wants_only(&["start", "policy", "containment", "postgres", "peers"]) {
        return Ok(report);
    }
    let mut bench = Bench::new(plan, scratch, report).await?;
    if bench.plan.wants("strong") {
        measure::strong::run(&mut bench).await?;
    }
    if bench.plan.wants("compact") {
        measure::compact::run(&mut bench).await?;
    }
    if bench.plan.wants("issue") {
        measure::issue::run(&mut bench).await?;
    }
    if bench.plan.wants("refuse") {
        measure::refuse::run(&mut bench).await?;
    }
    if bench.plan.wants("receipt") {
        measure::receipt::run(&mut bench).await?;
    }
    if bench.plan.wants("memory") {
        measure::memory::run(&mut bench)?;
    }
    bench.stop()?;
    if bench.plan.wants("restart") {
        measure::start::existing(&mut bench).await?;
    }
    if bench.plan.wants("verify") {
        measure::verify::run(&mut bench).await?;
    }
    if bench.plan.wants("subjects") {
        measure::subjects::run(&mut bench).await?;
    }
    Ok(bench.finish())
}
