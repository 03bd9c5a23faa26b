//! The second opinion: the rules as the papers and the doc comments state them, in plain lists and
//! plain conditions. It takes words from the core (states, kinds, effects) and none of its
//! judgement: no function of the core decides anything here.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_core::code_set::{Custody, RevokeReason, SetKind, SetState};
use glassbreak_core::event::Alert;
use glassbreak_core::id::{RedemptionId, SetId, SubjectId};
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::operation::SetSummary;
use glassbreak_core::operation::register::Change;
use glassbreak_core::settings::Settings;
use glassbreak_core::subject::{Profile, Standing, SuspendCause};
use glassbreak_core::time::Timestamp;

use crate::subject_under_test::{containment_of, place_of};
use crate::vocabulary::{Answer, CodeNumber, Command, Mark, Step, pseudonym};

mod codes;
mod containments;
mod evidence;
mod recoveries;

use containments::Containment;
use evidence::Papers;
pub(crate) use recoveries::{Rec, Stage};

pub(crate) struct Model<'s> {
    settings: &'s Settings,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) budgets: Vec<Budget>,
    /// In the order in which they were issued.
    pub(crate) sets: Vec<Set>,
    /// In the order in which they were opened.
    pub(crate) recs: Vec<Rec>,
    /// In the order in which they began.
    pub(crate) containments: Vec<Containment>,
    /// How often each alert has to have been raised.
    pub(crate) alerts: BTreeMap<Alert, u64>,
    /// By name: support, approve.
    duties: BTreeMap<usize, (bool, bool)>,
    /// The names that have a passkey to sign with.
    passkeys: BTreeSet<usize>,
    papers: Papers,
    /// What a decision has loaded before time does its work: standings, and the recoveries seen.
    standing_before: BTreeMap<usize, Standing>,
    /// Whether what is refused now leaves a trace: then it takes in what time has done as well.
    traced: bool,
    recs_before: Vec<usize>,
    attempts: Vec<PastAttempt>,
    names_taken: Vec<(Mark, Option<SetId>)>,
    /// When codes were accepted as a second factor, and when codes were sent: to whom.
    second_factors: Vec<(SubjectId, Timestamp)>,
    sends: Vec<(SubjectId, Timestamp)>,
}

pub(crate) struct Subject {
    name: usize,
    pub(crate) id: SubjectId,
    pub(crate) profile: Profile,
    group: u8,
    pub(crate) standing: Standing,
    pub(crate) registered_at: Timestamp,
}

pub(crate) struct Budget {
    pub(crate) of: SubjectId,
    pub(crate) failures: u32,
    pub(crate) retry_at: Option<Timestamp>,
}

#[derive(Clone)]
pub(crate) struct Set {
    pub(crate) id: SetId,
    pub(crate) owner: SubjectId,
    kind: SetKind,
    codes: Vec<CodeNumber>,
    issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) state: SetState,
    pub(crate) used: Vec<(u8, RedemptionId)>,
    pub(crate) failures: u32,
    pub(crate) replace_by: Option<Timestamp>,
    /// The place said last, and when.
    pub(crate) kept: Option<(Custody, Timestamp)>,
}

/// Sets, recoveries, alerts and standings, to go back to.
type Before = (Vec<Set>, Vec<Rec>, BTreeMap<Alert, u64>, Vec<Standing>);

struct PastAttempt {
    redemption: RedemptionId,
    of: SubjectId,
    fingerprint: u8,
    answer: Answer,
}

fn millis(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}

/// One more cause to rest.
fn rest(standing: Standing, cause: SuspendCause, now: Timestamp) -> Standing {
    let (at, account, risk, recovery, lowered) = match standing {
        Standing::Suspended { at, account, risk, recovery, lowered } => {
            (at, account, risk, recovery, lowered)
        }
        Standing::Active => (now, false, false, false, None),
        Standing::Departed { .. } => return standing,
    };
    let until = match cause {
        SuspendCause::Lowered { until } => Some(until),
        _ => None,
    };
    Standing::Suspended {
        at,
        account: account || cause == SuspendCause::Account,
        risk: risk || cause == SuspendCause::Risk,
        recovery: recovery || cause == SuspendCause::Recovery,
        lowered: lowered.max(until),
    }
}

fn later(at: Timestamp, seconds: u32) -> Timestamp {
    Timestamp::from_millis(at.millis() + millis(seconds))
}

impl Set {
    fn live(&self) -> bool {
        matches!(self.state, SetState::Offered { .. } | SetState::Active { .. })
    }

