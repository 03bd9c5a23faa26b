//! What events are made of.

use serde::{Deserialize, Serialize};

use crate::bundle::BundleParts;
use crate::code::StoredVerifier;
use crate::code_set::Custody;
use crate::containment::GroupName;
use crate::digest::{Digest, Fingerprint};
use crate::id::{ContactId, RecoveryId, RedemptionId, SentId, SetId};
use crate::recovery::Window;
use crate::redemption::{Ending, Method, Role};
use crate::subject::{DirectoryEntry, Profile};
use crate::time::Timestamp;

/// The caller's name for a request, and a mark of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestMark {
    /// The digest of the API key's id and the `Idempotency-Key`.
    pub key: Digest,
    /// A keyed mark of the request's content.
    pub fingerprint: Fingerprint,
}

/// A link to enrol a passkey with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentOffered {
    /// Until when it is good.
    pub ends_at: Timestamp,
}

/// What the log holds of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// What the subject is.
    #[serde(flatten)]
    pub profile: Profile,
    /// The salted digest of its directory entry.
    pub directory: Digest,
    /// Whether it is told of things elsewhere than before: people hear of that at the former
    /// addresses too (N63B-NO-02).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub addresses_changed: bool,
}

/// A confirmation code that did not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// The code.
    pub confirmation: SentId,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// A recovery contact that was named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactAddition {
    /// The contact.
    pub contact: ContactId,
    /// The salted digest of its address.
    pub address: Digest,
    /// The contact of the same label whose place it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ContactId>,
    /// The salted digest of the subject's directory entry, with the contact in it.
    pub directory: Digest,
}

/// What the holder said of a set's place, since it was issued (B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The set.
    pub set: SetId,
    /// Where it is kept.
    pub custody: Custody,
}

/// What is common to every attempt to redeem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The caller's name for it.
    pub redemption: RedemptionId,
    /// A keyed mark of its content.
    pub fingerprint: Fingerprint,
    /// The role the code was to play.
    pub role: Role,
    /// What else was presented, by the caller's word.
    pub presented: Vec<Method>,
    /// A keyed pseudonym of where the attempt came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Fingerprint>,
}

/// A code accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The attempt.
    #[serde(flatten)]
    pub attempt: Attempt,
    /// The set.
    pub set: SetId,
    /// The code's place in its set.
    pub ordinal: u8,
    /// How many codes are left.
    pub remaining: u8,
    /// By when the set is to be replaced (N63B-SC-08).
    pub replace_by: Timestamp,
    /// What it counts as.
    pub method: Method,
    /// The recovery it was presented in, if it was there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryId>,
    /// The window it opened, where it was to recover the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

impl Acceptance {
    /// What is remembered of it.
    pub fn ending(&self) -> Ending {
        Ending::Accepted {
            set: self.set,
            ordinal: self.ordinal,
            remaining: self.remaining,
            replace_by: self.replace_by,
            window: self.window.clone(),
        }
    }
}

/// What is loud (E3): told to people and to whoever listens, apart from the routine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alert {
    /// Break-glass was asked for.
    BreakGlassRequested,
    /// Break-glass has its approvals.
    BreakGlassOpened,
    /// A break-glass code was used.
    BreakGlassUsed,
    /// A window ended without its obligations being met.
    WindowLapsed,
    /// Codes became a routine way in (C7).
    RoutineUse,
    /// The accountable owner of a service or an agent left (H2).
    OwnerLeft,
    /// A bundle may be opened now (E3).
    BundleOpening,
    /// A bundle was opened, and its secret told (E3).
    BundleOpened,
    /// A custodian of a bundle left: the bundle needs new shares (B3).
    CustodianLeft,
    /// A privileged subject's protection was lowered; recovery rests for a while.
    PrivilegedLowered,
    /// A rule over the log's entries found something (G3). The entry names it.
    Rule,
    /// A decoy was presented: somebody has a sheet that is nobody's to use. The entry names it.
    CanaryUsed,
    /// The subject says that something it was told of was not its own doing (N63B-NO-07).
    Repudiated,
}

/// What was asked of a recovery, where it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// To open one.
    Open,
    /// To take in a piece of evidence.
    Gather,
    /// To send a code: a release (F2).
    Send,
    /// To count an approval (F3).
    Approve,
    /// To hear a no.
    Decline,
    /// To take it as reviewed (E3).
    Review,
}

/// What lies beside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aside {
    /// Nothing.
    None,
    /// The verifiers of a set, by ordinal.
    Verifiers(Vec<StoredVerifier>),
    /// A directory entry.
    Directory(DirectoryEntry),
    /// The verifier of a code that was sent.
    SentVerifier(StoredVerifier),
    /// The public record and the sealed secret of a bundle's generation.
    Bundle(BundleParts),
    /// The text of a set of policies.
    Policy(String),
    /// The name of a group that is contained.
    Group(GroupName),
    /// The stored digest of an API key, and the name people gave it.
    ApiKey {
        /// The digest of the whole key.
        digest: Digest,
        /// What people call it.
        label: String,
        /// The groups it is bound to; everybody if there are none.
        groups: Vec<String>,
    },
}
