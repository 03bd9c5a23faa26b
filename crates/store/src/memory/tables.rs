//! The tables of the store in memory: the fold of the log, what lies beside the log, and the log.

mod bundles;
mod containments;
mod exceptions;
mod inventory;
mod openings;
mod overview;
mod shelves;

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_core::access::ApiKey;
use glassbreak_core::address_book::HeldAddresses;
use glassbreak_core::bundle::BundleParts;
use glassbreak_core::code::{MAC_BYTES, StoredVerifier};
use glassbreak_core::code_set::verifiers_digest;
use glassbreak_core::containment::GroupName;
use glassbreak_core::digest::Digest;
use glassbreak_core::event::{Acceptance, Aside, Event, Happened};
use glassbreak_core::fold::{ApiKeyFacts, FoldError, State};
use glassbreak_core::id::{
    BundleId, ContainmentId, EventId, RecoveryId, RedemptionId, SentId, SetId, SubjectId,
    SubjectRef,
};
use glassbreak_core::operation::create_api_key::{bound_to, commitment};
use glassbreak_core::operation::load_policy;
use glassbreak_core::operator::{Appointment, Approvers, Operator};
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, HeldRecovery, HeldSet, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Durable, SealedWrite, Write};
use glassbreak_core::subject::{DirectoryEntry, Standing, Subject, SubjectKind};
use glassbreak_core::time::Timestamp;

use super::faults::Check;
use crate::{Committed, Due, Integration, KeyedCode, LogEntry, LogHead, PolicyRow, StoreError};

#[derive(Clone, Default)]
pub(super) struct Tables {
    state: State,
    /// The subject's sets in the order in which they were issued.
    sets_of: BTreeMap<SubjectId, Vec<SetId>>,
    verifiers: BTreeMap<SetId, Vec<StoredVerifier>>,
    /// The verifier of the last code sent, by recovery.
    sent: BTreeMap<RecoveryId, StoredVerifier>,
    /// What lies beside the log of each generation of a bundle.
    bundles: BTreeMap<(BundleId, u32), BundleParts>,
    /// The verifiers of confirmation codes, by the codes' ids.
    confirmations: BTreeMap<SentId, StoredVerifier>,
    /// The names of groups that are contained.
    groups: BTreeMap<ContainmentId, GroupName>,
    policies: BTreeMap<Digest, String>,
    directory: BTreeMap<SubjectId, DirectoryEntry>,
    references: BTreeMap<SubjectRef, SubjectId>,
    /// Digest and label by public id.
    api_keys: BTreeMap<String, (Digest, String, Vec<String>)>,
    log: Vec<LogEntry>,
    newest: Option<Timestamp>,
    places: BTreeMap<EventId, usize>,
    places_of: BTreeMap<SubjectId, Vec<usize>>,
    head: Option<LogHead>,
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
    /// Version and value, by shelf and key.
    shelves: BTreeMap<(&'static str, String), (u64, Vec<u8>)>,
}

/// Writing.
impl Tables {
    pub(super) fn commit(
        &mut self,
        sealed: &SealedWrite,
        left_out: &[Check],
    ) -> Result<Committed, StoreError> {
        if !self.admits(sealed.write(), left_out) {
            return Ok(Committed::Conflict);
        }
        let before = self.log.len();
        for (event, _) in sealed.events() {
            if let Err(error) = self.state.apply(&event.entry) {
                // Nothing of it is kept.
                self.state = refold(&self.log)?;
                return match error {
                    FoldError::Recovery { source, .. } if source.is_overtaken() => {
                        Ok(Committed::Conflict)
                    }
                    FoldError::Bundle { source, .. } if source.is_overtaken() => {
                        Ok(Committed::Conflict)
                    }
                    FoldError::Exception { source, .. } if source.is_overtaken() => {
                        Ok(Committed::Conflict)
                    }
                    FoldError::Containment { .. } => Ok(Committed::Conflict),
                    // No decision of the core gets here.
                    error => Err(StoreError::Corrupt(error.to_string())),
                };
            }
        }
        for (event, bytes) in sealed.events() {
            self.append(event, bytes);
        }
        Ok(Committed::Done(Durable::at(before as u64)))
    }

