//! Who does what in a simulated month, and what must hold after each step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::digest::Digest;
use glassbreak_core::event::Happened;
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::{Cause, Check, Item, Recovery};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::{Assurance, Channel, Profile, Proofing, SubjectKind};
use glassbreak_core::time::{Seconds, Timestamp};

use super::witness::{Seen, Witness};
use crate::random::Random;
use crate::world::{CodeNumber, Pool, Request, World, profile, settings};

pub(super) type Counts = BTreeMap<&'static str, u64>;

const DAYS: u32 = 30;
const CHECKS: [Check; 4] = [Check::Document, Check::Biometric, Check::CallBack, Check::Video];

/// A code somebody holds: for whom, sent in which recovery if it was sent, and whether an event
/// has revoked it since.
#[derive(Debug, Clone, Copy)]
struct Held {
    code: CodeNumber,
    subject: SubjectId,
    sent: Option<(RecoveryId, Channel)>,
    kind: Option<SetKind>,
    revoked: bool,
    spent: bool,
}

pub(super) struct Simulation {
    pub(super) world: World,
    pub(super) counts: Counts,
    random: Random,
    ends_at: Timestamp,
    subjects: Vec<SubjectId>,
    people: Vec<SubjectId>,
    recoveries: Vec<(RecoveryId, Digest)>,
    held: Vec<Held>,
    witness: Witness,
    windows: BTreeSet<RecoveryId>,
    read: usize,
}

impl Simulation {
    pub(super) fn new(seed: u64, pool: &Arc<Pool>) -> Self {
        let mut world = World::new(pool, settings(), seed);
        let mut random = Random::new(seed ^ 0x5eed);
        let duties: [&[Duty]; 4] =
            [&[Duty::Support], &[Duty::Approve], &[Duty::Approve], &[Duty::Support, Duty::Approve]];
        let people: Vec<SubjectId> = duties.iter().map(|duties| world.operator(duties)).collect();
        let mut subjects = vec![people[3]];
        for kind in [SubjectKind::Person, SubjectKind::Person, SubjectKind::Service] {
            let name = if kind == SubjectKind::Person {
                random.pick(&["standard", "privileged"])
            } else {
                "service"
            };
            let plain = profile(name, level(&mut random), ial(&mut random));
            let owner = (kind != SubjectKind::Person).then(|| random.pick(&people));
            let kind = if owner.is_some() && random.one_in(2) { SubjectKind::Agent } else { kind };
            subjects.push(world.subject(Profile { kind, owner, ..plain }));
        }
        let ends_at = world.now.plus(Seconds::days(DAYS));
        let (recoveries, held, counts) = (Vec::new(), Vec::new(), Counts::new());
        let (witness, windows, read) = (Witness::new(), BTreeSet::new(), 0);
        Self {
            world,
            counts,
            random,
            ends_at,
            subjects,
            people,
            recoveries,
            held,
            witness,
            windows,
            read,
        }
    }

    /// Until the month is over, or the pool has no codes for another set.
    pub(super) fn goes_on(&self) -> bool {
        self.world.now < self.ends_at && self.held.len() + 50 < self.world.pool.guess()
    }

    pub(super) fn step(&mut self) -> Result<(), String> {
        // A clock that stands still is as good as one that was set back: the engine's never runs
        // backwards.
        let pauses = [0, 0, 0, 1, 10, 60, 60, 120, 300, 300, 600, 600, 1800, 7200, 21_600];
        let leap = self.random.one_in(30);
        let pause = self.random.pick(if leap { &[86_400, 259_200] } else { &pauses[..] });
        self.world.wait(pause);
        match self.random.below(40) {
            0..3 => self.issue(),
            3..8 => self.open(),
            8..16 => self.gather(),
            16..23 => self.approve(),
            23..26 => self.send(),
            26..33 => self.redeem()?,
            33 => self.report(),
            34..37 => self.complete(),
            37 => self.end_one(),
            38 => self.review(),
            _ => {
                let subject = self.random.pick(&self.subjects);
                self.world.lapse(subject);
            }
        }
        self.hold()
    }

