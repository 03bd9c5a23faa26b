//! What an attempt to redeem is made of, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::digest::Fingerprint;
use crate::id::{RecoveryId, SetId, SubjectId};
use crate::recovery::Window;
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

/// A kind of evidence. Two pieces of one kind count once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password was verified.
    Password,
    /// A bound single-factor authenticator was verified.
    Authenticator,
    /// Identity proofing was repeated at the level of enrolment (ASVS 6.4.4).
    Proofing,
    /// The same with the biometric comparison that N63B-RA-04 asks for.
    BiometricProofing,
    /// A saved recovery code (SP 800-63B-4 section 4.2.1.1).
    SavedCode,
    /// A code issued by text message, telephone or letter (section 4.2.1.2).
    IssuedCode,
    /// A code issued by mail. By the standard one method with the one before; apart because mail
    /// alone never recovers anything (C8).
    MailedCode,
    /// A code by way of a recovery contact (section 4.2.1.3).
    RecoveryContact,
    /// A break-glass code.
    BreakGlassCode,
    /// Identity was verified again before release (F2).
    SecondVerification,
    /// A named approver approved (F3).
    Approval,
    /// A second named approver approved.
    SecondApproval,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 12] = [
        Self::Password,
        Self::Authenticator,
        Self::Proofing,
        Self::BiometricProofing,
        Self::SavedCode,
        Self::IssuedCode,
        Self::MailedCode,
        Self::RecoveryContact,
        Self::BreakGlassCode,
        Self::SecondVerification,
        Self::Approval,
        Self::SecondApproval,
    ];

    /// Whether a caller's word is enough for it. The others come into a recovery on a road of
    /// their own, which leaves evidence of more than the word.
    pub const fn is_vouched_for(self) -> bool {
        matches!(self, Self::Password | Self::Authenticator | Self::Proofing)
    }
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
    /// Codes became a routine way in (C7).
    RoutineUse,
    /// The recovery it was to be part of has ended, or is somebody else's.
    RecoveryClosed,
    /// Recovery is switched off for the subject (I1).
    Contained,
    /// The code is a decoy, which never works.
    Canary,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
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
        /// The window it opened, where it was to recover the account.
        window: Option<Window>,
    },
    /// A code that was sent came back and was used up.
    Gathered {
        /// In which recovery.
        recovery: RecoveryId,
        /// The window, where it was enough.
        window: Option<Window>,
        /// Where it was not: what would do.
        alternatives: Vec<Vec<Method>>,
    },
    /// The code was right, and more evidence was asked for.
    Deferred {
        /// The set.
        set: SetId,
        /// The recovery that waits for more.
        recovery: Option<RecoveryId>,
        /// What would have done.
        alternatives: Vec<Vec<Method>>,
    },
    /// Refused.
    Refused,
}
