//! Amend a registration: what is not named stays as it is.

use std::collections::BTreeSet;

use super::register::{self, Change, Register, Registered};
use super::{Denial, Outcome, Rules};
use crate::id::{SubjectId, SubjectRef};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided};
use crate::subject::{
    Assurance, DirectoryEntry, NotificationAddress, Profile, Proofing, Standing, SubjectKind, Tier,
};

/// What to amend.
#[derive(Clone)]
pub struct Amend {
    /// The id the subject gets if it is new.
    pub new_id: SubjectId,
    /// The salt of its directory entry if it is new.
    pub salt: [u8; 16],
    /// The caller's name for it from now on.
    pub reference: SubjectRef,
    /// What it is if it is new, where nothing below says otherwise.
    pub first: Profile,
    /// Person, service or agent.
    pub kind: Option<SubjectKind>,
    /// The class of policy.
    pub tier: Option<Tier>,
    /// The highest authenticator assurance level.
    pub assurance: Option<Assurance>,
    /// The identity assurance level.
    pub ial: Option<Proofing>,
    /// The accountable owner.
    pub owner: Option<SubjectId>,
    /// What it has at least from now on; nothing of this lowers anything.
    pub at_least: Vec<Least>,
    /// The groups it joins.
    pub joins: BTreeSet<String>,
    /// The groups it leaves, unless it joins them.
    pub leaves: BTreeSet<String>,
    /// Where it is notified as well. What is there already stays as it is.
    pub adds: BTreeSet<NotificationAddress>,
    /// Where it is notified no longer, whether verified or not.
    pub drops: BTreeSet<NotificationAddress>,
    /// Whether one who left comes back by this. If not, nothing is done for who left.
    pub revives: bool,
    /// Whether it may ask for less protection than there is (E3), and for another name of somebody
    /// privileged or of an operator.
    pub may_lower: bool,
}

/// What somebody has at least, by a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Least {
    /// The class of policy, unless the one before has dual control and this one has not.
    pub tier: Option<Tier>,
    /// The authenticator assurance level, unless the one before is higher.
    pub assurance: Option<Assurance>,
}

impl Amend {
    /// The groups that the subject would be in.
    pub fn groups_after(&self, snapshot: &Snapshot) -> Vec<String> {
        directory(held(snapshot), self).groups
    }
}

/// What is known of the subject. Who comes back is in no group and at no address but those that are
/// named now.
fn held(snapshot: &Snapshot) -> Option<&DirectoryEntry> {
    let left = |standing| matches!(standing, Standing::Departed { .. });
    let left = snapshot.subject.as_ref().is_some_and(|subject| left(subject.standing));
    snapshot.directory.as_ref().filter(|_| !left)
}

