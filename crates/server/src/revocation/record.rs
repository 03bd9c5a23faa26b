//! What is kept of a revocation of many sets, on two shelves: one record each, and the sets that it
//! is about in lots.

use std::collections::BTreeMap;

use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::code_set::{CodeSet, RevokeReason, SetState};
use glassbreak_engine::core::event::Actor;
use glassbreak_engine::core::id::{SetId, SubjectId};
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Caller, Engine, Error, Kept, Reach, Shelf};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::operators::{Claimed, Identities};

/// A revocation of everything that a filter found when it was asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Revocation {
    /// Its id; it begins with the time.
    pub(crate) id: Uuid,
    /// When it was asked for.
    pub(crate) asked_at: Timestamp,
    /// Who asked. What is done is done in this name.
    pub(crate) actor: Actor,
    /// The operator in whose name the asker acts, if it acts in one name only.
    pub(crate) operator: Option<SubjectId>,
    /// What the provider said of the one who confirmed it, if it was somebody who signed in. What
    /// it says later is heard at a sign-in; what an administrator says counts at once.
    #[serde(default)]
    pub(crate) claimed: Option<Claimed>,
    /// The groups that the asker reaches; everybody, if there are none here.
    pub(crate) groups: Option<Vec<String>>,
    /// The filter, as a query of the inventory's page. Empty where sets were chosen one by one.
    pub(crate) filter: String,
    /// What was found.
    pub(crate) found: Found,
    /// Where it stands.
    pub(crate) stage: Stage,
    /// What became of the sets that were looked at.
    pub(crate) tally: Tally,
}

/// What a filter found.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Found {
    /// Live sets: those that it is about.
    pub(crate) sets: u64,
    /// Sets that had ended by then. Nothing is to be done about them.
    pub(crate) ended: u64,
    /// Live sets by tier.
    pub(crate) tiers: BTreeMap<String, u64>,
    /// Holders of them.
    pub(crate) holders: u64,
    /// How many holders were looked up for another path.
    pub(crate) looked: u64,
    /// How many of those have no other live set.
    pub(crate) bare: u64,
    /// The first of those, to be named.
    pub(crate) named: Vec<SubjectId>,
    /// How many lots the sets are in.
    pub(crate) lots: u32,
}

/// Where a revocation stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The sets are being found.
    Finding {},
    /// Somebody has to confirm it.
    Asked {},
    /// It was confirmed, and is under way.
    Running {
        /// Why the sets are revoked.
        reason: RevokeReason,
        /// Since when.
        since: Timestamp,
        /// The next lot.
        next: u32,
    },
    /// Every set was looked at.
    Done {
        /// Why the sets were revoked.
        reason: RevokeReason,
        /// When it was over.
        at: Timestamp,
    },
    /// It was stopped before that.
    Stopped {
        /// Why the sets were to be revoked.
        reason: RevokeReason,
        /// When.
        at: Timestamp,
        /// By what.
        by: StoppedBy,
    },
}

/// What ended a revocation before all was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoppedBy {
    /// Somebody pressed the button.
    Somebody,
    /// The one who confirmed it may not revoke any more.
    LossOfRight,
    /// What was found is not there any more. No server of this version takes that away from one
    /// that is under way.
    LossOfSets,
}

impl Stage {
    /// The name, for texts.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Finding {} => "finding",
            Self::Asked {} => "asked",
            Self::Running { .. } => "running",
            Self::Done { .. } => "done",
            Self::Stopped { .. } => "stopped",
        }
    }
}

/// What became of sets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Revoked.
    pub(crate) revoked: u64,
    /// Changed since it was asked for, or ended otherwise: left as they are.
    pub(crate) changed: u64,
    /// Refused by the policy.
    pub(crate) refused: u64,
}

impl Tally {
    /// All that were looked at.
    pub(crate) const fn looked_at(&self) -> u64 {
        self.revoked.saturating_add(self.changed).saturating_add(self.refused)
    }
}

/// A set as it was found.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Picked {
    /// Which.
    pub(crate) set: SetId,
    /// Whether its holder had still to confirm it.
    pub(crate) offered: bool,
    /// How many codes were used.
    pub(crate) used: usize,
}

impl Picked {
    pub(crate) fn of(set: &CodeSet) -> Self {
        let offered = matches!(set.state, SetState::Offered { .. });
        Self { set: set.id, offered, used: set.used.len() }
    }

    /// Whether the set is as it was found.
    pub(crate) fn is_as(&self, set: &CodeSet) -> bool {
        let now = Self::of(set);
        (now.offered, now.used) == (self.offered, self.used)
    }
}

/// A set that was not revoked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Left {
    /// Which.
    pub(crate) set: SetId,
    /// `changed`, `ended`, `gone`, or the code of the refusal.
    pub(crate) why: String,
}

/// Some of the sets, and what became of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Lot {
    /// The sets.
    pub(crate) picked: Vec<Picked>,
    /// Those that were not revoked, once the lot was worked through.
    pub(crate) left: Vec<Left>,
}

impl Revocation {
    /// Those that are kept, by their ids.
    pub(super) fn shelf(engine: &Engine) -> Shelf {
        engine.shelf("revocations")
    }

    /// Those that are under way, by their ids.
    pub(super) fn running(engine: &Engine) -> Shelf {
        engine.shelf("revocations-running")
    }

    /// The lots.
    pub(super) fn lots(engine: &Engine) -> Shelf {
        engine.shelf("revocation-lots")
    }

    /// The key of a lot.
    pub(super) fn lot_key(id: Uuid, lot: u32) -> String {
        format!("{id}/{lot:06}")
    }

    /// As it is kept, with its version.
    pub(super) fn read(kept: &Kept) -> Result<(Self, u64), Error> {
        let found = serde_json::from_slice(&kept.value);
        found.map(|found| (found, kept.version)).map_err(corrupt)
    }

    /// As it is to be kept.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Error> {
        serde_json::to_vec(self).map_err(corrupt)
    }

    /// Whom it reaches.
    pub(crate) fn reach(&self) -> Reach {
        self.groups.clone().map_or(Reach::Everybody, Reach::Groups)
    }

    /// Whether somebody who reaches so far may see it.
    pub(crate) fn is_within(&self, reach: &Reach) -> bool {
        *reach == Reach::Everybody || *reach == self.reach()
    }

    /// The one who asked.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            actor: self.actor.clone(),
            request: None,
            source: None,
            reach: self.reach(),
            operator: self.operator,
        }
    }

    /// Whether the one who asked may still revoke: a key that was revoked, and an operator who was
    /// dismissed or has another duty now, go on with nothing.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub(super) async fn may_go_on(
        &self,
        engine: &Engine,
        identities: &Identities,
    ) -> Result<bool, Error> {
        Ok(match &self.actor {
            Actor::ApiKey { id } => {
                let key = engine.api_key(id).await?;
                key.is_some_and(|key| key.scopes.contains(&Scope::Revoke))
            }
            Actor::Operator { id } => {
                let operator = engine.on_duty(*id).await?;
                let scopes = operator.zip(self.claimed.as_ref());
                let scopes = scopes.map(|(now, then)| identities.scopes(then, &now));
                scopes.is_some_and(|scopes| scopes.contains(&Scope::Revoke))
            }
            Actor::Machine { .. }
            | Actor::Subject { .. }
            | Actor::Visitor
            | Actor::Embedder
            | Actor::System => false,
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(super) fn corrupt(error: serde_json::Error) -> Error {
    Error::Log(format!("a revocation that is kept cannot be read: {error}"))
}
