//! The program that reasons, and what is done without it.

use std::env;
use std::ffi::OsString;
use std::process::Stdio;
use std::time::{Duration, Instant};

use cedar_policy_symcc::CedarSymCompiler;
use cedar_policy_symcc::solver::LocalSolver;
use glassbreak_core::policy::Question;
use glassbreak_policy::exhaust::Search;
use glassbreak_policy::proof::{By, Proof, Prover};
use glassbreak_policy::{Loaded, PolicySet};
use tokio::process::Command;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::ask::Asking;

/// How long a solver may take unless told otherwise: to tell its version, which is long where the
/// disk is slow and it has not run for a while, and for a set. The built-in set takes under a
/// second.
pub const LIMIT: Duration = Duration::from_secs(20);
/// Names a solver that is not on the path.
const VARIABLE: &str = "CVC5";

/// Why a solver proved nothing. What it refuted is no error.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// There is none to run.
    #[error("`{program}` cannot be run; install `cvc5`, or name it in `CVC5`")]
    Missing {
        /// What was looked for.
        program: String,
    },
    /// It took too long.
    #[error("the solver took longer than {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It could not tell, or said what cannot be read.
    #[error("the solver could not tell: {0}")]
    Failed(String),
    /// Its counter-example is none, when it is asked for real.
    #[error("the solver's counter-example to `{0}` does not show it when it is asked")]
    NotShown(String),
}

/// A solver that is installed.
#[derive(Debug, Clone)]
pub struct Solver {
    program: OsString,
    name: String,
    limit: Duration,
}

impl Solver {
    /// The one that the environment variable `CVC5` names, else `cvc5` on the path.
    ///
    /// # Errors
    /// [`Unproven::Missing`] if it cannot be run or does not tell its version.
    pub fn find() -> Result<Self, Unproven> {
        let named = env::var_os(VARIABLE).filter(|program| !program.is_empty());
        Self::open(named.unwrap_or_else(|| "cvc5".into()))
    }

    /// The solver that is this program.
    ///
    /// # Errors
    /// As [`Solver::find`].
    pub fn open(program: impl Into<OsString>) -> Result<Self, Unproven> {
        let program = program.into();
        let mut greeting = Command::new(&program);
        greeting.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let said = runtime()?.block_on(async { timeout(LIMIT, greeting.output()).await });
        let limit = LIMIT.saturating_sub(began.elapsed());
        let said = said.ok().and_then(Result::ok).filter(|said| said.status.success());
        let text = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
        match text.as_deref().and_then(name) {
            Some(name) => Ok(Self { program, name, limit }),
            None => Err(Unproven::Missing { program: program.to_string_lossy().into_owned() }),
        }
    }

    /// The same with another time limit, for a whole proof.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Its name and version: `cvc5 1.0.3`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Proves or refutes every invariant, and that no rule errs, for all requests. Must not be
    /// called where asynchronous code runs.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn prove(&self, set: &Loaded) -> Result<Proof, Unproven> {
        let (held, erring) =
            self.run(async |asking| Ok((asking.held(set).await?, asking.erring(set).await?)))?;
        Ok(Proof { by: By::Solver { solver: self.name.clone() }, held, erring })
    }

    /// A request for each action that the two sets decide differently; none if they permit the
    /// same. Rules that err are taken as Cedar takes them: they have no say.
    ///
    /// # Errors
    /// [`Unproven`].
    pub fn differ(&self, before: &Loaded, after: &Loaded) -> Result<Vec<Question>, Unproven> {
        self.run(async |asking| asking.differ(before, after).await)
    }

    fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut Asking<'_>) -> Result<T, Unproven>,
    ) -> Result<T, Unproven> {
        runtime()?.block_on(async {
            let mut command = Command::new(&self.program);
            // It stops by itself too, should nobody be left to stop it.
            let milliseconds = self.limit.as_millis();
            command.args(["--lang", "smt"]).arg(format!("--tlimit={milliseconds}"));
            let process = LocalSolver::from_command(command.kill_on_drop(true)).map_err(failed)?;
            let mut compiler = CedarSymCompiler::new(process).map_err(failed)?;
            let worked = timeout(self.limit, async {
                let mut asking = Asking::new(&mut compiler)?;
                work(&mut asking).await
            });
            let told = worked.await.unwrap_or(Err(Unproven::TimedOut(self.limit)));
            // Waited for, so that a server is left with no dead child.
            let _ = compiler.solver_mut().clean_up().await;
            told
        })
    }
}

/// The solver where one is installed and can tell; else the search, and why.
#[derive(Debug)]
pub struct SolverOrSearch(Result<Solver, Unproven>);

impl SolverOrSearch {
    /// With the solver of [`Solver::find`], if there is one.
    pub fn find() -> Self {
        Self(Solver::find())
    }

    /// With this one.
    pub const fn with(solver: Solver) -> Self {
        Self(Ok(solver))
    }

    /// The solver, or why there is none.
    pub const fn solver(&self) -> Result<&Solver, &Unproven> {
        self.0.as_ref()
    }

    /// [`PolicySet::load_by`] this.
    ///
    /// # Errors
    /// The same.
    pub fn load(set: PolicySet) -> Result<Loaded, glassbreak_policy::Findings> {
        set.load_by(&Self::find())
    }
}

impl Prover for SolverOrSearch {
    fn prove(&self, set: &Loaded) -> Proof {
        let why = match &self.0 {
            Ok(solver) => match solver.prove(set) {
                Ok(proof) => return proof,
                Err(unproven) => unproven.to_string(),
            },
            Err(missing) => missing.to_string(),
        };
        let proof = Search.prove(set);
        match proof.by {
            By::Search { questions, .. } => {
                Proof { by: By::Search { questions, why: Some(why) }, ..proof }
            }
            By::Solver { .. } => proof,
        }
    }
}

/// `cvc5 1.0.3` out of `This is cvc5 version 1.0.3`.
fn name(said: &str) -> Option<String> {
    let version = said.lines().next()?.split_once("cvc5 version ")?.1.split_whitespace().next()?;
    Some(format!("cvc5 {version}"))
}

fn runtime() -> Result<Runtime, Unproven> {
    Builder::new_current_thread().enable_all().build().map_err(failed)
}

pub(crate) fn failed(error: impl std::fmt::Display) -> Unproven {
    Unproven::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solver_tells_its_version() {
        let said = "This is cvc5 version 1.0.3\ncompiled with GCC version 12.2.0\n";
        assert_eq!(name(said).as_deref(), Some("cvc5 1.0.3"));
        let said = "This is cvc5 version 1.3.1 [git tag 1.3.1 branch HEAD]";
        assert_eq!(name(said).as_deref(), Some("cvc5 1.3.1"));
        assert_eq!(name("Z3 version 4.8.12"), None);
        assert_eq!(name(""), None);
    }
}