    /// Whether all that the write rests on still holds.
    fn admits(&self, write: &Write, left_out: &[Check]) -> bool {
        let budget = self.state.budgets.get(&write.aggregate());
        let version = budget.map_or(0, |budget| budget.version);
        let rests_on = |(other, version): (&SubjectId, &u64)| {
            self.state.budgets.get(other).map_or(0, |budget| budget.version) == *version
        };
        let holds = |check, what: bool| what || left_out.contains(&check);
        holds(Check::Version, version == write.expected_version())
            && holds(Check::RestsOn, write.rests_on().iter().all(rests_on))
            && write.openings().is_none_or(|counted| openings::still(&self.state, counted))
            && write.events().iter().all(|event| self.admits_event(write.aggregate(), event))
            && holds(Check::Redemption, write.events().iter().all(|event| self.is_first(event)))
    }

    fn admits_event(&self, aggregate: SubjectId, event: &Event) -> bool {
        if self.places.contains_key(&event.entry.id) {
            return false;
        }
        let request = event.entry.request;
        if request.is_some_and(|mark| self.state.requests.contains_key(&mark.key)) {
            return false;
        }
        if let Happened::CodeAccepted(Acceptance { set, ordinal, .. }) = &event.entry.happened {
            let set = self.state.sets.get(set);
            return set.is_some_and(|set| !set.used.contains_key(ordinal));
        }
        if let Happened::OperatorPasskeyAdded { passkey } = &event.entry.happened {
            return !self.state.passkeys.contains_key(&passkey.credential);
        }
        if let Aside::Directory(entry) = &event.aside {
            let holder = self.references.get(&entry.reference);
            return holder.is_none_or(|holder| *holder == aggregate);
        }
        true
    }

    /// Whether no attempt before it had the same name.
    fn is_first(&self, event: &Event) -> bool {
        redemption(event).is_none_or(|name| !self.state.redemptions.contains_key(&name))
    }

    fn append(&mut self, event: &Event, bytes: &[u8]) {
        let place = self.log.len();
        let entry = &event.entry;
        let owner = entry.subject.unwrap_or(SubjectId::WORLD);
        self.places.insert(entry.id, place);
        self.places_of.entry(owner).or_default().push(place);
        self.newest = Some(entry.at);
        self.log.push(LogEntry { index: place as u64, id: entry.id, bytes: bytes.to_vec() });
        if let Happened::CodeSetIssued { set, .. } = &entry.happened {
            self.sets_of.entry(owner).or_default().push(*set);
        }
        self.append_bundle(event);
        match (&event.aside, &entry.happened) {
            (Aside::Verifiers(verifiers), Happened::CodeSetIssued { set, .. }) => {
                self.verifiers.insert(*set, verifiers.clone());
            }
            (Aside::Directory(directory), _) => {
                if let Some(earlier) = self.directory.insert(owner, directory.clone()) {
                    self.references.remove(&earlier.reference);
                }
                self.references.insert(directory.reference.clone(), owner);
            }
            (Aside::SentVerifier(verifier), Happened::RecoveryCodeSent { recovery, .. }) => {
                self.sent.insert(*recovery, verifier.clone());
            }
            (Aside::SentVerifier(verifier), Happened::AddressConfirmationSent { confirmation }) => {
                self.confirmations.insert(confirmation.id, verifier.clone());
            }
            (Aside::Group(group), Happened::ContainmentBegun(begun)) => {
                self.groups.insert(begun.containment, group.clone());
            }
            (Aside::Policy(text), Happened::PolicyLoaded { policy, .. }) => {
                self.policies.insert(*policy, text.clone());
            }
            (Aside::ApiKey { digest, label, groups }, Happened::ApiKeyCreated { id, .. }) => {
                self.api_keys.insert(id.clone(), (*digest, label.clone(), groups.clone()));
            }
            _ => {}
        }
    }

