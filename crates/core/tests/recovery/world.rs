//! The core as a store would run it, with verbs in place of commands: every verb takes a snapshot
//! out of the fold, decides, and folds the events in.

use std::collections::BTreeMap;
use std::sync::Arc;

use glassbreak_core::code::{
    CandidateMac, Code, Ordinal, PepperKey, Prefix, Profile as Form, Scheme, StoredVerifier,
    candidate_mac, derive, draw,
};
use glassbreak_core::code_set::{IssueReason, SetKind};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::{Actor, Alert, Aside, Entry, Happened};
use glassbreak_core::fold::State;
use glassbreak_core::id::{
    BundleId, RecoveryId, RedemptionId, SentId, SetId, SubjectId, SubjectRef,
};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::appoint::{self, Change};
use glassbreak_core::operation::approve::{self, Approve, Word};
use glassbreak_core::operation::complete::{self, Complete};
use glassbreak_core::operation::confirm::{self, Confirm};
use glassbreak_core::operation::gather::{self, Gather, Gathered, Presented};
use glassbreak_core::operation::give_back::{self, GiveBack};
use glassbreak_core::operation::issue::{self, IssueRequest, Minted};
use glassbreak_core::operation::open::{self, Open, Opened};
use glassbreak_core::operation::redeem::{self, Redeem};
use glassbreak_core::operation::register::{self, Register};
use glassbreak_core::operation::report::{self, Report, Reported};
use glassbreak_core::operation::review::{self, Review};
use glassbreak_core::operation::send::{self, Addressee, Send};
use glassbreak_core::operation::{Denial, Rules, cancel, lapse};
use glassbreak_core::operator::{Duty, Operator, Passkey};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::recovery::{Assertion, Cause, Check, Recovery, Reference};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::{IssueLimit, Settings, Support, TierSettings};
use glassbreak_core::snapshot::{HeldRecovery, HeldSet, Snapshot};
use glassbreak_core::stage::{Call, Decided, Decision, Durable};
use glassbreak_core::subject::{
    Assurance, Channel, DirectoryEntry, NotificationAddress, Profile, Proofing, SubjectKind, Tier,
};
use glassbreak_core::time::{Seconds, Timestamp};

use crate::random::Random;

/// A code, by its place in the pool.
pub(crate) type CodeNumber = usize;

/// Codes drawn and hashed once: hashing is not what is tested here. The last one is nobody's.
pub(crate) struct Pool {
    pepper: PepperKey,
    codes: Vec<Code>,
    verifiers: Vec<StoredVerifier>,
}

impl Pool {
    pub(crate) fn new(size: usize) -> Arc<Self> {
        let (pepper, prefix) = (PepperKey::new(&[3; 32]), Prefix::default());
        let mut random = Random::new(1);
        let code = |_| draw(Form::Strong, &prefix, Ordinal::FIRST, &mut random).expect("random");
        let codes: Vec<Code> = (0..size).map(code).collect();
        let verifier = |code| derive(Scheme::Keyed, 1, &pepper, None, code).expect("strong");
        let verifiers = codes.iter().map(verifier).collect();
        Arc::new(Self { pepper, codes, verifiers })
    }

    fn candidate(&self, code: CodeNumber) -> Vec<CandidateMac> {
        let mac = candidate_mac(Scheme::Keyed, 1, &self.pepper, None, &self.codes[code]);
        vec![mac.expect("strong")]
    }

    /// A code that belongs to nobody.
    pub(crate) fn guess(&self) -> CodeNumber {
        self.codes.len() - 1
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) pool: Arc<Pool>,
    settings: Arc<Settings>,
    policy: Arc<BuiltinPolicy>,
    random: Random,
    pub(crate) now: Timestamp,
    pub(crate) state: State,
    pub(crate) log: Vec<Entry>,
    directories: BTreeMap<SubjectId, Arc<DirectoryEntry>>,
    verifiers: BTreeMap<SetId, Vec<StoredVerifier>>,
    sent: BTreeMap<RecoveryId, StoredVerifier>,
    next_code: CodeNumber,
}

/// The default settings with a support desk in each tier, and as many sets as a test wants.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::defaults();
    for tier in settings.tiers.values_mut() {
        let risk_analysis = reference("RA-7");
        tier.support = Some(Support { risk_analysis });
        tier.kinds = vec![SetKind::Saved, SetKind::BreakGlass];
        tier.confirm_within = None;
        tier.issue_limit = IssueLimit { sets: 100, period: Seconds::hours(1) };
        tier.count = 3;
    }
    settings.validate().expect("within every floor and ceiling");
    settings
}

