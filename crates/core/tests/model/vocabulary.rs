//! What is asked of core and model alike, and what both answer.

use glassbreak_core::code_set::{Custody, IssueReason, Profile as Form, RevokeReason, SetKind};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::RequestMark;
use glassbreak_core::id::{ContainmentId, RecoveryId, RedemptionId, SetId, SubjectId, SubjectRef};
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::operation::SetSummary;
use glassbreak_core::operation::register::Change;
use glassbreak_core::recovery::Check;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::{Assurance, Channel, Profile, Proofing, Standing};
use glassbreak_core::time::{Seconds, Timestamp};

/// How many names there are. The last one is rarely registered: mostly a stranger's.
pub(crate) const NAMES: usize = 4;

/// A code, by its place in the pool.
pub(crate) type CodeNumber = usize;

/// A name for a request, with the mark of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) key: u32,
    pub(crate) content: u8,
}

impl Mark {
    pub(crate) fn for_core(self) -> RequestMark {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&self.key.to_be_bytes());
        RequestMark { key: Digest(key), fingerprint: Fingerprint([self.content; 16]) }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Command {
    Register {
        new_id: SubjectId,
        name: usize,
        profile: Profile,
        group: u8,
    },
    Issue(Issue),
    Confirm {
        set: SetId,
        code: CodeNumber,
    },
    Redeem(Redeem),
    Revoke {
        set: SetId,
        reason: RevokeReason,
    },
    Declare {
        set: SetId,
        custody: Custody,
    },
    Report {
        name: usize,
        kind: LifecycleKind,
        occurred_at: Timestamp,
    },
    Lapse {
        name: usize,
    },
    Open(Open),
    Gather {
        recovery: usize,
        piece: Piece,
    },
    Approve {
        recovery: usize,
        approver: usize,
        stale: bool,
        decline: bool,
    },
    Send {
        recovery: usize,
        channel: Channel,
        lifetime: Option<Seconds>,
        code: CodeNumber,
    },
    Complete {
        recovery: usize,
        bound: bool,
    },
    Cancel {
        recovery: usize,
    },
    Review {
        recovery: usize,
        reviewer: usize,
    },
    /// With or without a passkey from then on.
    Appoint {
        name: usize,
        support: bool,
        approve: bool,
        passkey: bool,
    },
    Contain(Contain),
    ApproveLifting {
        containment: usize,
        approver: usize,
    },
    Lift {
        containment: usize,
    },
}

/// A containment that begins. Like recoveries, they are named by their place.
#[derive(Debug, Clone)]
pub(crate) struct Contain {
    pub(crate) id: ContainmentId,
    pub(crate) whom: Whom,
    pub(crate) requester: Option<usize>,
}

/// Whom a containment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    One(usize),
    Group(u8),
    All,
}

/// An opening. Recoveries are named by their place in the order of their opening: core and model
/// have other ids for them.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) name: usize,
    pub(crate) id: RecoveryId,
    pub(crate) agent: Option<usize>,
    pub(crate) emergency: bool,
    pub(crate) requester: Option<usize>,
    pub(crate) referenced: bool,
}

/// A piece of evidence.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Vouched(Method),
    Proofed { level: Proofing, checks: Vec<Check>, agent: usize },
    Verified { check: Check, agent: usize },
}

#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) name: usize,
    pub(crate) set: SetId,
    /// The first of its codes; the others follow it.
    pub(crate) first_code: CodeNumber,
    pub(crate) kind: SetKind,
    pub(crate) reason: IssueReason,
    pub(crate) session: Assurance,
    pub(crate) form: Option<Form>,
    pub(crate) count: Option<u8>,
    pub(crate) lifetime: Option<Seconds>,
}

#[derive(Debug, Clone)]
pub(crate) struct Redeem {
    pub(crate) name: usize,
    pub(crate) redemption: RedemptionId,
    pub(crate) fingerprint: u8,
    pub(crate) role: Role,
    pub(crate) presented: Vec<Method>,
    pub(crate) code: CodeNumber,
    pub(crate) recovery: Option<usize>,
}

