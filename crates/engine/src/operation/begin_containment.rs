//! Begin a containment: one event, whoever it covers.

use glassbreak_core::containment::{
    Containment, ContainmentReason, ContainmentScope, ContainmentTerms, GroupName,
};
use glassbreak_core::id::{ContainmentId, SubjectId, SubjectRef};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::begin_containment::{self, BeginContainment};
use glassbreak_core::recovery::Reference;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;
use glassbreak_core::subject::{Standing, SubjectKind};

use super::plain::Plain;
use super::{no_code, text_of};
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

/// The most characters of a group's name.
const GROUP_MAX: usize = 256;

/// Whom to contain, by the caller's names.
#[derive(Clone, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// One subject.
    Subject(SubjectRef),
    /// Whoever the directory has in this group, spelled as it is registered.
    Group(String),
    /// Everyone.
    All,
}

/// A containment, as a caller asks for it.
#[derive(Clone, serde::Serialize)]
pub struct Containing {
    /// For whom.
    pub whom: Whom,
    /// Why.
    pub reason: ContainmentReason,
    /// The incident's ticket.
    pub reference: Option<Reference>,
    /// The person who asks for it, if one does; somebody else has to approve the lifting then.
    pub requester: Option<SubjectRef>,
}

/// Looks at the containments, all of them.
pub(crate) fn of_containments() -> SnapshotQuery {
    let of = Aggregate::Subject(SubjectId::CONTAINMENTS);
    SnapshotQuery { of, ..SnapshotQuery::default() }
}

impl Engine {
    /// Switches recovery off, for everyone whom it covers and on every node, from the moment of the
    /// answer on (I1). What was live is written down as ended afterwards, subject by subject.
    ///
    /// # Errors
    /// `subject_unknown`; `invalid_request` for a group without a name, a requester who is no
    /// active person, or a code in the reference.
    pub async fn begin_containment(
        &self,
        caller: &Caller,
        asked: &Containing,
    ) -> Result<Applied<Containment>, Error> {
        no_code(&self.parts, asked.reference.as_ref())?;
        let (scope, group) = self.covered(&asked.whom).await?;
        let requester = self.requester(caller, asked.requester.as_ref()).await?;
        let mut random = [0; 10];
        self.parts.entropy.fill(&mut random)?;
        let new_id = ContainmentId::new(self.parts.clock.now(), random);
        let (reason, reference) = (asked.reason, asked.reference.clone());
        let terms = ContainmentTerms { scope, reason, reference, requester, anchored: None };
        let command = BeginContainment { new_id, terms, group };
        let operation = Plain::new(
            of_containments(),
            vec![b"begin_containment".to_vec(), text_of(asked)],
            |snapshot, call, rules| {
                begin_containment::decide(snapshot, command.clone(), call, rules)
            },
        );
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        self.parts.contained.notify_one();
        Ok(applied)
    }

    async fn covered(&self, whom: &Whom) -> Result<(ContainmentScope, Option<GroupName>), Error> {
        match whom {
            Whom::Subject(reference) => {
                let found = self.parts.store.subject(reference).await?;
                let (subject, _) = found.ok_or(Denial::SubjectUnknown)?;
                let owner = subject.profile.owner;
                Ok((ContainmentScope::Subject { subject: subject.id, owner }, None))
            }
            Whom::Group(name) => {
                if !(1..=GROUP_MAX).contains(&name.chars().count()) {
                    let problem = "is a group's name, of 1 to 256 characters";
                    return Err(Denial::Invalid { field: "group", problem }.into());
                }
                let mut salt = [0; 16];
                self.parts.entropy.fill(&mut salt)?;
                let group = GroupName { name: name.clone(), salt };
                Ok((ContainmentScope::Group { group: group.digest() }, Some(group)))
            }
            Whom::All => Ok((ContainmentScope::All {}, None)),
        }
    }

    async fn requester(
        &self,
        caller: &Caller,
        named: Option<&SubjectRef>,
    ) -> Result<Option<SubjectId>, Error> {
        // Whose key it is has asked for it, named or not.
        let Some(named) = named else { return Ok(caller.operator) };
        if caller.operator.is_some() {
            self.acting(caller, named).await?;
        }
        let found = self.parts.store.subject(named).await?.map(|(subject, _)| subject);
        let person = found.filter(|subject| {
            subject.profile.kind == SubjectKind::Person && subject.standing == Standing::Active
        });
        let problem = "is an active person, registered before";
        let person = person.ok_or(Denial::Invalid { field: "requester", problem })?;
        Ok(Some(person.id))
    }
}
