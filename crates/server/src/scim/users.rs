//! Users: made, changed, deleted.

use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::subject::Standing;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Error, Expected, Reach};
use glassbreak_signals::scim::effect::{Change, ReferenceBy, of_user};
use glassbreak_signals::scim::{
    Group, GroupRef, Resource, ResourceType, ScimError, Served, User, Version, index_key,
};
use serde_json::Value;

use super::Scim;
use super::answer::Refusal;
use super::asker::Asker;
use super::effects::Doing;
use super::shelves::{ERASURES, Held, LIFTS, Members, SUBJECTS, Stored};

/// How often a change is made anew because another server was faster.
pub(super) const ATTEMPTS_MAX: usize = 8;

const USER: ResourceType = ResourceType::User;

impl Scim {
    /// The User of this id, if it is within reach.
    pub(super) async fn user(&self, asker: &Asker, id: &str) -> Result<Held, Refusal> {
        let held = self.get(USER, id, Members::Left).await?.ok_or_else(Refusal::not_found)?;
        if self.reaches_user(asker, &held).await? { Ok(held) } else { Err(Refusal::not_found()) }
    }

    /// Whether a User is within reach.
    pub(super) async fn reaches_user(&self, asker: &Asker, held: &Held) -> Result<bool, Refusal> {
        if asker.caller.reach == Reach::Everybody {
            return Ok(true);
        }
        let Some(subject) = held.stored.subject else { return Ok(false) };
        let Some(reference) = self.engine().reference(subject).await? else { return Ok(false) };
        Ok(self.engine().subject(&asker.caller.reach, &reference).await?.is_some())
    }

    /// The groups that a User is in.
    pub(super) async fn group_refs(&self, user: &str) -> Result<Vec<GroupRef>, Refusal> {
        let mut groups = Vec::new();
        for id in self.groups_of(user).await? {
            let held = self.get(ResourceType::Group, &id, Members::Left).await?;
            let name = held.and_then(|held| Group::read(&held.resource).ok()).map(|it| it.name);
            groups.extend(name.map(|name| GroupRef { id, name }));
        }
        Ok(groups)
    }

    /// A User as its client sees it.
    pub(super) async fn show_user(&self, asker: &Asker, held: &Held) -> Result<Value, Refusal> {
        let groups = self.group_refs(&held.id).await?;
        let groups = groups.into_iter().filter(|group| asker.reaches_group(&group.name));
        Ok(held.resource.render(&served(asker, held, groups.collect())))
    }

    /// Makes a User.
    pub(super) async fn create_user(&self, asker: &Asker, body: &Value) -> Result<Held, Refusal> {
        let resource = Resource::create(USER, body)?;
        let user = User::read(&resource)?;
        let _turn = self.turn().await;
        self.must_be_free(asker, USER, user.user_name.as_str(), None).await?;
        let reference = self.reference(&user);
        let found = self.engine().subject(&asker.caller.reach, &reference).await?;
        if let Some((subject, _)) = &found
            && self.by_subject(subject.id).await?.is_some()
        {
            return Err(Refusal::taken("the name that is the reference"));
        }
        let id = self.engine().new_id()?.to_string();
        let mut doing = Doing { asker, id: &id, version: 0, before: None, subject: None };
        if self.has_left(&user) {
            // Who was never here does not leave, and is not registered to do so.
            doing.subject = found.as_ref().map(|(subject, _)| subject.id);
            if found.is_some_and(|(it, _)| !matches!(it.standing, Standing::Departed { .. })) {
                let step = format!("scim:{id}:0:left");
                self.report(asker, doing.subject, LifecycleKind::SubjectLeft, step).await?;
            }
        }
        self.follow(&mut doing, of_user(Change::Created(&user), self.rules())).await?;
        let now = self.engine().now();
        let stored = Stored::new(doing.subject, now, now, &resource);
        let mut changes = self.putting(USER, &id, None, (&stored, &resource))?;
        if let Some(subject) = doing.subject {
            let subjects = self.engine().shelf(SUBJECTS);
            let value = id.clone().into_bytes();
            changes.push(subjects.putting(subject.to_string(), Expected::Nothing, value));
            // Who was deleted and is put back is not erased for the deletion.
            changes.push(self.dropping(ERASURES, &subject.to_string()));
        }
        if !self.engine().keep(changes).await? {
            return Err(Refusal::taken("userName"));
        }
        Ok(Held { id, version: Version(1), stored, resource })
    }

