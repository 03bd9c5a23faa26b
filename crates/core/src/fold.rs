//! Folding the log from the start gives the tables. This is that fold, in memory: the in-memory
//! store runs on it, `glassbreak log replay` compares a database with it, and the model tests hold
//! it against a second opinion.

use std::collections::BTreeMap;

use crate::access::{KeyPurpose, Scope};
use crate::address_book::AddressBook;
use crate::bundle::{Bundle, BundleError};
use crate::code_set::{CodeSet, Declared, InvalidTransition, SetState};
use crate::containment::{Containment, ContainmentError};
use crate::digest::Digest;
use crate::event::{
    Acceptance, AlertFacts, ContactAddition, Declaration, Entry, Happened, Registration,
};
use crate::exception::{Exception, ExceptionError};
use crate::id::{
    BundleId, ContainmentId, EventId, ExceptionId, RecoveryId, RedemptionId, SetId, SubjectId,
};
use crate::operator::Appointment;
use crate::recent::{Counted, Recent};
use crate::recovery::{Recovery, RecoveryError};
use crate::redemption::{Ending, Remembered};
use crate::snapshot::{Budget, PastRequest};
use crate::subject::{Standing, Subject};
use crate::time::Timestamp;

/// Everything the log says, as tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Subjects by id.
    pub subjects: BTreeMap<SubjectId, Subject>,
    /// Budgets by aggregate.
    pub budgets: BTreeMap<SubjectId, Budget>,
    /// Confirmed addresses and recovery contacts by subject; subjects with none are left out.
    pub address_books: BTreeMap<SubjectId, AddressBook>,
    /// Sets by id.
    pub sets: BTreeMap<SetId, CodeSet>,
    /// Recoveries by id.
    pub recoveries: BTreeMap<RecoveryId, Recovery>,
    /// Recovery bundles by id.
    pub bundles: BTreeMap<BundleId, Bundle>,
    /// What each subject's codes did of late; only of subjects whose codes did anything.
    pub recent: BTreeMap<SubjectId, Recent>,
    /// Exceptions by id.
    pub exceptions: BTreeMap<ExceptionId, Exception>,
    /// Containments by id.
    pub containments: BTreeMap<ContainmentId, Containment>,
    /// Appointments of operators by subject.
    pub appointments: BTreeMap<SubjectId, Appointment>,
    /// Whose passkey each credential is now.
    pub passkeys: BTreeMap<String, SubjectId>,
    /// Redemptions by the caller's name.
    pub redemptions: BTreeMap<RedemptionId, Remembered>,
    /// Requests by the digest of the caller's name.
    pub requests: BTreeMap<Digest, PastRequest>,
    /// API keys by public id.
    pub api_keys: BTreeMap<String, ApiKeyFacts>,
    /// Sets of policies that were ever in force, by the digest that decisions name.
    pub policies: BTreeMap<Digest, PolicyFacts>,
    /// Key generations in use.
    pub keys: BTreeMap<KeyPurpose, u32>,
    /// The alerts that were raised, by their events.
    pub alerts: BTreeMap<EventId, AlertFacts>,
}

/// What the log says of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyFacts {
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The digest of its stored digest.
    pub digest: Digest,
    /// What commits it to the groups it is bound to, if it is bound.
    pub bound: Option<Digest>,
    /// The one operator in whose name it acts, if it is one's own.
    pub operator: Option<SubjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What the log says of a set of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFacts {
    /// What it calls itself.
    pub version: String,
    /// The digest of its text.
    pub text: Digest,
    /// When it last came into force.
    pub loaded_at: Timestamp,
}

/// An entry that cannot follow what came before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// It names a subject that was never registered.
    #[error("entry {0} names a subject that was never registered")]
    SubjectUnknown(crate::id::EventId),
    /// It names a set that was never issued.
    #[error("entry {0} names a set that was never issued")]
    SetUnknown(crate::id::EventId),
    /// It names an API key that was never made.
    #[error("entry {0} names an API key that was never made")]
    ApiKeyUnknown(crate::id::EventId),
    /// It repeats a name that can stand only once.
    #[error("entry {0} repeats a name that can stand only once")]
    Repeated(crate::id::EventId),
    /// Its recovery cannot do that.
    #[error("entry {entry} asks for what its recovery cannot do")]
    Recovery {
        /// The entry.
        entry: crate::id::EventId,
        /// What the recovery cannot do.
        #[source]
        source: RecoveryError,
    },
    /// Its bundle cannot do that.
    #[error("entry {entry} asks for what its bundle cannot do")]
    Bundle {
        /// The entry.
        entry: crate::id::EventId,
        /// What the bundle cannot do.
        #[source]
        source: BundleError,
    },
    /// Its exception cannot do that.
    #[error("entry {entry} asks for what its exception cannot do")]
    Exception {
        /// The entry.
        entry: crate::id::EventId,
        /// What the exception cannot do.
        #[source]
        source: ExceptionError,
    },
    /// Its containment cannot do that.
    #[error("entry {entry} asks for what its containment cannot do")]
    Containment {
        /// The entry.
        entry: crate::id::EventId,
        /// What the containment cannot do.
        #[source]
        source: ContainmentError,
    },
    /// Its set cannot do that.
    #[error("entry {entry} asks for what its set cannot do")]
    Transition {
        /// The entry.
        entry: crate::id::EventId,
        /// What the set cannot do.
        #[source]
        source: InvalidTransition,
    },
}