    pub(super) fn integrate(&mut self, integration: Integration, left_out: &[Check]) -> bool {
        let Integration { from, head, tiles } = integration;
        let size = self.head.as_ref().map_or(0, |head| head.size);
        if size != from && !left_out.contains(&Check::TreeSize) {
            return false;
        }
        self.head = Some(head);
        self.tiles.extend(tiles.into_iter().map(|tile| ((tile.level, tile.index), tile.hashes)));
        true
    }
}

/// Snapshots.
impl Tables {
    pub(super) fn load(&self, query: &SnapshotQuery) -> Snapshot {
        let aggregate = match &query.of {
            Aggregate::World => SubjectId::WORLD,
            Aggregate::Subject(id) => *id,
            Aggregate::Reference { reference, otherwise } => {
                self.references.get(reference).copied().unwrap_or(*otherwise)
            }
            Aggregate::Set(set) => self.owner_of_set(*set).unwrap_or(SubjectId::WORLD),
            Aggregate::Recovery(id) => {
                self.state.recoveries.get(id).map_or(SubjectId::WORLD, |held| held.subject)
            }
            Aggregate::Bundle(id) => {
                self.state.bundles.get(id).map_or(SubjectId::WORLD, |held| held.subject)
            }
        };
        let state = &self.state;
        let request = query.request.and_then(|key| state.requests.get(&key).copied());
        let named = match query.of {
            Aggregate::Recovery(id) => Some(id),
            _ => None,
        };
        let earlier = request.filter(|past| past.subject == aggregate);
        let asked = [named, earlier.and_then(|past| past.recovery)];
        let issued_at = self.sets_of(aggregate).rev().map(|held| held.issued_at);
        let recoveries = self.newest_recoveries(aggregate, &asked);
        let exceptions = self.newest_exceptions(aggregate);
        let containments = self.containments();
        let mut approved = Snapshot::who_approved(&recoveries, &exceptions);
        if aggregate == SubjectId::CONTAINMENTS {
            approved.extend(containments.who_approved());
        }
        Snapshot {
            aggregate,
            budget: state.budgets.get(&aggregate).copied().unwrap_or_default(),
            subject: state.subjects.get(&aggregate).cloned(),
            directory: self.directory.get(&aggregate).cloned(),
            addresses: self.addresses(aggregate),
            sets: self.newest_sets(aggregate),
            issued_at: issued_at.take(Snapshot::ISSUES_MAX).collect(),
            recoveries,
            bundles: self.newest_bundles(aggregate),
            recent: state.recent.get(&aggregate).cloned().unwrap_or_default(),
            approvers: approved
                .into_iter()
                .filter_map(|id| self.operator(id))
                .collect::<Approvers>(),
            exceptions,
            containments,
            operator: query.operator.and_then(|id| self.operator(id)),
            passkey_of: query.credential.as_ref().and_then(|id| state.passkeys.get(id).copied()),
            openings: query.operator.map_or_else(Vec::new, |id| self.openings(id)),
            remembered: query.redemption.and_then(|name| state.redemptions.get(&name).cloned()),
            request,
            api_key: query.api_key.as_deref().and_then(|id| self.api_key(id)),
            keys: state.keys.clone(),
        }
    }

    pub(super) fn addresses(&self, subject: SubjectId) -> HeldAddresses {
        let book = self.state.address_books.get(&subject).cloned().unwrap_or_default();
        let pending = book.pending.iter().map(|pending| pending.sent.id);
        let verifiers =
            pending.filter_map(|id| Some((id, self.confirmations.get(&id)?.clone()))).collect();
        HeldAddresses { book, verifiers }
    }

