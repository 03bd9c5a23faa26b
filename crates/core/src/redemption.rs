//! What an attempt to redeem is made of, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::digest::Fingerprint;
use crate::id::{SetId, SubjectId};
use crate::time::Timestamp;

/// The role a code plays (STANDARDS trap 2). The duties differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A look-up secret beside a password (SP 800-63B-4 section 3.1.2).
    SecondFactor,
    /// A saved recovery code, to get back in after the factors are gone (section 4.2.1.1).
    AccountRecovery,
}

/// What the caller vouches for besides the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password was verified.
    Password,
    /// A bound single-factor authenticator was verified.
    Authenticator,
    /// Identity proofing was repeated at the level of enrolment.
    Proofing,
}

/// Why an attempt was refused. For the log; the caller is never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyRefused {
    /// Nobody of that name is registered.
    SubjectUnknown,
    /// Recovery rests for the subject.
    SubjectSuspended,
    /// The subject left.
    SubjectDeparted,
    /// The code is none of the subject's.
    NoMatch,
    /// The code was used before.
    CodeSpent,
    /// The set was never confirmed, or not yet.
    SetUnconfirmed,
    /// The set has expired.
    SetExpired,
    /// The set was revoked.
    SetRevoked,
    /// A newer set took its place.
    SetSuperseded,
    /// The set was disabled after too many failures.
    SetDisabled,
    /// The code was right; the policy refused.
    Policy,
}

/// What is remembered of a redemption under its name, so that a retry gets the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The subject it was tried on.
    pub subject: SubjectId,
    /// The mark of its content.
    pub fingerprint: Fingerprint,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub ending: Ending,
}

/// How a redemption ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Accepted.
    Accepted {
        /// The set.
        set: SetId,
        /// The code's place in it.
        ordinal: u8,
        /// How many codes were left.
        remaining: u8,
        /// By when the set is to be replaced.
        replace_by: Timestamp,
    },
    /// The code was right, and more evidence was asked for.
    Deferred {
        /// The set.
        set: SetId,
        /// What would have done.
        alternatives: Vec<Vec<Method>>,
    },
    /// Refused.
    Refused,
}
