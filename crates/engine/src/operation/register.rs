//! Register a subject.

use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::operation::register::{self, Register, Registered};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::subject::{
    Assurance, DirectoryEntry, NotificationAddress, Profile, Proofing, Standing, SubjectKind, Tier,
};

use super::{of_subject, text_of};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};
use crate::reach::Reach;

/// What a subject is registered as.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
pub struct Registration {
    /// Person, service or agent.
    pub kind: SubjectKind,
    /// The class of policy.
    pub tier: Tier,
    /// The highest authenticator assurance level.
    pub assurance: Assurance,
    /// The identity assurance level.
    pub ial: Proofing,
    /// The accountable owner of a service or an agent, by the caller's name; registered before.
    pub owner: Option<SubjectRef>,
    /// The groups it belongs to.
    pub groups: Vec<String>,
    /// Where it is notified.
    pub notification_addresses: Vec<NotificationAddress>,
}

impl Registration {
    /// A person of the standard tier.
    pub fn person(assurance: Assurance) -> Self {
        Self {
            kind: SubjectKind::Person,
            tier: Tier::standard(),
            assurance,
            ial: Proofing::None,
            owner: None,
            groups: Vec::new(),
            notification_addresses: Vec::new(),
        }
    }
}

struct Registering<'a> {
    query: SnapshotQuery,
    reference: &'a SubjectRef,
    registration: Registration,
    owner: Option<SubjectId>,
}

impl Engine {
    /// Registers a subject, or brings its registration up to date. Repeating it changes nothing.
    ///
    /// # Errors
    /// `tier_unknown`; `invalid_request` for an owner that is not registered or is the subject;
    /// `group_missing` for a bound caller unless the subject is in one of its groups before, if it
    /// was there, and after.
    pub async fn register(
        &self,
        caller: &Caller,
        reference: &SubjectRef,
        mut registration: Registration,
    ) -> Result<Applied<Registered>, Error> {
        registration.groups.sort_unstable();
        registration.groups.dedup();
        registration.notification_addresses.sort_unstable();
        registration.notification_addresses.dedup();
        if !caller.reach.covers(&registration.groups) {
            return Err(Denial::GroupMissing.into());
        }
        let owner = self.owner_of(&caller.reach, reference, &registration).await?;
        let query = of_subject(&self.parts.marks, reference);
        let operation = Registering { query, reference, registration, owner };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Engine {
    /// The accountable owner that a registration names: an active person (H1).
    async fn owner_of(
        &self,
        reach: &Reach,
        reference: &SubjectRef,
        registration: &Registration,
    ) -> Result<Option<SubjectId>, Error> {
        let refuse = |problem| Err(Denial::Invalid { field: "owner", problem }.into());
        match (&registration.owner, registration.kind) {
            (None, SubjectKind::Person) => Ok(None),
            (None, SubjectKind::Service | SubjectKind::Agent) => {
                refuse("is needed: an active person who answers for the service or agent (H1)")
            }
            (Some(owner), _) if owner == reference => refuse("is somebody other than the subject"),
            (Some(owner), _) => {
                let Some((found, _)) = self.parts.reached(reach, owner).await? else {
                    return refuse("is not registered; register the owner first");
                };
                if found.profile.kind != SubjectKind::Person || found.standing != Standing::Active {
                    return refuse("is an active person; a service cannot answer for another (H1)");
                }
                Ok(Some(found.id))
            }
        }
    }
}

impl Operation for Registering<'_> {
    type Prepared = Register;
    type Reply = Registered;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let reference = self.reference.as_str().as_bytes().to_vec();
        vec![b"register".to_vec(), reference, text_of(&self.registration)]
    }

    /// A name that nobody has yet is anybody's to register; one that is taken elsewhere is refused,
    /// for names are one per installation and the refusal is the same as for a missing group.
    fn reached(&self, reach: &Reach, snapshot: &Snapshot) -> Result<bool, Denial> {
        if snapshot.subject.is_none() || reach.covers_entry(snapshot.directory.as_ref()) {
            Ok(true)
        } else {
            Err(Denial::GroupMissing)
        }
    }

    async fn prepare(&self, parts: &Parts, _: &Snapshot) -> Result<Register, Error> {
        let (mut random, mut salt) = ([0; 10], [0; 16]);
        parts.entropy.fill(&mut random)?;
        parts.entropy.fill(&mut salt)?;
        let asked = &self.registration;
        Ok(Register {
            new_id: SubjectId::new(parts.clock.now(), random),
            profile: Profile {
                kind: asked.kind,
                tier: asked.tier.clone(),
                assurance: asked.assurance,
                ial: asked.ial,
                owner: self.owner,
            },
            directory: DirectoryEntry {
                reference: self.reference.clone(),
                groups: asked.groups.clone(),
                notification_addresses: asked.notification_addresses.clone(),
                contacts: Vec::new(),
                salt,
            },
        })
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        prepared: Register,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Registered>, Denial> {
        register::decide(snapshot, prepared, call, rules)
    }
}