    fn newest_sets(&self, subject: SubjectId) -> Vec<HeldSet> {
        let live = self.sets_of(subject).rev().filter(|set| set.state.is_live());
        let ended = self.sets_of(subject).rev().filter(|set| !set.state.is_live());
        let held = live.chain(ended).take(Snapshot::SETS_MAX).map(|set| HeldSet {
            set: set.clone(),
            verifiers: self.verifiers.get(&set.id).cloned().unwrap_or_default(),
        });
        held.collect()
    }

    /// The newest ones, and after them those of `asked` that are not among them.
    fn newest_recoveries(
        &self,
        subject: SubjectId,
        asked: &[Option<RecoveryId>],
    ) -> Vec<HeldRecovery> {
        let newest_first = self.state.recoveries.values().rev();
        let (live, ended): (Vec<_>, Vec<_>) = newest_first
            .filter(|recovery| recovery.subject == subject)
            .partition(|recovery| recovery.is_live());
        let chosen = live.into_iter().chain(ended).take(Snapshot::RECOVERIES_MAX);
        let mut chosen: Vec<&Recovery> = chosen.collect();
        for recovery in asked.iter().flatten().filter_map(|id| self.state.recoveries.get(id)) {
            if recovery.subject == subject && !chosen.iter().any(|held| held.id == recovery.id) {
                chosen.push(recovery);
            }
        }
        let held = chosen.into_iter().map(|recovery| HeldRecovery {
            recovery: recovery.clone(),
            verifier: self.sent.get(&recovery.id).cloned(),
        });
        held.collect()
    }

    /// When an operator that is no person opened its newest cases.
    fn openings(&self, id: SubjectId) -> Vec<Timestamp> {
        if self.operator(id).is_none_or(|operator| operator.kind == SubjectKind::Person) {
            return Vec::new();
        }
        let mut openings: Vec<_> = openings::of(&self.state, id).collect();
        openings.sort_unstable_by_key(|at| std::cmp::Reverse(*at));
        openings.truncate(Snapshot::OPENINGS_MAX);
        openings
    }

    /// Whoever has a duty or a passkey.
    pub(super) fn operators(&self) -> Vec<Operator> {
        let some = self.state.appointments.iter().filter(|(_, it)| **it != Appointment::default());
        some.filter_map(|(id, _)| self.operator(*id)).collect()
    }

    pub(super) fn operator(&self, id: SubjectId) -> Option<Operator> {
        let subject = self.state.subjects.get(&id)?;
        Some(Operator {
            subject: id,
            kind: subject.profile.kind,
            standing: subject.standing,
            owner: subject.profile.owner,
            appointment: self.state.appointments.get(&id).cloned().unwrap_or_default(),
            version: self.state.budgets.get(&id).map_or(0, |budget| budget.version),
        })
    }

    fn sets_of(
        &self,
        subject: SubjectId,
    ) -> impl DoubleEndedIterator<Item = &glassbreak_core::code_set::CodeSet> {
        let sets = self.sets_of.get(&subject).map(Vec::as_slice).unwrap_or_default();
        sets.iter().filter_map(|set| self.state.sets.get(set))
    }
}

/// Looking up.
impl Tables {
    pub(super) fn due(&self, now: Timestamp, limit: usize) -> Vec<Due> {
        let mut since: BTreeMap<SubjectId, Timestamp> = BTreeMap::new();
        let sets = self.state.sets.values().filter(|set| set.due(now).is_some());
        let sets = sets.filter_map(|set| Some((set.subject, set.due_at()?)));
        let recoveries = self.state.recoveries.values().filter(|recovery| recovery.is_due(now));
        let recoveries = recoveries.filter_map(|held| Some((held.subject, held.due_at()?)));
        let bundles = self.state.bundles.values().filter(|bundle| bundle.is_due(now));
        let bundles = bundles.filter_map(|held| Some((held.subject, held.due_at()?)));
        let books = self.state.address_books.iter();
        let reviews = books.filter_map(|(subject, book)| Some((*subject, book.review_due_at()?)));
        let reviews = reviews.filter(|(_, due)| *due <= now);
        let exceptions = self.state.exceptions.values().filter(|held| held.is_due(now));
        let exceptions = exceptions.filter_map(|held| Some((held.subject, held.due_at()?)));
        let resting = self.state.subjects.values();
        let resting = resting.filter(|subject| subject.standing.due(now).is_some());
        let resting =
            resting.filter_map(|subject| Some((subject.id, subject.standing.lowered_until()?)));
        let recovering = sets.chain(recoveries).chain(bundles).chain(reviews);
        for (subject, at) in recovering.chain(exceptions).chain(resting) {
            since.entry(subject).and_modify(|since| *since = at.min(*since)).or_insert(at);
        }
        let due = since.into_iter().map(|(subject, since)| Due { subject, since });
        let mut due: Vec<_> = due.collect();
        due.sort_by_key(|due| due.since);
        due.truncate(limit);
        due
    }

