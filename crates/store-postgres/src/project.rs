//! One decision into what is to be written of it. Every arm here has its twin in
//! `glassbreak_core::fold`; a test drives both with the same decisions and compares.
//!
//! What nearly every decision has goes into columns, which [`crate::batch`] puts together with
//! those of other decisions, a statement for all; the rest is a statement for each event, in their
//! order.

use glassbreak_core::code_set::SetState;
use glassbreak_core::event::{
    AlertFacts, Aside, Attempt, ContactAddition, Declaration, Event, Happened,
};
use glassbreak_core::id::{RedemptionId, SetId, SubjectId};
use glassbreak_core::operator::Appointment;
use glassbreak_core::recent::Counted;
use glassbreak_core::stage::{Openings, SealedWrite};
use glassbreak_core::subject::Standing;
use glassbreak_core::time::Timestamp;
use uuid::Uuid;

use crate::before::Before;
use crate::failure::Failure;
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::{issue, overview, rows};

/// Why a decision is not written.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Something it rests on has changed.
    Conflict,
    /// It cannot be written down.
    Failed(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What came of one part of a decision.
pub(crate) type Projected = Result<(), Refusal>;

/// An entry.
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    pub(crate) bytes: Vec<u8>,
}

/// A request's name and what is remembered under it.
pub(crate) struct Request {
    pub(crate) key: Vec<u8>,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) set: Option<Uuid>,
    pub(crate) recovery: Option<Uuid>,
    pub(crate) bundle: Option<Uuid>,
    pub(crate) sent: Option<Uuid>,
    pub(crate) exception: Option<Uuid>,
    pub(crate) containment: Option<Uuid>,
}

/// A redemption's name. What came of it is told by the entry so many before the decision's last.
pub(crate) struct Redemption {
    pub(crate) id: Uuid,
    pub(crate) left: i64,
}

/// A code marked used.
pub(crate) struct Accept {
    pub(crate) set: Uuid,
    pub(crate) ordinal: i32,
    pub(crate) usage: Vec<u8>,
    pub(crate) replace_by: i64,
    pub(crate) at: i64,
    pub(crate) exhausts: bool,
}

/// What is to be written of a decision.
pub(crate) struct Part {
    pub(crate) aggregate: Uuid,
    pub(crate) expected: i64,
    pub(crate) version: i64,
    /// Other aggregates whose version it counts on.
    pub(crate) rests: Vec<(Uuid, i64)>,
    /// The epoch of the containments that it counts on. Not one of `rests`: before the first
    /// containment there is no such aggregate.
    pub(crate) epoch: Option<i64>,
    /// The AI agent whose openings it counts on, since when in milliseconds, and how many. The
    /// commits that open wait for each other, as all do.
    pub(crate) openings: Option<(Uuid, i64, i64)>,
    /// Failures and waiting time, where the decision changes them.
    pub(crate) budget: Option<(i64, Option<i64>)>,
    /// When a code was accepted as a second factor, in 8 bytes, where one was. Of a decision at
    /// most one entry is that.
    pub(crate) second_factor: Option<Vec<u8>>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) requests: Vec<Request>,
    pub(crate) redemptions: Vec<Redemption>,
    pub(crate) accepts: Vec<Accept>,
    pub(crate) charges: Vec<Uuid>,
    pub(crate) rest: Vec<Call>,
}

impl Part {
    /// What it counts on besides its own aggregate, with the version of each.
    pub(crate) fn others(&self) -> impl Iterator<Item = (Uuid, i64)> {
        let epoch = self.epoch.map(|epoch| (SubjectId::CONTAINMENTS.0, epoch));
        self.rests.iter().copied().chain(epoch)
    }

