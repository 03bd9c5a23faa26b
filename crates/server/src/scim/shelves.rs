//! What is kept of resources beside the log: the resources, indexes of their names, who is in which
//! group. All of it is personal data, and is taken away with the resource.

use std::collections::BTreeSet;

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Expected, Keep, Kept, Shelf};
use glassbreak_signals::scim::{Resource, ResourceType, Version, index_key};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Scim;
use super::answer::Refusal;

/// Users, and Groups without their members, by their ids.
const USERS: &str = "scim.users";
const GROUPS: &str = "scim.groups";
/// The id of a resource by a digest of its name, without regard to case.
const USER_NAMES: &str = "scim.user_names";
const GROUP_NAMES: &str = "scim.group_names";
/// `digest of the external id/id of the resource`, by type.
const USER_EXTERNAL_IDS: &str = "scim.user_external_ids";
const GROUP_EXTERNAL_IDS: &str = "scim.group_external_ids";
/// The id of a User by its subject's: one subject is one User.
pub(super) const SUBJECTS: &str = "scim.subjects";
/// `group/user`: the member as the client sent it.
const MEMBERS: &str = "scim.members";
/// `user/group`: the same the other way round.
const MEMBERSHIPS: &str = "scim.memberships";
/// Users whose account is to be enabled: stored as active, and not yet told to the engine.
pub(super) const LIFTS: &str = "scim.lifts";
/// Subjects who are to be erased, and when.
pub(super) const ERASURES: &str = "scim.erasures";

/// How many things one look takes.
const BATCH: usize = 500;

/// A resource as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    /// The subject that a User is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<SubjectId>,
    /// When it was made.
    pub(super) created: Timestamp,
    /// When it was last changed.
    pub(super) modified: Timestamp,
    /// Its attributes; a Group's without `members`.
    resource: Value,
}

impl Stored {
    /// A resource, with what the server knows of it.
    pub(super) fn new(
        subject: Option<SubjectId>,
        created: Timestamp,
        modified: Timestamp,
        resource: &Resource,
    ) -> Self {
        let mut resource = resource.stored();
        if let Some(members) = resource.as_object_mut() {
            members.remove("members");
        }
        Self { subject, created, modified, resource }
    }

    /// As it lies on the shelf.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Refusal> {
        serde_json::to_vec(self).map_err(|_| Refusal::corrupt())
    }
}

/// A resource that was found.
pub(super) struct Held {
    /// Its id.
    pub(super) id: String,
    /// Its version.
    pub(super) version: Version,
    /// As it is kept.
    pub(super) stored: Stored,
    /// As it is.
    pub(super) resource: Resource,
}

impl Held {
    fn read(kind: ResourceType, kept: &Kept, members: Option<Vec<Value>>) -> Result<Self, Refusal> {
        let stored: Stored = serde_json::from_slice(&kept.value).map_err(|_| Refusal::corrupt())?;
        let mut whole = stored.resource.clone();
        if let (Some(members), Some(whole)) = (members, whole.as_object_mut())
            && !members.is_empty()
        {
            whole.insert("members".to_owned(), members.into());
        }
        let resource = Resource::restore(kind, &whole).map_err(|_| Refusal::corrupt())?;
        Ok(Self { id: kept.key.clone(), version: Version(kept.version), stored, resource })
    }
}

impl Scim {
    fn shelf(&self, name: &'static str) -> Shelf {
        self.engine().shelf(name)
    }

    /// The resource of this id; a Group with its members, if they are `wanted`.
    pub(super) async fn get(
        &self,
        kind: ResourceType,
        id: &str,
        wanted: Members,
    ) -> Result<Option<Held>, Refusal> {
        let Some(kept) = self.shelf(records(kind)).get(id).await? else { return Ok(None) };
        let members = match (kind, wanted) {
            (ResourceType::Group, Members::Shown) => Some(self.members(id).await?),
            _ => None,
        };
        Held::read(kind, &kept, members).map(Some)
    }