    /// Changes a User: what `change` makes of what there is. All of it or nothing (SCIM-02).
    pub(super) async fn update_user(
        &self,
        asker: &Asker,
        id: &str,
        change: impl Fn(&Resource) -> Result<Resource, ScimError>,
    ) -> Result<Held, Refusal> {
        let _turn = self.turn().await;
        for _ in 0..ATTEMPTS_MAX {
            let held = self.user(asker, id).await?;
            asker.preconditions.may_write(Some(held.version))?;
            let resource = change(&held.resource)?;
            if resource == held.resource {
                self.settle(asker, id).await?;
                return Ok(held);
            }
            let before = User::read(&held.resource)?;
            let after = User::read(&resource)?;
            if index_key(before.user_name.as_str()) != index_key(after.user_name.as_str()) {
                self.must_be_free(asker, USER, after.user_name.as_str(), Some(id)).await?;
            }
            let (version, known) = (held.version.0, held.stored.subject);
            let mut doing = Doing { asker, id, version, before: Some(&before), subject: known };
            let change = Change::Updated { before: &before, after: &after };
            self.follow(&mut doing, of_user(change, self.rules())).await?;
            let now = self.engine().now();
            let stored = Stored::new(doing.subject, held.stored.created, now, &resource);
            let mut changes = self.putting(USER, id, Some(&held), (&stored, &resource))?;
            if let (None, Some(subject)) = (known, doing.subject) {
                let subjects = self.engine().shelf(SUBJECTS);
                let value = id.as_bytes().to_vec();
                changes.push(subjects.putting(subject.to_string(), Expected::Nothing, value));
                changes.push(self.dropping(ERASURES, &subject.to_string()));
            }
            if !before.active && after.active {
                changes.push(self.noting(LIFTS, id, Vec::new()));
            } else if before.active && !after.active {
                changes.push(self.dropping(LIFTS, id));
            }
            if self.engine().keep(changes).await? {
                self.settle(asker, id).await?;
                let version = Version(version.saturating_add(1));
                return Ok(Held { id: id.to_owned(), version, stored, resource });
            }
        }
        Err(Refusal::busy())
    }

    /// Deletes a User: its codes die, it is gone, and its name and addresses are erased when those
    /// have been told (SCIM-04).
    pub(super) async fn delete_user(&self, asker: &Asker, id: &str) -> Result<(), Refusal> {
        let _turn = self.turn().await;
        for _ in 0..ATTEMPTS_MAX {
            let held = self.user(asker, id).await?;
            asker.preconditions.may_write(Some(held.version))?;
            let user = User::read(&held.resource)?;
            let (version, subject) = (held.version.0, held.stored.subject);
            let mut doing = Doing { asker, id, version, before: Some(&user), subject };
            self.follow(&mut doing, of_user(Change::Deleted(&user), self.rules())).await?;
            let mut changes = self.taking(USER, &held);
            changes.push(self.dropping(LIFTS, id));
            let now = self.engine().now();
            let due = now.plus(self.config().erase_after);
            if let Some(subject) = subject {
                changes.push(self.dropping(SUBJECTS, &subject.to_string()));
                let value = due.millis().to_string().into_bytes();
                changes.push(self.noting(ERASURES, &subject.to_string(), value));
            }
            for group in self.groups_of(id).await? {
                changes.extend(self.rows(&group, &[], &[id.to_owned()].into()));
                changes.extend(self.touched(&group, now).await?);
            }
            if self.engine().keep(changes).await? {
                if due <= now {
                    self.erase_due().await?;
                }
                return Ok(());
            }
        }
        Err(Refusal::busy())
    }

    /// The change that makes a new version of a group of which only the members changed.
    async fn touched(
        &self,
        group: &str,
        now: Timestamp,
    ) -> Result<Vec<glassbreak_engine::Keep>, Refusal> {
        let held = self.get(ResourceType::Group, group, Members::Left).await?;
        let Some(held) = held else { return Ok(Vec::new()) };
        let stored = Stored::new(None, held.stored.created, now, &held.resource);
        let resource = &held.resource;
        self.putting(ResourceType::Group, group, Some(&held), (&stored, resource))
    }

    /// Refuses a name that another resource has, without regard to case. Of one out of reach the
    /// refusal is the one that its subject's name would have.
    pub(super) async fn must_be_free(
        &self,
        asker: &Asker,
        kind: ResourceType,
        name: &str,
        own: Option<&str>,
    ) -> Result<(), Refusal> {
        let holder = self.by_name(kind, &index_key(name)).await?;
        let Some(holder) = holder.filter(|holder| Some(holder.as_str()) != own) else {
            return Ok(());
        };
        let held = self.get(kind, &holder, Members::Left).await?;
        let seen = match (&held, kind) {
            (Some(held), ResourceType::User) => self.reaches_user(asker, held).await?,
            _ => true,
        };
        if !seen {
            return Err(Error::from(Denial::GroupMissing).into());
        }
        Err(Refusal::taken(match kind {
            ResourceType::User => "userName",
            ResourceType::Group => "displayName",
        }))
    }

    /// The name of a User that is its subject's reference.
    fn reference(&self, user: &User) -> SubjectRef {
        let by_external = self.rules().reference == ReferenceBy::ExternalId;
        let external = user.external_id.as_ref().filter(|_| by_external);
        external.unwrap_or(&user.user_name).clone()
    }
}

/// What the server adds to a resource for this client.
pub(super) fn served(asker: &Asker, held: &Held, groups: Vec<GroupRef>) -> Served {
    Served {
        id: held.id.clone(),
        base: asker.base.clone(),
        created: held.stored.created,
        modified: held.stored.modified,
        version: held.version,
        groups,
    }
}
