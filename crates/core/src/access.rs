//! Who may call what, and the keys that have generations.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::SubjectId;
use crate::time::Timestamp;

/// What an API key may do. Each call names the one it needs; `Admin` does not include the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Register subjects, issue and confirm code sets.
    Issue,
    /// Redeem codes.
    Redeem,
    /// Revoke sets, report lifecycle events.
    Revoke,
    /// Read inventory, timelines and the log.
    Audit,
    /// Make and revoke API keys, rotate keys, appoint operators.
    Admin,
    /// Open and follow recoveries.
    Recover,
    /// Run support cases: evidence of agents, release of codes.
    Support,
    /// Hand in approvals. They count by their signature, not by this scope.
    Approve,
    /// Switch recovery off, and hand in the lifting of that.
    Contain,
    /// Provision subjects and groups over SCIM, and nothing else.
    Provision,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 10] = [
        Self::Issue,
        Self::Redeem,
        Self::Revoke,
        Self::Audit,
        Self::Admin,
        Self::Recover,
        Self::Support,
        Self::Approve,
        Self::Contain,
        Self::Provision,
    ];

    /// The scope's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Redeem => "redeem",
            Self::Revoke => "revoke",
            Self::Audit => "audit",
            Self::Admin => "admin",
            Self::Recover => "recover",
            Self::Support => "support",
            Self::Approve => "approve",
            Self::Contain => "contain",
            Self::Provision => "provision",
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}

/// Not the name of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is one of issue, redeem, revoke, audit, admin, recover, support, approve, contain, provision"
)]
pub struct UnknownScope;

/// What a new API key may do, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
    /// Whom it reaches: subjects in one of these groups, at most [`Self::GROUPS_MAX`] of 1 to
    /// [`Self::GROUP_BYTES_MAX`] bytes. Everybody if there are none.
    pub groups: Vec<String>,
    /// The one operator in whose name it acts, if it is one person's or agent's.
    pub operator: Option<SubjectId>,
}

impl Rights {
    /// The most groups that a key is bound to.
    pub const GROUPS_MAX: usize = 32;
    /// The longest name of a group, in bytes; as long as a registration's.
    pub const GROUP_BYTES_MAX: usize = 256;
}

impl From<Vec<Scope>> for Rights {
    /// These scopes, everybody, and in anybody's name.
    fn from(scopes: Vec<Scope>) -> Self {
        Self { scopes, groups: Vec::new(), operator: None }
    }
}

/// A stored API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public id.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Whom it reaches: subjects in one of these groups. Everybody if there are none.
    pub groups: Vec<String>,
    /// The one operator in whose name it acts, if it is one person's or agent's.
    pub operator: Option<SubjectId>,
    /// The SHA-256 digest of the whole key. The key itself has 160 random bits.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What a derived key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Binds verifiers to a secret outside the database (N63B-HS-07).
    Pepper,
    /// Signs the log's checkpoints.
    LogSigning,
    /// Signs recovery grants.
    GrantSigning,
}

impl KeyPurpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::Pepper, Self::LogSigning, Self::GrantSigning];

    /// The purpose's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pepper => "pepper",
            Self::LogSigning => "log_signing",
            Self::GrantSigning => "grant_signing",
        }
    }
}