    /// Saved unconfirmed too long: lapsed. Too old: expired. Ended already: nothing.
    fn time_is_up(&self, now: Timestamp) -> Option<SetState> {
        if matches!(self.state, SetState::Offered { confirm_by } if confirm_by <= now) {
            return Some(SetState::Lapsed { at: now });
        }
        (self.live() && self.expires_at <= now).then_some(SetState::Expired { at: now })
    }

    fn summary(&self, now: Timestamp) -> SetSummary {
        SetSummary {
            id: self.id,
            subject: self.owner,
            state: self.time_is_up(now).unwrap_or(self.state),
            count: u8::try_from(self.codes.len()).expect("few codes"),
            unused: u8::try_from(self.codes.len() - self.used.len()).expect("few codes"),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            replace_by: self.replace_by,
        }
    }
}

impl<'s> Model<'s> {
    pub(crate) fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            subjects: Vec::new(),
            budgets: Vec::new(),
            sets: Vec::new(),
            recs: Vec::new(),
            containments: Vec::new(),
            alerts: BTreeMap::new(),
            duties: BTreeMap::new(),
            passkeys: BTreeSet::new(),
            papers: Papers::default(),
            standing_before: BTreeMap::new(),
            traced: false,
            recs_before: Vec::new(),
            attempts: Vec::new(),
            names_taken: Vec::new(),
            second_factors: Vec::new(),
            sends: Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, step: &Step) -> Answer {
        let (now, mark) = (step.at, step.mark);
        if place_of(&step.command).is_some_and(|place| place >= self.recs.len()) {
            return Answer::Denied("no such recovery");
        }
        if containment_of(&step.command).is_some_and(|place| place >= self.containments.len()) {
            return Answer::Denied("no such containment");
        }
        match &step.command {
            Command::Register { new_id, name, profile, group } => {
                self.register(now, mark, *new_id, *name, profile, *group)
            }
            Command::Issue(issue) => self.issue(now, mark, issue),
            Command::Confirm { set, code } => self.confirm(now, mark, *set, *code),
            Command::Redeem(redeem) => self.redeem(now, redeem),
            Command::Revoke { set, reason } => self.revoke(now, mark, *set, *reason),
            Command::Declare { set, custody } => self.declare(now, mark, *set, *custody),
            Command::Report { name, kind, occurred_at } => {
                self.report(now, mark, *name, *kind, *occurred_at)
            }
            Command::Lapse { name } => Answer::Lapsed(self.settle(now, self.aggregate(*name))),
            Command::Appoint { name, support, approve, passkey } => {
                self.appoint(*name, (*support, *approve), *passkey)
            }
            Command::Contain(asked) => self.contain(now, asked),
            Command::ApproveLifting { containment, approver } => {
                self.approve_lifting(*containment, *approver)
            }
            Command::Lift { containment } => self.lift(now, *containment),
            _ => self.step_on_recovery(now, &step.command),
        }
    }

    /// A refusal of these that leaves no trace leaves nothing: what time has done waits for the
    /// next decision.
    fn step_on_recovery(&mut self, now: Timestamp, command: &Command) -> Answer {
        let before = self.before();
        self.standing_before =
            self.subjects.iter().map(|subject| (subject.name, subject.standing)).collect();
        self.traced = false;
        let answer = match command {
            Command::Open(asked) => Ok(self.open(now, asked)),
            Command::Gather { recovery, piece } => self.gather(now, *recovery, piece),
            Command::Approve { recovery, approver, stale, decline } => {
                self.approve(now, *recovery, *approver, (*stale, *decline))
            }
            Command::Send { recovery, channel, lifetime, code } => {
                self.send(now, *recovery, *channel, (*lifetime, *code))
            }
            Command::Complete { recovery, bound } => self.complete(now, *recovery, *bound),
            Command::Cancel { recovery } => self.cancel(now, *recovery),
            Command::Review { recovery, reviewer } => self.review(now, *recovery, *reviewer),
            _ => Err("not about a recovery"),
        };
        self.standing_before.clear();
        let answer = answer.unwrap_or_else(Answer::Denied);
        if matches!(answer, Answer::Denied(_)) && !self.traced {
            self.back_to(before);
        }
        answer
    }

    /// What a refusal that leaves no trace leaves as it was.
    fn before(&self) -> Before {
        let standings = self.subjects.iter().map(|subject| subject.standing).collect();
        (self.sets.clone(), self.recs.clone(), self.alerts.clone(), standings)
    }

    fn back_to(&mut self, before: Before) {
        let standings;
        (self.sets, self.recs, self.alerts, standings) = before;
        for (subject, standing) in self.subjects.iter_mut().zip(standings) {
            subject.standing = standing;
        }
    }

    fn subject(&self, name: usize) -> Option<usize> {
        self.subjects.iter().position(|subject| subject.name == name)
    }

    fn aggregate(&self, name: usize) -> SubjectId {
        self.subject(name).map_or(pseudonym(name), |place| self.subjects[place].id)
    }

    /// Places of the sets a decision can see: the live ones and the newest others, 16 in all.
    fn visible(&self, owner: SubjectId) -> Vec<usize> {
        let own: Vec<usize> =
            (0..self.sets.len()).rev().filter(|place| self.sets[*place].owner == owner).collect();
        let mut seen: Vec<usize> = Vec::new();
        seen.extend(own.iter().filter(|place| self.sets[**place].live()));
        seen.extend(own.iter().filter(|place| !self.sets[**place].live()));
        seen.truncate(16);
        seen
    }

    fn visible_set(&self, id: SetId) -> Option<usize> {
        let owner = self.sets.iter().find(|set| set.id == id)?.owner;
        self.visible(owner).into_iter().find(|place| self.sets[*place].id == id)
    }

    /// Writes down what time has ended. Every decision that writes begins with it.
    fn settle(&mut self, now: Timestamp, owner: SubjectId) -> usize {
        let mut ended = 0;
        for set in self.sets.iter_mut().filter(|set| set.owner == owner) {
            if let Some(end) = set.time_is_up(now) {
                set.state = end;
                ended += 1;
            }
        }
        // The rest after a lowering ends by itself.
        if let Some(subject) = self.subjects.iter_mut().find(|subject| subject.id == owner)
            && let Standing::Suspended { at, account, risk, recovery, lowered: Some(until) } =
                subject.standing
            && until <= now
        {
            ended += 1;
            subject.standing = if account || risk || recovery {
                Standing::Suspended { at, account, risk, recovery, lowered: None }
            } else {
                Standing::Active
            };
        }
        for at in self.recs_of(owner) {
            let Some(in_window) = self.recs[at].time_is_up(now) else { continue };
            self.recs[at].stage = Stage::Lapsed(now, in_window);
            ended += 1;
            // C5: the path is closed, and somebody hears of it.
            if in_window {
                self.alert(Alert::WindowLapsed);
                let subject = self.subjects.iter_mut().find(|subject| subject.id == owner);
                let subject = subject.expect("a recovery has a subject");
                subject.standing = rest(subject.standing, SuspendCause::Recovery, now);
            }
        }
        self.end_contained(now, owner);
        ended
    }

    /// Ends the owner's live sets that `which` picks.
    fn end(&mut self, owner: SubjectId, end: SetState, which: impl Fn(&Set) -> bool) -> Vec<SetId> {
        let mut ended = Vec::new();
        for set in self.sets.iter_mut().filter(|set| set.owner == owner) {
            if set.live() && which(set) {
                set.state = end;
                ended.push(set.id);
            }
        }
        ended.sort();
        ended
    }

    fn budget(&mut self, of: SubjectId) -> &mut Budget {
        if !self.budgets.iter().any(|budget| budget.of == of) {
            self.budgets.push(Budget { of, failures: 0, retry_at: None });
        }
        self.budgets.iter_mut().find(|budget| budget.of == of).expect("just put there")
    }

    fn throttled(&mut self, of: SubjectId, now: Timestamp) -> Option<Timestamp> {
        self.budget(of).retry_at.filter(|retry_at| now < *retry_at)
    }

    /// A failed guess counts against the one budget of the account and against every set it could
    /// have been a guess at; a set with too many in a row is disabled (N63B-TH-01, -02).
    fn charge(&mut self, of: SubjectId, now: Timestamp) {
        let throttle = self.settings.throttle;
        let budget = self.budget(of);
        budget.failures += 1;
        budget.retry_at = None;
        if budget.failures > throttle.free {
            // The first wait, doubled for each failure more, up to the longest.
            let mut wait = u64::from(throttle.wait_first.0);
            for _ in 0..(budget.failures - throttle.free - 1).min(40) {
                wait *= 2;
            }
            let wait = u32::try_from(wait.min(u64::from(throttle.wait_max.0))).expect("capped");
            budget.retry_at = Some(later(now, wait));
        }
        for set in self.sets.iter_mut().filter(|set| set.owner == of) {
            // Nobody guesses at decoys.
            if set.live() && set.kind != SetKind::Canary {
                set.failures += 1;
                if set.failures >= throttle.disable_at {
                    set.state = SetState::Disabled { at: now };
                }
            }
        }
    }

    /// A decoy of the subject's that was presented is told, whatever has become of its set.
    fn hear_decoy(&mut self, of: SubjectId, code: CodeNumber) {
        let is = |set: &usize| {
            self.sets[*set].kind == SetKind::Canary && self.sets[*set].codes.contains(&code)
        };
        if self.visible(of).iter().any(is) {
            self.alert(Alert::CanaryUsed);
        }
    }

    /// `Ok(true)`: this very request was carried out before. `Err`: the name was used for another.
    fn done_before(&self, mark: Option<Mark>) -> Result<bool, &'static str> {
        let Some(mark) = mark else { return Ok(false) };
        let past = self.names_taken.iter().find(|(past, _)| past.key == mark.key);
        match past {
            Some((past, _)) if past.content != mark.content => Err("idempotency_key_reused"),
            past => Ok(past.is_some()),
        }
    }

    fn take_name(&mut self, mark: Option<Mark>, set: Option<SetId>) {
        self.names_taken.extend(mark.map(|mark| (mark, set)));
    }

    fn register(
        &mut self,
        now: Timestamp,
        mark: Option<Mark>,
        new_id: SubjectId,
        name: usize,
        profile: &Profile,
        group: u8,
    ) -> Answer {
        if !self.settings.tiers.contains_key(&profile.tier) {
            return Answer::Denied("tier_unknown");
        }
        let done_before = match self.done_before(mark) {
            Ok(done_before) => done_before,
            Err(code) => return Answer::Denied(code),
        };
        let Some(place) = self.subject(name) else {
            let (id, profile) = (new_id, profile.clone());
            let standing = Standing::Active;
            self.subjects.push(Subject { name, id, profile, group, standing, registered_at: now });
            self.take_name(mark, None);
            return Answer::Registered { id, change: Change::Created, revoked: Vec::new() };
        };
        let before = &self.subjects[place];
        let id = before.id;
        let departed = matches!(before.standing, Standing::Departed { .. });
        let same = before.profile == *profile && before.group == group;
        if done_before || (same && !departed) {
            return Answer::Registered { id, change: Change::Unchanged, revoked: Vec::new() };
        }
        // D4: another tier or assurance is a change of privileges. D8: another owner.
        let privileges = before.profile.tier != profile.tier
            || before.profile.assurance != profile.assurance
            || before.profile.kind != profile.kind
            || profile.ial < before.profile.ial;
        let owner = before.profile.owner != profile.owner;
        // Less protection for somebody under dual control: loud, and a rest. Nor does leaving and
        // coming back end one that runs.
        let dual = |profile: &Profile| self.settings.tiers[&profile.tier].privileged;
        let lowers = dual(&before.profile)
            && (!dual(profile)
                || profile.assurance < before.profile.assurance
                || profile.ial < before.profile.ial
                || profile.kind != before.profile.kind);
        let mut until = lowers.then(|| later(now, self.settings.lowering.rest.0));
        if let Standing::Departed { lowered, .. } = before.standing {
            until = until.max(lowered.filter(|earlier| *earlier > now));
        }
        if lowers {
            self.alert(Alert::PrivilegedLowered);
        }
        self.take_name(mark, None);
        self.subjects[place].profile = profile.clone();
        if departed {
            self.subjects[place].group = group;
            self.subjects[place].standing = Standing::Active;
            self.rest_until(now, place, until);
            return Answer::Registered { id, change: Change::Created, revoked: Vec::new() };
        }
        // Nobody gets out of a containment by leaving its group.
        self.settle(now, id);
        self.subjects[place].group = group;
        let mut revoked = Vec::new();
        // Another owner takes away at least as much as other privileges can, so it comes first: a
        // set that is revoked is not marked for replacement as well.
        if owner {
            revoked.extend(self.take_effect(now, place, LifecycleKind::OwnerChanged).0);
        }
        if privileges {
            revoked.extend(self.take_effect(now, place, LifecycleKind::PrivilegesChanged).0);
        }
        revoked.sort();
        self.rest_until(now, place, until);
        Answer::Registered { id, change: Change::Updated, revoked }
    }

    fn rest_until(&mut self, now: Timestamp, place: usize, until: Option<Timestamp>) {
        if let Some(until) = until {
            let standing = &mut self.subjects[place].standing;
            *standing = rest(*standing, SuspendCause::Lowered { until }, now);
        }
    }

    /// What a lifecycle event does: the sets revoked, the sets marked for replacement.
    fn take_effect(
        &mut self,
        now: Timestamp,
        place: usize,
        kind: LifecycleKind,
    ) -> (Vec<SetId>, Vec<SetId>) {
        let Subject { id, standing, .. } = self.subjects[place];
        let departed = matches!(standing, Standing::Departed { .. });
        let revoked = SetState::Revoked { at: now, reason: RevokeReason::Lifecycle };
        let cause = match kind {
            LifecycleKind::RiskRaised | LifecycleKind::RiskCleared => SuspendCause::Risk,
            LifecycleKind::RecoveryReopened => SuspendCause::Recovery,
            _ => SuspendCause::Account,
        };
        let mut marked = Vec::new();
        match self.settings.lifecycle[&kind] {
            Effect::Replace => {
                for set in self.sets.iter_mut().filter(|set| set.owner == id && set.live()) {
                    if set.replace_by.is_none() || set.replace_by > Some(now) {
                        set.replace_by = Some(now);
                        marked.push(set.id);
                    }
                }
            }
            Effect::Revoke => {
                // A window is for these, and stays.
                let of_the_window = [
                    LifecycleKind::MfaChanged,
                    LifecycleKind::Reenrolled,
                    LifecycleKind::DeviceReplaced,
                    LifecycleKind::SupportRecovery,
                ];
                // Any other closes the path with the window, as its time would have (C5).
                if self.give_up(now, id, !of_the_window.contains(&kind)) {
                    self.subjects[place].standing = rest(standing, SuspendCause::Recovery, now);
                }
                return (self.end(id, revoked, |_| true), marked);
            }
            Effect::Depart if !departed => {
                self.give_up(now, id, true);
                // An operator no more, also after coming back.
                let name = self.subjects[place].name;
                self.duties.remove(&name);
                self.passkeys.remove(&name);
                let lowered = match standing {
                    Standing::Suspended { lowered, .. } => lowered,
                    _ => None,
                };
                self.subjects[place].standing = Standing::Departed { at: now, lowered };
                return (self.end(id, revoked, |_| true), marked);
            }
            Effect::Suspend if !departed => {
                self.subjects[place].standing = rest(standing, cause, now);
            }
            Effect::Resume => {
                if let Standing::Suspended { at, account, risk, recovery, lowered } = standing {
                    let account = account && cause != SuspendCause::Account;
                    let risk = risk && cause != SuspendCause::Risk;
                    let recovery = recovery && cause != SuspendCause::Recovery;
                    let rests = account || risk || recovery || lowered.is_some();
                    self.subjects[place].standing = if rests {
                        Standing::Suspended { at, account, risk, recovery, lowered }
                    } else {
                        Standing::Active
                    };
                }
            }
            Effect::Depart | Effect::Suspend | Effect::Record => {}
        }
        marked.sort();
        (Vec::new(), marked)
    }

    /// Old evidence dies with old codes (REG-13); who left keeps no window either. Whether a window
    /// was among it: that is as loud as one that lapses.
    fn give_up(&mut self, now: Timestamp, owner: SubjectId, windows_too: bool) -> bool {
        let mut in_window = false;
        for at in self.recs_of(owner) {
            let rec = &mut self.recs[at];
            if rec.stage == Stage::Open || (windows_too && rec.live()) {
                let was_window = rec.stage != Stage::Open;
                rec.stage = Stage::Cancelled(now);
                if was_window {
                    in_window = true;
                    self.alert(Alert::WindowLapsed);
                }
            }
        }
        in_window
    }

    fn report(
        &mut self,
        now: Timestamp,
        mark: Option<Mark>,
        name: usize,
        kind: LifecycleKind,
        occurred_at: Timestamp,
    ) -> Answer {
        let Some(place) = self.subject(name) else { return Answer::Denied("subject_unknown") };
        if occurred_at > later(now, 300) {
            return Answer::Denied("invalid_request");
        }
        let effect = self.settings.lifecycle[&kind];
        let (revoked, replace) = match self.done_before(mark) {
            Err(code) => return Answer::Denied(code),
            Ok(true) => (Vec::new(), Vec::new()),
            Ok(false) => {
                self.take_name(mark, None);
                match kind {
                    LifecycleKind::OwnerLeft => self.alert(Alert::OwnerLeft),
                    LifecycleKind::Repudiated => self.alert(Alert::Repudiated),
                    _ => {}
                }
                self.settle(now, self.subjects[place].id);
                self.take_effect(now, place, kind)
            }
        };
        Answer::Reported { effect, revoked, replace, standing: self.subjects[place].standing }
    }
}
