//! What is wrong with a set of rules or with settings, so that somebody can mend it.

use std::fmt;

use serde::Serialize;

/// What a finding leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is told; the set may be loaded.
    Warn,
    /// The set is refused.
    Refuse,
}

impl Severity {
    /// The severity's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}

/// Something wrong, or doubtful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The finding's stable name: `syntax`, `never.agent-approves`, ...
    pub name: String,
    /// What it leads to.
    pub severity: Severity,
    /// The file, or the setting's path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The line, from 1; 0 where no line is meant.
    #[serde(skip_serializing_if = "is_zero")]
    pub line: usize,
    /// The rules it is about, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The requirement or standard row that asks for it to be otherwise (E5, N63B-RA-02, ...).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row: String,
    /// What is wrong and what to do.
    pub message: String,
    /// A question that shows it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(line: &usize) -> bool {
    *line == 0
}

impl Finding {
    /// A finding that refuses.
    pub fn refuse(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            severity: Severity::Refuse,
            file: String::new(),
            line: 0,
            rules: Vec::new(),
            row: String::new(),
            message: message.into(),
            shown_by: None,
        }
    }

    /// A finding that is only told.
    pub fn warn(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warn, ..Self::refuse(name, message) }
    }

    /// Where it is.
    #[must_use]
    pub fn at(self, file: impl Into<String>, line: usize) -> Self {
        Self { file: file.into(), line, ..self }
    }

    /// The row that asks for it to be otherwise.
    #[must_use]
    pub fn row(self, row: impl Into<String>) -> Self {
        Self { row: row.into(), ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => {}
            (file, 0) => write!(f, "{file}: ")?,
            (file, line) => write!(f, "{file}:{line}: ")?,
        }
        write!(f, "{} {}: {}", self.severity.name(), self.name, self.message)?;
        if !self.rules.is_empty() {
            write!(f, "; by {}", self.rules.join(", "))?;
        }
        if !self.row.is_empty() {
            write!(f, " ({})", self.row)?;
        }
        if let Some(shown_by) = &self.shown_by {
            write!(f, "; shown by: {shown_by}")?;
        }
        Ok(())
    }
}

/// All that is wrong with a set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Whether a set with these must not be loaded.
    pub fn refuses(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Refuse)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Findings {}
