//! A recovery: one attempt of a subject to get back in.
//!
//! ```text
//! open ──enough evidence──> window ──obligations met──> completed
//!  │                           └── its time is up ──> lapsed; the path is closed
//!  ├── declined by an approver ──> refused
//!  ├── given up ──> cancelled
//!  └── its time is up ──> lapsed
//! ```
//!
//! A support case is a recovery that an agent opened. What has been gathered is a list of
//! [`Item`]s; what of it counts is [`Recovery::evidence`], and whether that is enough the policy
//! says.

mod case;
mod change;
mod evidence;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{BundleId, GrantId, RecoveryId, SentId, SubjectId};
use crate::time::Timestamp;

pub use case::{Approval, Assertion, CaseWord};
pub use change::RecoveryError;
pub use evidence::{Check, InvalidReference, Item, Reference, Sent};

/// Who opened a recovery, as rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opener {
    /// The subject itself.
    Subject,
    /// A support agent: the recovery is a case.
    Agent,
}

/// Who opened a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum OpenedBy {
    /// The subject itself, by way of the program that called.
    Subject {},
    /// A support agent, by name.
    Agent {
        /// Who.
        agent: SubjectId,
    },
}

impl OpenedBy {
    /// The opener as rules see it.
    pub const fn opener(self) -> Opener {
        match self {
            Self::Subject {} => Opener::Subject,
            Self::Agent { .. } => Opener::Agent,
        }
    }

    /// The agent, if one opened it.
    pub const fn agent(self) -> Option<SubjectId> {
        match self {
            Self::Subject {} => None,
            Self::Agent { agent } => Some(agent),
        }
    }
}

/// Why the subject cannot get in (F6 counts by it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The phone is lost, stolen or broken.
    PhoneLost,
    /// The authenticator app was deleted.
    AuthenticatorDeleted,
    /// The device was migrated and the factor did not come along.
    DeviceMigrated,
    /// The saved codes are lost.
    CodesLost,
    /// Nothing else works: break glass.
    Emergency,
    /// A code was redeemed and nobody said why.
    Unstated,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 6] = [
        Self::PhoneLost,
        Self::AuthenticatorDeleted,
        Self::DeviceMigrated,
        Self::CodesLost,
        Self::Emergency,
        Self::Unstated,
    ];

    /// The cause's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PhoneLost => "phone_lost",
            Self::AuthenticatorDeleted => "authenticator_deleted",
            Self::DeviceMigrated => "device_migrated",
            Self::CodesLost => "codes_lost",
            Self::Emergency => "emergency",
            Self::Unstated => "unstated",
        }
    }
}

/// Why somebody ended a recovery that could have gone on (F5): no prose, which could name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person is in again, or wants it no more.
    NoNeed,
    /// The person could not be verified.
    NotVerified,
    /// Something looks like somebody else's doing.
    Suspicious,
    /// It should not have been opened, or not like this.
    Mistake,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::NoNeed, Self::NotVerified, Self::Suspicious, Self::Mistake];

    /// The reason's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoNeed => "no_need",
            Self::NotVerified => "not_verified",
            Self::Suspicious => "suspicious",
            Self::Mistake => "mistake",
        }
    }
}

/// How a recovery was opened; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// By whom.
    #[serde(flatten)]
    pub by: OpenedBy,
    /// Why.
    pub cause: Cause,
    /// The person who asked for it, where that is not the subject (NHI10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<SubjectId>,
    /// The ticket or change that stands for it elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// When it lapses unless satisfied.
    pub expires_at: Timestamp,
    /// The salted digests of the addresses that were verified then. Codes are sent to no other, and
    /// approvers sign them with the rest: an address that is changed in mid-case gets nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Digest>,
    /// The same of the recovery contacts whose addresses were confirmed then (N63B-RC-01).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Digest>,
    /// Of an emergency that a bundle is to be opened in: which one. Approvers sign it with the
    /// rest, and no other bundle is opened in it (E3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleId>,
}

impl Opening {
    /// One that a subject's code opens by itself: nobody named a cause, and nothing was sent yet.
    pub(crate) const fn by_a_code(expires_at: Timestamp) -> Self {
        Self {
            by: OpenedBy::Subject {},
            cause: Cause::Unstated,
            requester: None,
            reference: None,
            expires_at,
            addresses: Vec::new(),
            contacts: Vec::new(),
            bundle: None,
        }
    }