pub(crate) fn reference(text: &str) -> Reference {
    Reference::try_from(text.to_owned()).expect("a short name")
}

pub(crate) fn tier(name: &str) -> Tier {
    Tier::try_from(name.to_owned()).expect("a tier's name")
}

pub(crate) fn profile(name: &str, assurance: Assurance, ial: Proofing) -> Profile {
    Profile { kind: SubjectKind::Person, tier: tier(name), assurance, ial, owner: None }
}

/// What a case is opened with.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) agent: Option<SubjectId>,
    pub(crate) cause: Cause,
    pub(crate) requester: Option<SubjectId>,
    pub(crate) referenced: bool,
    pub(crate) bundle: Option<BundleId>,
}

impl Request {
    pub(crate) const fn own() -> Self {
        let (agent, requester, bundle) = (None, None, None);
        Self { agent, cause: Cause::PhoneLost, requester, referenced: false, bundle }
    }

    pub(crate) const fn case(agent: SubjectId) -> Self {
        Self { agent: Some(agent), ..Self::own() }
    }

    pub(crate) const fn emergency(requester: SubjectId) -> Self {
        let (cause, requester) = (Cause::Emergency, Some(requester));
        Self { cause, requester, referenced: true, ..Self::own() }
    }

    /// An emergency for a bundle.
    pub(crate) const fn to_open(bundle: BundleId, requester: SubjectId) -> Self {
        Self { bundle: Some(bundle), ..Self::emergency(requester) }
    }
}

impl World {
    pub(crate) fn new(pool: &Arc<Pool>, settings: Settings, seed: u64) -> Self {
        Self {
            pool: Arc::clone(pool),
            policy: Arc::new(BuiltinPolicy::new(&settings)),
            settings: Arc::new(settings),
            random: Random::new(seed),
            now: Timestamp::from_millis(1_800_000_000_000),
            state: State::default(),
            log: Vec::new(),
            directories: BTreeMap::new(),
            verifiers: BTreeMap::new(),
            sent: BTreeMap::new(),
            next_code: 0,
        }
    }

    pub(crate) fn wait(&mut self, seconds: u32) {
        self.now = self.now.plus(Seconds(seconds));
    }

    pub(crate) fn tier_of(&self, subject: SubjectId) -> &TierSettings {
        &self.settings.tiers[&self.state.subjects[&subject].profile.tier]
    }

    pub(crate) fn recovery(&self, id: RecoveryId) -> &Recovery {
        &self.state.recoveries[&id]
    }

    pub(crate) fn alerts(&self) -> Vec<Alert> {
        let alert = |entry: &Entry| match entry.happened {
            Happened::AlertRaised { alert, .. } => Some(alert),
            _ => None,
        };
        self.log.iter().filter_map(alert).collect()
    }

    /// A subject with a verified address on each channel.
    pub(crate) fn subject(&mut self, profile: Profile) -> SubjectId {
        let id = SubjectId::new(self.now, self.random.bytes());
        self.register(id, profile).expect("a known tier");
        id
    }

    pub(crate) fn register(&mut self, id: SubjectId, profile: Profile) -> Result<(), Denial> {
        let channels =
            [Channel::Email, Channel::Sms, Channel::Voice, Channel::Postal, Channel::Push];
        let address = |channel: Channel| {
            let address = format!("at-{}", channel.name());
            NotificationAddress { channel, address, verified: true }
        };
        let addresses = channels.into_iter().map(address).collect();
        self.register_at(id, profile, addresses)
    }

    pub(crate) fn register_at(
        &mut self,
        id: SubjectId,
        profile: Profile,
        notification_addresses: Vec<NotificationAddress>,
    ) -> Result<(), Denial> {
        let reference = SubjectRef::try_from(format!("subject-{id}")).expect("a short name");
        let directory = DirectoryEntry {
            reference,
            groups: Vec::new(),
            notification_addresses,
            contacts: Vec::new(),
            salt: [1; 16],
        };
        let command = Register { new_id: id, profile, directory };
        self.run(id, None, None, |snapshot, call, rules| {
            register::decide(snapshot, command, call, rules)
        })
        .map(drop)
    }

