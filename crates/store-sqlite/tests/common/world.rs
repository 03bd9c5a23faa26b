//! A world in small: it draws commands, decides them over a store's own snapshots, commits, and
//! folds what was acknowledged.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use glassbreak_core::access::{KeyPurpose, Rights, Scope};
use glassbreak_core::code::{
    ARGON2ID_DEFAULT, Code, Ordinal, PepperKey, Prefix, Salt, Scheme, StoredVerifier,
    candidate_mac, derive, draw,
};
use glassbreak_core::code_set::{Custody, IssueReason, Profile, RevokeReason, SetKind};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::{Actor, RequestMark};
use glassbreak_core::id::{RedemptionId, SetId, SubjectId, SubjectRef};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::{
    Denial, Rules, confirm, create_api_key, declare, issue, lapse, redeem, register, report,
    revoke, revoke_api_key, rotate_key,
};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::{Settings, Support, Throttle};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Call, Decided, SealedWrite};
use glassbreak_core::subject::{
    Assurance, Channel, DirectoryEntry, NotificationAddress, Proofing, SubjectKind, Tier,
};
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_store::{Committed, Store, StoreError};
use uuid::Uuid;

#[path = "recoveries.rs"]
mod recoveries;
#[path = "seeded.rs"]
mod seeded;
pub(crate) use seeded::Seeded;

/// A set whose codes the world remembers.
pub(crate) struct Held {
    pub(crate) set: SetId,
    pub(crate) of: usize,
    pub(crate) codes: Vec<Code>,
}

/// What a step came to.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing was to be written.
    Nothing,
    /// The write was answered.
    Answered(SealedWrite, Result<Committed, StoreError>),
}

/// The world.
pub(crate) struct World {
    pub(crate) random: Seeded,
    pub(crate) now: Timestamp,
    pub(crate) settings: Settings,
    pub(crate) policy: BuiltinPolicy,
    pub(crate) pepper: PepperKey,
    pub(crate) sets: Vec<Held>,
    pub(crate) names: usize,
    redemptions: Vec<RedemptionId>,
    requests: Vec<RequestMark>,
    api_keys: Vec<String>,
    focus: usize,
}

type Stepped = Result<Step, StoreError>;