    pub(super) fn subject(&self, reference: &SubjectRef) -> Option<(Subject, DirectoryEntry)> {
        let id = self.references.get(reference)?;
        Some((self.state.subjects.get(id)?.clone(), self.directory.get(id)?.clone()))
    }

    pub(super) fn reference(&self, subject: SubjectId) -> Option<SubjectRef> {
        self.directory.get(&subject).map(|entry| entry.reference.clone())
    }

    pub(super) fn keyed_codes(
        &self,
        macs: &BTreeSet<[u8; MAC_BYTES]>,
    ) -> Vec<(KeyedCode, [u8; MAC_BYTES])> {
        let of_one = |(set, stored): (&SetId, &Vec<StoredVerifier>)| {
            let subject = self.state.sets.get(set).map(|set| set.subject)?;
            let keyed = |stored: &&StoredVerifier| stored.salt().is_none();
            let codes: Vec<u8> =
                stored.iter().filter(keyed).flat_map(|stored| *stored.mac()).collect();
            Some(KeyedCode::among(macs, (subject, *set), &codes).collect::<Vec<_>>())
        };
        self.verifiers.iter().filter_map(of_one).flatten().collect()
    }

    pub(super) fn owner_of_set(&self, set: SetId) -> Option<SubjectId> {
        self.state.sets.get(&set).map(|set| set.subject)
    }

    pub(super) fn recovery(&self, id: RecoveryId) -> Option<Recovery> {
        self.state.recoveries.get(&id).cloned()
    }

    pub(super) fn owned_by(&self, owner: SubjectId) -> Vec<SubjectId> {
        let subjects = self.state.subjects.values();
        let theirs = subjects.filter(|subject| {
            subject.profile.owner == Some(owner)
                && !matches!(subject.standing, Standing::Departed { .. })
        });
        theirs.map(|subject| subject.id).collect()
    }

    pub(super) fn orphans(&self, limit: usize) -> Vec<SubjectId> {
        let departed = |id: &SubjectId| {
            let subject = self.state.subjects.get(id);
            subject.is_none_or(|subject| matches!(subject.standing, Standing::Departed { .. }))
        };
        let orphaned = self.state.subjects.values().filter(|subject| {
            subject.profile.owner.as_ref().is_some_and(departed)
                && !departed(&subject.id)
                && self.sets_of(subject.id).any(|set| set.state.is_live())
        });
        orphaned.map(|subject| subject.id).take(limit).collect()
    }

    pub(super) fn policy(&self) -> Option<PolicyRow> {
        let in_force =
            self.log.iter().rev().find_map(|logged| match logged.entry().ok()?.happened {
                Happened::PolicyLoaded { policy, .. } => Some(policy),
                _ => None,
            })?;
        let facts = self.state.policies.get(&in_force)?;
        Some(PolicyRow {
            policy: in_force,
            version: facts.version.clone(),
            loaded_at: facts.loaded_at,
            text: self.policies.get(&in_force)?.clone(),
        })
    }