    /// A person of the support desk, with those duties.
    pub(crate) fn operator(&mut self, duties: &[Duty]) -> SubjectId {
        let id = self.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
        self.appoint(id, duties).expect("a person may have any duty");
        id
    }

    pub(crate) fn appoint(&mut self, id: SubjectId, duties: &[Duty]) -> Result<(), Denial> {
        self.change_duties(id, duties)?;
        let own = self.state.appointments[&id].passkeys.iter();
        if duties.contains(&Duty::Approve) && own.count() == 0 {
            self.enrol(id)?;
        }
        Ok(())
    }

    /// The duties alone, without a passkey.
    pub(crate) fn change_duties(&mut self, id: SubjectId, duties: &[Duty]) -> Result<(), Denial> {
        self.change_operator(id, Change::Duties(duties.to_vec()))
    }

    /// Enrols the passkey that the operator signs with.
    pub(crate) fn enrol(&mut self, id: SubjectId) -> Result<(), Denial> {
        let passkey = Passkey { credential: credential(id), ..Passkey::default() };
        self.change_operator(id, Change::AddPasskey(passkey))
    }

    /// Takes that passkey away.
    pub(crate) fn unenrol(&mut self, id: SubjectId) -> Result<(), Denial> {
        self.change_operator(id, Change::RemovePasskey(credential(id)))
    }

    fn change_operator(&mut self, id: SubjectId, change: Change) -> Result<(), Denial> {
        let appointed = self
            .run(id, None, Some(id), |snapshot, call, _| appoint::decide(snapshot, change, call));
        appointed.map(drop)
    }

