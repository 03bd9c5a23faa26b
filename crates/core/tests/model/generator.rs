//! Random settings and random histories, steered so that every corner is visited.

use glassbreak_core::code_set::{IssueReason, Profile as Form, RevokeReason, SetKind};
use glassbreak_core::id::{RedemptionId, SetId, SubjectId};
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::{IssueLimit, Settings, Throttle, TierSettings};
use glassbreak_core::subject::{Assurance, Profile, Proofing, SubjectKind, Tier};
use glassbreak_core::time::{Seconds, Timestamp};

use crate::random::Random;
use crate::vocabulary::{Answer, Command, Issue, Mark, NAMES, Redeem, Step};

const TIERS: [&str; 4] = ["standard", "privileged", "service", "nowhere"];
const LEVELS: [Assurance; 3] = [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3];

fn tier(name: &str) -> Tier {
    Tier::try_from(name.to_owned()).expect("a tier's name")
}

/// Short limits, so that short histories run into them. Within every floor and ceiling.
pub(crate) fn settings(random: &mut Random) -> Settings {
    let standard = TierSettings {
        count: random.pick(&[1, 2, 3]),
        lifetime: Seconds::hours(random.pick(&[2, 8])),
        issue_limit: IssueLimit { sets: random.pick(&[2, 3, 5]), period: Seconds::hours(1) },
        replace_within: Seconds::minutes(30),
        ..TierSettings::standard()
    };
    let privileged = TierSettings {
        kinds: vec![SetKind::Saved, SetKind::BreakGlass],
        profiles: vec![Form::Strong],
        confirm_within: Some(Seconds::minutes(random.pick(&[2, 20]))),
        session_assurance: random.pick(&[Assurance::Aal2, Assurance::Aal3]),
        ..standard.clone()
    };
    let service = TierSettings {
        kinds: vec![SetKind::BreakGlass],
        lifetime: Seconds::hours(1),
        ..standard.clone()
    };
    let tiers = [(tier("standard"), standard), (tier("privileged"), privileged)];
    let wait_first = Seconds(random.pick(&[1, 30]));
    let throttle = Throttle {
        free: random.pick(&[0, 1, 3, 10]),
        wait_first,
        wait_max: Seconds(random.pick(&[30, 45, 600])),
        disable_at: random.pick(&[1, 2, 4, 7]),
    };
    let effects = [Effect::Resume, Effect::Record, Effect::Replace];
    let effects = [effects, [Effect::Suspend, Effect::Revoke, Effect::Depart]].concat();
    let lifecycle = LifecycleKind::ALL.iter().map(|kind| {
        let usual = random.below(3) > 0;
        let floor = kind.effect_floor();
        // What lifts a cause can only lift it or be written down.
        let fits = |effect: &Effect| floor != Effect::Resume || *effect <= Effect::Record;
        let allowed = effects.iter().copied().filter(|effect| *effect >= floor && fits(effect));
        let allowed: Vec<Effect> = allowed.collect();
        (*kind, if usual { kind.effect_default() } else { random.pick(&allowed) })
    });
    let lifecycle = lifecycle.collect();
    let settings = Settings {
        tiers: tiers.into_iter().chain([(tier("service"), service)]).collect(),
        throttle,
        lifecycle,
    };
    settings.validate().expect("within every floor and ceiling");
    settings
}

/// Makes up the next step from what it has seen.
pub(crate) struct Generator {
    random: Random,
    now: Timestamp,
    pool: usize,
    next_code: usize,
    next_key: u32,
    shown: Vec<(Issue, u8)>,
    redeemed: Vec<Redeem>,
    named: Vec<(Mark, Command)>,
}

impl Generator {
    pub(crate) fn new(random: Random, pool: usize) -> Self {
        Self {
            random,
            now: Timestamp::from_millis(1_800_000_000_000),
            pool,
            // The last code of the pool belongs to nobody: a guess.
            next_code: 0,
            next_key: 0,
            shown: Vec::new(),
            redeemed: Vec::new(),
            named: Vec::new(),
        }
    }