    /// Of a decision, given the rows that it changes by the core's word.
    pub(crate) fn new(sealed: &SealedWrite, before: Before) -> Result<Self, Refusal> {
        let write = sealed.write();
        let steps = number(write.events().len() as u64)?;
        let expected = number(write.expected_version())?;
        let epoch = write.rests_on().get(&SubjectId::CONTAINMENTS);
        let rests = write.rests_on().iter();
        let rests = rests.filter(|(other, _)| **other != SubjectId::CONTAINMENTS);
        let rests = rests.map(|(other, version)| Ok((other.0, number(*version)?)));
        let part = Self {
            aggregate: write.aggregate().0,
            expected,
            version: expected.saturating_add(steps),
            rests: rests.collect::<Result<_, Failure>>()?,
            epoch: epoch.map(|epoch| number(*epoch)).transpose()?,
            openings: write.openings().map(openings).transpose()?,
            second_factor: write.events().iter().find_map(second_factor),
            budget: write.events().iter().rev().find_map(budget),
            entries: Vec::new(),
            requests: Vec::new(),
            redemptions: Vec::new(),
            accepts: Vec::new(),
            charges: Vec::new(),
            rest: Vec::new(),
        };
        let mut projection = Projection { part, before, touched: Vec::new() };
        for ((event, bytes), left) in sealed.events().zip((0..steps).rev()) {
            projection.entry(event, bytes);
            projection.happened(event, left)?;
            projection.follow(event)?;
        }
        Ok(projection.part)
    }
}

fn openings(counted: &Openings) -> Result<(Uuid, i64, i64), Failure> {
    Ok((counted.agent.0, counted.since.millis(), number(counted.count)?))
}

/// Where a decision leaves the budget.
fn budget(event: &Event) -> Option<(i64, Option<i64>)> {
    match &event.entry.happened {
        Happened::CodeAccepted(_) | Happened::SentCodeAccepted { window: Some(_), .. } => {
            Some((0, None))
        }
        Happened::CodeRefused { failures, retry_at, .. }
        | Happened::AddressConfirmRefused { failures, retry_at, .. }
        | Happened::CodeSetConfirmRefused { failures, retry_at, .. } => {
            Some((i64::from(*failures), retry_at.map(Timestamp::millis)))
        }
        _ => None,
    }
}

/// What an event adds to the times of second factors.
fn second_factor(event: &Event) -> Option<Vec<u8>> {
    let counted = Counted::of(&event.entry, None) == Some(Counted::SecondFactor);
    counted.then(|| event.entry.at.millis().to_be_bytes().to_vec())
}

/// A decision on its way into statements.
pub(crate) struct Projection {
    pub(crate) part: Part,
    pub(crate) before: Before,
    /// Sets that an event of this decision has changed. What comes after it comes in order.
    touched: Vec<SetId>,
}

impl Projection {
    fn entry(&mut self, event: &Event, bytes: &[u8]) {
        self.part.entries.push(Entry { id: event.entry.id.0, bytes: bytes.to_vec() });
        let happened = &event.entry.happened;
        if let Some(request) = event.entry.request {
            self.part.requests.push(Request {
                key: request.key.0.to_vec(),
                fingerprint: request.fingerprint.0.to_vec(),
                set: happened.set().map(|set| set.0),
                recovery: happened.recovery().map(|recovery| recovery.0),
                bundle: happened.bundle().map(|bundle| bundle.0),
                sent: happened.sent().map(|sent| sent.0),
                exception: happened.exception().map(|exception| exception.0),
                containment: happened.containment().map(|containment| containment.0),
            });
        }
    }

