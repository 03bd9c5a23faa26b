//! What the events of a containment tell.

use serde::{Deserialize, Serialize};

use crate::containment::ContainmentTerms;
use crate::digest::Digest;
use crate::id::{ContainmentId, SubjectId};
use crate::recovery::Assertion;

/// Recovery was switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainmentBegun {
    /// Which.
    pub containment: ContainmentId,
    /// For whom, and why.
    #[serde(flatten)]
    pub terms: ContainmentTerms,
}

/// An approver approved that a containment is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainmentApproved {
    /// Which.
    pub containment: ContainmentId,
    /// Who.
    pub approver: SubjectId,
    /// The digest of what was approved.
    pub case: Digest,
    /// The signature over it.
    pub assertion: Assertion,
}

/// A containment was lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainmentLifted {
    /// Which.
    pub containment: ContainmentId,
    /// Who approved it.
    pub approvers: Vec<SubjectId>,
    /// The digest of what they approved.
    pub case: Digest,
}