    pub(crate) fn next(&mut self) -> Step {
        let pause = self.random.pick(&[0, 0, 0, 0, 0, 1, 1, 2, 10, 30, 60, 61, 600, 3600]);
        // Now and then a millisecond, so that deadlines are met to the letter and just missed.
        let at = self.now.millis() + i64::from(pause) * 1000 + i64::from(self.random.one_in(20));
        self.now = Timestamp::from_millis(at);
        if !self.named.is_empty() && self.random.one_in(12) {
            return self.again();
        }
        let command = match self.random.below(100) {
            0..10 => self.register(),
            10..27 => self.issue(),
            27..36 => self.confirm(),
            36..84 => self.redeem(),
            84..88 => self.revoke(),
            88..96 => self.report(),
            _ => Command::Lapse { name: self.name() },
        };
        let named = !matches!(command, Command::Redeem(_) | Command::Lapse { .. });
        let mark = (named && self.random.one_in(3)).then(|| self.mark(&command));
        Step { at: self.now, mark, command }
    }

    /// Learns from an answer which codes are about.
    pub(crate) fn learn(&mut self, step: &Step, answer: &Answer) {
        if let (Command::Issue(issue), Answer::Shown { set, .. }) = (&step.command, answer) {
            self.shown.push((issue.clone(), set.count));
            self.next_code = issue.first_code + usize::from(set.count);
        }
    }

    /// Whether the pool has codes for another step.
    pub(crate) fn is_spent(&self) -> bool {
        self.next_code + 33 > self.pool
    }

    /// A retry of an earlier request, or another request under an earlier name.
    fn again(&mut self) -> Step {
        let place = self.random.below(self.named.len());
        let (mut mark, mut command) = self.named[place].clone();
        if self.random.one_in(4) {
            mark.content = mark.content.wrapping_add(1);
        }
        match &mut command {
            // What the server draws is drawn anew.
            Command::Issue(issue) => {
                issue.set = SetId::new(self.now, self.random.bytes());
                issue.first_code = self.next_code;
            }
            Command::Register { new_id, .. } => {
                *new_id = SubjectId::new(self.now, self.random.bytes());
            }
            // The code is not part of what names a confirmation.
            Command::Confirm { set, code } => *code = self.code_of(*set),
            _ => {}
        }
        Step { at: self.now, mark: Some(mark), command }
    }

    fn mark(&mut self, command: &Command) -> Mark {
        self.next_key += 1;
        let mark = Mark { key: self.next_key, content: 0 };
        self.named.push((mark, command.clone()));
        mark
    }

    fn name(&mut self) -> usize {
        // The last name is a stranger's, mostly.
        let names = if self.random.one_in(4) { NAMES } else { NAMES - 1 };
        self.random.below(names)
    }

    fn register(&mut self) -> Command {
        let mut name = self.name();
        if name == NAMES - 1 && !self.random.one_in(10) {
            name = 0;
        }
        let nowhere = if self.random.one_in(20) { 4 } else { 3 };
        let owners = [None, None, Some(SubjectId::new(Timestamp::from_millis(9), [9; 10]))];
        let profile = Profile {
            kind: SubjectKind::Person,
            tier: tier(TIERS[self.random.below(nowhere)]),
            assurance: self.random.pick(&LEVELS),
            ial: self.random.pick(&[
                Proofing::None,
                Proofing::Ial1,
                Proofing::Ial2,
                Proofing::Ial3,
            ]),
            owner: self.random.pick(&owners),
        };
        let new_id = SubjectId::new(self.now, self.random.bytes());
        let group = u8::from(self.random.one_in(2));
        let earlier = self.named.iter().rev().find_map(|(_, command)| match command {
            Command::Register { name: of, profile, .. } if *of == name => Some(profile.clone()),
            _ => None,
        });
        // Often the registration of before, so that not every one is a change of privileges.
        let profile = earlier.filter(|_| !self.random.one_in(3)).unwrap_or(profile);
        Command::Register { new_id, name, profile, group }
    }

