//! Groups: made, changed, deleted. Each change is told to every member that it concerns, one by
//! one; a group of many takes as long as that, and a retry finds what was done.

use std::collections::BTreeSet;

use glassbreak_engine::Error;
use glassbreak_engine::core::operation::Denial;
use glassbreak_signals::scim::effect::{Change, of_group};
use glassbreak_signals::scim::{
    Group, Resource, ResourceType, ScimError, ScimType, Version, index_key,
};
use serde_json::Value;

use super::Scim;
use super::answer::Refusal;
use super::asker::Asker;
use super::shelves::{Held, Members, Stored};
use super::users::{ATTEMPTS_MAX, served};

const GROUP: ResourceType = ResourceType::Group;

impl Scim {
    /// The Group of this id, if it is within reach.
    pub(super) async fn group(
        &self,
        asker: &Asker,
        id: &str,
        members: Members,
    ) -> Result<Held, Refusal> {
        let held = self.get(GROUP, id, members).await?.ok_or_else(Refusal::not_found)?;
        if reaches(asker, &held)? { Ok(held) } else { Err(Refusal::not_found()) }
    }

    /// Makes a Group.
    pub(super) async fn create_group(&self, asker: &Asker, body: &Value) -> Result<Held, Refusal> {
        let resource = Resource::create(GROUP, body)?;
        let group = Group::read(&resource)?;
        must_reach(asker, &group)?;
        let _turn = self.turn().await;
        self.must_be_free(asker, GROUP, &group.name, None).await?;
        self.must_be_users(asker, &group.members).await?;
        let id = self.engine().new_id()?.to_string();
        self.tell_members(asker, &id, 0, Change::Created(&group)).await?;
        let now = self.engine().now();
        let stored = Stored::new(None, now, now, &resource);
        let mut changes = self.putting(GROUP, &id, None, (&stored, &resource))?;
        changes.extend(self.rows(&id, &rows_of(&resource, &BTreeSet::new()), &BTreeSet::new()));
        if !self.engine().keep(changes).await? {
            return Err(Refusal::taken("displayName"));
        }
        Ok(Held { id, version: Version(1), stored, resource })
    }

    /// Changes a Group: what `change` makes of what there is. All of it or nothing (SCIM-02).
    pub(super) async fn update_group(
        &self,
        asker: &Asker,
        id: &str,
        change: impl Fn(&Resource) -> Result<Resource, ScimError>,
    ) -> Result<Held, Refusal> {
        let _turn = self.turn().await;
        for _ in 0..ATTEMPTS_MAX {
            let held = self.group(asker, id, Members::Shown).await?;
            asker.preconditions.may_write(Some(held.version))?;
            let resource = change(&held.resource)?;
            if resource == held.resource {
                return Ok(held);
            }
            let before = Group::read(&held.resource)?;
            let after = Group::read(&resource)?;
            must_reach(asker, &after)?;
            if index_key(&before.name) != index_key(&after.name) {
                self.must_be_free(asker, GROUP, &after.name, Some(id)).await?;
            }
            let new: BTreeSet<_> = after.members.difference(&before.members).cloned().collect();
            let gone: BTreeSet<_> = before.members.difference(&after.members).cloned().collect();
            self.must_be_users(asker, &new).await?;
            let change = Change::Updated { before: &before, after: &after };
            self.tell_members(asker, id, held.version.0, change).await?;
            let now = self.engine().now();
            let stored = Stored::new(None, held.stored.created, now, &resource);
            let mut changes = self.putting(GROUP, id, Some(&held), (&stored, &resource))?;
            changes.extend(self.rows(id, &rows_of(&resource, &before.members), &gone));
            if self.engine().keep(changes).await? {
                let version = Version(held.version.0.saturating_add(1));
                return Ok(Held { id: id.to_owned(), version, stored, resource });
            }
        }
        Err(Refusal::busy())
    }

    /// Deletes a Group: its members are in it no longer.
    pub(super) async fn delete_group(&self, asker: &Asker, id: &str) -> Result<(), Refusal> {
        let _turn = self.turn().await;
        for _ in 0..ATTEMPTS_MAX {
            let held = self.group(asker, id, Members::Shown).await?;
            asker.preconditions.may_write(Some(held.version))?;
            let group = Group::read(&held.resource)?;
            self.tell_members(asker, id, held.version.0, Change::Deleted(&group)).await?;
            let mut changes = self.taking(GROUP, &held);
            changes.extend(self.rows(id, &[], &group.members));
            if self.engine().keep(changes).await? {
                return Ok(());
            }
        }
        Err(Refusal::busy())
    }

    async fn tell_members(
        &self,
        asker: &Asker,
        id: &str,
        version: u64,
        change: Change<'_, Group>,
    ) -> Result<(), Refusal> {
        let step = format!("scim:{id}:{version}");
        let memberships = of_group(change, self.rules());
        for membership in &memberships {
            self.must_stay_reached(asker, membership).await?;
        }
        for membership in memberships {
            self.follow_membership(asker, &step, membership).await?;
        }
        Ok(())
    }

    /// Refuses members that are no Users, or none within reach. The place of the first is told, and
    /// not its id.
    async fn must_be_users(&self, asker: &Asker, ids: &BTreeSet<String>) -> Result<(), Refusal> {
        for id in ids {
            let held = self.get(ResourceType::User, id, Members::Left).await?;
            let known = match &held {
                Some(held) => self.reaches_user(asker, held).await?,
                None => false,
            };
            if !known {
                let detail = "`members` names somebody who is no User";
                return Err(ScimError::new(ScimType::InvalidValue, detail).into());
            }
        }
        Ok(())
    }
}

/// A Group as its client sees it.
pub(super) fn show_group(asker: &Asker, held: &Held) -> Value {
    held.resource.render(&served(asker, held, Vec::new()))
}

/// Whether a Group is within reach: a bound key sees those that it is bound to.
pub(super) fn reaches(asker: &Asker, held: &Held) -> Result<bool, Refusal> {
    let group = Group::read(&held.resource).map_err(|_| Refusal::corrupt())?;
    Ok(asker.reaches_group(&group.name))
}

fn must_reach(asker: &Asker, group: &Group) -> Result<(), Refusal> {
    if asker.reaches_group(&group.name) {
        return Ok(());
    }
    Err(Error::from(Denial::GroupMissing).into())
}

/// The members of a group who are not among the known ones, each as it was sent.
fn rows_of(resource: &Resource, known: &BTreeSet<String>) -> Vec<(String, Value)> {
    let stored = resource.stored();
    let members = stored.get("members").and_then(Value::as_array).into_iter().flatten();
    let row = |member: &Value| {
        let id = member.get("value").and_then(Value::as_str)?;
        (!known.contains(id)).then(|| (id.to_owned(), member.clone()))
    };
    let mut rows: Vec<_> = members.filter_map(row).collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.dedup_by(|one, other| one.0 == other.0);
    rows
}
