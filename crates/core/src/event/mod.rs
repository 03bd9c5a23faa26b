//! Events: the only vocabulary of change. What is not an event did not happen.
//!
//! An event has two parts. The *entry* goes into the log for everyone to check: no secret, no
//! personal data, subjects by opaque id. The *aside* lies beside the log, bound to the entry by a
//! digest: verifiers, the directory entry, the digest of an API key. Asides can be erased.

mod alert;
mod bundle;
mod containment;
mod happened;
mod name;
mod opens;
mod parts;
mod refused;
mod ruling;
mod self_service;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::id::{EventId, SubjectId};
use crate::time::Timestamp;

pub use alert::{AlertFacts, AlertLevel, CanaryCode, RuleAlert};
pub use bundle::{
    BundleCreated, BundleCustodianLeft, BundleEffective, BundleOpenRefused, BundleOpened,
    BundleOpeningAllowed, BundleOpeningLapsed, BundleRevoked, BundleRotationDue, BundleShareProven,
    BundleSuperseded,
};
pub use containment::{ContainmentApproved, ContainmentBegun, ContainmentLifted};
pub use happened::Happened;
pub use parts::{
    Acceptance, Alert, Aside, Asked, Attempt, ContactAddition, Declaration, EnrolmentOffered,
    Registration, RequestMark, Undelivered,
};
pub use refused::{
    BundleAsked, BundleRequestRefused, ContainmentAsked, ContainmentRequestRefused, ExceptionAsked,
    ExceptionRequestRefused, WhyNot,
};
pub use ruling::{Actor, Outcome, Ruling};
pub use self_service::{SelfServiceEntered, SelfServiceLinkMade};

/// The version of the entry format.
pub const ENTRY_VERSION: u32 = 1;

/// Something that happened, with what lies beside the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What the log says.
    pub entry: Entry,
    /// What lies beside the log.
    pub aside: Aside,
}

/// One log entry. Its canonical JSON is the leaf of the transparency log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`ENTRY_VERSION`].
    pub v: u32,
    /// The event's id.
    pub id: EventId,
    /// When it happened, in milliseconds since the Unix epoch.
    pub at: Timestamp,
    /// Whom it concerns. For an attempt on an unknown subject: a keyed pseudonym of the name tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectId>,
    /// Who did it.
    pub actor: Actor,
    /// The policy decision that allowed or refused it, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Ruling>,
    /// The caller's name for the request, by which a retry is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestMark>,
    /// What happened.
    #[serde(flatten)]
    pub happened: Happened,
}

impl Entry {
    /// The canonical bytes that become the leaf of the log (RFC 8785).
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(self)
    }

    /// Reads an entry back from its canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}
