//! Proofs about policies by a solver (E1, E5, C8): what the exhaustive search of
//! [`glassbreak_policy`] finds by asking every question, cvc5 tells by reasoning about all of them,
//! the name of a tier among what may be anything (docs/decisions/0017).
//!
//! The solver is a program that may be installed or not: [`Solver::find`]. Whoever wants an answer
//! in any case asks [`SolverOrSearch`], which takes the search where there is no solver, where it
//! takes too long, or where it says what does not come true when it is asked for real.

mod ask;
mod solver;

pub use solver::{LIMIT, Solver, SolverOrSearch, Unproven};