    fn happened(&mut self, event: &Event, left: i64) -> Projected {
        let at = event.entry.at;
        match &event.entry.happened {
            Happened::SubjectRegistered(registration) => {
                self.before.standing = Some(Standing::Active);
                self.register(Sql::SubjectRegister, at, registration, &event.aside)
            }
            Happened::SubjectUpdated(registration) => {
                self.before.standing.get_or_insert(Standing::Active);
                self.register(Sql::SubjectUpdate, at, registration, &event.aside)
            }
            Happened::SubjectSuspended { cause } => {
                self.stand(|standing| standing.suspend(*cause, at))
            }
            Happened::SubjectResumed { cause } => self.stand(|standing| standing.resume(*cause)),
            Happened::SubjectDeparted {} => {
                self.before.standing.get_or_insert(Standing::Active);
                self.stand(|standing| standing.depart(at))?;
                self.dismiss()
            }
            Happened::CodeSetIssued { set, issued, confirm_by } => {
                self.touched.push(*set);
                let subject = self.part.aggregate;
                let set = issue::Issue { set: *set, subject, issued, confirm_by: *confirm_by, at };
                self.part.rest.push(set.call(&event.aside, left)?);
                Ok(())
            }
            Happened::CodeSetSuperseded { set, by } => {
                self.end(*set, SetState::Superseded { at, by: *by })
            }
            Happened::CodeSetRevoked { set, reason } => {
                self.end(*set, SetState::Revoked { at, reason: *reason })
            }
            Happened::CodeSetExpired { set } => self.end(*set, SetState::Expired { at }),
            Happened::CodeSetDisabled { set } => self.end(*set, SetState::Disabled { at }),
            Happened::ContactAdded(ContactAddition { directory, .. })
            | Happened::ContactRemoved { directory, .. } => self.redirect(directory, &event.aside),
            _ => self.attempted(event, left),
        }
    }

    /// Who leaves is an operator no more. Most were none.
    fn dismiss(&mut self) -> Projected {
        let gone = std::mem::take(&mut self.before.appointment);
        if gone == Appointment::default() {
            return Ok(());
        }
        let (subject, none) = (self.part.aggregate, json(&self.before.appointment)?);
        self.part.rest.push(call(Sql::OperatorSet).with(subject).with(none));
        for passkey in gone.passkeys {
            self.part.rest.push(call(Sql::PasskeyRemove).with(passkey.credential).with(subject));
        }
        Ok(())
    }

    /// What moves a set on, and what came of an attempt.
    fn attempted(&mut self, event: &Event, left: i64) -> Projected {
        let at = event.entry.at;
        match &event.entry.happened {
            Happened::CodeAccepted(accepted) => {
                let accept = Accept {
                    set: accepted.set.0,
                    ordinal: i32::from(accepted.ordinal),
                    usage: rows::usage(accepted.ordinal, accepted.attempt.redemption).to_vec(),
                    replace_by: accepted.replace_by.millis(),
                    at: at.millis(),
                    exhausts: accepted.remaining == 0,
                };
                self.accept(accepted.set, accept);
                self.remember(&accepted.attempt, left);
            }
            Happened::CodeDeferred { attempt, .. } | Happened::SentCodeAccepted { attempt, .. } => {
                self.remember(attempt, left);
            }
            Happened::CodeRefused { attempt, charged, .. } => {
                self.charge(charged);
                self.remember(attempt, left);
            }
            Happened::CodeSetConfirmed { set } => self.change(Sql::SetConfirm, *set, at),
            Happened::CodeSetLapsed { set } => self.change(Sql::SetLapse, *set, at),
            Happened::CodeSetDeclared(Declaration { set, custody }) => {
                self.touched.push(*set);
                let declare = call(Sql::SetDeclare).with(self.part.aggregate).with(set.0);
                self.part.rest.push(declare.with(at.millis()).with(custody.name()));
            }
            Happened::CodeSetReplacementDue { set, by } => self.change(Sql::SetReplace, *set, *by),
            Happened::CodeSetConfirmRefused { charged, .. } => self.charge(charged),
            _ => return self.beside(event, left),
        }
        Ok(())
    }

