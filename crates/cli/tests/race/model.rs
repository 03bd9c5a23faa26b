//! One subject with its code sets, as it would behave if calls came one after the other: what the
//! histories of the matrix are checked against. Written from what the operations promise, not from
//! how they do it, and small enough to be read whole.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_engine::core::id::{RedemptionId, SetId};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_testkit::linear;

/// A code by its place: the set and the ordinal.
pub(crate) type CodeAt = (SetId, u8);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Redeem {
        id: RedemptionId,
        code: CodeAt,
    },
    /// Regenerate: issue a set in place of the one there is.
    Issue,
    Confirm(SetId),
    Revoke(SetId),
    Report(LifecycleKind),
    /// The clock passes the end of every set.
    Expire,
    /// The pepper key gets a new generation: nothing that was issued may notice.
    Rotate,
    /// The subject's part of the inventory.
    Inventory,
    /// How many acceptances the subject's timeline tells of.
    Timeline,
    /// A copy of the log's newest files.
    Export,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ret {
    Accepted {
        set: SetId,
        remaining: u8,
    },
    NotAccepted,
    /// A set was issued, and took the place of others.
    Issued {
        set: SetId,
        superseded: BTreeSet<SetId>,
    },
    /// Confirmed, and took the place of others.
    Confirmed {
        superseded: BTreeSet<SetId>,
    },
    /// Refused, by the stable code.
    Refused(&'static str),
    /// The state a revoked set is in.
    Ended(&'static str),
    Reported {
        revoked: BTreeSet<SetId>,
        standing: &'static str,
    },
    /// Sets by state and unused codes.
    Sets(BTreeMap<SetId, (&'static str, u8)>),
    Count(u64),
    Done,
}

/// One set as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SetNow {
    /// The state by its name.
    pub(crate) state: &'static str,
    /// How many codes it has.
    pub(crate) count: u8,
    /// The ordinals that are used.
    pub(crate) used: BTreeSet<u8>,
}

impl SetNow {
    fn unused(&self) -> u8 {
        self.count.saturating_sub(u8::try_from(self.used.len()).unwrap_or(u8::MAX))
    }

    fn is_live(&self) -> bool {
        matches!(self.state, "active" | "offered")
    }
}

/// A subject as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Subject {
    /// `active`, `suspended` or `departed`.
    pub(crate) standing: &'static str,
    /// Its sets.
    pub(crate) sets: BTreeMap<SetId, SetNow>,
    /// Attempts by name: the code used up, or none.
    pub(crate) answered: BTreeMap<RedemptionId, Option<(CodeAt, u8)>>,
    /// Whether the sets it is issued have to be confirmed.
    pub(crate) confirms: bool,
    /// How many codes such a set has.
    pub(crate) count: u8,
}

/// The model that starts with a subject as it stands.
pub(crate) struct Sequential(pub(crate) Subject);

impl linear::Model for Sequential {
    type State = Subject;
    type Op = Op;
    type Ret = Ret;

    fn initial(&self) -> Subject {
        self.0.clone()
    }

    /// Every call of the matrix is answered, so a missing answer explains nothing.
    fn step(&self, subject: &Subject, op: &Op, ret: Option<&Ret>) -> Option<Subject> {
        let mut after = subject.clone();
        let answer = after.take(op, ret?);
        (answer.as_ref() == ret).then_some(after)
    }
}

impl Subject {
    /// Does `op`. `told` is looked at only for what a model cannot know: the id of a new set.
    fn take(&mut self, op: &Op, told: &Ret) -> Option<Ret> {
        Some(match op {
            Op::Redeem { id, code } => self.redeem(*id, *code),
            Op::Issue => match (self.standing, told) {
                ("active", Ret::Issued { set, .. }) => self.issue(*set)?,
                ("active", _) => return None,
                ("suspended", _) => Ret::Refused("subject_suspended"),
                _ => Ret::Refused("subject_departed"),
            },
            Op::Confirm(set) => self.confirm(*set)?,
            Op::Revoke(set) => {
                let set = self.sets.get_mut(set)?;
                if set.is_live() {
                    set.state = "revoked";
                }
                Ret::Ended(set.state)
            }
            Op::Report(kind) => self.report(*kind)?,
            Op::Expire => {
                self.end("expired", |_, _| true);
                Ret::Done
            }
            Op::Rotate | Op::Export => Ret::Done,
            Op::Inventory => {
                let sets = self.sets.iter().map(|(id, set)| (*id, (set.state, set.unused())));
                Ret::Sets(sets.collect())
            }
            Op::Timeline => Ret::Count(self.sets.values().map(|set| set.used.len() as u64).sum()),
        })
    }

    fn redeem(&mut self, id: RedemptionId, (set_id, ordinal): CodeAt) -> Ret {
        let told = |answer: Option<(CodeAt, u8)>| match answer {
            Some(((set, _), remaining)) => Ret::Accepted { set, remaining },
            None => Ret::NotAccepted,
        };
        if let Some(answer) = self.answered.get(&id) {
            return told(*answer);
        }
        let mut answer = None;
        if let Some(set) = self.sets.get_mut(&set_id)
            && self.standing == "active"
            && set.state == "active"
            && set.used.insert(ordinal)
        {
            answer = Some(((set_id, ordinal), set.unused()));
            if set.unused() == 0 {
                set.state = "exhausted";
            }
        }
        self.answered.insert(id, answer);
        told(answer)
    }

    fn issue(&mut self, id: SetId) -> Option<Ret> {
        let confirms = self.confirms;
        let superseded = self.end("superseded", |_, set| !confirms || set.state == "offered");
        let state = if confirms { "offered" } else { "active" };
        let set = SetNow { state, count: self.count, used: BTreeSet::new() };
        let is_new = self.sets.insert(id, set).is_none();
        is_new.then_some(Ret::Issued { set: id, superseded })
    }

    fn confirm(&mut self, id: SetId) -> Option<Ret> {
        match self.sets.get(&id)?.state {
            "offered" => {
                let superseded = self.end("superseded", |other, _| other != id);
                self.sets.get_mut(&id)?.state = "active";
                Some(Ret::Confirmed { superseded })
            }
            "active" => Some(Ret::Confirmed { superseded: BTreeSet::new() }),
            _ => Some(Ret::Refused("code_set_not_offered")),
        }
    }

    fn report(&mut self, kind: LifecycleKind) -> Option<Ret> {
        let mut revoked = BTreeSet::new();
        match kind {
            LifecycleKind::AccountReset => revoked = self.end("revoked", |_, _| true),
            LifecycleKind::SubjectLeft => {
                if self.standing != "departed" {
                    revoked = self.end("revoked", |_, _| true);
                }
                self.standing = "departed";
            }
            LifecycleKind::AccountDisabled if self.standing != "departed" => {
                self.standing = "suspended";
            }
            LifecycleKind::AccountEnabled if self.standing != "departed" => {
                self.standing = "active";
            }
            LifecycleKind::AccountDisabled | LifecycleKind::AccountEnabled => {}
            _ => return None,
        }
        Some(Ret::Reported { revoked, standing: self.standing })
    }

    /// Ends every live set that `which` picks.
    fn end(
        &mut self,
        state: &'static str,
        which: impl Fn(SetId, &SetNow) -> bool,
    ) -> BTreeSet<SetId> {
        let mut ended = BTreeSet::new();
        for (id, set) in &mut self.sets {
            if set.is_live() && which(*id, set) {
                set.state = state;
                ended.insert(*id);
            }
        }
        ended
    }
}