/// How many codes there are, and where they are now. `issued` is always the sum of the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Ever issued.
    pub issued: u64,
    /// Unused in an offered or active set.
    pub live: u64,
    /// Used.
    pub used: u64,
    /// Unused in a revoked set.
    pub revoked: u64,
    /// Unused in an expired set.
    pub expired: u64,
    /// Unused in a lapsed set.
    pub lapsed: u64,
    /// Unused in a disabled set.
    pub disabled: u64,
    /// Unused in a superseded set.
    pub superseded: u64,
}

impl Ledger {
    /// Whether nothing was lost and nothing came from nowhere.
    pub const fn balances(&self) -> bool {
        self.issued
            == self.live
                + self.used
                + self.revoked
                + self.expired
                + self.lapsed
                + self.disabled
                + self.superseded
    }

    /// Adds one set.
    pub fn add(&mut self, set: &CodeSet) {
        let unused = u64::from(set.unused());
        self.issued += u64::from(set.issued.count);
        self.used += set.used.len() as u64;
        match set.state {
            SetState::Offered { .. } | SetState::Active { .. } => self.live += unused,
            SetState::Exhausted { .. } => {}
            SetState::Expired { .. } => self.expired += unused,
            SetState::Revoked { .. } => self.revoked += unused,
            SetState::Superseded { .. } => self.superseded += unused,
            SetState::Disabled { .. } => self.disabled += unused,
            SetState::Lapsed { .. } => self.lapsed += unused,
        }
    }
}