type Ask<'a> = Box<
    dyn FnOnce(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Result<Option<SealedWrite>, Denial>
        + Send
        + 'a,
>;

fn sealed<R>(decided: Result<Decided<R>, Denial>) -> Result<Option<SealedWrite>, Denial> {
    Ok(match decided? {
        Decided::Write(decision) => Some(decision.split().0.seal().unwrap()),
        Decided::Refuse(decision) => Some(decision.split().0.seal().unwrap()),
        Decided::Already(_) => None,
    })
}

impl World {
    pub(crate) fn new(seed: u64, names: usize) -> Self {
        let mut settings = Settings::defaults();
        settings.throttle = Throttle { free: 3, disable_at: 6, ..Throttle::default() };
        for tier in settings.tiers.values_mut() {
            tier.issue_limit.sets = 30;
            tier.count = 4;
            tier.lifetime = Seconds::hours(30);
            tier.support = Some(Support { risk_analysis: "RISK-1".to_owned().try_into().unwrap() });
            // The walk of weeks would come to a stand at the first routine that is noticed.
            tier.routine.period = Seconds::days(1);
        }
        let policy = BuiltinPolicy::new(&settings);
        Self {
            random: Seeded(seed),
            now: Timestamp::from_millis(1_700_000_000_000),
            settings,
            policy,
            pepper: PepperKey::new(&[7; 32]),
            sets: Vec::new(),
            names,
            redemptions: Vec::new(),
            requests: Vec::new(),
            api_keys: Vec::new(),
            focus: 0,
        }
    }

    /// Who owns half of the subjects.
    pub(crate) const OWNER: SubjectId = SubjectId(Uuid::from_u128(5));

    pub(crate) fn reference(name: usize) -> SubjectRef {
        SubjectRef::try_from(format!("subject-{name}")).unwrap()
    }

    pub(crate) fn of(name: usize) -> Aggregate {
        let otherwise = SubjectId(Uuid::from_u128(0xffff_0000 + name as u128));
        Aggregate::Reference { reference: Self::reference(name), otherwise }
    }

    /// Loads, decides and commits.
    pub(crate) async fn run(
        &mut self,
        store: &dyn Store,
        query: SnapshotQuery,
        request: Option<RequestMark>,
        ask: Ask<'_>,
    ) -> Result<Step, StoreError> {
        let snapshot = store.load(&query).await?;
        // A stream of its own: two calls that share one would draw an event's id twice.
        let mut entropy = Seeded(self.random.next());
        let decided = {
            let mut call =
                Call { now: self.now, actor: Actor::Embedder, request, entropy: &mut entropy };
            ask(&snapshot, &mut call, &Rules { settings: &self.settings, policy: &self.policy })
        };
        let Ok(Some(write)) = decided else { return Ok(Step::Nothing) };
        let answer = store.commit(write.clone()).await;
        Ok(Step::Answered(write, answer))
    }

    /// One command, drawn.
    pub(crate) async fn step(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        let passed = self.random.below(4) * self.random.below(4) * self.random.below(600_000);
        let passed = i64::try_from(passed).expect("minutes");
        self.now = Timestamp::from_millis(self.now.millis() + passed);
        let name = self.random.below(self.names);
        match self.random.below(50) {
            0..=5 => self.register(store, name).await,
            6..=11 => self.issue(store, name).await,
            12..=22 => self.redeem(store, name).await,
            23..=24 => self.confirm(store).await,
            25 => self.revoke(store).await,
            26..=27 => self.report(store, name).await,
            28 => self.create_api_key(store).await,
            29 => self.revoke_api_key(store).await,
            30 => self.rotate(store).await,
            31 => self.lapse(store).await,
            32..=33 => self.declare(store).await,
            _ => self.recover(store, name).await,
        }
    }

    fn request(&mut self) -> Option<RequestMark> {
        match self.random.below(4) {
            0 if !self.requests.is_empty() => {
                let at = self.random.below(self.requests.len());
                Some(self.requests[at])
            }
            1 | 2 => {
                let key = Digest(self.random.bytes());
                let mark = RequestMark { key, fingerprint: Fingerprint(self.random.bytes()) };
                self.requests.push(mark);
                Some(mark)
            }
            _ => None,
        }
    }

    pub(crate) async fn register(
        &mut self,
        store: &dyn Store,
        name: usize,
    ) -> Result<Step, StoreError> {
        let kinds = [SubjectKind::Person, SubjectKind::Service, SubjectKind::Agent];
        let tiers = ["standard", "privileged", "service"];
        let drawn = glassbreak_core::subject::Profile {
            // The first three may be operators, and only people approve (H4).
            kind: if name < 3 { SubjectKind::Person } else { self.random.pick(&kinds) },
            tier: Tier::try_from(self.random.pick(&tiers).to_owned()).unwrap(),
            assurance: self.random.pick(&[Assurance::Aal1, Assurance::Aal2, Assurance::Aal3]),
            ial: self.random.pick(&[Proofing::None, Proofing::Ial2, Proofing::Ial3]),
            owner: self.random.one_in(2).then_some(Self::OWNER),
        };
        // Each change of tier, assurance or owner revokes: most registrations leave them alone.
        let profile = if self.random.one_in(6) {
            drawn
        } else {
            glassbreak_core::subject::Profile {
                kind: SubjectKind::Person,
                tier: Tier::try_from(tiers[name % 3].to_owned()).unwrap(),
                assurance: Assurance::Aal1,
                ial: Proofing::None,
                owner: name.is_multiple_of(3).then_some(Self::OWNER),
            }
        };
        let address = format!("{name}@example.org");
        let directory = DirectoryEntry {
            reference: Self::reference(name),
            groups: ["ops", "dev"][self.random.below(3).min(2)..]
                .iter()
                .map(|g| (*g).into())
                .collect(),
            notification_addresses: vec![NotificationAddress {
                channel: Channel::Email,
                address,
                verified: true,
            }],
            contacts: Vec::new(),
            salt: self.random.bytes(),
        };
        let new_id = SubjectId::new(self.now, self.random.bytes());
        let command = register::Register { new_id, profile, directory };
        let request = self.request();
        let query = SnapshotQuery {
            of: Self::of(name),
            request: request.map(|mark| mark.key),
            ..SnapshotQuery::default()
        };
        let ask: Ask<'_> = Box::new(|snapshot, call, rules| {
            sealed(register::decide(snapshot, command, call, rules))
        });
        self.run(store, query, request, ask).await
    }

    pub(crate) async fn issue(
        &mut self,
        store: &dyn Store,
        name: usize,
    ) -> Result<Step, StoreError> {
        let break_glass = self.random.one_in(2);
        let ask = issue::IssueRequest {
            kind: if break_glass { SetKind::BreakGlass } else { SetKind::Saved },
            reason: if break_glass {
                IssueReason::BreakGlassProvisioning
            } else {
                IssueReason::Enrolment
            },
            session_assurance: Assurance::Aal3,
            profile: self.random.one_in(3).then_some(Profile::Compact),
            count: self.random.one_in(3).then_some(1),
            lifetime: None,
            custody: self.random.one_in(2).then_some(Custody::SecretsManager),
        };
        let set = SetId::new(self.now, self.random.bytes());
        let codes: Vec<Code> = (0..4).map(|ordinal| self.draw(ordinal)).collect();
        let compact: Vec<StoredVerifier> = (0..4).map(|_| self.stretched()).collect();
        let strong: Vec<StoredVerifier> = codes.iter().map(|code| self.verifier(code)).collect();
        let request = self.request();
        let query = SnapshotQuery {
            of: Self::of(name),
            request: request.map(|mark| mark.key),
            ..SnapshotQuery::default()
        };
        let decide: Ask<'_> = Box::new(move |snapshot, call, rules| {
            let plan = issue::plan(snapshot, &ask, rules)?;
            let mut verifiers = if plan.scheme == Scheme::Keyed { strong } else { compact };
            verifiers.truncate(plan.count.into());
            let codes = Vec::new();
            let minted = issue::Minted { set, plan, codes, verifiers, key_generation: 1 };
            sealed(issue::decide(snapshot, &ask, minted, call, rules))
        });
        let step = self.run(store, query, request, decide).await?;
        if matches!(step, Step::Answered(..)) {
            self.sets.push(Held { set, of: name, codes });
        }
        Ok(step)
    }

    pub(crate) async fn redeem(
        &mut self,
        store: &dyn Store,
        name: usize,
    ) -> Result<Step, StoreError> {
        let mut of = name;
        let mut candidates = Vec::new();
        if !self.sets.is_empty() && !self.random.one_in(3) {
            let back = self.random.below(self.sets.len().min(12));
            let held = &self.sets[self.sets.len() - 1 - back];
            let ordinal = self.random.below(4);
            candidates.push(self.candidate(&held.codes[ordinal]));
            of = held.of;
        }
        let known = !self.redemptions.is_empty() && self.random.one_in(8);
        let redemption = if known {
            self.redemptions[self.random.below(self.redemptions.len())]
        } else {
            RedemptionId(Uuid::from_bytes(self.random.bytes()))
        };
        self.redemptions.push(redemption);
        let presented = [vec![], vec![Method::Password], vec![Method::Authenticator]];
        let command = redeem::Redeem {
            redemption,
            fingerprint: Fingerprint(self.random.bytes()),
            role: self.random.pick(&[Role::SecondFactor, Role::AccountRecovery]),
            presented: presented[self.random.below(3)].clone(),
            source: self.random.one_in(2).then_some(Fingerprint([7; 16])),
            recovery: None,
            candidates,
        };
        let query = SnapshotQuery {
            of: Self::of(of),
            redemption: Some(redemption),
            ..SnapshotQuery::default()
        };
        let ask: Ask<'_> = Box::new(|snapshot, call, rules| {
            sealed(redeem::decide(snapshot, command, call, rules))
        });
        self.run(store, query, None, ask).await
    }

    async fn confirm(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        if self.sets.is_empty() {
            return Ok(Step::Nothing);
        }
        let back = self.random.below(self.sets.len().min(6));
        let held = &self.sets[self.sets.len() - 1 - back];
        let set = held.set;
        let wrong = self.random.one_in(3);
        let candidates = if wrong { vec![] } else { vec![self.candidate(&held.codes[0])] };
        let command = confirm::Confirm { set, candidates };
        let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
        let ask: Ask<'_> = Box::new(move |snapshot, call, rules| {
            sealed(confirm::decide(snapshot, &command, call, rules))
        });
        self.run(store, query, None, ask).await
    }

    async fn revoke(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        if self.sets.is_empty() {
            return Ok(Step::Nothing);
        }
        let set = self.sets[self.random.below(self.sets.len())].set;
        let reasons = [RevokeReason::Requested, RevokeReason::Lost, RevokeReason::Leaked];
        let command = revoke::Revoke { set, reason: self.random.pick(&reasons) };
        let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
        let ask: Ask<'_> = Box::new(move |snapshot, call, rules| {
            sealed(revoke::decide(snapshot, command, call, rules))
        });
        self.run(store, query, None, ask).await
    }

    async fn declare(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        if self.sets.is_empty() {
            return Ok(Step::Nothing);
        }
        let set = self.sets[self.random.below(self.sets.len())].set;
        let places = [Custody::Hardware, Custody::SealedOfflineCopy];
        let command = declare::Declare { set, custody: self.random.pick(&places) };
        let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
        let ask: Ask<'_> =
            Box::new(move |snapshot, call, _| sealed(declare::decide(snapshot, command, call)));
        self.run(store, query, None, ask).await
    }

    async fn report(&mut self, store: &dyn Store, name: usize) -> Result<Step, StoreError> {
        let command =
            report::Report { kind: self.random.pick(LifecycleKind::ALL), occurred_at: self.now };
        let query = SnapshotQuery { of: Self::of(name), ..SnapshotQuery::default() };
        let ask: Ask<'_> = Box::new(move |snapshot, call, rules| {
            sealed(report::decide(snapshot, command, call, rules))
        });
        self.run(store, query, None, ask).await
    }

    async fn create_api_key(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        let id = format!("key{}", self.api_keys.len());
        self.api_keys.push(id.clone());
        let scopes = vec![Scope::Redeem, Scope::Issue, self.random.pick(&Scope::ALL)];
        let digest = Digest(self.random.bytes());
        // Every other one is bound, unless it may make others.
        let bound = !self.api_keys.len().is_multiple_of(2) && !scopes.contains(&Scope::Admin);
        let groups = if bound { vec!["staff".to_owned()] } else { Vec::new() };
        let (label, rights) = ("a key".into(), Rights { scopes, groups, operator: None });
        let command = create_api_key::CreateApiKey { id, label, rights, digest };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, _| sealed(create_api_key::decide(snapshot, command, call)));
        self.run(store, SnapshotQuery::default(), None, ask).await
    }

    async fn revoke_api_key(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        let id = format!("key{}", self.random.below(self.api_keys.len() + 1));
        let query = SnapshotQuery { api_key: Some(id), ..SnapshotQuery::default() };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, _| sealed(revoke_api_key::decide(snapshot, call)));
        self.run(store, query, None, ask).await
    }

    async fn rotate(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        let purpose = self.random.pick(&KeyPurpose::ALL);
        let ask: Ask<'_> =
            Box::new(move |snapshot, call, _| sealed(rotate_key::decide(snapshot, purpose, call)));
        self.run(store, SnapshotQuery::default(), None, ask).await
    }

    async fn lapse(&mut self, store: &dyn Store) -> Result<Step, StoreError> {
        let Some(due) = store.due(self.now, 1).await?.first().copied() else {
            return Ok(Step::Nothing);
        };
        let query = SnapshotQuery { of: Aggregate::Subject(due.subject), ..Default::default() };
        let ask: Ask<'_> = Box::new(|snapshot, call, _| sealed(lapse::decide(snapshot, call)));
        self.run(store, query, None, ask).await
    }

    fn draw(&mut self, ordinal: u8) -> Code {
        let ordinal = Ordinal::try_from(ordinal).unwrap();
        draw(glassbreak_core::code::Profile::Strong, &Prefix::test(), ordinal, &mut self.random)
            .unwrap()
    }

    pub(crate) fn verifier(&self, code: &Code) -> StoredVerifier {
        derive(Scheme::Keyed, 1, &self.pepper, None, code).unwrap()
    }

    /// Not of any code: stretching thousands would take an hour.
    fn stretched(&mut self) -> StoredVerifier {
        let salt = Some(Salt::new(self.random.bytes()));
        StoredVerifier::from_parts(ARGON2ID_DEFAULT, 1, salt, self.random.bytes()).unwrap()
    }

    pub(crate) fn candidate(&self, code: &Code) -> glassbreak_core::code::CandidateMac {
        candidate_mac(Scheme::Keyed, 1, &self.pepper, None, code).unwrap()
    }
}
