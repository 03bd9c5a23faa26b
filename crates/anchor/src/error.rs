//! Why an anchor gave no answer.

use glassbreak_store::step::Injected;
use glassbreak_tlog::CheckpointError;
use thiserror::Error;

/// Why an anchor gave no answer. Nothing in it is secret.
#[derive(Debug, Error)]
pub enum AnchorError {
    /// Its file could not be read or written.
    #[error("the file could not be {what}")]
    File {
        /// "read" or "written".
        what: &'static str,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// What it keeps is no checkpoint that this log signed: somebody wrote to it, or it belongs to
    /// another log, or the log's keys are not those it was made with.
    #[error("what it keeps is no checkpoint that this log signed")]
    Kept(#[source] CheckpointError),
    /// It keeps another log's checkpoint in the place of this one's.
    #[error("it keeps a checkpoint of `{kept}`, and this log is `{ours}`")]
    OtherLog {
        /// Whose it keeps.
        kept: String,
        /// Whose was offered.
        ours: String,
    },
    /// It could not be reached, or did not answer in time.
    #[error("it could not be reached")]
    Unreachable(#[source] Box<ureq::Error>),
    /// It refused. The text is ours.
    #[error("it answered {status}: {what}")]
    Refused {
        /// The status of its answer.
        status: u16,
        /// What that means here.
        what: &'static str,
    },
    /// It says that the log has lost something, and does not prove it. Anybody could say so.
    #[error("it says that {claim}, and shows nothing that this log signed to prove it")]
    Unproven {
        /// What it says.
        claim: &'static str,
        /// What it showed in place of a proof.
        #[source]
        shown: Box<AnchorError>,
    },
    /// Its answer has a form that it must not have.
    #[error("its answer cannot be understood: {0}")]
    NotUnderstood(&'static str),
    /// A test made the step fail.
    #[error(transparent)]
    Injected(#[from] Injected),
}
