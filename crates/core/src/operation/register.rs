//! Register a subject, or bring its registration up to date.

use super::erase::ERASED;
use super::report::take_effect;
use super::{Denial, Outcome, Rules, past_request, settle};
use crate::digest::Digest;
use crate::event::{Alert, Aside, Happened, Registration};
use crate::id::SubjectId;
use crate::lifecycle::LifecycleKind;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Channel, DirectoryEntry, Profile, Standing, SuspendCause};
use std::collections::BTreeSet;

/// What to register.
#[derive(Debug, Clone)]
pub struct Register {
    /// The id the subject gets if it is new.
    pub new_id: SubjectId,
    /// What it is.
    pub profile: Profile,
    /// Who it is. The salt is used if the entry is new or changed.
    pub directory: DirectoryEntry,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The subject's opaque id.
    pub id: SubjectId,
    /// Whether it is new.
    pub change: Change,
    /// The sets that the change revoked.
    pub revoked: Vec<crate::id::SetId>,
}

/// How a registration changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was not there before, or had left.
    Created,
    /// Something changed.
    Updated,
    /// All was as asked for already.
    Unchanged,
}

/// Decides a registration.
///
/// A change of tier or assurance is a change of privileges (D4), a change of owner one of
/// ownership (D8), another name a reset of the account (D3): all have their lifecycle effect here,
/// with nobody having to remember.
pub fn decide(
    snapshot: &Snapshot,
    command: Register,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Registered> {
    must_be_valid(&command, rules.settings)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let Some(subject) = &snapshot.subject else {
        let id = command.new_id;
        let mut draft = Draft::for_aggregate(call, id, 0);
        let registration = registration(command.profile, &command.directory, None);
        let happened = Happened::SubjectRegistered(registration);
        draft.add_with(happened, None, Aside::Directory(command.directory))?;
        return Ok(draft.decide(Registered { id, change: Change::Created, revoked: Vec::new() }));
    };
    let id = subject.id;
    let as_it_was = Registered { id, change: Change::Unchanged, revoked: Vec::new() };
    if done_before {
        return Ok(Decided::Already(as_it_was));
    }
    let departed = matches!(subject.standing, Standing::Departed { .. });
    // The same entry under the salt in use has the same digest: nothing to write. Contacts are not
    // the caller's to sync; who comes back after leaving has none.
    let held = snapshot.directory.as_ref();
    let salt = held.map_or(command.directory.salt, |entry| entry.salt);
    let contacts = held.filter(|_| !departed).map(|entry| entry.contacts.clone());
    let contacts = contacts.unwrap_or_default();
    let unchanged = DirectoryEntry { contacts, salt, ..command.directory.clone() };
    let same_directory = unchanged.digest() == subject.directory;
    if same_directory && command.profile == subject.profile && !departed {
        return Ok(Decided::Already(as_it_was));
    }
    // The salt stays with the subject, so that the digest of an address does too: a recovery knows
    // by it to which addresses it may send.
    let directory = unchanged;
    let before = held.filter(|_| !departed);
    let registration = registration(command.profile.clone(), &directory, before);
    let mut draft = Draft::new(call, snapshot);
    let (happened, change) = if departed {
        (Happened::SubjectRegistered(registration), Change::Created)
    } else {
        (Happened::SubjectUpdated(registration), Change::Updated)
    };
    draft.add_with(happened, None, Aside::Directory(directory.clone()))?;
    let revoked = if departed {
        Vec::new()
    } else {
        remove_addresses(&mut draft, snapshot, &directory)?;
        let mut kinds = implied(&subject.profile, &command.profile);
        // Codes were given to who had the former name. Under another they would be a way to hand
        // one person's codes to whoever is called so (REG-13).
        if held.is_some_and(|held| held.reference != directory.reference) {
            kinds.push(LifecycleKind::AccountReset);
        }
        follow(&mut draft, snapshot, &kinds, rules)?
    };
    let lowers = lowers(&subject.profile, &command.profile, rules.settings);
    rest_after_lowering(&mut draft, lowers, departed, subject.standing, rules.settings)?;
    Ok(draft.decide(Registered { id, change, revoked }))
}

/// Refuses what nobody can be registered as, whoever is there already.
fn must_be_valid(command: &Register, settings: &Settings) -> Result<(), Denial> {
    if settings.tier(&command.profile.tier).is_none() {
        return Err(Denial::TierUnknown { tier: command.profile.tier.clone().into() });
    }
    if command.directory.reference.as_str().starts_with(ERASED) {
        let problem = "begins as the names of those who were erased do";
        return Err(Denial::Invalid { field: "subject", problem });
    }
    let lists = [command.directory.groups.len(), command.directory.notification_addresses.len()];
    if lists.iter().any(|length| *length > DirectoryEntry::LIST_MAX) {
        return Err(Denial::Invalid {
            field: "groups",
            problem: "and addresses are at most 256 each",
        });
    }
    Ok(())
}

/// What the log holds of a registration that takes the place of `before`, if of any.
fn registration(
    profile: Profile,
    directory: &DirectoryEntry,
    before: Option<&DirectoryEntry>,
) -> Registration {
    let addresses_changed = before.is_some_and(|before| places(before) != places(directory));
    Registration { profile, directory: directory.digest(), addresses_changed }
}

/// Where a subject is told of things.
fn places(entry: &DirectoryEntry) -> BTreeSet<(Channel, &str)> {
    let addresses = entry.notification_addresses.iter();
    addresses.map(|to| (to.channel, to.address.as_str())).collect()
}

/// What was confirmed stays so however often the same address is registered, and no longer than it
/// is (N63B-IC-08).
fn remove_addresses(
    draft: &mut Draft<'_, '_>,
    snapshot: &Snapshot,
    directory: &DirectoryEntry,
) -> Result<(), Denial> {
    let addresses = directory.notification_addresses.iter();
    let registered: BTreeSet<Digest> = addresses.map(|to| to.digest(&directory.salt)).collect();
    let book = &snapshot.addresses.book;
    let pending = book.pending.iter().filter(|pending| pending.sent.contact.is_none());
    let known = book.confirmed.iter().copied().chain(pending.map(|pending| pending.sent.address));
    let removed: BTreeSet<Digest> = known.filter(|to| !registered.contains(to)).collect();
    for address in removed {
        draft.add(Happened::AddressRemoved { address })?;
    }
    Ok(())
}

/// Whether a privileged subject loses protection: dual control, assurance or proofing, or the rules
/// for its kind. Of a tier that is configured no more nobody can say that it was not privileged.
fn lowers(before: &Profile, after: &Profile, settings: &Settings) -> bool {
    let was = settings.tier(&before.tier).is_none_or(|tier| tier.privileged);
    let is = settings.tier(&after.tier).is_some_and(|tier| tier.privileged);
    was && (!is
        || after.assurance < before.assurance
        || after.ial < before.ial
        || after.kind != before.kind)
}

/// Whoever holds an `admin` key can lower a privileged subject. It is loud, and recovery and issue
/// rest for a while, so that nobody lowers and recovers at once. Leaving and coming back does not
/// end the rest: a registration after that takes it up again.
fn rest_after_lowering(
    draft: &mut Draft<'_, '_>,
    lowers: bool,
    departed: bool,
    before: Standing,
    settings: &Settings,
) -> Result<(), Denial> {
    let now = draft.call.now;
    if lowers {
        let alert = Alert::PrivilegedLowered;
        draft.add(Happened::alert(alert, None))?;
    }
    let earlier = before.lowered_until().filter(|until| departed && *until > now);
    let this = lowers.then(|| now.plus(settings.lowering.rest));
    if let Some(until) = this.max(earlier) {
        draft.add(Happened::SubjectSuspended { cause: SuspendCause::Lowered { until } })?;
    }
    Ok(())
}

/// The lifecycle events that a changed profile amounts to.
fn implied(before: &Profile, after: &Profile) -> Vec<LifecycleKind> {
    let mut kinds = Vec::new();
    // What policies ask about (`policy::About`): another kind of subject, or less proofing, would
    // drop rules under a case that is already approved.
    if before.tier != after.tier
        || before.assurance != after.assurance
        || before.kind != after.kind
        || before.ial > after.ial
    {
        kinds.push(LifecycleKind::PrivilegesChanged);
    }
    if before.owner != after.owner {
        kinds.push(LifecycleKind::OwnerChanged);
    }
    kinds
}

fn follow(
    draft: &mut Draft<'_, '_>,
    snapshot: &Snapshot,
    kinds: &[LifecycleKind],
    rules: &Rules<'_>,
) -> Result<Vec<crate::id::SetId>, Denial> {
    let occurred_at = draft.call.now;
    let mut effects = Vec::new();
    for kind in kinds {
        let (kind, effect) = (*kind, rules.settings.effect(*kind));
        draft.add(Happened::LifecycleReported { kind, occurred_at, effect, notice: None })?;
        effects.push((kind, effect));
    }
    let settled = settle(draft, snapshot)?;
    Ok(take_effect(draft, snapshot, &settled, &effects)?.revoked)
}
