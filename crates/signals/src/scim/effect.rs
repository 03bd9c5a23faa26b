//! What follows from a change of a User or a Group (STANDARDS 9; the table is in `docs/SCIM.md`).
//!
//! Nothing here decides what an event does to codes: that is the core's, by its configuration. Here
//! it is said which events and registrations a change amounts to, and in which order.

use std::collections::BTreeSet;

use glassbreak_core::id::SubjectRef;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::subject::NotificationAddress;

use super::group::Group;
use super::user::{OwnExtension, User};

/// A change of a resource, from what was to what is.
#[derive(Debug, PartialEq, Eq)]
pub enum Change<'a, T> {
    /// It is new.
    Created(&'a T),
    /// It is another than before, or the same.
    Updated {
        /// What was.
        before: &'a T,
        /// What is.
        after: &'a T,
    },
    /// It is gone.
    Deleted(&'a T),
}

// Derived, both would ask the same of `T`.
impl<T> Clone for Change<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Change<'_, T> {}

/// What an operator may choose.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Which name of a User is the subject's reference.
    pub reference: ReferenceBy,
    /// What it means that an account is not active.
    pub inactive: Inactive,
    /// Which groups are roles.
    pub role_groups: RoleGroups,
}

/// Which name of a User is the subject's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReferenceBy {
    /// `userName`: what the subject signs in with.
    #[default]
    UserName,
    /// `externalId`, which outlives a change of name; `userName` where there is none.
    ExternalId,
}

/// What `active: false` means (SCIM-01 leaves it to the provider).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inactive {
    /// The account is disabled, and may be enabled again: recovery rests.
    #[default]
    Disabled,
    /// The subject left: its codes are revoked at once. For providers that never delete.
    Left,
}

/// Which groups are roles: who joins or leaves one has another role (D4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RoleGroups {
    /// Every group.
    #[default]
    All,
    /// The groups of these names.
    Only(BTreeSet<String>),
}

/// What follows for one subject. To be done in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consequence {
    /// Register it, or bring its registration up to date. A change of owner, of tier, kind or
    /// assurance has its lifecycle effect in the core by that alone (D4, D8).
    Register(Registration),
    /// Report this of its life.
    Report(LifecycleKind),
    /// Tell an address that is no longer the subject's (N63B-IC-08).
    TellFormer(NotificationAddress),
    /// Erase what is known of it beside the log; the resource is answered with 404 (SCIM-04).
    Erase,
}

/// What a User says of a subject's registration. Its groups are not in it: they come of Groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The subject's reference.
    pub reference: SubjectRef,
    /// The reference it had, if it had another. The subject is the same: its name changed.
    pub formerly: Option<SubjectRef>,
    /// Kind, tier and levels. What is absent stays as it is, or is the default of a new subject.
    pub own: OwnExtension,
    /// The id of the User who is the accountable owner. Where none is named, the last one stays: a
    /// service or an agent is never without (H2).
    pub owner: Option<String>,
    /// Where it can be told. One that was confirmed stays so for as long as it is among them.
    pub addresses: Vec<NotificationAddress>,
}

/// What follows from a change of a Group, for one of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The member's id.
    pub member: String,
    /// The group's name that is to be among the names of the member's groups.
    pub joins: Option<String>,
    /// The one that is to be there no longer.
    pub leaves: Option<String>,
    /// What to report of the member's life, after that.
    pub report: Option<LifecycleKind>,
}

/// What follows from a change of a User.
pub fn of_user(change: Change<'_, User>, rules: &Rules) -> Vec<Consequence> {
    match change {
        Change::Created(user) => created(user, rules),
        Change::Updated { before, after } => updated(before, after, rules),
        Change::Deleted(_) => {
            vec![Consequence::Report(LifecycleKind::SubjectLeft), Consequence::Erase]
        }
    }
}

fn created(user: &User, rules: &Rules) -> Vec<Consequence> {
    let register = Consequence::Register(registration(user, None, rules));
    match (user.active, rules.inactive) {
        (true, _) => vec![register],
        (false, Inactive::Disabled) => {
            vec![register, Consequence::Report(LifecycleKind::AccountDisabled)]
        }
        // Who left is not registered: a registration would bring it back.
        (false, Inactive::Left) => Vec::new(),
    }
}

fn updated(before: &User, after: &User, rules: &Rules) -> Vec<Consequence> {
    let mut all = Vec::new();
    let left = |user: &User| !user.active && rules.inactive == Inactive::Left;
    if left(after) {
        // Nothing else is done to who left: a registration would bring it back.
        let leaves = (!left(before)).then_some(Consequence::Report(LifecycleKind::SubjectLeft));
        return leaves.into_iter().collect();
    }
    let was = registration(before, None, rules);
    let formerly = (was.reference != registration(after, None, rules).reference)
        .then(|| was.reference.clone());
    let is = registration(after, formerly, rules);
    if was != is || left(before) {
        all.push(Consequence::Register(is));
    }
    // After the registration, which may be refused: an account that was put to rest by a request
    // that was refused is stored as active, and nothing here would enable it. Recovery opens after
    // everything has changed.
    if before.active && !after.active {
        all.push(Consequence::Report(LifecycleKind::AccountDisabled));
    }
    let former = before.addresses.difference(&after.addresses);
    all.extend(former.cloned().map(Consequence::TellFormer));
    if before.roles != after.roles {
        all.push(Consequence::Report(LifecycleKind::RoleChanged));
    }
    if before.entitlements != after.entitlements {
        all.push(Consequence::Report(LifecycleKind::PrivilegesChanged));
    }
    if !before.active && after.active && !left(before) {
        all.push(Consequence::Report(LifecycleKind::AccountEnabled));
    }
    all
}

fn registration(user: &User, formerly: Option<SubjectRef>, rules: &Rules) -> Registration {
    let external = user.external_id.as_ref().filter(|_| rules.reference == ReferenceBy::ExternalId);
    Registration {
        reference: external.unwrap_or(&user.user_name).clone(),
        formerly,
        own: user.own.clone(),
        owner: user.owner().map(str::to_owned),
        addresses: user.addresses.iter().cloned().collect(),
    }
}

/// What follows from a change of a Group, for each member that it concerns, in the order of ids.
pub fn of_group(change: Change<'_, Group>, rules: &Rules) -> Vec<Membership> {
    let (before, after) = match change {
        Change::Created(after) => (None, Some(after)),
        Change::Updated { before, after } => (Some(before), Some(after)),
        Change::Deleted(before) => (Some(before), None),
    };
    let members = |group: Option<&Group>| group.map(|group| group.members.clone());
    let (were, are) = (members(before).unwrap_or_default(), members(after).unwrap_or_default());
    let one = |member: &String| membership(member, before, after, rules);
    were.union(&are).filter_map(one).collect()
}

fn membership(
    member: &String,
    before: Option<&Group>,
    after: Option<&Group>,
    rules: &Rules,
) -> Option<Membership> {
    let name = |group: Option<&Group>| {
        group.filter(|group| group.members.contains(member)).map(|group| group.name.clone())
    };
    let (leaves, joins) = (name(before), name(after));
    if leaves == joins {
        return None;
    }
    let is_role = |name: &Option<String>| match (&rules.role_groups, name) {
        (_, None) => false,
        (RoleGroups::All, Some(_)) => true,
        (RoleGroups::Only(names), Some(name)) => names.contains(name),
    };
    // A group that is called otherwise is the same role, unless it is one by its name.
    let report = (is_role(&leaves) != is_role(&joins)).then_some(LifecycleKind::RoleChanged);
    Some(Membership { member: member.clone(), joins, leaves, report })
}
