//! Rules over the entries of the log: what people should hear of, with the reasons shown (G3, C7,
//! and G5 in part).
//!
//! Rules are data, in Sigma's form where it fits; docs/ALERTS.md has the language and every rule
//! that comes with Glassbreak. Pure: entries go in, alerts come out, and what is remembered between
//! is bounded and can be kept. Start with [`RuleSet`] in `set.rs` and [`Evaluator`] in
//! `evaluator.rs`; what one rule does with one entry is in `turn.rs`.

mod alert;
mod built_in;
mod condition;
mod correlation;
mod detection;
mod evaluator;
mod fault;
mod history;
mod memory;
mod path;
mod rule;
mod set;
mod span;
mod state;
mod trial;
mod turn;
mod yaml;

pub use alert::Alert;
pub use built_in::files as built_in_files;
pub use evaluator::Evaluator;
pub use fault::{RuleError, RuleErrors};
pub use memory::Limits;
pub use rule::{Rule, Status};
pub use set::{RuleSet, SourceFile};
pub use state::{State, StateError};
pub use trial::{Trial, TrialReport, untried};
