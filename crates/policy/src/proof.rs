//! What is known of a set for all requests, and by which means.

use std::fmt;

use glassbreak_core::policy::Question;
use serde::Serialize;

use crate::rule::Rule;
use crate::set::Loaded;

/// Finds out for all requests whether a set permits what no set may.
///
/// The search ([`crate::exhaust::Search`]) asks every question; a solver reasons about all of them.
pub trait Prover {
    /// Proves or refutes every invariant, and that no rule errs. Never fails: who cannot prove
    /// searches, and says so in [`Proof::by`].
    fn prove(&self, set: &Loaded) -> Proof;
}

/// The means by which something was proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum By {
    /// Every question there is was asked.
    #[serde(rename = "exhaustive_search")]
    Search {
        /// How many.
        questions: u64,
        /// Why no solver was asked, if one was looked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A solver reasoned about all requests.
    Solver {
        /// Its name and version: `cvc5 1.0.3`.
        solver: String,
    },
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Solver { solver } => write!(f, "proved by {solver} for all requests"),
            Self::Search { questions, why } => {
                write!(f, "searched: each of the {questions} questions there are was asked")?;
                why.as_ref().map_or(Ok(()), |why| write!(f, " (not by a solver: {why})"))
            }
        }
    }
}

/// What is known of one thing that must never be permitted.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// Its name: `never.agent-approves`.
    pub name: String,
    /// The rows that ask for it.
    pub rows: String,
    /// If questions were counted: how many of those it describes are permitted all the same, and
    /// how many it describes.
    pub counted: Option<(u64, u64)>,
    /// A permitted question, if there is any; with as little evidence as was found.
    pub counter_example: Option<Question>,
    /// The rules that permit that one, by name.
    pub by: Vec<String>,
}

impl Held {
    /// Of `invariant`, about which nothing was found.
    pub fn of(invariant: &Rule) -> Self {
        Self {
            name: invariant.name.clone(),
            rows: invariant.rows(),
            counted: None,
            counter_example: None,
            by: Vec::new(),
        }
    }

    /// Whether nothing that it describes is permitted.
    pub const fn holds(&self) -> bool {
        self.counter_example.is_none()
    }
}

/// What is known of a set for all requests.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// By which means.
    pub by: By,
    /// One for each thing that must never be permitted.
    pub held: Vec<Held>,
    /// A question on which rules err, with the rules' names.
    pub erring: Option<(Question, Vec<String>)>,
}

impl Proof {
    /// By which means, and whether everything holds, in short.
    pub fn in_short(&self) -> String {
        match &self.by {
            By::Solver { solver } if !self.holds() => {
                format!("refuted by {solver}, for all requests")
            }
            by => by.to_string(),
        }
    }

    /// Whether everything holds.
    pub fn holds(&self) -> bool {
        self.erring.is_none() && self.held.iter().all(Held::holds)
    }
}
