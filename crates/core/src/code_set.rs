//! A code set: the codes issued together, and the unit of expiry, revocation, throttling and
//! inventory.
//!
//! ```text
//! offered ──confirm──> active ──last code used──> exhausted
//!    │                   │
//!    ├── lapsed          ├── expired, superseded, disabled
//!    └── revoked         └── revoked
//! ```

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::code::{self, Scheme};
use crate::digest::Digest;
use crate::id::{RedemptionId, SetId, SubjectId};
use crate::subject::Assurance;
use crate::time::{Seconds, Timestamp};

/// What a set is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetKind {
    /// Printed or stored by the holder (SP 800-63B-4 section 4.2.1.1).
    Saved,
    /// For the emergency in which nothing else works.
    BreakGlass,
    /// Decoys: they never work, and whoever presents one is heard (docs/ALERTS.md). Beside the live
    /// set: it takes nobody's place, and nobody takes its.
    Canary,
}

impl SetKind {
    /// The kind's name, as the log, API and tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::BreakGlass => "break_glass",
            Self::Canary => "canary",
        }
    }

    /// As what rules are asked about it: who may be issued saved codes may be issued decoys of
    /// them. Rules that knew of decoys would tell their reader where to look.
    #[must_use]
    pub const fn as_rules_see_it(self) -> Self {
        match self {
            Self::Saved | Self::Canary => Self::Saved,
            Self::BreakGlass => Self::BreakGlass,
        }
    }
}

/// The form of the codes in a set. Digits are not among them: they are sent during a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// 130 bits, the default.
    Strong,
    /// 65 bits, for people who type from paper.
    Compact,
}

impl From<Profile> for code::Profile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Strong => Self::Strong,
            Profile::Compact => Self::Compact,
        }
    }
}

/// The controlled moment at which a set is issued (A1). There is no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueReason {
    /// The subject enrols.
    Enrolment,
    /// The subject asks for a new set in place of the old one.
    Replacement,
    /// A recovery ended, and its paths are reissued.
    ReissueAfterRecovery,
    /// A break-glass path is set up.
    BreakGlassProvisioning,
    /// A support case asks for it.
    SupportCase,
}

/// Where the holder declared to keep the set (B1). What may not be named cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Custody {
    /// A password manager.
    PasswordManager,
    /// A sealed copy on paper, in a safe.
    SealedOfflineCopy,
    /// A secrets manager.
    SecretsManager,
    /// A hardware token or module.
    Hardware,
}

impl Custody {
    /// The custody's name, as the log, API and tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PasswordManager => "password_manager",
            Self::SealedOfflineCopy => "sealed_offline_copy",
            Self::SecretsManager => "secrets_manager",
            Self::Hardware => "hardware",
        }
    }
}

/// What the holder said of the place later (B1): that it is still there, or where it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// The place.
    pub custody: Custody,
    /// When they said so.
    pub at: Timestamp,
}

/// Why a set was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// The holder or an operator asked for it.
    Requested,
    /// Lost or stolen; counts as compromised (SP 800-63B-4 section 4.3).
    Lost,
    /// Seen where it must not be.
    Leaked,
    /// A lifecycle event, which the event before this one names.
    Lifecycle,
    /// A support-assisted recovery: the whole set is replaced (C6).
    Recovery,
    /// A break-glass code was used: the rest is rotated (E3).
    Rotated,
    /// A containment, which the event before this one names (I1).
    Containment,
}

impl RevokeReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Lost,
        Self::Leaked,
        Self::Lifecycle,
        Self::Recovery,
        Self::Rotated,
        Self::Containment,
    ];

    /// The reason's name, as the log and the API spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Lost => "lost",
            Self::Leaked => "leaked",
            Self::Lifecycle => "lifecycle",
            Self::Recovery => "recovery",
            Self::Rotated => "rotated",
            Self::Containment => "containment",
        }
    }
}

