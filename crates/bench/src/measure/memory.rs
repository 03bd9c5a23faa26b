//! The memory of the server after all that load.

use anyhow::Result;

use crate::bench::Bench;
use crate::machine::memory;
use crate::report::Row;

/// Measures.
pub(crate) fn run(bench: &mut Bench) -> Result<()> {
    let memory = memory(bench.server()?.pid())?;
    let figure = format!(
        "{:.1} MiB ({:.1} of it anonymous), at most {:.1}",
        memory.resident, memory.anonymous, memory.peak
    );
    bench.report.add(Row::plain("memory after the load", figure));
    let size = std::fs::metadata(bench.seeded.database())?.len() >> 20;
    bench.report.add(Row::plain("the database by then", format!("{size} MiB")));
    Ok(())
}
