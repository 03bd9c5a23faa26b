//! Recovery decided by Cedar (E1 to E6): [`CedarPolicy`] answers the questions of
//! [`glassbreak_core::policy`] by the rules in `policies/*.cedar`.
//!
//! A set of rules is a unit ([`PolicySet`]): parsed, validated against the schema, linted and
//! digested before it is in force ([`Loaded`]). Everything a rule may know is a fact from a small
//! set ([`facts`]), so that every question there is can be asked: [`exhaust`] and [`diff`] do,
//! and so does the [`lint`], unless a solver can tell without ([`proof`]). What each rule says to
//! the facts it reads is kept in a table that Cedar itself fills (`tables`,
//! docs/decisions/0015), so that a decision costs look-ups.
//!
//! Pure: no I/O, no clock, no randomness. Files are read by whoever loads.

pub mod again;
pub mod deny;
pub mod diff;
pub mod exhaust;
pub mod facts;
mod finding;
pub mod lint;
mod nesting;
pub mod operators;
mod parse;
mod policy;
pub mod proof;
mod reads;
mod request;
mod rule;
pub mod scenario;
mod set;
mod tables;
mod words;

pub use finding::{Finding, Findings, Severity};
pub use policy::CedarPolicy;
pub use rule::{Effect, Rule};
pub use set::{Loaded, PolicySet, SCHEMA};
pub use words::{evidence_words, question_words};
