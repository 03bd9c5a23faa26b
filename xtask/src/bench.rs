//! `cargo xtask bench`: measures against the yardsticks of DESIGN section 9, in release.

use anyhow::Result;

use crate::run::{cargo, step};

/// Hands everything on to the crate that measures.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut bench = cargo();
    bench.args(["run", "--release", "--package", "glassbreak-bench", "--"]).args(arguments);
    step("bench", &mut bench)?;
    Ok(())
}