    /// Issues a set of the tier's size; gives its codes.
    pub(crate) fn issue(
        &mut self,
        subject: SubjectId,
        kind: SetKind,
        session_assurance: Assurance,
    ) -> Result<Vec<CodeNumber>, &'static str> {
        let reason = match kind {
            SetKind::Saved | SetKind::Canary => IssueReason::Replacement,
            SetKind::BreakGlass => IssueReason::BreakGlassProvisioning,
        };
        let (profile, count, lifetime, custody) = (None, None, None, None);
        let asked =
            IssueRequest { kind, reason, session_assurance, profile, count, lifetime, custody };
        let (set, first) = (SetId::new(self.now, self.random.bytes()), self.next_code);
        let pool = Arc::clone(&self.pool);
        let reply = self.run(subject, None, None, |snapshot, call, rules| {
            let plan = issue::plan(snapshot, &asked, rules)?;
            let verifiers = pool.verifiers[first..first + usize::from(plan.count)].to_vec();
            let minted = Minted { set, plan, codes: Vec::new(), verifiers, key_generation: 1 };
            issue::decide(snapshot, &asked, minted, call, rules)
        });
        match reply {
            Ok(issue::Reply::Shown { set, .. }) => {
                self.next_code += usize::from(set.count);
                Ok((first..self.next_code).collect())
            }
            Ok(issue::Reply::Refused(refusal)) => Err(refusal.code()),
            Ok(issue::Reply::ShownBefore { .. }) => unreachable!("nothing has a name"),
            Err(denial) => Err(denial.code()),
        }
    }

    pub(crate) fn confirm(&mut self, set: SetId, code: CodeNumber) -> Result<(), Denial> {
        let command = Confirm { set, candidates: self.pool.candidate(code) };
        let subject = self.state.sets[&set].subject;
        let reply = self.run(subject, None, None, |snapshot, call, rules| {
            confirm::decide(snapshot, &command, call, rules)
        })?;
        assert!(matches!(reply, confirm::Reply::Confirmed { .. }), "{reply:?}");
        Ok(())
    }

    /// A saved set, shown in the best of sessions.
    pub(crate) fn saved(&mut self, subject: SubjectId) -> Vec<CodeNumber> {
        self.issue(subject, SetKind::Saved, Assurance::Aal3).expect("allowed")
    }

    /// A break-glass set, shown in the best of sessions.
    pub(crate) fn glass(&mut self, subject: SubjectId) -> Vec<CodeNumber> {
        self.issue(subject, SetKind::BreakGlass, Assurance::Aal3).expect("allowed")
    }

    pub(crate) fn open(
        &mut self,
        subject: SubjectId,
        request: &Request,
    ) -> Result<RecoveryId, Denial> {
        self.open_with(subject, request).map(|opened| opened.recovery.id)
    }

    pub(crate) fn open_with(
        &mut self,
        subject: SubjectId,
        request: &Request,
    ) -> Result<Opened, Denial> {
        let command = Open {
            new_id: RecoveryId::new(self.now, self.random.bytes()),
            agent: request.agent,
            cause: request.cause,
            requester: request.requester,
            reference: request.referenced.then(|| reference("CHG-1")),
            bundle: request.bundle,
        };
        self.run(subject, None, request.agent, |snapshot, call, rules| {
            open::decide(snapshot, command, call, rules)
        })
        .map(|reply| reply.opened().expect("people are not limited"))
    }

    pub(crate) fn gather(
        &mut self,
        recovery: RecoveryId,
        presented: Presented,
    ) -> Result<Gathered, Denial> {
        let agent = match &presented {
            Presented::Proofed { agent, .. } | Presented::VerifiedAgain { agent, .. } => {
                Some(*agent)
            }
            Presented::Vouched { .. } => None,
        };
        let command = Gather { recovery, presented };
        self.run(self.subject_of(recovery), None, agent, |snapshot, call, rules| {
            gather::decide(snapshot, command, call, rules)
        })
    }

    pub(crate) fn vouch(
        &mut self,
        recovery: RecoveryId,
        method: Method,
    ) -> Result<Gathered, Denial> {
        self.gather(recovery, Presented::Vouched { method })
    }

    pub(crate) fn proof(
        &mut self,
        recovery: RecoveryId,
        agent: SubjectId,
        level: Proofing,
        checks: &[Check],
    ) -> Result<Gathered, Denial> {
        let (checks, reference) = (checks.to_vec(), reference("FILE-1"));
        self.gather(recovery, Presented::Proofed { level, checks, agent, reference })
    }

    pub(crate) fn verify(
        &mut self,
        recovery: RecoveryId,
        agent: SubjectId,
        check: Check,
    ) -> Result<Gathered, Denial> {
        let reference = reference("FILE-2");
        self.gather(recovery, Presented::VerifiedAgain { check, agent, reference })
    }

    /// An approval of the case as it stands.
    pub(crate) fn approve(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
    ) -> Result<Gathered, Denial> {
        let case = self.recovery(recovery).case().expect("canonical");
        self.approve_as(recovery, approver, case)
    }

    /// An approval of the case as it stood when its digest was `case`.
    pub(crate) fn approve_as(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
        case: Digest,
    ) -> Result<Gathered, Denial> {
        self.say(recovery, approver, Word::Approve { case, assertion: assertion(approver) })
    }

    /// A no to the case as it stands.
    pub(crate) fn decline(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
    ) -> Result<Gathered, Denial> {
        let case = self.recovery(recovery).case().expect("canonical");
        self.decline_as(recovery, approver, case)
    }

    /// A no to the case as it stood when its digest was `case`.
    pub(crate) fn decline_as(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
        case: Digest,
    ) -> Result<Gathered, Denial> {
        self.say(
            recovery,
            approver,
            Word::Decline { case, assertion: assertion(approver), why: None },
        )
    }

    pub(crate) fn say(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
        word: Word,
    ) -> Result<Gathered, Denial> {
        let command = Approve { recovery, approver, word };
        self.run(self.subject_of(recovery), None, Some(approver), |snapshot, call, rules| {
            approve::decide(snapshot, command, call, rules)
        })
    }

    /// Sends a code; gives the code as its addressee gets it.
    pub(crate) fn send(
        &mut self,
        recovery: RecoveryId,
        channel: Channel,
        lifetime: Option<Seconds>,
    ) -> Result<CodeNumber, Denial> {
        let code = self.next_code;
        let command = Send {
            recovery,
            sent: SentId::new(self.now, self.random.bytes()),
            to: Addressee::Subject(channel),
            verifier: self.pool.verifiers[code].clone(),
            scheme: Scheme::Keyed,
            key_generation: 1,
            lifetime,
        };
        self.run(self.subject_of(recovery), None, None, |snapshot, call, rules| {
            send::decide(snapshot, command, call, rules)
        })?;
        self.next_code += 1;
        Ok(code)
    }

    pub(crate) fn redeem(
        &mut self,
        subject: SubjectId,
        code: CodeNumber,
        role: Role,
        presented: &[Method],
        recovery: Option<RecoveryId>,
    ) -> redeem::Reply {
        let redemption = RedemptionId::new(self.now, self.random.bytes());
        self.redeem_as(redemption, subject, code, (role, presented), recovery)
    }

    /// An attempt under a name; a retry has the same one.
    pub(crate) fn redeem_as(
        &mut self,
        redemption: RedemptionId,
        subject: SubjectId,
        code: CodeNumber,
        (role, presented): (Role, &[Method]),
        recovery: Option<RecoveryId>,
    ) -> redeem::Reply {
        let command = Redeem {
            redemption,
            fingerprint: Fingerprint([0; 16]),
            role,
            presented: presented.to_vec(),
            source: None,
            recovery,
            candidates: self.pool.candidate(code),
        };
        let reply = self.run(subject, Some(redemption), None, |snapshot, call, rules| {
            redeem::decide(snapshot, command, call, rules)
        });
        reply.expect("a new name")
    }

    /// A code to get back in with, and nothing beside it.
    pub(crate) fn recover(
        &mut self,
        subject: SubjectId,
        code: CodeNumber,
        recovery: Option<RecoveryId>,
    ) -> redeem::Reply {
        self.redeem(subject, code, Role::AccountRecovery, &[], recovery)
    }

    pub(crate) fn complete(&mut self, recovery: RecoveryId) -> Result<Recovery, Denial> {
        let command = Complete { recovery, authenticator_bound: true };
        self.run(self.subject_of(recovery), None, None, |snapshot, call, _| {
            complete::decide(snapshot, command, call)
        })
    }

    pub(crate) fn cancel(&mut self, recovery: RecoveryId) -> Result<Recovery, Denial> {
        self.run(self.subject_of(recovery), None, None, |snapshot, call, _| {
            cancel::decide(snapshot, recovery, None, call)
        })
    }

    pub(crate) fn review(
        &mut self,
        recovery: RecoveryId,
        reviewer: SubjectId,
    ) -> Result<Recovery, Denial> {
        let case = self.recovery(recovery).case().expect("canonical");
        self.review_as(recovery, reviewer, case)
    }

    /// A review of the case as it stood when its digest was `case`.
    pub(crate) fn review_as(
        &mut self,
        recovery: RecoveryId,
        reviewer: SubjectId,
        case: Digest,
    ) -> Result<Recovery, Denial> {
        let word = review::Word::Review { case, assertion: assertion(reviewer) };
        let command = Review { recovery, reviewer, word };
        self.run(self.subject_of(recovery), None, Some(reviewer), |snapshot, call, _| {
            review::decide(snapshot, command, call)
        })
    }

    pub(crate) fn report(
        &mut self,
        subject: SubjectId,
        kind: LifecycleKind,
    ) -> Result<Reported, Denial> {
        let command = Report { kind, occurred_at: self.now };
        self.run(subject, None, None, |snapshot, call, rules| {
            report::decide(snapshot, command, call, rules)
        })
    }

    /// The channel says that the code `nth` of the recovery did not go out.
    pub(crate) fn give_back(&mut self, recovery: RecoveryId, nth: usize) -> bool {
        let sent = self.recovery(recovery).sent[nth].id;
        let command = GiveBack::Code { recovery, sent };
        let given_back = self.run(self.subject_of(recovery), None, None, |snapshot, call, _| {
            give_back::decide(snapshot, command, call)
        });
        given_back.expect("a recovery there is")
    }

    pub(crate) fn lapse(&mut self, subject: SubjectId) -> usize {
        let ended =
            self.run(subject, None, None, |snapshot, call, _| lapse::decide(snapshot, call));
        ended.expect("a lapse is never refused")
    }

    fn subject_of(&self, recovery: RecoveryId) -> SubjectId {
        self.state.recoveries.get(&recovery).map_or(SubjectId::WORLD, |held| held.subject)
    }

    pub(crate) fn run<R>(
        &mut self,
        of: SubjectId,
        redemption: Option<RedemptionId>,
        operator: Option<SubjectId>,
        decide: impl FnOnce(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Result<Decided<R>, Denial>,
    ) -> Result<R, Denial> {
        let snapshot = self.snapshot(of, redemption, operator);
        let mut random = self.random.fork();
        let (settings, policy) = (Arc::clone(&self.settings), Arc::clone(&self.policy));
        let rules = Rules { settings: &settings, policy: &*policy };
        let actor = Actor::Embedder;
        let mut call = Call { now: self.now, actor, request: None, entropy: &mut random };
        match decide(&snapshot, &mut call, &rules)? {
            Decided::Already(reply) => Ok(reply),
            Decided::Write(decision) => Ok(self.commit(of, decision)),
            Decided::Refuse(decision) => Err(self.commit(of, decision)),
        }
    }

    fn commit<R>(&mut self, of: SubjectId, decision: Decision<R>) -> R {
        let (write, pending) = decision.split();
        for event in write.events() {
            let entry = &event.entry;
            self.state.apply(entry).expect("an event follows from those before it");
            match (&event.aside, &entry.happened) {
                (Aside::Directory(directory), _) => {
                    self.directories.insert(of, Arc::new(directory.clone()));
                }
                (Aside::Verifiers(verifiers), Happened::CodeSetIssued { set, .. }) => {
                    self.verifiers.insert(*set, verifiers.clone());
                }
                (Aside::SentVerifier(verifier), Happened::RecoveryCodeSent { recovery, .. }) => {
                    self.sent.insert(*recovery, verifier.clone());
                }
                _ => {}
            }
            self.log.push(entry.clone());
        }
        pending.release(Durable::at(0)).into_reply()
    }

    /// Live ones first, then the newest ended ones: what a store loads.
    fn snapshot(
        &self,
        of: SubjectId,
        redemption: Option<RedemptionId>,
        operator: Option<SubjectId>,
    ) -> Snapshot {
        let state = &self.state;
        let sets = || state.sets.values().rev().filter(|set| set.subject == of);
        let (live, ended): (Vec<_>, Vec<_>) = sets().partition(|set| set.state.is_live());
        let held = |set: &_| held_set(set, &self.verifiers);
        let sets_held = live.into_iter().chain(ended).take(Snapshot::SETS_MAX).map(held);
        let own = state.recoveries.values().rev().filter(|recovery| recovery.subject == of);
        let (open, closed): (Vec<_>, Vec<_>) = own.partition(|recovery| recovery.is_live());
        let held = |recovery: &Recovery| HeldRecovery {
            recovery: recovery.clone(),
            verifier: self.sent.get(&recovery.id).cloned(),
        };
        let recoveries = open.into_iter().chain(closed).take(Snapshot::RECOVERIES_MAX).map(held);
        let recoveries: Vec<_> = recoveries.collect();
        let approved = Snapshot::who_approved(&recoveries, &[]);
        Snapshot {
            budget: state.budgets.get(&of).copied().unwrap_or_default(),
            subject: state.subjects.get(&of).cloned(),
            directory: self.directories.get(&of).map(|entry| DirectoryEntry::clone(entry)),
            sets: sets_held.collect(),
            issued_at: sets().map(|set| set.issued_at).take(Snapshot::ISSUES_MAX).collect(),
            recoveries,
            approvers: approved.into_iter().filter_map(|id| self.operator_of(id)).collect(),
            bundles: state.bundles.values().filter(|one| one.subject == of).cloned().collect(),
            recent: state.recent.get(&of).cloned().unwrap_or_default(),
            operator: operator.and_then(|operator| self.operator_of(operator)),
            remembered: redemption.and_then(|name| state.redemptions.get(&name).cloned()),
            ..Snapshot::empty(of)
        }
    }

    fn operator_of(&self, id: SubjectId) -> Option<Operator> {
        let subject = self.state.subjects.get(&id)?;
        let appointment = self.state.appointments.get(&id).cloned().unwrap_or_default();
        let (kind, owner) = (subject.profile.kind, subject.profile.owner);
        let (standing, version) = (subject.standing, self.state.budgets[&id].version);
        Some(Operator { subject: id, kind, standing, owner, appointment, version })
    }
}

/// The credential id of the passkey that an operator signs with.
fn credential(operator: SubjectId) -> String {
    format!("passkey-of-{operator}")
}

/// What an operator's passkey gave.
pub(crate) fn assertion(operator: SubjectId) -> Assertion {
    Assertion {
        credential_id: credential(operator),
        authenticator_data: "YQ".to_owned(),
        client_data_json: "Yw".to_owned(),
        signature: "cw".to_owned(),
    }
}

fn held_set(
    set: &glassbreak_core::code_set::CodeSet,
    verifiers: &BTreeMap<SetId, Vec<StoredVerifier>>,
) -> HeldSet {
    HeldSet { set: set.clone(), verifiers: verifiers[&set.id].clone() }
}