impl State {
    /// The ledger over all sets.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger::default();
        self.sets.values().for_each(|set| ledger.add(set));
        ledger
    }

    /// Takes in the next entry.
    ///
    /// # Errors
    /// [`FoldError`] if it cannot follow what came before it; the state is then unchanged but for
    /// the budget's version.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), FoldError> {
        let aggregate = entry.subject.unwrap_or(SubjectId::WORLD);
        self.budgets.entry(aggregate).or_default().version += 1;
        self.names_are_free(entry)?;
        let recovery = self.recovery_after(entry, aggregate)?;
        let bundle = self.bundle_after(entry, aggregate)?;
        let exception = self.exception_after(entry, aggregate)?;
        let containment = self.containment_after(entry)?;
        self.apply_happened(entry, aggregate)?;
        if let Some(counted) = Counted::of(entry, recovery.as_ref()) {
            self.recent.entry(aggregate).or_default().add(counted, Counted::at(entry));
        }
        self.bundles.extend(bundle.map(|bundle| (bundle.id, bundle)));
        self.exceptions.extend(exception.map(|exception| (exception.id, exception)));
        self.containments.extend(containment.map(|containment| (containment.id, containment)));
        self.recoveries.extend(recovery.map(|recovery| (recovery.id, recovery)));
        self.alerts.extend(AlertFacts::of(entry).map(|alert| (entry.id, alert)));
        if AddressBook::is_told_by(&entry.happened) {
            self.follow_addresses(entry, aggregate);
        }
        if let Some(request) = entry.request {
            let (fingerprint, happened) = (request.fingerprint, &entry.happened);
            let past = PastRequest {
                fingerprint,
                subject: aggregate,
                set: happened.set(),
                recovery: happened.recovery(),
                bundle: happened.bundle(),
                sent: happened.sent(),
                exception: happened.exception(),
                containment: happened.containment(),
            };
            self.requests.insert(request.key, past);
        }
        Ok(())
    }

    /// Looked at before anything changes: an entry is taken in whole or not at all.
    fn names_are_free(&self, entry: &Entry) -> Result<(), FoldError> {
        let request = entry.request.is_some_and(|mark| self.requests.contains_key(&mark.key));
        let taken = match &entry.happened {
            Happened::CodeSetIssued { set, .. } => self.sets.contains_key(set),
            Happened::CodeAccepted(Acceptance { attempt, .. })
            | Happened::CodeDeferred { attempt, .. }
            | Happened::SentCodeAccepted { attempt, .. }
            | Happened::CodeRefused { attempt, .. } => {
                self.redemptions.contains_key(&attempt.redemption)
            }
            Happened::ApiKeyCreated { id, .. } => self.api_keys.contains_key(id),
            Happened::OperatorPasskeyAdded { passkey } => {
                self.passkeys.contains_key(&passkey.credential)
            }
            _ => false,
        };
        if request || taken { Err(FoldError::Repeated(entry.id)) } else { Ok(()) }
    }

    fn apply_happened(&mut self, entry: &Entry, aggregate: SubjectId) -> Result<(), FoldError> {
        match &entry.happened {
            Happened::SubjectRegistered(registration) | Happened::SubjectUpdated(registration) => {
                self.register(entry, aggregate, registration);
                Ok(())
            }
            Happened::SubjectSuspended { cause } => {
                self.stand(entry, aggregate, |standing| standing.suspend(*cause, entry.at))
            }
            Happened::SubjectResumed { cause } => {
                self.stand(entry, aggregate, |standing| standing.resume(*cause))
            }
            Happened::SubjectDeparted {} => {
                self.stand(entry, aggregate, |standing| standing.depart(entry.at))?;
                if let Some(appointment) = self.appointments.get_mut(&aggregate) {
                    for passkey in &appointment.passkeys {
                        self.passkeys.remove(&passkey.credential);
                    }
                    appointment.follow(&entry.happened);
                }
                Ok(())
            }
            Happened::CodeSetIssued { .. }
            | Happened::CodeSetConfirmed { .. }
            | Happened::CodeSetSuperseded { .. }
            | Happened::CodeSetRevoked { .. }
            | Happened::CodeSetExpired { .. }
            | Happened::CodeSetLapsed { .. }
            | Happened::CodeSetDisabled { .. }
            | Happened::CodeSetDeclared(_)
            | Happened::CodeSetReplacementDue { .. } => self.apply_to_set(entry, aggregate),
            Happened::CodeSetConfirmRefused { .. }
            | Happened::AddressConfirmRefused { .. }
            | Happened::CodeAccepted(_)
            | Happened::CodeDeferred { .. }
            | Happened::SentCodeAccepted { .. }
            | Happened::CodeRefused { .. } => self.apply_attempt(entry, aggregate),
            Happened::ContactAdded(ContactAddition { directory, .. })
            | Happened::ContactRemoved { directory, .. } => {
                let subject = self.subjects.get_mut(&aggregate);
                subject.ok_or(FoldError::SubjectUnknown(entry.id))?.directory = *directory;
                Ok(())
            }
            _ => self.apply_beside(entry, aggregate),
        }
    }

    fn follow_addresses(&mut self, entry: &Entry, aggregate: SubjectId) {
        let mut book = self.address_books.remove(&aggregate).unwrap_or_default();
        book.follow(entry);
        if book != AddressBook::default() {
            self.address_books.insert(aggregate, book);
        }
    }

    /// What changes neither a subject nor a set.
    fn apply_beside(&mut self, entry: &Entry, aggregate: SubjectId) -> Result<(), FoldError> {
        match &entry.happened {
            Happened::OperatorAppointed { .. }
            | Happened::OperatorPasskeyAdded { .. }
            | Happened::OperatorPasskeyRemoved { .. } => {
                self.appointments.entry(aggregate).or_default().follow(&entry.happened);
                match &entry.happened {
                    Happened::OperatorPasskeyAdded { passkey } => {
                        self.passkeys.insert(passkey.credential.clone(), aggregate);
                    }
                    Happened::OperatorPasskeyRemoved { credential } => {
                        self.passkeys.remove(credential);
                    }
                    _ => {}
                }
                Ok(())
            }
            Happened::PolicyLoaded { policy, version, text } => {
                let (version, text) = (version.clone(), *text);
                self.policies.insert(*policy, PolicyFacts { version, text, loaded_at: entry.at });
                Ok(())
            }
            Happened::ApiKeyCreated { id, scopes, digest, bound, operator } => {
                let facts = ApiKeyFacts {
                    scopes: scopes.clone(),
                    digest: *digest,
                    bound: *bound,
                    operator: *operator,
                    created_at: entry.at,
                    revoked_at: None,
                };
                self.api_keys.insert(id.clone(), facts);
                Ok(())
            }
            Happened::ApiKeyRevoked { id } => {
                let key = self.api_keys.get_mut(id).ok_or(FoldError::ApiKeyUnknown(entry.id))?;
                key.revoked_at = Some(entry.at);
                Ok(())
            }
            Happened::KeyRotated { purpose, generation } => {
                self.keys.insert(*purpose, *generation);
                Ok(())
            }
            // What they change of a recovery or an exception, `recovery_after` and its like do.
            _ => Ok(()),
        }
    }

    fn register(&mut self, entry: &Entry, id: SubjectId, registration: &Registration) {
        let earlier = self.subjects.get(&id);
        // Coming back after leaving opens recovery again; an update leaves the standing alone.
        let standing = match (&entry.happened, earlier) {
            (Happened::SubjectUpdated(_), Some(subject)) => subject.standing,
            _ => Standing::Active,
        };
        let subject = Subject {
            id,
            profile: registration.profile.clone(),
            standing,
            registered_at: earlier.map_or(entry.at, |subject| subject.registered_at),
            directory: registration.directory,
        };
        self.subjects.insert(id, subject);
    }

    fn stand(
        &mut self,
        entry: &Entry,
        id: SubjectId,
        next: impl FnOnce(Standing) -> Standing,
    ) -> Result<(), FoldError> {
        let subject = self.subjects.get_mut(&id).ok_or(FoldError::SubjectUnknown(entry.id))?;
        subject.standing = next(subject.standing);
        Ok(())
    }

    fn apply_to_set(&mut self, entry: &Entry, subject: SubjectId) -> Result<(), FoldError> {
        let at = entry.at;
        match &entry.happened {
            Happened::CodeSetIssued { set, issued, confirm_by } => {
                let state = match confirm_by {
                    Some(confirm_by) => SetState::Offered { confirm_by: *confirm_by },
                    None => SetState::Active { since: at },
                };
                let set = CodeSet::fresh(*set, subject, issued.clone(), at, state);
                self.sets.insert(set.id, set);
                Ok(())
            }
            Happened::CodeSetConfirmed { set } => self.change(entry, *set, |set| set.confirm(at)),
            Happened::CodeSetSuperseded { set, by } => {
                self.change(entry, *set, |set| set.end(SetState::Superseded { at, by: *by }))
            }
            Happened::CodeSetRevoked { set, reason } => {
                self.change(entry, *set, |set| set.end(SetState::Revoked { at, reason: *reason }))
            }
            Happened::CodeSetExpired { set } => {
                self.change(entry, *set, |set| set.end(SetState::Expired { at }))
            }
            Happened::CodeSetLapsed { set } => {
                self.change(entry, *set, |set| set.end(SetState::Lapsed { at }))
            }
            Happened::CodeSetDisabled { set } => {
                self.change(entry, *set, |set| set.end(SetState::Disabled { at }))
            }
            Happened::CodeSetDeclared(Declaration { set, custody }) => {
                self.change(entry, *set, |set| set.declare(Declared { custody: *custody, at }))
            }
            Happened::CodeSetReplacementDue { set, by } => {
                self.change(entry, *set, |set| Ok(CodeSet { replace_by: Some(*by), ..set }))
            }
            _ => Ok(()),
        }
    }

    fn apply_attempt(&mut self, entry: &Entry, aggregate: SubjectId) -> Result<(), FoldError> {
        match &entry.happened {
            Happened::CodeAccepted(accepted) => {
                self.change(entry, accepted.set, |set| {
                    let redemption = accepted.attempt.redemption;
                    set.accept(accepted.ordinal, redemption, accepted.replace_by, entry.at)
                })?;
                self.clear(aggregate);
                self.remember(entry);
                Ok(())
            }
            Happened::SentCodeAccepted { window, .. } => {
                // One that was not enough clears nothing: it would buy free guesses at another.
                if window.is_some() {
                    self.clear(aggregate);
                }
                self.remember(entry);
                Ok(())
            }
            Happened::CodeDeferred { .. } => {
                self.remember(entry);
                Ok(())
            }
            Happened::CodeRefused { charged, failures, retry_at, .. } => {
                self.charge(entry, aggregate, charged, *failures, *retry_at)?;
                self.remember(entry);
                Ok(())
            }
            Happened::CodeSetConfirmRefused { charged, failures, retry_at, .. } => {
                self.charge(entry, aggregate, charged, *failures, *retry_at)
            }
            Happened::AddressConfirmRefused { failures, retry_at, .. } => {
                self.charge(entry, aggregate, &[], *failures, *retry_at)
            }
            _ => Ok(()),
        }
    }

    /// What becomes of the recovery that an entry changes. Found before anything else changes: an
    /// entry that its recovery cannot follow uses up no code.
    fn recovery_after(
        &self,
        entry: &Entry,
        aggregate: SubjectId,
    ) -> Result<Option<Recovery>, FoldError> {
        let Some(id) = entry.happened.recovery() else { return Ok(None) };
        let before = self.recoveries.get(&id).cloned();
        let after = Recovery::after(before, id, aggregate, entry);
        after.map(Some).map_err(|source| FoldError::Recovery { entry: entry.id, source })
    }

    /// What becomes of the bundle that an entry changes.
    fn bundle_after(
        &self,
        entry: &Entry,
        aggregate: SubjectId,
    ) -> Result<Option<Bundle>, FoldError> {
        let Some(id) = entry.happened.bundle() else { return Ok(None) };
        let before = self.bundles.get(&id).cloned();
        let after = Bundle::after(before, (id, aggregate), &entry.happened, entry.at);
        after.map(Some).map_err(|source| FoldError::Bundle { entry: entry.id, source })
    }

    /// What becomes of the exception that an entry changes.
    fn exception_after(
        &self,
        entry: &Entry,
        aggregate: SubjectId,
    ) -> Result<Option<Exception>, FoldError> {
        let Some(id) = entry.happened.exception() else { return Ok(None) };
        let before = self.exceptions.get(&id).cloned();
        let after = Exception::after(before, id, aggregate, entry);
        after.map(Some).map_err(|source| FoldError::Exception { entry: entry.id, source })
    }

    /// What becomes of the containment that an entry changes.
    fn containment_after(&self, entry: &Entry) -> Result<Option<Containment>, FoldError> {
        let Some(id) = entry.happened.containment() else { return Ok(None) };
        let after = Containment::after(self.containments.get(&id).cloned(), id, entry);
        after.map(Some).map_err(|source| FoldError::Containment { entry: entry.id, source })
    }

    /// A success ends the row of failures.
    fn clear(&mut self, aggregate: SubjectId) {
        let budget = self.budgets.entry(aggregate).or_default();
        (budget.failures, budget.retry_at) = (0, None);
    }

    fn charge(
        &mut self,
        entry: &Entry,
        aggregate: SubjectId,
        charged: &[SetId],
        failures: u32,
        retry_at: Option<Timestamp>,
    ) -> Result<(), FoldError> {
        if charged.iter().any(|set| !self.sets.contains_key(set)) {
            return Err(FoldError::SetUnknown(entry.id));
        }
        for set in charged {
            self.change(entry, *set, |set| Ok(set.charge()))?;
        }
        let budget = self.budgets.entry(aggregate).or_default();
        (budget.failures, budget.retry_at) = (failures, retry_at);
        Ok(())
    }

    fn remember(&mut self, entry: &Entry) {
        self.redemptions.extend(remembered(entry));
    }

    fn change(
        &mut self,
        entry: &Entry,
        id: SetId,
        next: impl FnOnce(CodeSet) -> Result<CodeSet, InvalidTransition>,
    ) -> Result<(), FoldError> {
        let set = self.sets.get_mut(&id).ok_or(FoldError::SetUnknown(entry.id))?;
        *set = next(set.clone())
            .map_err(|source| FoldError::Transition { entry: entry.id, source })?;
        Ok(())
    }
}

/// What is remembered of the attempt that an entry tells of, under the caller's name for it. An
/// attempt that was not looked at takes no name.
pub fn remembered(entry: &Entry) -> Option<(RedemptionId, Remembered)> {
    let (attempt, ending) = match &entry.happened {
        Happened::CodeAccepted(accepted) => (&accepted.attempt, accepted.ending()),
        Happened::SentCodeAccepted { attempt, recovery, window, alternatives, .. } => {
            let (window, alternatives) = (window.clone(), alternatives.clone());
            (attempt, Ending::Gathered { recovery: *recovery, window, alternatives })
        }
        Happened::CodeDeferred { attempt, set, recovery, alternatives } => {
            let (set, recovery, alternatives) = (*set, *recovery, alternatives.clone());
            (attempt, Ending::Deferred { set, recovery, alternatives })
        }
        Happened::CodeRefused { attempt, .. } => (attempt, Ending::Refused),
        _ => return None,
    };
    let subject = entry.subject.unwrap_or(SubjectId::WORLD);
    let fingerprint = attempt.fingerprint;
    let remembered = Remembered { subject, fingerprint, at: entry.at, ending };
    Some((attempt.redemption, remembered))
}