    pub(super) fn api_key(&self, id: &str) -> Option<ApiKey> {
        let ApiKeyFacts { scopes, operator, created_at, revoked_at, .. } =
            self.state.api_keys.get(id)?;
        let (digest, label, groups) = self.api_keys.get(id)?;
        Some(ApiKey {
            id: id.to_owned(),
            label: label.clone(),
            scopes: scopes.clone(),
            groups: groups.clone(),
            operator: *operator,
            digest: *digest,
            created_at: *created_at,
            revoked_at: *revoked_at,
        })
    }

    pub(super) fn api_keys(&self) -> Vec<ApiKey> {
        let mut keys: Vec<_> = self.api_keys.keys().filter_map(|id| self.api_key(id)).collect();
        keys.sort_by_key(|key| key.created_at);
        keys
    }
}

/// The log.
impl Tables {
    pub(super) fn timeline(&self, subject: SubjectId, from: u64, limit: usize) -> Vec<LogEntry> {
        let places = self.places_of.get(&subject).map(Vec::as_slice).unwrap_or_default();
        let entries = places.iter().filter_map(|place| self.log.get(*place));
        entries.filter(|entry| entry.index >= from).take(limit).cloned().collect()
    }

    pub(super) fn entries(&self, from: u64, limit: usize) -> Vec<LogEntry> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.log.iter().skip(from).take(limit).cloned().collect()
    }

    pub(super) fn entry(&self, id: EventId) -> Option<LogEntry> {
        self.log.get(*self.places.get(&id)?).cloned()
    }

    pub(super) fn committed(&self) -> (u64, Option<Timestamp>) {
        (self.log.len() as u64, self.newest)
    }

    pub(super) fn log_head(&self) -> Option<LogHead> {
        self.head.clone()
    }

    pub(super) fn tile(&self, level: u8, index: u64) -> Option<Vec<u8>> {
        self.tiles.get(&(level, index)).cloned()
    }

    pub(super) fn dump(&self) -> State {
        let mut state = self.state.clone();
        for (id, set) in &mut state.sets {
            let verifiers = self.verifiers.get(id).map(Vec::as_slice).unwrap_or_default();
            set.issued.verifiers = verifiers_digest(verifiers);
        }
        for (id, recovery) in &mut state.recoveries {
            // Only the last code sent has its verifier kept: the others are dead.
            if let (Some(sent), Some(verifier)) = (recovery.sent.last_mut(), self.sent.get(id)) {
                sent.verifier = verifiers_digest(std::slice::from_ref(verifier));
            }
        }
        self.bundles_as_held(&mut state.bundles);
        self.groups_as_held(&mut state.containments);
        for pending in state.address_books.values_mut().flat_map(|book| &mut book.pending) {
            if let Some(verifier) = self.confirmations.get(&pending.sent.id) {
                pending.sent.verifier = verifiers_digest(std::slice::from_ref(verifier));
            }
        }
        for (digest, facts) in &mut state.policies {
            facts.text = load_policy::commitment(self.policies.get(digest).map_or("", |t| t));
        }
        for (id, subject) in &mut state.subjects {
            // Of an erased entry only the log's digest is left.
            if let Some(entry) = self.directory.get(id) {
                subject.directory = entry.digest();
            }
        }
        for (id, key) in &mut state.api_keys {
            if let Some((digest, _, groups)) = self.api_keys.get(id) {
                key.digest = commitment(*digest);
                key.bound = bound_to(*digest, groups);
            }
        }
        state
    }
}

/// The name that an attempt takes. An attempt that was not looked at takes none.
fn redemption(event: &Event) -> Option<RedemptionId> {
    match &event.entry.happened {
        Happened::CodeAccepted(Acceptance { attempt, .. })
        | Happened::CodeDeferred { attempt, .. }
        | Happened::SentCodeAccepted { attempt, .. }
        | Happened::CodeRefused { attempt, .. } => Some(attempt.redemption),
        _ => None,
    }
}

fn refold(log: &[LogEntry]) -> Result<State, StoreError> {
    let mut state = State::default();
    for logged in log {
        let applied = state.apply(&logged.entry()?);
        applied.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    }
    Ok(state)
}