/// Where a set stands; each state carries what is true only in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SetState {
    /// Shown, and waiting for the holder to prove that the codes were saved.
    Offered {
        /// When it lapses unless confirmed.
        confirm_by: Timestamp,
    },
    /// Its unused codes are accepted.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// The last code was used.
    Exhausted {
        /// When.
        at: Timestamp,
    },
    /// Its time was up (A8).
    Expired {
        /// When that was written down.
        at: Timestamp,
    },
    /// Revoked by hand or by a lifecycle event.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        reason: RevokeReason,
    },
    /// A newer set of the same kind took its place.
    Superseded {
        /// When.
        at: Timestamp,
        /// By which.
        by: SetId,
    },
    /// Too many failed attempts (N63B-TH-01). Only a new set helps (N63B-TH-03).
    Disabled {
        /// When.
        at: Timestamp,
    },
    /// Offered, and never confirmed (A3).
    Lapsed {
        /// When that was written down.
        at: Timestamp,
    },
}

impl SetState {
    /// The state's name, as API, CLI and tables spell it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Offered { .. } => "offered",
            Self::Active { .. } => "active",
            Self::Exhausted { .. } => "exhausted",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::Superseded { .. } => "superseded",
            Self::Disabled { .. } => "disabled",
            Self::Lapsed { .. } => "lapsed",
        }
    }

    /// Whether its unused codes may still come to be accepted.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Offered { .. } | Self::Active { .. })
    }
}

/// What a set was issued as; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Saved, break-glass or decoys.
    pub kind: SetKind,
    /// The form of its codes.
    pub profile: Profile,
    /// How its verifiers were made.
    pub scheme: Scheme,
    /// The generation of the pepper key its verifiers were made under.
    pub key_generation: u32,
    /// How many codes.
    pub count: u8,
    /// The controlled moment.
    pub reason: IssueReason,
    /// The assurance of the session in which the codes were shown.
    pub session_assurance: Assurance,
    /// The place declared when it was issued; [`CodeSet::custody`] is the one that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custody: Option<Custody>,
    /// When it expires, used or not (A8).
    pub expires_at: Timestamp,
    /// The digest of its verifiers in order, so that a swapped verifier is found.
    pub verifiers: Digest,
}

/// A code set as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSet {
    /// Its id.
    pub id: SetId,
    /// Whose it is.
    pub subject: SubjectId,
    /// What it was issued as.
    pub issued: Issued,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Where it stands.
    pub state: SetState,
    /// The codes used, by ordinal, and the redemption that used each.
    pub used: BTreeMap<u8, RedemptionId>,
    /// Failed attempts charged to it since the last success (N63B-TH-01).
    pub failures: u32,
    /// Since a code was used: when its replacement is due (N63B-SC-08).
    pub replace_by: Option<Timestamp>,
    /// What was said last of the place, if anything was since it was issued.
    pub declared: Option<Declared>,
}

/// A transition that the set's state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("code set {set} cannot go from {from} to {to}")]
pub struct InvalidTransition {
    /// The set.
    pub set: SetId,
    /// Its state's name.
    pub from: &'static str,
    /// The name of the state asked for.
    pub to: &'static str,
}

impl CodeSet {
    /// The set as it begins.
    pub const fn fresh(
        id: SetId,
        subject: SubjectId,
        issued: Issued,
        issued_at: Timestamp,
        state: SetState,
    ) -> Self {
        let used = BTreeMap::new();
        Self {
            id,
            subject,
            issued,
            issued_at,
            state,
            used,
            failures: 0,
            replace_by: None,
            declared: None,
        }
    }

    /// How many codes are unused.
    pub fn unused(&self) -> u8 {
        self.issued.count.saturating_sub(u8::try_from(self.used.len()).unwrap_or(u8::MAX))
    }

    /// Offered to active: the holder proved that the codes were saved.
    pub fn confirm(self, at: Timestamp) -> Result<Self, InvalidTransition> {
        match self.state {
            SetState::Offered { .. } => Ok(Self { state: SetState::Active { since: at }, ..self }),
            _ => Err(self.invalid("active")),
        }
    }

