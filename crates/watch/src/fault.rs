//! What is wrong with a file of rules: where, what, and what to do about it.

use std::fmt;

/// Something in a file of rules that is not right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}; {help}")]
pub struct RuleError {
    /// The file's name, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub help: String,
}

/// All that is wrong with a set of rules; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for RuleErrors {}

/// The same while the file's name is not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) problem: String,
    pub(crate) help: String,
}

impl Fault {
    pub(crate) fn new(line: usize, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self { line, problem: problem.into(), help: help.into() }
    }

    pub(crate) fn in_file(self, file: &str) -> RuleError {
        let Self { line, problem, help } = self;
        RuleError { file: file.to_owned(), line, problem, help }
    }
}