    fn some_recovery(&mut self) -> Option<(RecoveryId, Digest)> {
        let live = |(id, _): &&(RecoveryId, Digest)| self.world.recovery(*id).is_live();
        if !self.random.one_in(5) {
            let live: Vec<_> = self.recoveries.iter().filter(live).copied().collect();
            return (!live.is_empty()).then(|| self.random.pick(&live));
        }
        let many = self.recoveries.len();
        // Mostly a recent one.
        let back = self.random.below(many.clamp(1, 6));
        self.recoveries.get(many.checked_sub(1 + back)?).copied()
    }

    fn issue(&mut self) {
        let subject = self.random.pick(&self.subjects);
        let kind = self.random.pick(&[SetKind::Saved, SetKind::Saved, SetKind::BreakGlass]);
        self.issue_to(subject, kind);
    }

    fn issue_to(&mut self, subject: SubjectId, kind: SetKind) {
        let session = self.random.pick(&[Assurance::Aal2, Assurance::Aal3]);
        for code in self.world.issue(subject, kind, session).unwrap_or_default() {
            let (sent, kind) = (None, Some(kind));
            self.held.push(Held { code, subject, sent, kind, revoked: false, spent: false });
        }
    }

    fn open(&mut self) {
        let subject = self.random.pick(&self.subjects);
        let emergency = self.random.one_in(3);
        let accounted = emergency || self.random.one_in(3);
        let request = Request {
            agent: self.random.one_in(2).then(|| self.random.pick(&self.people)),
            cause: if emergency { Cause::Emergency } else { Cause::CodesLost },
            requester: accounted.then(|| self.random.pick(&self.people)),
            referenced: accounted,
            bundle: None,
        };
        if let Ok(id) = self.world.open(subject, &request) {
            let Request { agent, requester, referenced, .. } = request;
            let seen = Seen { agent, requester, referenced, ..Seen::default() };
            self.witness.insert(id, seen);
            let case = self.world.recovery(id).case().expect("canonical");
            self.recoveries.push((id, case));
        }
    }

    fn gather(&mut self) {
        let Some((id, _)) = self.some_recovery() else { return };
        let (agent, check) = (self.random.pick(&self.people), self.random.pick(&CHECKS));
        match self.random.below(3) {
            0 => {
                let methods = [Method::Password, Method::Authenticator, Method::Proofing];
                let method = self.random.pick(&methods);
                if self.world.vouch(id, method).is_ok() {
                    self.witness.entry(id).or_default().vouched.insert(method);
                }
            }
            1 => {
                let level = self.random.pick(&[Proofing::Ial1, Proofing::Ial2, Proofing::Ial3]);
                if self.world.proof(id, agent, level, &[check]).is_ok() {
                    let seen = self.witness.entry(id).or_default();
                    seen.proofed.push((level, vec![check], agent));
                    seen.approvers.clear();
                }
            }
            _ => {
                if self.world.verify(id, agent, check).is_ok() {
                    let seen = self.witness.entry(id).or_default();
                    seen.verified_again.push((check, agent));
                    seen.approvers.clear();
                }
            }
        }
    }

    fn approve(&mut self) {
        let (Some((id, opened_as)), Some((_, others))) =
            (self.some_recovery(), self.some_recovery())
        else {
            return;
        };
        let approver = self.random.pick(&self.people);
        let now = self.world.recovery(id).case().expect("canonical");
        // An attacker hands in the word on an older state, or on another case.
        let case = self.random.pick(&[now, now, now, opened_as, others]);
        if self.random.one_in(12) {
            drop(self.world.decline(id, approver));
            return;
        }
        if self.world.approve_as(id, approver, case).is_ok() {
            if case == now {
                self.witness.entry(id).or_default().approvers.insert(approver);
            } else {
                // Seen by `hold` as an approver that nobody is.
                *self.counts.entry("stale approval taken").or_default() += 1;
            }
        }
    }

    fn send(&mut self) {
        let Some((id, _)) = self.some_recovery() else { return };
        let channel = self.random.pick(&[Channel::Email, Channel::Sms, Channel::Postal]);
        if let Ok(code) = self.world.send(id, channel, None) {
            let subject = self.world.recovery(id).subject;
            let sent = Some((id, channel));
            let held = Held { code, subject, sent, kind: None, revoked: false, spent: false };
            self.held.push(held);
        }
    }

