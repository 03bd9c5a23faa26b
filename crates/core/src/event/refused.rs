//! Refused requests about exceptions, bundles and containments (G1). They change nothing, and hold
//! nothing that the caller wrote: ids, and names of ours.

use serde::{Deserialize, Serialize};

use crate::id::{BundleId, ContainmentId, ExceptionId, SubjectId};

/// What was asked of an exception, where it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionAsked {
    /// To make one (F5).
    Request,
    /// To count an approval (F5).
    Approve,
}

/// What was asked of a bundle, where it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BundleAsked {
    /// To split a secret among custodians (B3).
    Create,
    /// To count a custodian's proof (B3).
    Prove,
    /// To allow that it is opened (E3).
    AllowOpening,
    /// To open it (E3).
    Open,
}

/// Something asked of an exception, or for one, was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRequestRefused {
    /// Of which exception; none where one was to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<ExceptionId>,
    /// What was asked.
    pub asked: ExceptionAsked,
    /// Who asked for it, or was to approve it.
    pub by: SubjectId,
    /// Why.
    #[serde(flatten)]
    pub why: WhyNot,
}

/// Something asked of a bundle, or for one, was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRequestRefused {
    /// Of which bundle; none where one was to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleId>,
    /// What was asked.
    pub asked: BundleAsked,
    /// Whose proof it was to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SubjectId>,
    /// Why.
    #[serde(flatten)]
    pub why: WhyNot,
}

/// What was asked of a containment, where it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainmentAsked {
    /// To count an approval of its lifting (I1).
    Approve,
    /// To lift it (I1).
    Lift,
}

/// Something asked of a containment was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainmentRequestRefused {
    /// Of which.
    pub containment: ContainmentId,
    /// What was asked.
    pub asked: ContainmentAsked,
    /// Who was to approve it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<SubjectId>,
    /// Why.
    #[serde(flatten)]
    pub why: WhyNot,
}

/// Why something was refused, in names of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyNot {
    /// The refusal's stable code.
    pub why: String,
    /// The part of the request that it was refused over, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What of the passkey's answer did not hold, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<String>,
}
