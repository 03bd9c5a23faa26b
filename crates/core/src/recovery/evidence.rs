//! What is gathered in a recovery, and what of it counts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Recovery;
use crate::code::Scheme;
use crate::digest::Digest;
use crate::id::{ContactId, RedemptionId, SentId, SubjectId};
use crate::operator::Approvers;
use crate::redemption::Method;
use crate::subject::{Channel, Proofing};
use crate::time::Timestamp;

/// What an agent looked at. References to it are kept; pictures of it never are (F2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// An identity document, seen and checked.
    Document,
    /// A face or a fingerprint, compared with the one on record.
    Biometric,
    /// A call back to a number that was on record before the case.
    CallBack,
    /// A conversation on video.
    Video,
    /// In person.
    InPerson,
    /// A word of the manager on record.
    Manager,
}

/// One thing presented inside a recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// The calling program vouches for it: a password or an authenticator was verified or, in the
    /// subject's own recovery, identity was proofed again.
    Vouched {
        /// What was.
        method: Method,
    },
    /// Identity was proofed again (ASVS 6.4.4).
    Proofed {
        /// The level reached.
        level: Proofing,
        /// What was looked at.
        checks: Vec<Check>,
        /// By whom.
        agent: SubjectId,
        /// Where the record of it lies.
        reference: Reference,
    },
    /// Identity was verified again, before release (F2).
    VerifiedAgain {
        /// What was looked at; not what was looked at the first time.
        check: Check,
        /// By whom.
        agent: SubjectId,
        /// Where the record of it lies.
        reference: Reference,
    },
    /// A code was accepted.
    Presented {
        /// What it counts as.
        method: Method,
        /// The attempt that used it up.
        redemption: RedemptionId,
        /// The code sent during this recovery, if it was one of those.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sent: Option<SentId>,
    },
}

/// A code sent during a recovery (SP 800-63B-4 section 4.2.1.2). What the log holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its id.
    pub id: SentId,
    /// How it went out.
    pub channel: Channel,
    /// The salted digest of where to.
    pub address: Digest,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it expires (N63B-IC-03 to -06).
    pub expires_at: Timestamp,
    /// How its verifier was made.
    pub scheme: Scheme,
    /// The generation of the pepper key its verifier was made under.
    pub key_generation: u32,
    /// The digest of its verifier.
    pub verifier: Digest,
    /// The recovery contact it went to, if it did not go to the subject (N63B-RC-01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
}

impl Sent {
    /// Whether it went to that address, of that contact if not of the subject.
    pub fn is_to(&self, contact: Option<ContactId>, address: &Digest) -> bool {
        self.contact == contact && self.address == *address
    }

    /// What the code counts as when it comes back.
    pub const fn method(&self) -> Method {
        match self.channel {
            _ if self.contact.is_some() => Method::RecoveryContact,
            Channel::Email => Method::MailedCode,
            Channel::Sms | Channel::Voice | Channel::Postal | Channel::Push => Method::IssuedCode,
        }
    }
}

/// A name in somebody else's records: a ticket, a change, a file number. 1 to 64 letters, digits
/// and `._/#:-`, so that no prose and no personal data gets into the log with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

impl Reference {
    /// The reference as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Reference> for String {
    fn from(value: Reference) -> Self {
        value.0
    }
}

impl TryFrom<String> for Reference {
    type Error = InvalidReference;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._/#:-".contains(c);
        if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
            return Err(InvalidReference);
        }
        Ok(Self(text))
    }
}

/// A reference that is empty, too long or has other than letters, digits and `._/#:-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference is 1 to 64 letters, digits and `._/#:-`, such as a ticket's number")]
pub struct InvalidReference;

impl Item {
    /// What it counts as for a subject that was proofed at `enrolled`.
    fn method(&self, enrolled: Proofing) -> Option<Method> {
        match self {
            Self::Vouched { method } | Self::Presented { method, .. } => Some(*method),
            Self::Proofed { level, .. } if *level < enrolled => None,
            Self::Proofed { checks, .. } if checks.contains(&Check::Biometric) => {
                Some(Method::BiometricProofing)
            }
            Self::Proofed { .. } => Some(Method::Proofing),
            Self::VerifiedAgain { .. } => Some(Method::SecondVerification),
        }
    }

    /// Whether it is a second look at one of `checks`.
    pub(crate) fn looked_again_at(&self, checks: &[Check]) -> bool {
        matches!(self, Self::VerifiedAgain { check, .. } if checks.contains(check))
    }

    /// Whether approvers approve it: what agents found, not what the claimant brings afterwards.
    pub(super) const fn is_of_the_case(&self) -> bool {
        matches!(self, Self::Proofed { .. } | Self::VerifiedAgain { .. })
    }
}

impl Recovery {
    /// What counts of what was gathered, for a subject that was proofed at `enrolled`. Proofing
    /// below that level does not count (ASVS 6.4.4), nor does an approval of another state of the
    /// case, or one that its approver does not stand by any more.
    pub fn evidence(&self, enrolled: Proofing, approvers: &Approvers) -> BTreeSet<Method> {
        let mut evidence: BTreeSet<Method> =
            self.items.iter().filter_map(|item| item.method(enrolled)).collect();
        let approvers = self.approvers(approvers).len();
        if approvers >= 1 {
            evidence.insert(Method::Approval);
        }
        if approvers >= 2 {
            evidence.insert(Method::SecondApproval);
        }
        evidence
    }

    /// Whether what the claimant showed would recover an account of `aal2`, whatever the account is
    /// (SP 800-63B-4 section 4.2.2.2): two codes by different methods, a code and a bound
    /// single-factor authenticator, or proofing repeated at the level `enrolled`. `beside` is what
    /// was shown with the code, which no item tells.
    pub fn is_enough_at_aal2(&self, enrolled: Proofing, beside: &[Method]) -> bool {
        let items = self.items.iter().filter_map(|item| item.method(enrolled));
        let shown: BTreeSet<Method> = items.chain(beside.iter().copied()).collect();
        let any = |methods: &[Method]| methods.iter().any(|method| shown.contains(method));
        let codes = [
            any(&[Method::SavedCode]),
            any(&[Method::IssuedCode, Method::MailedCode]),
            any(&[Method::RecoveryContact]),
        ];
        match codes.into_iter().filter(|given| *given).count() {
            0 | 1 if any(&[Method::Proofing, Method::BiometricProofing]) => true,
            0 => false,
            1 => any(&[Method::Password, Method::Authenticator]),
            _ => true,
        }
    }

    /// The code that counts if it comes back before it expires: the last one sent, once, and none
    /// after too many failures, nor one that did not go out.
    pub fn awaited(&self, now: Timestamp) -> Option<&Sent> {
        if self.codes_disabled_at.is_some() {
            return None;
        }
        let last = self.sent.last().filter(|sent| sent.expires_at > now)?;
        if self.undelivered.contains(&last.id) {
            return None;
        }
        let came_back =
            |item: &Item| matches!(item, Item::Presented { sent: Some(id), .. } if *id == last.id);
        (!self.items.iter().any(came_back)).then_some(last)
    }
}
