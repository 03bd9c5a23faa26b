//! How a command ends: the named exit codes, and the failures that lead to them.

use std::fmt;
use std::process::ExitCode;

use glassbreak_verify::VerifyError;
use glassbreak_verify::cases::CaseFault;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The exit codes. Scripts may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Something failed on this side: a file, the configuration, an answer that makes no sense.
    Failure = 1,
    /// The command line is wrong. Nothing was done.
    Usage = 2,
    /// The server understood and said no: a wrong code, a missing scope, a limit that was hit.
    Refused = 3,
    /// A log, a receipt or a table is not what it should be.
    VerificationFailed = 4,
    /// The server cannot be reached, or is too busy. Trying again is safe.
    Unreachable = 5,
    /// The code was right, and the policy asks for more evidence.
    MoreEvidence = 6,
    /// An import ended, and some of its records were left out.
    Incomplete = 7,
    /// The server is sealed: its database was restored from an old backup, and two people open it.
    Sealed = 8,
    /// The server answers, and is not ready.
    NotReady = 9,
}

/// The table of exit codes, for `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0  ok                   done
  1  failure              a file, the configuration or an answer is not right
  2  usage                the command line is wrong; nothing was done
  3  refused              the server said no (wrong code, missing scope, limit hit, ...)
  4  verification_failed  a log, a receipt or a table is not what it should be
  5  unreachable          the server cannot be reached or is too busy; trying again is safe
  6  more_evidence        the code was right, and the policy asks for more evidence
  7  incomplete           an import ended, and some of its records were left out
  8  sealed               the server is sealed after a restore, until two people lift that
  9  not_ready            the server answers, and is not ready";

impl Exit {
    /// The code's name, as `--help` and JSON errors spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failure => "failure",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::VerificationFailed => "verification_failed",
            Self::Unreachable => "unreachable",
            Self::MoreEvidence => "more_evidence",
            Self::Incomplete => "incomplete",
            Self::Sealed => "sealed",
            Self::NotReady => "not_ready",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a command ends with.
pub type Outcome = Result<Exit, Failure>;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// The server said no.
    Refused(Box<Problem>),
    /// The server cannot be reached, or is too busy.
    Unreachable(String),
    /// The command line is wrong in a way that only shows when it is run.
    Usage(String),
    /// A log or a receipt is not good.
    Unverified(VerifyError),
    /// An approval in a good log does not stand.
    Unapproved {
        /// The entry's index.
        index: u64,
        /// Why.
        fault: CaseFault,
    },
    /// Anything else.
    Other(anyhow::Error),
}

impl Failure {
    /// Something that went wrong on this side.
    pub fn other(error: impl Into<anyhow::Error>) -> Self {
        Self::Other(error.into())
    }

    /// The exit code it leads to.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Refused(problem) if problem.is_busy() => Exit::Unreachable,
            Self::Refused(_) => Exit::Refused,
            Self::Unverified(VerifyError::Source { .. }) | Self::Unreachable(_) => {
                Exit::Unreachable
            }
            Self::Unverified(_) | Self::Unapproved { .. } => Exit::VerificationFailed,
            Self::Usage(_) => Exit::Usage,
            Self::Other(_) => Exit::Failure,
        }
    }

    /// The failure as an error document, for `--json`.
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "exit": self.exit().name(), "message": self.to_string() });
        if let Some(fields) = error.as_object_mut() {
            match self {
                Self::Refused(problem) => {
                    fields.insert("problem".to_owned(), json!(problem));
                }
                Self::Unverified(fault) => {
                    fields.insert("code".to_owned(), json!(fault.code()));
                }
                Self::Unapproved { .. }
                | Self::Unreachable(_)
                | Self::Usage(_)
                | Self::Other(_) => {}
            }
        }
        json!({ "error": error })
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<VerifyError> for Failure {
    fn from(fault: VerifyError) -> Self {
        Self::Unverified(fault)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(problem) => problem.fmt(f),
            Self::Unreachable(message) | Self::Usage(message) => f.write_str(message),
            Self::Unverified(fault) => {
                write!(f, "{fault}")?;
                let mut cause = std::error::Error::source(fault);
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                write!(f, " ({})", fault.code())
            }
            Self::Unapproved { index, fault } => write!(f, "entry {index}: {fault}"),
            Self::Other(error) => write!(f, "{error:#}"),
        }
    }
}

/// What the server said no with (RFC 9457).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable name of the problem.
    #[serde(default)]
    pub code: String,
    /// The problem in a few words.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What is the matter this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// The rules that refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Anything else the server told.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl Problem {
    /// Whether the server would do it, only not now.
    pub fn is_busy(&self) -> bool {
        self.status == 503
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = if self.title.is_empty() { "the server refused" } else { &self.title };
        f.write_str(title)?;
        if let Some(detail) = self.detail.as_ref().filter(|detail| *detail != title) {
            write!(f, ": {detail}")?;
        }
        if self.code.is_empty() {
            write!(f, " (status {})", self.status)?;
        } else {
            write!(f, " ({})", self.code)?;
        }
        if !self.reasons.is_empty() {
            write!(f, "; because of {}", self.reasons.join(", "))?;
        }
        match self.retry_after_seconds {
            Some(seconds) => write!(f, "; try again in {seconds} s"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_exit_code() {
        let all = [
            Exit::Ok,
            Exit::Failure,
            Exit::Usage,
            Exit::Refused,
            Exit::VerificationFailed,
            Exit::Unreachable,
            Exit::MoreEvidence,
            Exit::Incomplete,
            Exit::Sealed,
            Exit::NotReady,
        ];
        for exit in all {
            assert!(EXIT_CODES.contains(&format!("  {}  {} ", exit as u8, exit.name())));
        }
        assert_eq!(EXIT_CODES.lines().count(), all.len() + 1);
    }

    #[test]
    fn a_problem_reads_as_a_sentence() {
        let problem: Problem = serde_json::from_value(json!({
            "code": "throttled", "title": "too many attempts", "status": 429,
            "retry_after_seconds": 30, "type": "about:blank"
        }))
        .unwrap();
        assert_eq!(problem.to_string(), "too many attempts (throttled); try again in 30 s");
        assert_eq!(Failure::Refused(Box::new(problem)).exit(), Exit::Refused);
        let bare = Problem { status: 404, ..Problem::default() };
        assert_eq!(bare.to_string(), "the server refused (status 404)");
    }
}