/// Decides an amendment, as a registration of what is there with the changes laid over it.
///
/// # Errors
/// As [`register::decide`]; [`Denial::NotAllowed`] for less protection, and for another name of
/// somebody privileged or of an operator, from who may not ask for it;
/// [`Denial::Invalid`] for a service or an agent that would be without an owner (H1).
pub fn decide(
    snapshot: &Snapshot,
    amend: &Amend,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Registered> {
    let subject = snapshot.subject.as_ref();
    let left = subject.is_some_and(|one| matches!(one.standing, Standing::Departed { .. }));
    if let Some(subject) = subject.filter(|_| left && !amend.revives) {
        let (id, change) = (subject.id, Change::Unchanged);
        return Ok(Decided::Already(Registered { id, change, revoked: Vec::new() }));
    }
    let before = subject.map(|subject| &subject.profile);
    let profile = profile(before.unwrap_or(&amend.first), amend, rules.settings);
    if profile.kind != SubjectKind::Person && profile.owner.is_none() {
        let problem = "is needed: an active person who answers for the service or agent (H1)";
        return Err(Denial::Invalid { field: "owner", problem });
    }
    let is_lower = before.is_some_and(|before| lowers(before, &profile, rules.settings));
    if is_lower && !left && !amend.may_lower {
        return Err(Denial::NotAllowed { reasons: vec![LOWERS.to_owned()] });
    }
    if !amend.may_lower && is_renamed(snapshot, amend) && is_protected(snapshot, rules.settings) {
        return Err(Denial::NotAllowed { reasons: vec![RENAMES.to_owned()] });
    }
    let directory = directory(held(snapshot), amend);
    register::decide(snapshot, Register { new_id: amend.new_id, profile, directory }, call, rules)
}

/// The reason for which an amendment is refused that asks for less protection.
pub const LOWERS: &str = "lowers_protection";

/// The reason for which an amendment is refused that gives somebody protected another name.
pub const RENAMES: &str = "renames_protected";

/// Who left and comes back under another name is renamed as well: the former one would be free.
fn is_renamed(snapshot: &Snapshot, amend: &Amend) -> bool {
    snapshot.directory.as_ref().is_some_and(|entry| entry.reference != amend.reference)
}

/// Whether it takes more than to register to say who is called so: rules for who is privileged, and
/// the word of an operator, hang on the name. Of a tier that is configured no more nobody can say
/// that it was not privileged. The snapshot's operator is the subject itself; one whose account
/// rests is one still, or to disable it first would be a way round.
fn is_protected(snapshot: &Snapshot, settings: &Settings) -> bool {
    let tier = snapshot.subject.as_ref().map(|subject| &subject.profile.tier);
    tier.is_some_and(|tier| settings.tier(tier).is_none_or(|tier| tier.privileged))
        || snapshot.operator.as_ref().is_some_and(|it| !it.appointment.duties.is_empty())
}

/// Whether a subject would have less protection: a tier without dual control, less assurance or
/// proofing, or the rules of another kind (E3). To ask for that takes more than to register.
pub fn lowers(before: &Profile, after: &Profile, settings: &Settings) -> bool {
    let dual = |tier: &Tier| settings.tier(tier).is_some_and(|tier| tier.privileged);
    (dual(&before.tier) && !dual(&after.tier))
        || after.assurance < before.assurance
        || after.ial < before.ial
        || after.kind != before.kind
}

fn profile(before: &Profile, amend: &Amend, settings: &Settings) -> Profile {
    let mut profile = Profile {
        kind: amend.kind.unwrap_or(before.kind),
        tier: amend.tier.clone().unwrap_or_else(|| before.tier.clone()),
        assurance: amend.assurance.unwrap_or(before.assurance),
        ial: amend.ial.unwrap_or(before.ial),
        owner: amend.owner.or(before.owner),
    };
    for least in &amend.at_least {
        let tier = least.tier.clone().unwrap_or_else(|| profile.tier.clone());
        let raised = Profile { tier, ..profile.clone() };
        if !lowers(&profile, &raised, settings) {
            profile = raised;
        }
        profile.assurance = profile.assurance.max(least.assurance.unwrap_or(profile.assurance));
    }
    profile
}

fn directory(held: Option<&DirectoryEntry>, amend: &Amend) -> DirectoryEntry {
    let groups = held.map(|entry| entry.groups.iter().cloned()).into_iter().flatten();
    let mut groups: BTreeSet<String> = groups.filter(|name| !amend.leaves.contains(name)).collect();
    groups.extend(amend.joins.iter().cloned());
    let same = |one: &NotificationAddress, other: &NotificationAddress| {
        one.channel == other.channel && one.address == other.address
    };
    let addresses = held.map(|entry| entry.notification_addresses.iter()).into_iter().flatten();
    let stays = |to: &&NotificationAddress| !amend.drops.iter().any(|gone| same(gone, to));
    let mut addresses: BTreeSet<NotificationAddress> = addresses.filter(stays).cloned().collect();
    for to in &amend.adds {
        if !addresses.iter().any(|known| same(known, to)) {
            addresses.insert(to.clone());
        }
    }
    DirectoryEntry {
        reference: amend.reference.clone(),
        groups: groups.into_iter().collect(),
        notification_addresses: addresses.into_iter().collect(),
        contacts: Vec::new(),
        salt: amend.salt,
    }
}
