//! Operators: people (and agents) of the support desk, by name. An operator is a registered subject
//! that an administrator appointed; who leaves as a subject is an operator no more, and comes back
//! as none: neither duties nor passkeys outlive the departure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Happened;
use crate::id::SubjectId;
use crate::recovery::Approval;
use crate::subject::{Standing, SubjectKind};

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Opens cases and gathers evidence.
    Support,
    /// Approves and declines.
    Approve,
    /// Reads the inventory and the log, signed in.
    Audit,
    /// Switches recovery off and revokes, signed in.
    Respond,
    /// Administers Glassbreak, signed in.
    Administer,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 5] =
        [Self::Support, Self::Approve, Self::Audit, Self::Respond, Self::Administer];

    /// The duty's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Approve => "approve",
            Self::Audit => "audit",
            Self::Respond => "respond",
            Self::Administer => "administer",
        }
    }
}

/// A passkey an operator signs approvals with: what anyone needs to check the signatures later.
/// All of it is public.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Passkey {
    /// The credential's id, base64url.
    #[serde(rename = "id")]
    pub credential: String,
    /// How it signs: `es256`, `eddsa` or `rs256`.
    pub algorithm: String,
    /// The public key as a `SubjectPublicKeyInfo`, base64url.
    pub public_key: String,
    /// Its signature counter at enrolment.
    pub counter: u32,
    /// Whether it can leave its device.
    pub backup: String,
    /// How the browser reaches it: hints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<String>,
    /// The make of the authenticator, as it says itself.
    pub aaguid: uuid::Uuid,
}

/// What an appointment gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Appointment {
    /// The duties, sorted, no duplicates. None: not appointed, or dismissed.
    pub duties: Vec<Duty>,
    /// The passkeys registered.
    pub passkeys: Vec<Passkey>,
}

impl Appointment {
    /// The most passkeys an operator may have.
    pub const PASSKEYS_MAX: usize = 8;

    /// Takes in what happened to it; the fold and every store go through this.
    pub fn follow(&mut self, happened: &Happened) {
        match happened {
            Happened::OperatorAppointed { duties } => self.duties.clone_from(duties),
            Happened::OperatorPasskeyAdded { passkey } => self.passkeys.push(passkey.clone()),
            Happened::OperatorPasskeyRemoved { credential } => {
                self.passkeys.retain(|passkey| passkey.credential != *credential);
            }
            Happened::SubjectDeparted {} => *self = Self::default(),
            _ => {}
        }
    }
}

/// An operator as a decision about somebody else's recovery sees one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Who.
    pub subject: SubjectId,
    /// A person, or an agent that acts for one.
    pub kind: SubjectKind,
    /// Whether they are still there.
    pub standing: Standing,
    /// The accountable owner, of an agent.
    pub owner: Option<SubjectId>,
    /// What they may do.
    pub appointment: Appointment,
    /// Their own place in their serial order: a decision that counts on their word rests on it.
    pub version: u64,
}

impl Operator {
    /// Whether any duty is theirs now.
    pub fn has_a_duty(&self) -> bool {
        self.standing == Standing::Active && !self.appointment.duties.is_empty()
    }

    /// Whether `duty` is theirs now.
    pub fn is_appointed(&self, duty: Duty) -> bool {
        self.standing == Standing::Active && self.appointment.duties.contains(&duty)
    }
}

/// Those who approved something, as they stand now. An approval counts only while its approver is
/// appointed to approve and the passkey that signed it is registered (F3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Approvers(BTreeMap<SubjectId, Operator>);

impl Approvers {
    /// Whether `approval` still stands. One whose approver is not known here does not.
    pub fn stand_by(&self, approval: &Approval) -> bool {
        self.0.get(&approval.approver).is_some_and(|operator| {
            let mut own = operator.appointment.passkeys.iter();
            operator.is_appointed(Duty::Approve)
                && own.any(|passkey| passkey.credential == approval.assertion.credential_id)
        })
    }

    /// An approver, if known here.
    pub fn get(&self, approver: SubjectId) -> Option<&Operator> {
        self.0.get(&approver)
    }

    /// The same with `operator` among them.
    #[must_use]
    pub fn with(mut self, operator: Option<&Operator>) -> Self {
        self.extend(operator.cloned());
        self
    }
}

impl Extend<Operator> for Approvers {
    fn extend<I: IntoIterator<Item = Operator>>(&mut self, operators: I) {
        self.0.extend(operators.into_iter().map(|operator| (operator.subject, operator)));
    }
}

impl FromIterator<Operator> for Approvers {
    fn from_iter<I: IntoIterator<Item = Operator>>(operators: I) -> Self {
        let mut approvers = Self::default();
        approvers.extend(operators);
        approvers
    }
}