    /// The next resources behind the id `after`, without members.
    pub(super) async fn batch(
        &self,
        kind: ResourceType,
        after: Option<&str>,
    ) -> Result<Vec<Held>, Refusal> {
        let kept = self.shelf(records(kind)).list("", after, BATCH).await?;
        kept.iter().map(|kept| Held::read(kind, kept, None)).collect()
    }

    /// The id of the resource that has a name, by the name's index key.
    pub(super) async fn by_name(
        &self,
        kind: ResourceType,
        key: &str,
    ) -> Result<Option<String>, Refusal> {
        let kept = self.shelf(names(kind)).get(&digest(key)).await?;
        kept.map(|kept| text(kept.value)).transpose()
    }

    /// The ids of the resources that have an external id.
    pub(super) async fn by_external_id(
        &self,
        kind: ResourceType,
        external: &str,
    ) -> Result<Vec<String>, Refusal> {
        let prefix = format!("{}/", digest(external));
        self.behind(external_ids(kind), &prefix).await
    }

    /// The id of the User that a subject is.
    pub(super) async fn by_subject(&self, subject: SubjectId) -> Result<Option<String>, Refusal> {
        let kept = self.shelf(SUBJECTS).get(&subject.to_string()).await?;
        kept.map(|kept| text(kept.value)).transpose()
    }

    /// The ids of the groups that a User is in.
    pub(super) async fn groups_of(&self, user: &str) -> Result<Vec<String>, Refusal> {
        self.behind(MEMBERSHIPS, &format!("{user}/")).await
    }

    async fn members(&self, group: &str) -> Result<Vec<Value>, Refusal> {
        let all = self.all(MEMBERS, &format!("{group}/")).await?;
        let read = |kept: Kept| serde_json::from_slice(&kept.value);
        let members = all.into_iter().map(read).collect::<Result<_, _>>();
        members.map_err(|_| Refusal::corrupt())
    }

    /// What stands behind a prefix, in each key that has it.
    async fn behind(&self, place: &'static str, prefix: &str) -> Result<Vec<String>, Refusal> {
        let all = self.all(place, prefix).await?;
        let rest = |kept: Kept| kept.key.strip_prefix(prefix).map(str::to_owned);
        Ok(all.into_iter().filter_map(rest).collect())
    }

    /// Everything on a shelf whose key has a prefix.
    pub(super) async fn all(
        &self,
        place: &'static str,
        prefix: &str,
    ) -> Result<Vec<Kept>, Refusal> {
        let mut all: Vec<Kept> = Vec::new();
        loop {
            let after = all.last().map(|kept| kept.key.clone());
            let next = self.shelf(place).list(prefix, after.as_deref(), BATCH).await?;
            let done = next.len() < BATCH;
            all.extend(next);
            if done {
                return Ok(all);
            }
        }
    }

    /// Stores a resource under the condition that it is as it was: `before`, or not there.
    pub(super) fn putting(
        &self,
        kind: ResourceType,
        id: &str,
        before: Option<&Held>,
        (stored, after): (&Stored, &Resource),
    ) -> Result<Vec<Keep>, Refusal> {
        let expected = before.map_or(Expected::Nothing, |held| Expected::Version(held.version.0));
        let mut changes = vec![self.shelf(records(kind)).putting(id, expected, stored.bytes()?)];
        let (was, is) = (before.map(|held| Indexed::of(&held.resource)), Indexed::of(after));
        let was_named = was.as_ref().and_then(|was| was.name.clone());
        if was_named != is.name {
            changes.extend(
                was_named.map(|key| self.shelf(names(kind)).taking(key, Expected::Anything)),
            );
            let named = |key| self.shelf(names(kind)).putting(key, Expected::Nothing, id.into());
            changes.extend(is.name.map(named));
        }
        let index = self.shelf(external_ids(kind));
        let external = was.and_then(|was| was.external);
        if external != is.external {
            let key = |external| format!("{external}/{id}");
            changes.extend(external.map(|was| index.taking(key(was), Expected::Anything)));
            let is = is.external;
            changes.extend(is.map(|is| index.putting(key(is), Expected::Anything, Vec::new())));
        }
        Ok(changes)
    }