    /// Marks the code `ordinal` used by `redemption`; the last one exhausts the set.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless the set is active and the code exists and is unused.
    pub fn accept(
        mut self,
        ordinal: u8,
        redemption: RedemptionId,
        replace_by: Timestamp,
        at: Timestamp,
    ) -> Result<Self, InvalidTransition> {
        let active = matches!(self.state, SetState::Active { .. });
        if !active || ordinal >= self.issued.count || self.used.contains_key(&ordinal) {
            return Err(self.invalid("accepted"));
        }
        self.used.insert(ordinal, redemption);
        self.failures = 0;
        // The first use sets the date; a later one does not move it.
        self.replace_by = self.replace_by.or(Some(replace_by));
        if self.unused() == 0 {
            self.state = SetState::Exhausted { at };
        }
        Ok(self)
    }

    /// From a live state to an ended one.
    ///
    /// # Errors
    /// [`InvalidTransition`] if the set has ended already, if only an offered set can lapse, or if
    /// `end` is no end.
    pub fn end(self, end: SetState) -> Result<Self, InvalidTransition> {
        let allowed = match end {
            SetState::Lapsed { .. } => matches!(self.state, SetState::Offered { .. }),
            SetState::Exhausted { .. } | SetState::Offered { .. } | SetState::Active { .. } => {
                false
            }
            SetState::Expired { .. }
            | SetState::Revoked { .. }
            | SetState::Superseded { .. }
            | SetState::Disabled { .. } => self.state.is_live(),
        };
        if allowed { Ok(Self { state: end, ..self }) } else { Err(self.invalid(end.name())) }
    }

    /// Where the holder keeps the set, by their last word (B1).
    pub fn custody(&self) -> Option<Custody> {
        self.declared.map(|declared| declared.custody).or(self.issued.custody)
    }

    /// When they gave it. `None` if they never did.
    pub fn custody_declared_at(&self) -> Option<Timestamp> {
        let at_issue = self.issued.custody.map(|_| self.issued_at);
        self.declared.map(|declared| declared.at).or(at_issue)
    }

    /// When the holder is to be asked again where a live set is kept (B1), counted from the last
    /// time, or from the issue if they never said. `None` if `every` is zero, which is never, and
    /// of decoys, which are in nobody's keeping.
    pub fn custody_review_at(&self, every: Seconds) -> Option<Timestamp> {
        let is_asked =
            self.state.is_live() && self.issued.kind != SetKind::Canary && every != Seconds(0);
        is_asked.then(|| self.custody_declared_at().unwrap_or(self.issued_at).plus(every))
    }

    /// Writes down where the holder keeps the set.
    ///
    /// # Errors
    /// [`InvalidTransition`] if the set has ended.
    pub fn declare(self, declared: Declared) -> Result<Self, InvalidTransition> {
        if self.state.is_live() {
            Ok(Self { declared: Some(declared), ..self })
        } else {
            Err(self.invalid("declared"))
        }
    }

    /// Charges one failed attempt to the set.
    #[must_use]
    pub fn charge(self) -> Self {
        Self { failures: self.failures.saturating_add(1), ..self }
    }

    /// What time alone has made of the set by `now`: nothing, expired, or lapsed.
    pub fn due(&self, now: Timestamp) -> Option<SetState> {
        match self.state {
            SetState::Offered { confirm_by } if confirm_by <= now => {
                Some(SetState::Lapsed { at: now })
            }
            state if state.is_live() && self.issued.expires_at <= now => {
                Some(SetState::Expired { at: now })
            }
            _ => None,
        }
    }

    /// The moment from which [`Self::due`] has something to say, if it ever will.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            SetState::Offered { confirm_by } => Some(confirm_by.min(self.issued.expires_at)),
            SetState::Active { .. } => Some(self.issued.expires_at),
            _ => None,
        }
    }

    fn invalid(&self, to: &'static str) -> InvalidTransition {
        InvalidTransition { set: self.id, from: self.state.name(), to }
    }
}

/// The digest of a set's verifiers, in the order of their ordinals.
pub fn verifiers_digest(verifiers: &[crate::code::StoredVerifier]) -> Digest {
    let parts: Vec<Vec<u8>> = verifiers
        .iter()
        .map(|verifier| {
            let salt = verifier.salt().map(crate::code::Salt::as_bytes);
            [salt.map_or(&[][..], |salt| &salt[..]), verifier.mac()].concat()
        })
        .collect();
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Digest::of("glassbreak/verifiers/v1", &parts)
}
