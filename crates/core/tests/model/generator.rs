//! Random settings and random histories, steered so that every corner is visited.

use std::collections::VecDeque;

use glassbreak_core::code_set::{Custody, IssueReason, Profile as Form, RevokeReason, SetKind};
use glassbreak_core::id::{ContainmentId, RecoveryId, RedemptionId, SetId, SubjectId};
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::recovery::{Check, Reference};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::{
    AgentLimit, IssueLimit, Lowering, Routine, SentCodes, Settings, Support, Throttle, TierSettings,
};
use glassbreak_core::subject::{Assurance, Channel, Profile, Proofing, SubjectKind, Tier};
use glassbreak_core::time::{Seconds, Timestamp};

use crate::random::Random;
use crate::vocabulary::{
    Answer, CodeNumber, Command, Contain, Issue, Mark, NAMES, Open, Piece, Redeem, Step, Whom,
};

const TIERS: [&str; 4] = ["standard", "privileged", "service", "nowhere"];
const LEVELS: [Assurance; 3] = [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3];

fn risk_analysis() -> Reference {
    Reference::try_from("RA-7".to_owned()).expect("a short name")
}

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
        window: Seconds::minutes(random.pick(&[1, 10, 60])),
        gather_within: Seconds::minutes(random.pick(&[60, 600])),
        routine: Routine {
            uses: random.pick(&[1, 2, 5]),
            period: Seconds::days(1),
            second_factors: random.pick(&[1, 3, 32]),
            codes_are_second_factor: random.one_in(4),
        },
        sent_codes: SentCodes {
            failures: random.pick(&[1, 2, 10]),
            sends: random.pick(&[1, 3, 32]),
            period: Seconds::hours(1),
        },
        support: Some(Support { risk_analysis: risk_analysis() }),
        ..TierSettings::standard()
    };
    let privileged = TierSettings {
        kinds: vec![SetKind::Saved, SetKind::BreakGlass],
        profiles: vec![Form::Strong],
        confirm_within: random.one_in(2).then(|| Seconds::minutes(random.pick(&[2, 20]))),
        privileged: random.one_in(2),
        session_assurance: random.pick(&[Assurance::Aal2, Assurance::Aal3]),
        ..standard.clone()
    };
    let service = TierSettings {
        kinds: vec![SetKind::BreakGlass],
        lifetime: Seconds::hours(1),
        privileged: true,
        support: None,
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
        agents: AgentLimit { openings_per_hour: random.pick(&[1, 2, 10]) },
        lowering: Lowering { rest: Seconds::hours(random.pick(&[1, 4])) },
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
    recoveries: usize,
    containments: usize,
    /// Codes sent: the recovery, the name, the code.
    sent: Vec<(usize, CodeNumber)>,
    /// By recovery: whose it is, as far as is known.
    whose: Vec<usize>,
    /// Names that were appointed last.
    desk: Vec<usize>,
    /// What a story that has begun goes on with.
    story: VecDeque<Turn>,
}