    fn redeem(&mut self) -> Result<(), String> {
        let own = self.some_recovery().map(|(id, _)| id);
        let whose = own.map(|id| self.world.recovery(id).subject);
        let theirs = |held: &Held| whose == Some(held.subject) && !held.spent;
        let glass = self.random.one_in(2);
        let wanted =
            |held: &Held| theirs(held) && (held.kind == Some(SetKind::BreakGlass)) == glass;
        let fits = if self.random.one_in(3) { None } else { self.held.iter().rposition(wanted) };
        let newest = self.held.len().clamp(1, 9);
        let place = fits.or(self.held.len().checked_sub(1 + self.random.below(newest)));
        let guessed = self.random.one_in(6);
        let (Some(place), false) = (place, guessed) else {
            let (subject, guess) = (self.random.pick(&self.subjects), self.world.pool.guess());
            let reply = self.world.recover(subject, guess, None);
            return match reply {
                Reply::NotAccepted | Reply::Throttled { .. } => Ok(()),
                other => Err(format!("a guess was answered with {other:?}")),
            };
        };
        let held = self.held[place];
        let subject =
            if self.random.one_in(10) { self.random.pick(&self.subjects) } else { held.subject };
        let inside = !self.random.one_in(4);
        let recovery = held.sent.map(|(id, _)| id).or(own.filter(|_| inside));
        let methods = [Method::Password, Method::Authenticator, Method::Proofing];
        let presented: Vec<Method> =
            methods.into_iter().filter(|_| self.random.one_in(3)).collect();
        let role = self.random.pick(&[
            Role::AccountRecovery,
            Role::AccountRecovery,
            Role::AccountRecovery,
            Role::SecondFactor,
        ]);
        let reply = self.world.redeem(subject, held.code, role, &presented, recovery);
        let used = match &reply {
            Reply::Accepted { .. } | Reply::Recovered { .. } => true,
            Reply::MoreEvidenceRequired { .. } => held.sent.is_some(),
            Reply::NotAccepted | Reply::Throttled { .. } | Reply::WindowClosed { .. } => false,
        };
        if used && (held.revoked || held.spent || subject != held.subject) {
            return Err(format!("{held:?} was used for {subject}: {reply:?}"));
        }
        self.held[place].spent |= used;
        if let Reply::Accepted { window: Some(window), .. } | Reply::Recovered { window } = &reply {
            let seen = self.witness.entry(window.recovery).or_default();
            seen.vouched.extend(&presented);
        }
        Ok(())
    }

    fn report(&mut self) {
        let subject = self.random.pick(&self.subjects);
        let kind = self.random.pick(LifecycleKind::ALL);
        let Ok(reported) = self.world.report(subject, kind) else { return };
        if reported.effect >= Effect::Revoke {
            for held in self.held.iter_mut().filter(|held| held.subject == subject) {
                held.revoked = true;
            }
        }
        let lifts = [LifecycleKind::AccountEnabled, LifecycleKind::RiskCleared];
        for kind in lifts.into_iter().chain([LifecycleKind::RecoveryReopened]) {
            drop(self.world.report(subject, kind));
        }
        // Who left comes back some time.
        let profile = self.world.state.subjects[&subject].profile.clone();
        drop(self.world.register(subject, profile));
    }

    fn complete(&mut self) {
        let in_window = |recovery: &&Recovery| recovery.window().is_some();
        let id = self.world.state.recoveries.values().find(in_window).map(|found| found.id);
        let Some(id) = id.or_else(|| self.some_recovery().map(|(id, _)| id)) else { return };
        if self.random.one_in(2) {
            let subject = self.world.recovery(id).subject;
            self.issue_to(subject, SetKind::Saved);
        }
        drop(self.world.complete(id));
    }

    fn end_one(&mut self) {
        let Some((id, _)) = self.some_recovery() else { return };
        drop(self.world.cancel(id));
    }

