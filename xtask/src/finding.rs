//! What a check found, and how it is told.

use std::fmt;

/// Something that a check found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The file and the line, or a crate.
    pub(crate) place: String,
    /// What is wrong and what would be right.
    pub(crate) what: String,
}

impl Finding {
    pub(crate) fn new(place: impl fmt::Display, what: impl Into<String>) -> Self {
        Self { place: place.to_string(), what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Something a rule would find, and the reason why it may stay.
pub(crate) struct Exception {
    /// The file, from the root of the repository.
    pub(crate) path: &'static str,
    /// The function or the call.
    pub(crate) what: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
}

/// Prints the exceptions of a rule, so that nobody forgets them.
pub(crate) fn print_exceptions(rule: &str, exceptions: &[Exception]) {
    for Exception { path, what, reason } in exceptions {
        println!("allowed by name, {rule}: {path}, {what}: {reason}");
    }
}

/// Prints what was found; an error if there is anything.
pub(crate) fn settle(mut findings: Vec<Finding>) -> anyhow::Result<()> {
    findings.sort();
    findings.dedup();
    for finding in &findings {
        eprintln!("{finding}");
    }
    anyhow::ensure!(findings.is_empty(), "{} found", findings.len());
    Ok(())
}
