//! `cargo xtask layers`: no crate and no call reaches where it must not (DESIGN section 3).
//!
//! Four parts: which crate may use which ([`crates`]), which calls may stand where ([`calls`]),
//! what must go through `durably` ([`durable`]), and whether names say the same everywhere
//! ([`names`]).

mod calls;
mod crates;
mod durable;
mod names;

use anyhow::Result;

use crate::finding::settle;
use crate::{run, source};

/// Checks.
pub(crate) fn run(_: &[String]) -> Result<()> {
    let started = run::now();
    let mut findings = Vec::new();
    let graph = crates::Graph::read()?;
    graph.check(&mut findings);
    let sources = source::rust_files()?;
    calls::check(&sources, &mut findings);
    durable::check(&sources, &mut findings);
    names::check(&graph.members(), &mut findings)?;
    settle(findings)?;
    println!(
        "layers: {} crates, {} files, nothing out of place ({})",
        graph.members().len(),
        sources.len(),
        run::spell(started.elapsed())
    );
    Ok(())
}