    /// Whether a person and a reference are on record for it.
    pub const fn accounted_for(&self) -> bool {
        self.requester.is_some() && self.reference.is_some()
    }
}

/// What has to be done within the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obligation {
    /// Bind a new authenticator (C5).
    BindAuthenticator,
    /// Take a new set of codes in place of the old (C6, N63B-SC-08).
    ReplaceCodes,
}

impl Obligation {
    /// The obligation's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BindAuthenticator => "bind_authenticator",
            Self::ReplaceCodes => "replace_codes",
        }
    }
}

/// The narrow time in which a recovered subject re-enrols (C4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The recovery it belongs to.
    pub recovery: RecoveryId,
    /// The grant that opens it.
    pub grant: GrantId,
    /// When it closes, met or not.
    pub ends_at: Timestamp,
    /// What is still to be done.
    pub obligations: Vec<Obligation>,
}

/// Where a recovery stands; each state carries what is true only in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RecoveryState {
    /// Evidence is being gathered.
    Open {},
    /// There was enough, and the window is open.
    Window(Window),
    /// The obligations were met.
    Completed {
        /// When.
        at: Timestamp,
    },
    /// Its time was up.
    Lapsed {
        /// When that was written down.
        at: Timestamp,
        /// Whether a window had been open: then the subject's recovery path was closed (C5).
        in_window: bool,
    },
    /// An approver declined.
    Refused {
        /// When.
        at: Timestamp,
        /// Who.
        by: SubjectId,
    },
    /// Given up.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

impl RecoveryState {
    /// The state's name, as API, CLI and tables spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open {} => "open",
            Self::Window(_) => "window",
            Self::Completed { .. } => "completed",
            Self::Lapsed { .. } => "lapsed",
            Self::Refused { .. } => "refused",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// The review that follows each use of a break-glass code (E3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "review", rename_all = "snake_case")]
pub enum Review {
    /// Somebody has to look at it.
    Due {
        /// By when.
        by: Timestamp,
    },
    /// Somebody did.
    Done {
        /// When.
        at: Timestamp,
        /// Who: neither requester nor opener.
        reviewer: SubjectId,
    },
}

/// A recovery as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Its id.
    pub id: RecoveryId,
    /// Who is to get back in.
    pub subject: SubjectId,
    /// How it was opened.
    pub opening: Opening,
    /// When.
    pub opened_at: Timestamp,
    /// What was gathered, in order.
    pub items: Vec<Item>,
    /// The codes sent; only the last of them counts.
    pub sent: Vec<Sent>,
    /// Those of them that did not go out, for certain. They are dead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<SentId>,
    /// Failed attempts while it waited for a code that was sent. Another code does not start the
    /// count anew (N63B-TH-08), and neither does a success.
    #[serde(default)]
    pub failures: u32,
    /// Since when no code sent in it counts any more, after too many of those (N63B-IC-07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes_disabled_at: Option<Timestamp>,
    /// The approvals given, in order.
    pub approvals: Vec<Approval>,
    /// Where it stands.
    pub state: RecoveryState,
    /// When there was enough evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfied_at: Option<Timestamp>,
    /// Where a review follows: whether it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

impl Recovery {
    /// The most items, codes sent and approvals that one recovery takes, each.
    pub const LIST_MAX: usize = 32;

    /// Whether it may still change of itself or by the subject.
    pub const fn is_live(&self) -> bool {
        matches!(self.state, RecoveryState::Open {} | RecoveryState::Window(_))
    }

    /// The moment from which time alone ends it, if it ever will.
    pub const fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            RecoveryState::Open {} => Some(self.opening.expires_at),
            RecoveryState::Window(window) => Some(window.ends_at),
            _ => None,
        }
    }

    /// Whether time alone has ended it by `now`.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at().is_some_and(|due| due <= now)
    }

    /// The open window, if it has one.
    pub const fn window(&self) -> Option<&Window> {
        match &self.state {
            RecoveryState::Window(window) => Some(window),
            _ => None,
        }
    }
}
