//! Amend a registration: what is not named stays as it is.

use std::collections::BTreeSet;

use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::operation::amend::{self, Amend, Least};
use glassbreak_core::operation::register::Registered;
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::subject::{
    Assurance, NotificationAddress, Profile, Proofing, Standing, SubjectKind, Tier,
};

use super::of_subject;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};
use crate::reach::Reach;

/// Whose registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// That of whoever has the name; of somebody new, if nobody has.
    Named,
    /// That of this subject, whatever name it had. It has the amendment's from now on.
    Subject(SubjectId),
}

/// What changes; what is `None` or empty stays as it is.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// Whose registration.
    pub whom: Whom,
    /// The caller's name for the subject.
    pub reference: SubjectRef,
    /// What somebody new is where nothing below says otherwise.
    pub first: Profile,
    /// Person, service or agent.
    pub kind: Option<SubjectKind>,
    /// The class of policy.
    pub tier: Option<Tier>,
    /// The highest authenticator assurance level.
    pub assurance: Option<Assurance>,
    /// The identity assurance level.
    pub ial: Option<Proofing>,
    /// The accountable owner, by the caller's name: an active person (H1).
    pub owner: Option<SubjectRef>,
    /// What the subject has at least from now on.
    pub at_least: Vec<Least>,
    /// The groups it joins.
    pub joins: BTreeSet<String>,
    /// The groups it leaves.
    pub leaves: BTreeSet<String>,
    /// Where it is notified as well.
    pub adds: BTreeSet<NotificationAddress>,
    /// Where it is notified no longer.
    pub drops: BTreeSet<NotificationAddress>,
    /// Whether one who left comes back by this.
    pub revives: bool,
    /// Whether it may ask for less protection than there is (E3), and for another name of somebody
    /// privileged or of an operator.
    pub may_lower: bool,
}

impl Amendment {
    /// One that changes nothing of whoever is named, and registers who is new as a person.
    pub fn none(whom: Whom, reference: SubjectRef, assurance: Assurance) -> Self {
        Self {
            whom,
            reference,
            first: Profile {
                kind: SubjectKind::Person,
                tier: Tier::standard(),
                assurance,
                ial: Proofing::None,
                owner: None,
            },
            kind: None,
            tier: None,
            assurance: None,
            ial: None,
            owner: None,
            at_least: Vec::new(),
            joins: BTreeSet::new(),
            leaves: BTreeSet::new(),
            adds: BTreeSet::new(),
            drops: BTreeSet::new(),
            revives: false,
            may_lower: false,
        }
    }
}

struct Amending {
    query: SnapshotQuery,
    reach: Reach,
    amendment: Amendment,
    owner: Option<SubjectId>,
}

impl Engine {
    /// Amends a registration, or registers somebody new. What is read and what is written of it are
    /// one step: two who amend at once both have their changes.
    ///
    /// # Errors
    /// As [`Engine::register`]; `subject_unknown` for an id that nobody has; `invalid_request` for
    /// a name that is another subject's; `not_allowed` for less protection, and for another name of
    /// somebody privileged or of an operator, unless it may ask so.
    pub async fn amend(
        &self,
        caller: &Caller,
        amendment: Amendment,
    ) -> Result<Applied<Registered>, Error> {
        let query = match &amendment.whom {
            Whom::Named => of_subject(&self.parts.marks, &amendment.reference),
            Whom::Subject(id) => {
                let of = Aggregate::Subject(*id);
                SnapshotQuery { of, operator: Some(*id), ..SnapshotQuery::default() }
            }
        };
        if let Whom::Subject(id) = &amendment.whom {
            let holder = self.parts.store.subject(&amendment.reference).await?;
            if holder.is_some_and(|(holder, _)| holder.id != *id) {
                let problem = "is another subject's name";
                return Err(Denial::Invalid { field: "reference", problem }.into());
            }
        }
        let owner = match &amendment.owner {
            Some(owner) => Some(self.answering(&caller.reach, owner, &amendment).await?),
            None => None,
        };
        let reach = caller.reach.clone();
        let operation = Amending { query, reach, amendment, owner };
        pipeline::run(&self.parts, caller, &operation).await
    }

    async fn answering(
        &self,
        reach: &Reach,
        owner: &SubjectRef,
        amendment: &Amendment,
    ) -> Result<SubjectId, Error> {
        let refuse = |problem| Err(Denial::Invalid { field: "owner", problem }.into());
        let Some((found, _)) = self.parts.reached(reach, owner).await? else {
            return refuse("is not registered; register the owner first");
        };
        if *owner == amendment.reference || amendment.whom == Whom::Subject(found.id) {
            return refuse("is somebody other than the subject");
        }
        if found.profile.kind != SubjectKind::Person || found.standing != Standing::Active {
            return refuse("is an active person; a service cannot answer for another (H1)");
        }
        Ok(found.id)
    }
}

impl Operation for Amending {
    type Prepared = ([u8; 10], [u8; 16]);
    type Reply = Registered;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    /// Amendments are not named: the second of two has nothing left to change.
    fn content(&self) -> Vec<Vec<u8>> {
        vec![b"amend".to_vec(), self.amendment.reference.as_str().as_bytes().to_vec()]
    }

    /// As for a registration: what is taken elsewhere is refused, and looks like a missing group.
    fn reached(&self, reach: &Reach, snapshot: &Snapshot) -> Result<bool, Denial> {
        if snapshot.subject.is_none() || reach.covers_entry(snapshot.directory.as_ref()) {
            Ok(true)
        } else {
            Err(Denial::GroupMissing)
        }
    }

    async fn prepare(&self, parts: &Parts, _: &Snapshot) -> Result<Self::Prepared, Error> {
        let (mut random, mut salt) = ([0; 10], [0; 16]);
        parts.entropy.fill(&mut random)?;
        parts.entropy.fill(&mut salt)?;
        Ok((random, salt))
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        (random, salt): Self::Prepared,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Registered>, Denial> {
        let asked = self.amendment.clone();
        if snapshot.subject.is_none() && asked.whom != Whom::Named {
            return Err(Denial::SubjectUnknown);
        }
        let amend = Amend {
            new_id: SubjectId::new(call.now, random),
            salt,
            reference: asked.reference,
            first: asked.first,
            kind: asked.kind,
            tier: asked.tier,
            assurance: asked.assurance,
            ial: asked.ial,
            owner: self.owner,
            at_least: asked.at_least,
            joins: asked.joins,
            leaves: asked.leaves,
            adds: asked.adds,
            drops: asked.drops,
            revives: asked.revives,
            may_lower: asked.may_lower,
        };
        if !self.reach.covers(&amend.groups_after(snapshot)) {
            return Err(Denial::GroupMissing);
        }
        amend::decide(snapshot, &amend, call, rules)
    }
}