    fn review(&mut self) {
        let Some((id, _)) = self.some_recovery() else { return };
        let reviewer = self.random.pick(&self.people);
        drop(self.world.review(id, reviewer));
    }

    /// What must hold after every step, whatever was done in it.
    fn hold(&mut self) -> Result<(), String> {
        for at in self.read..self.world.log.len() {
            self.follow(at)?;
        }
        let aggregate = self.world.log.get(self.read).and_then(|entry| entry.subject);
        self.read = self.world.log.len();
        let now = self.world.now;
        for recovery in self.world.state.recoveries.values() {
            let decided = Some(recovery.subject) == aggregate;
            if decided && recovery.is_due(now) {
                return Err(format!("left open past its end by a later decision: {recovery:?}"));
            }
            if !decided || !recovery.is_live() || recovery.approvals.is_empty() {
                continue;
            }
            let counted = recovery.approved_by();
            let seen = self.witness.get(&recovery.id).map(|seen| &seen.approvers);
            if seen.is_some_and(|seen| *seen != counted) {
                return Err(format!("{counted:?} count in {recovery:?}, and {seen:?} approved"));
            }
        }
        if !self.world.state.ledger().balances() {
            return Err("the ledger does not balance".to_owned());
        }
        Ok(())
    }

    /// Takes note of an entry, and judges what it opened.
    fn follow(&mut self, at: usize) -> Result<(), String> {
        let entry = &self.world.log[at];
        let window = match &entry.happened {
            Happened::CodeAccepted(accepted) => {
                if let Some(window) = &accepted.window {
                    let seen = self.witness.entry(window.recovery).or_default();
                    seen.codes.insert(accepted.method);
                    if accepted.method == Method::BreakGlassCode {
                        *self.counts.entry("break-glass used").or_default() += 1;
                    }
                }
                accepted.window.clone()
            }
            Happened::SentCodeAccepted { recovery, method, .. } => {
                self.witness.entry(*recovery).or_default().codes.insert(*method);
                None
            }
            Happened::RecoverySatisfied(window) => Some(window.clone()),
            Happened::RecoveryOpened { recovery, .. } => {
                // Those that a deferred code opened are taken up here.
                if !self.recoveries.iter().any(|(known, _)| known == recovery) {
                    let case = self.world.recovery(*recovery).case().expect("canonical");
                    self.recoveries.push((*recovery, case));
                    self.witness.entry(*recovery).or_default();
                }
                None
            }
            _ => None,
        };
        if let Some(name) = ended(&self.world.log[at].happened) {
            *self.counts.entry(name).or_default() += 1;
        }
        let Some(window) = window else { return Ok(()) };
        let recovery = self.world.recovery(window.recovery);
        *self.counts.entry("window").or_default() += 1;
        if !self.windows.insert(window.recovery) {
            return Err(format!("a second window: {recovery:?}"));
        }
        let subject = &self.world.state.subjects[&recovery.subject];
        let privileged = self.world.tier_of(subject.id).privileged;
        let seen = &self.witness[&window.recovery];
        let saved = |item: &&Item| matches!(item, Item::Presented { .. });
        if recovery.items.iter().filter(saved).count() > seen.codes.len() + 5 {
            return Err(format!("more codes than were sent: {recovery:?}"));
        }
        match seen.lacks(subject.id, &subject.profile, privileged) {
            Some(what) => Err(format!("a window without {what}: {seen:?}\n{recovery:?}")),
            None => Ok(()),
        }
    }
}

fn ended(happened: &Happened) -> Option<&'static str> {
    match happened {
        Happened::RecoveryCompleted { .. } => Some("completed"),
        Happened::RecoveryLapsed { .. } => Some("lapsed"),
        Happened::RecoveryDeclined { .. } => Some("refused"),
        Happened::RecoveryCancelled { .. } => Some("cancelled"),
        _ => None,
    }
}

fn level(random: &mut Random) -> Assurance {
    random.pick(&[Assurance::Aal1, Assurance::Aal2, Assurance::Aal2, Assurance::Aal3])
}

fn ial(random: &mut Random) -> Proofing {
    random.pick(&[Proofing::None, Proofing::Ial1, Proofing::Ial2, Proofing::Ial3])
}