/// One turn of a story: what random steps alone come to too rarely.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Appoint(usize),
    Issue(usize, SetKind),
    Look(usize, usize),
    LookAgain(usize, usize),
    Approve(usize, usize),
    Send(usize),
    Redeem(usize, SetKind),
    RedeemSent,
    Complete(usize),
    Review(usize, usize),
    ApproveLifting(usize, usize),
    Lift(usize),
    Open(usize),
    Any,
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
            recoveries: 0,
            containments: 0,
            sent: Vec::new(),
            whose: Vec::new(),
            desk: Vec::new(),
            story: VecDeque::new(),
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
        let turn = self.story.pop_front().filter(|_| !self.random.one_in(12));
        let command = turn.and_then(|turn| self.turn(turn));
        let command = command.unwrap_or_else(|| self.any());
        let named = matches!(
            command,
            Command::Register { .. }
                | Command::Issue(_)
                | Command::Confirm { .. }
                | Command::Revoke { .. }
                | Command::Declare { .. }
                | Command::Report { .. }
        );
        let mark = (named && self.random.one_in(3)).then(|| self.mark(&command));
        Step { at: self.now, mark, command }
    }

    fn any(&mut self) -> Command {
        match self.random.below(100) {
            0..6 => self.register(),
            6..25 => self.issue(),
            25..32 => self.confirm(),
            32..68 => self.redeem(),
            68..71 => self.revoke(),
            71..76 => self.report(),
            76 => self.declare(),
            77..80 => self.appoint(),
            80..84 => self.open(),
            84..95 if self.recoveries > 0 => self.on_recovery(),
            // Rarely: what is off is off for long.
            95 if self.random.one_in(3) => self.contain(),
            _ => Command::Lapse { name: self.name() },
        }
    }

    /// Learns from an answer which codes are about.
    pub(crate) fn learn(&mut self, step: &Step, answer: &Answer, recoveries: usize) {
        let name = match &step.command {
            Command::Open(Open { name, .. }) | Command::Redeem(Redeem { name, .. }) => *name,
            _ => 0,
        };
        self.whose.resize(recoveries, name);
        self.recoveries = recoveries;
        if let (Command::Open(asked), Answer::Opened { recovery, .. }) = (&step.command, answer)
            && self.story.is_empty()
        {
            self.begin(&asked.clone(), *recovery);
        }
        if let (Command::Appoint { name, .. }, Answer::Appointed { support: true, approve: true }) =
            (&step.command, answer)
        {
            self.desk.retain(|known| known != name);
            self.desk.push(*name);
        }
        if let Answer::Containment { place, .. } = answer {
            // What begins after a lifting is told by its time from what began before: the engine
            // gives every later decision a later moment.
            self.now = Timestamp::from_millis(self.now.millis() + 1);
            self.containments = self.containments.max(place + 1);
            if let Command::Contain(_) = &step.command {
                self.lift(*place);
            }
        }
        if let (Command::Send { recovery, code, .. }, Answer::Sent { .. }) = (&step.command, answer)
        {
            self.sent.push((*recovery, *code));
            self.next_code = code + 1;
        }
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
            kind: if self.random.one_in(6) {
                self.random.pick(&[SubjectKind::Service, SubjectKind::Agent])
            } else {
                SubjectKind::Person
            },
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
        let kind = match glass {
            true => SetKind::BreakGlass,
            false if self.random.one_in(6) => SetKind::Canary,
            false => SetKind::Saved,
        };
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

    fn declare(&mut self) -> Command {
        let places = [Custody::PasswordManager, Custody::SealedOfflineCopy, Custody::Hardware];
        Command::Declare { set: self.a_set(), custody: self.random.pick(&places) }
    }

    fn report(&mut self) -> Command {
        let kinds = LifecycleKind::ALL;
        let lifts = [LifecycleKind::AccountEnabled, LifecycleKind::RiskCleared];
        let usual = [lifts[0], lifts[1], LifecycleKind::RecoveryReopened];
        let kind =
            if self.random.one_in(3) { self.random.pick(kinds) } else { self.random.pick(&usual) };
        let ahead = self.random.pick(&[0, 0, 0, 300_000, 300_001]);
        let occurred_at = Timestamp::from_millis(self.now.millis() + ahead);
        Command::Report { name: self.name(), kind, occurred_at }
    }

    fn appoint(&mut self) -> Command {
        let (support, approve) = (!self.random.one_in(4), !self.random.one_in(4));
        Command::Appoint { name: self.name(), support, approve, passkey: !self.random.one_in(6) }
    }

    /// A containment; or, while there is one, a step towards its lifting or a further one.
    fn contain(&mut self) -> Command {
        if self.containments > 0 && self.random.one_in(2) {
            let containment = self.random.below(self.containments);
            return if self.random.one_in(2) {
                Command::ApproveLifting { containment, approver: self.operator() }
            } else {
                Command::Lift { containment }
            };
        }
        let whom = match self.random.below(8) {
            0..5 => Whom::One(self.name()),
            5 | 6 => Whom::Group(u8::from(self.random.one_in(2))),
            _ => Whom::All,
        };
        let requester = self.random.one_in(3).then(|| self.random.below(NAMES));
        Command::Contain(Contain {
            id: ContainmentId::new(self.now, self.random.bytes()),
            whom,
            requester,
        })
    }

    /// A containment as it should end: approved by two, and lifted.
    fn lift(&mut self, containment: usize) {
        let out = self.random.below(NAMES);
        let both = (0..NAMES - 1).filter(|name| *name != out);
        let both: Vec<usize> = both.take(2).collect();
        // Something happens while it is in force.
        self.story.extend((0..self.random.below(4)).map(|_| Turn::Any));
        self.story.extend(both.iter().map(|name| Turn::Appoint(*name)));
        self.story.extend(both.iter().map(|name| Turn::ApproveLifting(containment, *name)));
        self.story.push_back(Turn::Lift(containment));
        // And what waits for a set to be issued is tried before and after.
        let name = self.random.below(NAMES - 1);
        self.story.extend([Turn::Open(name), Turn::Issue(name, SetKind::Saved), Turn::Open(name)]);
    }

    fn open(&mut self) -> Command {
        let accounted = self.random.one_in(2);
        Command::Open(Open {
            name: self.name(),
            id: RecoveryId::new(self.now, self.random.bytes()),
            agent: self.random.one_in(2).then(|| self.operator()),
            emergency: self.random.one_in(3),
            requester: accounted.then(|| self.name()),
            referenced: accounted != self.random.one_in(8),
        })
    }

    /// Mostly one of the newest.
    fn a_recovery(&mut self) -> usize {
        let newest = if self.random.one_in(8) { self.recoveries } else { self.recoveries.min(4) };
        self.recoveries - 1 - self.random.below(newest)
    }

    fn on_recovery(&mut self) -> Command {
        let recovery = self.a_recovery();
        match self.random.below(16) {
            0..4 => Command::Gather { recovery, piece: self.piece() },
            4..9 => {
                let approver = self.operator();
                let (stale, decline) = (self.random.one_in(6), self.random.one_in(12));
                Command::Approve { recovery, approver, stale, decline }
            }
            9..12 => {
                let channel = self.random.pick(&[Channel::Email, Channel::Sms, Channel::Voice]);
                let lifetimes = [Seconds(0), Seconds(60), Seconds(601), Seconds(86_401)];
                let lifetime = self.random.one_in(4).then(|| self.random.pick(&lifetimes));
                Command::Send { recovery, channel, lifetime, code: self.next_code }
            }
            12..14 => Command::Complete { recovery, bound: !self.random.one_in(4) },
            14 => Command::Review { recovery, reviewer: self.operator() },
            _ => Command::Cancel { recovery },
        }
    }

    /// A recovery as it should go: looked at twice, approved, redeemed, completed, reviewed.
    fn begin(&mut self, asked: &Open, at: usize) {
        let name = asked.name;
        let mut others: Vec<usize> = (0..NAMES).filter(|other| *other != name).collect();
        others.retain(|other| Some(*other) != asked.agent && Some(*other) != asked.requester);
        let agent = asked.agent.unwrap_or(self.random.below(NAMES));
        let approvals = others.iter().map(|other| Turn::Approve(at, *other));
        let glass = asked.emergency && !self.random.one_in(4);
        let kind = if glass { SetKind::BreakGlass } else { SetKind::Saved };
        self.story.extend(others.iter().map(|other| Turn::Appoint(*other)));
        self.story.push_back(Turn::Issue(name, kind));
        if asked.agent.is_some() || self.random.one_in(4) {
            self.story.extend([Turn::Look(at, agent), Turn::LookAgain(at, agent)]);
        }
        self.story.extend(approvals);
        if self.random.one_in(2) {
            self.story.extend([Turn::Send(at), Turn::RedeemSent]);
        }
        self.story.push_back(Turn::Redeem(at, kind));
        self.story.extend([Turn::Issue(name, kind), Turn::Issue(name, SetKind::Saved)]);
        self.story.push_back(Turn::Complete(at));
        self.story.extend(others.iter().map(|other| Turn::Review(at, *other)));
    }

    fn turn(&mut self, turn: Turn) -> Option<Command> {
        Some(match turn {
            Turn::Appoint(name) => {
                Command::Appoint { name, support: true, approve: true, passkey: true }
            }
            Turn::Issue(name, kind) => {
                let Command::Issue(issue) = self.issue() else { return None };
                let reason = match kind {
                    SetKind::Saved | SetKind::Canary => IssueReason::Enrolment,
                    SetKind::BreakGlass => IssueReason::BreakGlassProvisioning,
                };
                Command::Issue(Issue { name, kind, reason, session: Assurance::Aal3, ..issue })
            }
            Turn::Look(recovery, agent) => {
                let (level, checks) = (Proofing::Ial3, vec![Check::Biometric]);
                Command::Gather { recovery, piece: Piece::Proofed { level, checks, agent } }
            }
            Turn::LookAgain(recovery, agent) => {
                let check = Check::CallBack;
                Command::Gather { recovery, piece: Piece::Verified { check, agent } }
            }
            Turn::Approve(recovery, approver) => {
                Command::Approve { recovery, approver, stale: false, decline: false }
            }
            Turn::Send(recovery) => {
                let channel = self.random.pick(&[Channel::Email, Channel::Sms]);
                Command::Send { recovery, channel, lifetime: None, code: self.next_code }
            }
            Turn::RedeemSent => Command::Redeem(self.redeem_sent()?),
            Turn::Redeem(at, kind) => {
                let name = self.whose[at];
                let fits = |(issue, _): &&(Issue, u8)| issue.name == name && issue.kind == kind;
                let code = self.shown.iter().rev().find(fits)?.0.first_code;
                let redemption = RedemptionId::new(self.now, self.random.bytes());
                let (role, recovery) = (Role::AccountRecovery, Some(at));
                let presented = if self.random.one_in(2) { vec![Method::Password] } else { vec![] };
                let fingerprint = 0;
                let redeem =
                    Redeem { name, redemption, fingerprint, role, presented, code, recovery };
                self.redeemed.push(redeem.clone());
                Command::Redeem(redeem)
            }
            Turn::Complete(recovery) => Command::Complete { recovery, bound: true },
            Turn::Review(recovery, reviewer) => Command::Review { recovery, reviewer },
            Turn::ApproveLifting(containment, approver) => {
                Command::ApproveLifting { containment, approver }
            }
            Turn::Lift(containment) => Command::Lift { containment },
            Turn::Open(name) => {
                let Command::Open(open) = self.open() else { return None };
                Command::Open(Open { name, agent: None, ..open })
            }
            Turn::Any => return None,
        })
    }

    /// One of the desk, mostly.
    fn operator(&mut self) -> usize {
        if self.desk.is_empty() || self.random.one_in(5) {
            return self.random.below(NAMES);
        }
        self.random.pick(&self.desk)
    }

    fn piece(&mut self) -> Piece {
        let checks = [Check::Document, Check::Biometric, Check::CallBack];
        let check = self.random.pick(&checks);
        let agent = self.operator();
        let levels = [Proofing::Ial1, Proofing::Ial2, Proofing::Ial3, Proofing::None];
        match self.random.below(3) {
            0 => {
                let usual = [Method::Password, Method::Authenticator, Method::Proofing];
                let unusual = self.random.one_in(3).then_some(Method::Approval);
                Piece::Vouched(unusual.unwrap_or_else(|| self.random.pick(&usual)))
            }
            1 => {
                let level =
                    if self.random.one_in(2) { Proofing::Ial3 } else { self.random.pick(&levels) };
                let checks = if self.random.one_in(9) { Vec::new() } else { vec![check] };
                Piece::Proofed { level, checks, agent }
            }
            _ => Piece::Verified { check, agent },
        }
    }

    /// A code that was sent, typed in its recovery or elsewhere.
    fn redeem_sent(&mut self) -> Option<Redeem> {
        let newest = self.sent.len().min(3);
        let back = 1 + self.random.below(newest.max(1));
        let (recovery, code) = *self.sent.get(self.sent.len().checked_sub(back)?)?;
        let elsewhere = self.random.one_in(8);
        let at = if elsewhere { self.a_recovery() } else { recovery };
        Some(Redeem {
            name: self.whose[recovery],
            redemption: RedemptionId::new(self.now, self.random.bytes()),
            fingerprint: 0,
            role: if self.random.one_in(8) { Role::SecondFactor } else { Role::AccountRecovery },
            presented: if self.random.one_in(2) { vec![Method::Password] } else { Vec::new() },
            code,
            recovery: Some(at),
        })
    }

    fn redeem(&mut self) -> Command {
        if self.random.one_in(8)
            && let Some(redeem) = self.redeem_sent()
        {
            self.redeemed.push(redeem.clone());
            return Command::Redeem(redeem);
        }
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
        let mut own = (0..self.recoveries).rev().filter(|at| self.whose[*at] == name);
        let own = own.next();
        let inside = self.random.one_in(2);
        let recovery = if self.recoveries > 0 && self.random.one_in(30) {
            Some(self.a_recovery())
        } else {
            own.filter(|_| inside)
        };
        let methods = [Method::Password, Method::Authenticator, Method::Proofing];
        let presented = methods.into_iter().filter(|_| self.random.one_in(2)).collect();
        let redeem = Redeem {
            name,
            redemption: RedemptionId::new(self.now, self.random.bytes()),
            fingerprint: 0,
            role: self.random.pick(&[Role::SecondFactor, Role::AccountRecovery]),
            presented,
            code,
            recovery,
        };
        self.redeemed.push(redeem.clone());
        Command::Redeem(redeem)
    }
}