/// One step of a history.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    pub(crate) mark: Option<Mark>,
    pub(crate) command: Command,
}

/// An answer. Lists of sets are sorted: no order was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Denied(&'static str),
    Registered {
        id: SubjectId,
        change: Change,
        revoked: Vec<SetId>,
    },
    Shown {
        set: SetSummary,
        superseded: Vec<SetId>,
    },
    ShownBefore(SetSummary),
    IssueRefused {
        why: &'static str,
        retry_at: Option<Timestamp>,
    },
    Confirmed {
        set: SetSummary,
        superseded: Vec<SetId>,
    },
    Accepted {
        set: SetId,
        remaining: u8,
        replace_by: Timestamp,
        window: Option<InWindow>,
    },
    Recovered(InWindow),
    WindowClosed {
        recovery: usize,
        set: Option<SetId>,
    },
    MoreEvidence {
        recovery: Option<usize>,
        alternatives: Vec<Vec<Method>>,
    },
    Opened {
        recovery: usize,
        alternatives: Vec<Vec<Method>>,
    },
    Gathered {
        state: &'static str,
        ends_at: Option<Timestamp>,
        alternatives: Vec<Vec<Method>>,
    },
    Sent {
        expires_at: Timestamp,
    },
    Stands(&'static str),
    Appointed {
        support: bool,
        approve: bool,
    },
    /// By its place, with how many approvals it was given.
    Containment {
        place: usize,
        state: &'static str,
        approvals: usize,
    },
    NotAccepted,
    Throttled {
        retry_at: Timestamp,
    },
    Revoked(SetSummary),
    Declared(SetId),
    Reported {
        effect: Effect,
        revoked: Vec<SetId>,
        replace: Vec<SetId>,
        standing: Standing,
    },
    Lapsed(usize),
}

/// A window, by its recovery's place, and its end.
pub(crate) type InWindow = (usize, Timestamp);

impl Answer {
    /// The name under which it is counted.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Denied(code) => format!("denied: {code}"),
            Self::Registered { change, .. } => format!("registered: {change:?}"),
            Self::Shown { .. } => "shown".to_owned(),
            Self::ShownBefore(_) => "shown before".to_owned(),
            Self::IssueRefused { why, .. } => format!("issue refused: {why}"),
            Self::Confirmed { .. } => "confirmed".to_owned(),
            Self::Accepted { window: None, .. } => "accepted".to_owned(),
            Self::Accepted { .. } => "accepted to recover".to_owned(),
            Self::Recovered(_) => "recovered".to_owned(),
            Self::WindowClosed { .. } => "window closed".to_owned(),
            Self::Opened { .. } => "opened".to_owned(),
            Self::Gathered { state, .. } => format!("gathered: {state}"),
            Self::Sent { .. } => "sent".to_owned(),
            Self::Stands(state) => format!("stands: {state}"),
            Self::Appointed { .. } => "appointed".to_owned(),
            Self::Containment { state, .. } => format!("containment: {state}"),
            Self::MoreEvidence { .. } => "more evidence".to_owned(),
            Self::NotAccepted => "not accepted".to_owned(),
            Self::Throttled { .. } => "throttled".to_owned(),
            Self::Revoked(set) => format!("revoke leaves {}", set.state.name()),
            Self::Declared(_) => "declared".to_owned(),
            Self::Reported { effect, .. } => format!("reported: {}", effect.name()),
            Self::Lapsed(count) => format!("lapsed: {}", if *count > 0 { "some" } else { "none" }),
        }
    }
}

pub(crate) fn reference(name: usize) -> SubjectRef {
    SubjectRef::try_from(format!("subject-{name}")).expect("a short name")
}

/// The aggregate under which attempts on a name are counted while nobody has it.
pub(crate) fn pseudonym(name: usize) -> SubjectId {
    SubjectId::new(Timestamp::from_millis(1), [u8::try_from(name).expect("few names") + 1; 10])
}