    fn issue(&mut self) -> Command {
        let glass = self.random.one_in(3);
        let kind = if glass { SetKind::BreakGlass } else { SetKind::Saved };
        let fits = glass != self.random.one_in(12);
        let reason =
            if fits { IssueReason::BreakGlassProvisioning } else { IssueReason::Enrolment };
        let lifetimes = [Seconds(0), Seconds(1), Seconds::minutes(10), Seconds::days(9)];
        let lifetime = self.random.one_in(4).then(|| self.random.pick(&lifetimes));
        Command::Issue(Issue {
            name: self.name(),
            set: SetId::new(self.now, self.random.bytes()),
            first_code: self.next_code,
            kind,
            reason,
            session: if self.random.one_in(6) {
                self.random.pick(&LEVELS)
            } else {
                Assurance::Aal3
            },
            form: self.random.one_in(6).then(|| self.random.pick(&[Form::Strong, Form::Compact])),
            count: self.random.one_in(6).then(|| self.random.pick(&[0, 1, 2, 33])),
            lifetime,
        })
    }

    /// One of the newest sets, or now and then an older one.
    fn shown_set(&mut self) -> Option<(Issue, u8)> {
        let many = if self.random.one_in(8) { self.shown.len() } else { self.shown.len().min(4) };
        if many == 0 {
            return None;
        }
        let back = self.random.below(many);
        Some(self.shown[self.shown.len() - 1 - back].clone())
    }

    fn guess(&self) -> usize {
        self.pool - 1
    }

    fn code_of(&mut self, set: SetId) -> usize {
        let found = self.shown.iter().find(|(issue, _)| issue.set == set);
        match found.map(|(issue, count)| (issue.first_code, usize::from(*count))) {
            Some((first, count)) if !self.random.one_in(4) => first + self.random.below(count),
            _ => self.guess(),
        }
    }

    fn a_set(&mut self) -> SetId {
        let shown = self.shown_set().filter(|_| !self.random.one_in(30));
        shown.map_or_else(|| SetId::new(self.now, self.random.bytes()), |(issue, _)| issue.set)
    }

    fn confirm(&mut self) -> Command {
        let set = self.a_set();
        Command::Confirm { set, code: self.code_of(set) }
    }

    fn revoke(&mut self) -> Command {
        let reasons = [RevokeReason::Requested, RevokeReason::Lost, RevokeReason::Leaked];
        Command::Revoke { set: self.a_set(), reason: self.random.pick(&reasons) }
    }

    fn report(&mut self) -> Command {
        let kinds = LifecycleKind::ALL;
        let usual = [LifecycleKind::AccountEnabled, LifecycleKind::RiskCleared];
        let kind =
            if self.random.one_in(3) { self.random.pick(&usual) } else { self.random.pick(kinds) };
        let ahead = self.random.pick(&[0, 0, 0, 300_000, 300_001]);
        let occurred_at = Timestamp::from_millis(self.now.millis() + ahead);
        Command::Report { name: self.name(), kind, occurred_at }
    }

    fn redeem(&mut self) -> Command {
        if !self.redeemed.is_empty() && self.random.one_in(10) {
            let place = self.random.below(self.redeemed.len());
            let mut again = self.redeemed[place].clone();
            match self.random.below(8) {
                0 => again.fingerprint = again.fingerprint.wrapping_add(1),
                1 => again.name = self.name(),
                _ => {}
            }
            return Command::Redeem(again);
        }
        let shown = self.shown_set().filter(|_| !self.random.one_in(3));
        let (name, code) = match shown {
            Some((issue, _)) => (issue.name, self.code_of(issue.set)),
            None => (self.name(), self.guess()),
        };
        let name = if self.random.one_in(20) { self.name() } else { name };
        let methods = [Method::Password, Method::Authenticator, Method::Proofing];
        let presented = methods.into_iter().filter(|_| self.random.one_in(2)).collect();
        let redeem = Redeem {
            name,
            redemption: RedemptionId::new(self.now, self.random.bytes()),
            fingerprint: 0,
            role: self.random.pick(&[Role::SecondFactor, Role::AccountRecovery]),
            presented,
            code,
        };
        self.redeemed.push(redeem.clone());
        Command::Redeem(redeem)
    }
}
