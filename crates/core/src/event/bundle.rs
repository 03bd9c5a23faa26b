//! What happens to recovery bundles. Never a secret, a share or a token: names, numbers, digests.

use serde::{Deserialize, Serialize};

use super::Happened;
use crate::bundle::HandOut;
use crate::code_set::RevokeReason;
use crate::digest::Digest;
use crate::id::{BundleId, RecoveryId, SubjectId};
use crate::time::Timestamp;

/// A secret was split, and its shares were handed out, once (A4, B3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleCreated {
    /// The bundle.
    pub bundle: BundleId,
    /// What it was handed out as.
    #[serde(flatten)]
    pub hand_out: HandOut,
}

/// A custodian proved that the share can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleShareProven {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
    /// Who.
    pub custodian: SubjectId,
}

/// Every custodian has proven: from now on this generation counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleEffective {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
    /// The digest of its public record.
    pub record: Digest,
}

/// A newer generation took its place. What was sealed is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleSuperseded {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
    /// The newer one.
    pub by: u32,
}

/// Policy and two approvers allow that it is opened (E3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleOpeningAllowed {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
    /// The digest of its public record.
    pub record: Digest,
    /// The recovery that has the reason and the approvals.
    pub recovery: RecoveryId,
    /// Until when.
    pub until: Timestamp,
}

/// An opening ended unused: its time was up, or the recovery that it rested on had ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleOpeningLapsed {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
}

/// Shares were brought that do not open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleOpenRefused {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
    /// In which recovery.
    pub recovery: RecoveryId,
    /// Whose shares were not what was handed out; none if there were just not enough.
    pub wrong: Vec<SubjectId>,
}

/// The secret was put together and told, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleOpened {
    /// The bundle.
    pub bundle: BundleId,
    /// Which split of it.
    pub generation: u32,
    /// The digest of its public record.
    pub record: Digest,
    /// In which recovery.
    pub recovery: RecoveryId,
    /// Whose shares it took.
    pub custodians: Vec<SubjectId>,
}

/// The secret is to be replaced and split anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRotationDue {
    /// The bundle.
    pub bundle: BundleId,
}

/// A custodian has left. The share exists all the same: new ones are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleCustodianLeft {
    /// The bundle.
    pub bundle: BundleId,
    /// Who.
    pub custodian: SubjectId,
}

/// A bundle was revoked. What was sealed is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleRevoked {
    /// The bundle.
    pub bundle: BundleId,
    /// Why.
    pub reason: RevokeReason,
}

impl Happened {
    /// The bundle that it changes, if it changes one.
    pub const fn bundle(&self) -> Option<BundleId> {
        match self {
            Self::BundleCreated(BundleCreated { bundle, .. })
            | Self::BundleShareProven(BundleShareProven { bundle, .. })
            | Self::BundleEffective(BundleEffective { bundle, .. })
            | Self::BundleSuperseded(BundleSuperseded { bundle, .. })
            | Self::BundleOpeningAllowed(BundleOpeningAllowed { bundle, .. })
            | Self::BundleOpeningLapsed(BundleOpeningLapsed { bundle, .. })
            | Self::BundleOpenRefused(BundleOpenRefused { bundle, .. })
            | Self::BundleOpened(BundleOpened { bundle, .. })
            | Self::BundleRotationDue(BundleRotationDue { bundle, .. })
            | Self::BundleCustodianLeft(BundleCustodianLeft { bundle, .. })
            | Self::BundleRevoked(BundleRevoked { bundle, .. }) => Some(*bundle),
            _ => None,
        }
    }
}