    /// Takes a resource away, with what finds it.
    pub(super) fn taking(&self, kind: ResourceType, held: &Held) -> Vec<Keep> {
        let expected = Expected::Version(held.version.0);
        let mut changes = vec![self.shelf(records(kind)).taking(held.id.as_str(), expected)];
        let Indexed { name, external } = Indexed::of(&held.resource);
        changes.extend(name.map(|key| self.shelf(names(kind)).taking(key, Expected::Anything)));
        let index = self.shelf(external_ids(kind));
        let key = |external| format!("{external}/{}", held.id);
        changes.extend(external.map(|is| index.taking(key(is), Expected::Anything)));
        changes
    }

    /// Changes who is in a group: those who join, each as it was sent, and those who leave.
    pub(super) fn rows(
        &self,
        group: &str,
        joins: &[(String, Value)],
        leaves: &BTreeSet<String>,
    ) -> Vec<Keep> {
        let (members, memberships) = (self.shelf(MEMBERS), self.shelf(MEMBERSHIPS));
        let mut changes = Vec::new();
        for (user, member) in joins {
            let value = member.to_string().into_bytes();
            changes.push(members.putting(format!("{group}/{user}"), Expected::Anything, value));
            let key = format!("{user}/{group}");
            changes.push(memberships.putting(key, Expected::Anything, Vec::new()));
        }
        for user in leaves {
            changes.push(members.taking(format!("{group}/{user}"), Expected::Anything));
            changes.push(memberships.taking(format!("{user}/{group}"), Expected::Anything));
        }
        changes
    }

    /// Puts something small on a shelf of ours, whatever is there.
    pub(super) fn noting(&self, place: &'static str, key: &str, value: Vec<u8>) -> Keep {
        self.shelf(place).putting(key, Expected::Anything, value)
    }

    /// Takes it away, whatever is there.
    pub(super) fn dropping(&self, place: &'static str, key: &str) -> Keep {
        self.shelf(place).taking(key, Expected::Anything)
    }

    /// Whether there is something under a key.
    pub(super) async fn is_noted(&self, place: &'static str, key: &str) -> Result<bool, Refusal> {
        Ok(self.shelf(place).get(key).await?.is_some())
    }
}

/// Whether a Group comes with its members. A large one costs as much as all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    /// With them.
    Shown,
    /// Without.
    Left,
}

/// The keys under which a resource is found.
struct Indexed {
    name: Option<String>,
    external: Option<String>,
}

impl Indexed {
    fn of(resource: &Resource) -> Self {
        let stored = resource.stored();
        let name = match resource.kind() {
            ResourceType::User => "userName",
            ResourceType::Group => "displayName",
        };
        let text = |name: &str| stored.get(name).and_then(Value::as_str);
        Self {
            name: text(name).map(|name| digest(&index_key(name))),
            external: text("externalId").map(digest),
        }
    }
}

/// A key of fixed length for a text of any.
fn digest(text: &str) -> String {
    Digest::of("glassbreak/scim/index/v1", &[text.as_bytes()]).to_string()
}

fn text(bytes: Vec<u8>) -> Result<String, Refusal> {
    String::from_utf8(bytes).map_err(|_| Refusal::corrupt())
}

const fn records(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::User => USERS,
        ResourceType::Group => GROUPS,
    }
}

const fn names(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::User => USER_NAMES,
        ResourceType::Group => GROUP_NAMES,
    }
}

const fn external_ids(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::User => USER_EXTERNAL_IDS,
        ResourceType::Group => GROUP_EXTERNAL_IDS,
    }
}
