//! One account under the default settings, for the properties of its budget: the core as a store
//! would run it, with verbs in place of commands.

use std::collections::BTreeMap;

use glassbreak_core::code::{
    CandidateMac, Code, Ordinal, PepperKey, Prefix, Profile as Form, Scheme, candidate_mac, derive,
    draw,
};
use glassbreak_core::code_set::{CodeSet, IssueReason, SetKind};
use glassbreak_core::digest::Fingerprint;
use glassbreak_core::event::{Actor, Aside, Happened};
use glassbreak_core::fold::State;
use glassbreak_core::id::{RedemptionId, SetId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::confirm::{self, Confirm};
use glassbreak_core::operation::issue::{self, IssueRequest, Minted};
use glassbreak_core::operation::redeem::{self, Redeem};
use glassbreak_core::operation::register::{self, Register};
use glassbreak_core::operation::report::{self, Report};
use glassbreak_core::operation::{Denial, Rules, lapse};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::{IssueLimit, Settings};
use glassbreak_core::snapshot::{Budget, HeldSet, Snapshot};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::subject::{
    Assurance, DirectoryEntry, Profile, Proofing, Standing, SubjectKind, Tier,
};
use glassbreak_core::time::{Seconds, Timestamp};

use crate::random::Random;
use crate::subject_under_test::released;
use crate::vocabulary::reference;

pub(crate) struct Account {
    settings: Settings,
    policy: BuiltinPolicy,
    pepper: PepperKey,
    random: Random,
    now: Timestamp,
    id: SubjectId,
    state: State,
    held: Vec<HeldSet>,
    directory: Option<DirectoryEntry>,
    /// The codes of the newest set, the next one last.
    codes: Vec<Code>,
    confirming: SetId,
}

impl Account {
    /// A registered person at AAL2. Any kind of set may be issued, as often as no test gets to.
    pub(crate) fn new() -> Self {
        let mut settings = Settings::defaults();
        let tiers = &mut settings.tiers;
        for tier in tiers.values_mut() {
            tier.kinds = vec![SetKind::Saved, SetKind::BreakGlass];
            tier.issue_limit = IssueLimit { sets: 100, period: Seconds::hours(1) };
        }
        settings.validate().expect("within every floor and ceiling");
        let mut random = Random::new(3);
        let now = Timestamp::from_millis(1_800_000_000_000);
        let id = SubjectId::new(now, random.bytes());
        let mut account = Self {
            policy: BuiltinPolicy::new(&settings),
            pepper: PepperKey::new(&[5; 32]),
            random,
            now,
            id,
            state: State::default(),
            held: Vec::new(),
            directory: None,
            codes: Vec::new(),
            confirming: SetId::new(now, [0; 10]),
            settings,
        };
        account.register();
        account
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn wait(&mut self, seconds: u32) {
        self.now = self.now.plus(Seconds(seconds));
    }

    pub(crate) fn budget(&self) -> Budget {
        self.state.budgets[&self.id]
    }

    pub(crate) fn set(&self, set: SetId) -> &CodeSet {
        &self.state.sets[&set]
    }

    pub(crate) fn failures_of_sets(&self) -> BTreeMap<SetId, u32> {
        self.state.sets.iter().map(|(id, set)| (*id, set.failures)).collect()
    }

    pub(crate) fn issue(&mut self, kind: SetKind) -> SetId {
        match self.try_issue(kind) {
            issue::Reply::Shown { set, .. } => set.id,
            issue::Reply::ShownBefore { .. } => panic!("nothing was issued under a name"),
            issue::Reply::Refused(refusal) => panic!("refused: {}", refusal.code()),
        }
    }

    pub(crate) fn try_issue(&mut self, kind: SetKind) -> issue::Reply {
        let reason = match kind {
            SetKind::Saved | SetKind::Canary => IssueReason::Replacement,
            SetKind::BreakGlass => IssueReason::BreakGlassProvisioning,
        };
        let asked = IssueRequest {
            kind,
            reason,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(5),
            lifetime: None,
            custody: None,
        };
        let set = SetId::new(self.now, self.random.bytes());
        let drawn: Vec<Code> = (0..5).map(|_| self.new_code()).collect();
        let verifier = |code| derive(Scheme::Keyed, 1, &self.pepper, None, code).expect("strong");
        let verifiers: Vec<_> = drawn.iter().map(verifier).collect();
        let reply = self.run(None, |snapshot, call, rules| {
            let plan = issue::plan(snapshot, &asked, rules)?;
            let minted = Minted { set, plan, codes: Vec::new(), verifiers, key_generation: 1 };
            issue::decide(snapshot, &asked, minted, call, rules)
        });
        let reply = reply.expect("a registered subject");
        if matches!(reply, issue::Reply::Shown { .. }) {
            self.codes = drawn;
            self.confirming = set;
        }
        reply
    }

    /// A guess from somewhere, in some role, beside something.
    pub(crate) fn guess(
        &mut self,
        role: Role,
        presented: Vec<Method>,
        source: u8,
    ) -> redeem::Reply {
        let code = self.new_code();
        let candidate = self.candidate(&code);
        self.attempt(role, presented, source, candidate)
    }

    /// The next code of the newest set.
    pub(crate) fn redeem_next(&mut self, role: Role, presented: Vec<Method>) -> redeem::Reply {
        let candidate = self.codes.last().map(|code| self.candidate(code));
        let Some(candidate) = candidate else { return self.guess(role, presented, 0) };
        let reply = self.attempt(role, presented, 0, candidate);
        if matches!(reply, redeem::Reply::Accepted { .. }) {
            self.codes.pop();
        }
        reply
    }

    /// A guess by way of a confirmation: a set on offer takes guesses, too. Tells whether it was
    /// looked at.
    pub(crate) fn guess_at_confirmation(&mut self) -> bool {
        self.offer();
        let code = self.new_code();
        let command = Confirm { set: self.confirming, candidates: vec![self.candidate(&code)] };
        let reply = self
            .run(None, |snapshot, call, rules| confirm::decide(snapshot, &command, call, rules));
        matches!(reply, Ok(confirm::Reply::NotAccepted))
    }

    /// Issues a set that needs a confirmation, as if the tier asked for one just now.
    fn offer(&mut self) {
        let standard = self.settings.tiers.get_mut(&Tier::standard());
        standard.expect("the default tier").confirm_within = Some(Seconds::hours(1));
        self.try_issue(SetKind::Saved);
        let standard = self.settings.tiers.get_mut(&Tier::standard());
        standard.expect("the default tier").confirm_within = None;
    }

    pub(crate) fn leave_and_return(&mut self) {
        let report = Report { kind: LifecycleKind::SubjectLeft, occurred_at: self.now };
        let left = self
            .run(None, |snapshot, call, rules| report::decide(snapshot, report, call, rules))
            .expect("a registered subject");
        assert!(matches!(left.standing, Standing::Departed { .. }));
        self.register();
    }

    pub(crate) fn lapse(&mut self) {
        let _ended: Result<usize, Denial> =
            self.run(None, |snapshot, call, _| lapse::decide(snapshot, call));
    }

    fn register(&mut self) {
        let profile = Profile {
            kind: SubjectKind::Person,
            tier: Tier::standard(),
            assurance: Assurance::Aal2,
            ial: Proofing::Ial1,
            owner: None,
        };
        let directory = DirectoryEntry {
            reference: reference(0),
            groups: Vec::new(),
            notification_addresses: Vec::new(),
            contacts: Vec::new(),
            salt: [1; 16],
        };
        let command = Register { new_id: self.id, profile, directory };
        self.run(None, |snapshot, call, rules| register::decide(snapshot, command, call, rules))
            .expect("a known tier");
    }

    fn attempt(
        &mut self,
        role: Role,
        presented: Vec<Method>,
        source: u8,
        candidate: CandidateMac,
    ) -> redeem::Reply {
        let redemption = RedemptionId::new(self.now, self.random.bytes());
        let command = Redeem {
            redemption,
            fingerprint: Fingerprint([0; 16]),
            role,
            presented,
            source: Some(Fingerprint([source; 16])),
            recovery: None,
            candidates: vec![candidate],
        };
        let reply = self.run(Some(redemption), |snapshot, call, rules| {
            redeem::decide(snapshot, command, call, rules)
        });
        reply.expect("a new name")
    }

    fn new_code(&mut self) -> Code {
        draw(Form::Strong, &Prefix::default(), Ordinal::FIRST, &mut self.random).expect("random")
    }

    fn candidate(&self, code: &Code) -> CandidateMac {
        candidate_mac(Scheme::Keyed, 1, &self.pepper, None, code).expect("strong")
    }

    fn run<R>(
        &mut self,
        redemption: Option<RedemptionId>,
        decide: impl FnOnce(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Result<Decided<R>, Denial>,
    ) -> Result<R, Denial> {
        let snapshot = self.snapshot(redemption);
        let mut random = self.random.fork();
        let rules = Rules { settings: &self.settings, policy: &self.policy };
        let actor = Actor::Embedder;
        let mut call = Call { now: self.now, actor, request: None, entropy: &mut random };
        let decision = match decide(&snapshot, &mut call, &rules)? {
            Decided::Already(reply) => return Ok(Applied::already(reply).into_reply()),
            Decided::Refuse(_) => panic!("nobody asks for what is not theirs here"),
            Decided::Write(decision) => decision,
        };
        let (write, pending) = decision.split();
        for event in write.events() {
            self.state.apply(&event.entry).expect("an event follows from those before it");
            match (&event.aside, &event.entry.happened) {
                (Aside::Directory(entry), _) => self.directory = Some(entry.clone()),
                (Aside::Verifiers(verifiers), Happened::CodeSetIssued { set, .. }) => {
                    let (set, verifiers) = (self.state.sets[set].clone(), verifiers.clone());
                    self.held.push(HeldSet { set, verifiers });
                }
                _ => {}
            }
        }
        for held in &mut self.held {
            held.set = self.state.sets[&held.set.id].clone();
        }
        Ok(released(pending))
    }

    fn snapshot(&self, redemption: Option<RedemptionId>) -> Snapshot {
        let state = &self.state;
        let newest = || self.held.iter().rev();
        let live = newest().filter(|held| held.set.state.is_live());
        let ended = newest().filter(|held| !held.set.state.is_live());
        Snapshot {
            budget: state.budgets.get(&self.id).copied().unwrap_or_default(),
            subject: state.subjects.get(&self.id).cloned(),
            directory: self.directory.clone(),
            sets: live.chain(ended).take(Snapshot::SETS_MAX).cloned().collect(),
            issued_at: newest().map(|held| held.set.issued_at).take(Snapshot::ISSUES_MAX).collect(),
            recent: state.recent.get(&self.id).cloned().unwrap_or_default(),
            remembered: redemption.and_then(|name| state.redemptions.get(&name).cloned()),
            ..Snapshot::empty(self.id)
        }
    }
}