    /// What changes neither a subject nor a set.
    fn beside(&mut self, event: &Event, left: i64) -> Projected {
        let at = event.entry.at.millis();
        let call = match &event.entry.happened {
            happened @ (Happened::OperatorAppointed { .. }
            | Happened::OperatorPasskeyAdded { .. }
            | Happened::OperatorPasskeyRemoved { .. }) => {
                self.before.appointment.follow(happened);
                let appointment = json(&self.before.appointment)?;
                let set = call(Sql::OperatorSet).with(self.part.aggregate).with(appointment);
                self.part.rest.push(set);
                match happened {
                    Happened::OperatorPasskeyAdded { passkey } => {
                        call(Sql::PasskeyAdd).with(passkey.credential.clone())
                    }
                    Happened::OperatorPasskeyRemoved { credential } => {
                        call(Sql::PasskeyRemove).with(credential.clone())
                    }
                    _ => return Ok(()),
                }
                .with(self.part.aggregate)
            }
            Happened::PolicyLoaded { policy, version, .. } => {
                let Aside::Policy(text) = &event.aside else {
                    return Err(corrupt("a policy came without its text").into());
                };
                let call = call(Sql::PolicySet).with(policy.0.to_vec()).with(left);
                let call = call.with(version.clone()).with(at).with(text.clone());
                call.with(self.part.aggregate)
            }
            Happened::ApiKeyCreated { id, scopes, operator, .. } => {
                let Aside::ApiKey { digest, label, groups } = &event.aside else {
                    return Err(corrupt("an API key came without its digest").into());
                };
                let call = call(Sql::ApiKeyAdd).with(id.clone()).with(label.clone());
                let call = call.with(json(scopes)?).with(digest.0.to_vec()).with(at);
                call.with(json(groups)?).with(operator.map(|operator| operator.0))
            }
            Happened::ApiKeyRevoked { id } => call(Sql::ApiKeyRevoke).with(id.clone()).with(at),
            Happened::AlertRaised { .. } => match AlertFacts::of(&event.entry) {
                Some(alert) => overview::raise(&alert, self.part.aggregate, left),
                None => return Ok(()),
            },
            Happened::KeyRotated { purpose, generation } => {
                call(Sql::KeyRotate).with(purpose.name()).with(i64::from(*generation))
            }
            // What they change of a recovery, a bundle or an exception, `follow` does.
            _ => return Ok(()),
        };
        self.part.rest.push(call);
        Ok(())
    }

    fn accept(&mut self, set: SetId, accept: Accept) {
        if !self.touched.contains(&set) {
            self.touched.push(set);
            self.part.accepts.push(accept);
            return;
        }
        let call = call(Sql::SetsAccept).with(vec![self.part.aggregate]).with(vec![accept.set]);
        let call = call.with(vec![accept.ordinal]).with(vec![accept.usage]);
        let call = call.with(vec![accept.replace_by]).with(vec![accept.at]);
        self.part.rest.push(call.with(vec![accept.exhausts]));
    }

    fn charge(&mut self, charged: &[SetId]) {
        for set in charged {
            if self.touched.contains(set) {
                let of = call(Sql::SetsCharge).with(vec![self.part.aggregate]);
                self.part.rest.push(of.with(vec![set.0]));
            } else {
                self.touched.push(*set);
                self.part.charges.push(set.0);
            }
        }
    }

    fn change(&mut self, sql: Sql, set: SetId, at: Timestamp) {
        self.touched.push(set);
        let call = call(sql).with(self.part.aggregate).with(set.0).with(at.millis());
        self.part.rest.push(call);
    }

    fn end(&mut self, set: SetId, end: SetState) -> Projected {
        let (at, reason, by) = match end {
            SetState::Revoked { at, reason } => (at, Some(name(&reason)?), None),
            SetState::Superseded { at, by } => (at, None, Some(by.0)),
            SetState::Expired { at } | SetState::Disabled { at } => (at, None, None),
            _ => return Err(corrupt("a set ends in a state that is no end").into()),
        };
        self.touched.push(set);
        let call = call(Sql::SetEnd).with(self.part.aggregate).with(set.0).with(at.millis());
        self.part.rest.push(call.with(end.name()).with(reason).with(by));
        Ok(())
    }

    /// Takes the attempt's name.
    fn remember(&mut self, attempt: &Attempt, left: i64) {
        let RedemptionId(id) = attempt.redemption;
        self.part.redemptions.push(Redemption { id, left });
    }
}

/// A version or a number of events as PostgreSQL counts.
fn number(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(|_| corrupt("the log is full"))
}

/// The name of a value, as the log spells it.
pub(crate) fn name(value: &impl serde::Serialize) -> Result<String, Failure> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(corrupt("a value has no name")),
    }
}

/// A list as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Corrupt(error.to_string()))
}

fn corrupt(what: &str) -> Failure {
    Failure::Corrupt(what.to_owned())
}
