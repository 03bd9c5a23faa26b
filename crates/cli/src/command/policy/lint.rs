//! `glassbreak policy lint`

use glassbreak_policy::lint;
use glassbreak_policy::proof::Prover as _;
use glassbreak_policy_prove::SolverOrSearch;

use super::{Which, show_findings};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `policy lint`.
#[derive(Debug, clap::Args)]
pub struct Lint {
    #[command(flatten)]
    which: Which,
}

impl Lint {
    /// Runs it. The same is done whenever a set is loaded.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(set) = self.which.load(shared)? else { return Ok(Exit::VerificationFailed) };
        let mut findings = set.findings().clone();
        let proof = SolverOrSearch::find().prove(&set);
        findings.0.extend(lint::rules(&set, &proof).0);
        show_findings(&findings, Some(&proof), shared)?;
        Ok(if findings.refuses() { Exit::VerificationFailed } else { Exit::Ok })
    }
}
