//! Drives a store as the engine does: load, decide, commit; again on a conflict.

use std::sync::Arc;

use glassbreak_core::code::{
    CandidateMac, Code, Entropy, EntropyFailed, Ordinal, PepperKey, Prefix, Scheme, candidate_mac,
    derive, draw,
};
use glassbreak_core::code_set::{Custody, IssueReason, SetKind};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::{Actor, RequestMark};
use glassbreak_core::id::{RedemptionId, SetId, SubjectId, SubjectRef};
use glassbreak_core::operation::confirm::Confirm;
use glassbreak_core::operation::issue::{IssueRequest, Minted};
use glassbreak_core::operation::redeem::Redeem;
use glassbreak_core::operation::register::{Register, Registered};
use glassbreak_core::operation::report::{Report, Reported};
use glassbreak_core::operation::{Denial, Rules, confirm, issue, redeem, register, report};
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::{Settings, Support};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided, Pending, SealedWrite};
use glassbreak_core::subject::{
    Assurance, Channel, DirectoryEntry, NotificationAddress, Profile, Proofing, SubjectKind, Tier,
};
use glassbreak_core::time::{Seconds, Timestamp};

use super::desk::ticket;
use crate::{Committed, Store};

/// Randomness from a seed: `SplitMix64`. Good enough to tell ids apart and to draw codes for tests.
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).expect("less than a usize")
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes).expect("seeded randomness does not fail");
        bytes
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed> {
        for chunk in buf.chunks_mut(8) {
            let random = self.next().to_be_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        Ok(())
    }
}

/// A store with everything around it that the engine would have.
pub(super) struct World {
    pub(super) store: Arc<dyn Store>,
    pub(super) now: Timestamp,
    pub(super) entropy: Seeded,
    settings: Settings,
    policy: BuiltinPolicy,
    pepper: PepperKey,
}

/// A set as its holder has it.
pub(super) struct Shown {
    pub(super) set: SetId,
    pub(super) codes: Vec<Code>,
}

type Outcome<R> = Result<Decided<R>, Denial>;

impl World {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let mut settings = Settings::defaults();
        for tier in settings.tiers.values_mut() {
            let risk_analysis = ticket("RISK-1");
            tier.support = Some(Support { risk_analysis });
            // A walk of months would come to a stand at the first routine that is noticed.
            tier.routine.period = Seconds::days(1);
        }
        let policy = BuiltinPolicy::new(&settings);
        let now = Timestamp::from_millis(1_800_000_000_000);
        let (entropy, pepper) = (Seeded(7), PepperKey::new(&[7; 32]));
        Self { store, now, entropy, settings, policy, pepper }
    }

    /// Lets time pass, so that ids and issue times are in order.
    pub(super) fn wait(&mut self, seconds: u32) {
        self.now = self.now.plus(Seconds(seconds));
    }

    pub(super) async fn load(&self, of: Aggregate) -> Snapshot {
        self.load_query(&SnapshotQuery { of, ..SnapshotQuery::default() }).await
    }

    pub(super) async fn load_query(&self, query: &SnapshotQuery) -> Snapshot {
        self.store.load(query).await.expect("a load without faults succeeds")
    }

    pub(super) async fn commit(&self, write: SealedWrite) -> Committed {
        self.store.commit(write).await.expect("a commit without faults succeeds")
    }

    /// Decides on a snapshot that may be stale, as a racing request would.
    pub(super) fn decide<R>(
        &mut self,
        request: Option<RequestMark>,
        decide: impl FnOnce(&mut Call<'_>, &Rules<'_>) -> Outcome<R>,
    ) -> Outcome<R> {
        let entropy = &mut self.entropy;
        let mut call = Call { now: self.now, actor: Actor::Embedder, request, entropy };
        decide(&mut call, &Rules { settings: &self.settings, policy: &self.policy })
    }

    /// The write of a decision that has one.
    pub(super) fn sealed<R>(outcome: Outcome<R>) -> (SealedWrite, Pending<R>) {
        match outcome {
            Ok(Decided::Write(decision)) => {
                let (write, pending) = decision.split();
                (write.seal().expect("the core's events have a canonical form"), pending)
            }
            Ok(Decided::Refuse(_)) => panic!("this decision was refused"),
            Ok(Decided::Already(_)) => panic!("this decision was to write something"),
            Err(denial) => panic!("this decision was denied: {denial}"),
        }
    }

    /// Load, decide, commit, until it is not a conflict.
    pub(super) async fn run<R>(
        &mut self,
        query: SnapshotQuery,
        request: Option<RequestMark>,
        decide: impl Fn(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Outcome<R>,
    ) -> Result<Applied<R>, Denial> {
        for _ in 0..1000 {
            let snapshot = self.load_query(&query).await;
            let decided = self.decide(request, |call, rules| decide(&snapshot, call, rules))?;
            let decision = match decided {
                Decided::Already(reply) => return Ok(Applied::already(reply)),
                Decided::Refuse(decision) => {
                    let (write, pending) = decision.split();
                    let sealed = write.seal().expect("a refusal has a canonical form");
                    if let Committed::Done(durable) = self.commit(sealed).await {
                        return Err(pending.release(durable).into_reply());
                    }
                    continue;
                }
                Decided::Write(decision) => decision,
            };
            let (sealed, pending) = Self::sealed(Ok(Decided::Write(decision)));
            if let Committed::Done(durable) = self.commit(sealed).await {
                return Ok(pending.release(durable));
            }
        }
        panic!("a thousand conflicts in a row");
    }
}

/// The operations that most cases need.
impl World {
    pub(super) async fn register(&mut self, name: &str, profile: Profile) -> Registered {
        let register = self.registration(name, profile);
        let query = SnapshotQuery { of: by_name(name), ..SnapshotQuery::default() };
        let done = self
            .run(query, None, |snapshot, call, rules| {
                register::decide(snapshot, register.clone(), call, rules)
            })
            .await;
        done.expect("a registration in a known tier is not denied").into_reply()
    }

    pub(super) fn registration(&mut self, name: &str, profile: Profile) -> Register {
        let new_id = SubjectId::new(self.now, self.entropy.bytes());
        Register { new_id, profile, directory: directory(name, self.entropy.bytes()) }
    }

    pub(super) async fn issue(&mut self, name: &str, kind: SetKind) -> Shown {
        let reply = self.try_issue(name, kind, None).await.expect("the subject is there");
        match reply {
            issue::Reply::Shown { set, codes, .. } => Shown { set: set.id, codes },
            issue::Reply::ShownBefore { .. } => panic!("nothing was issued before"),
            issue::Reply::Refused(refusal) => panic!("refused: {}", refusal.code()),
        }
    }

    pub(super) async fn try_issue(
        &mut self,
        name: &str,
        kind: SetKind,
        request: Option<RequestMark>,
    ) -> Result<issue::Reply, Denial> {
        let set = SetId::new(self.now, self.entropy.bytes());
        let seed = self.entropy.next();
        let pepper = PepperKey::new(&[7; 32]);
        let of = by_name(name);
        let query =
            SnapshotQuery { of, request: request.map(|mark| mark.key), ..SnapshotQuery::default() };
        let applied = self.run(query, request, move |snapshot, call, rules| {
            let asked = asked(kind);
            let plan = issue::plan(snapshot, &asked, rules)?;
            let minted = minted(set, plan, &pepper, &mut Seeded(seed));
            issue::decide(snapshot, &asked, minted, call, rules)
        });
        Ok(applied.await?.into_reply())
    }

    pub(super) async fn redeem(&mut self, name: &str, code: &Code) -> redeem::Reply {
        let redemption = RedemptionId::new(self.now, self.entropy.bytes());
        self.try_redeem(redemption, name, code).await.expect("a new name is not reused")
    }

    pub(super) async fn try_redeem(
        &mut self,
        redemption: RedemptionId,
        name: &str,
        code: &Code,
    ) -> Result<redeem::Reply, Denial> {
        let of = by_name(name);
        let query = SnapshotQuery { of, redemption: Some(redemption), ..SnapshotQuery::default() };
        let applied = self.run(query, None, move |snapshot, call, rules| {
            redeem::decide(snapshot, attempt(redemption, vec![mac_of(code)]), call, rules)
        });
        Ok(applied.await?.into_reply())
    }

    /// Confirms an offered set with its first code.
    pub(super) async fn confirm(&mut self, shown: &Shown) {
        let query = SnapshotQuery { of: Aggregate::Set(shown.set), ..SnapshotQuery::default() };
        let command = Confirm { set: shown.set, candidates: vec![self.mac(&shown.codes[0])] };
        let done = self.run(query, None, |snapshot, call, rules| {
            confirm::decide(snapshot, &command, call, rules)
        });
        let reply = done.await.expect("an offered set is confirmed").into_reply();
        assert!(matches!(reply, confirm::Reply::Confirmed { .. }), "{reply:?}");
    }

    pub(super) async fn report(&mut self, name: &str, report: Report) -> Reported {
        let query = SnapshotQuery { of: by_name(name), ..SnapshotQuery::default() };
        let done = self.run(query, None, |snapshot, call, rules| {
            report::decide(snapshot, report, call, rules)
        });
        done.await.expect("a report on a known subject is not denied").into_reply()
    }

    pub(super) fn mac(&self, code: &Code) -> CandidateMac {
        mac(&self.pepper, code)
    }

    /// A code that belongs to nobody.
    pub(super) fn guess(&mut self) -> Code {
        new_code(&mut self.entropy)
    }

    pub(super) fn redemption(&mut self) -> RedemptionId {
        RedemptionId::new(self.now, self.entropy.bytes())
    }

    pub(super) fn mark(&mut self) -> RequestMark {
        RequestMark { key: Digest(self.entropy.bytes()), fingerprint: Fingerprint([1; 16]) }
    }
}

pub(super) fn reference(name: &str) -> SubjectRef {
    SubjectRef::try_from(name.to_owned()).expect("a name of the suite is a reference")
}

/// An aggregate by the caller's name. Who is unknown is counted under a pseudonym of that name.
pub(super) fn by_name(name: &str) -> Aggregate {
    Aggregate::Reference { reference: reference(name), otherwise: pseudonym(name) }
}

pub(super) fn pseudonym(name: &str) -> SubjectId {
    let digest = Digest::of("conformance/pseudonym", &[name.as_bytes()]);
    let mut random = [0; 10];
    random.copy_from_slice(&digest.0[..10]);
    SubjectId::new(Timestamp::from_millis(1), random)
}

pub(super) fn tier(name: &str) -> Tier {
    Tier::try_from(name.to_owned()).expect("a name of the suite is a tier")
}

/// A person of a tier of the default settings, at AAL1, for whom a code alone suffices.
pub(super) fn person(in_tier: &str) -> Profile {
    Profile {
        kind: SubjectKind::Person,
        tier: tier(in_tier),
        assurance: Assurance::Aal1,
        ial: Proofing::None,
        owner: None,
    }
}

pub(super) fn directory(name: &str, salt: [u8; 16]) -> DirectoryEntry {
    let address = format!("{name}@example.org");
    DirectoryEntry {
        reference: reference(name),
        groups: vec!["staff".to_owned()],
        notification_addresses: vec![NotificationAddress {
            channel: Channel::Email,
            address,
            verified: true,
        }],
        contacts: Vec::new(),
        salt,
    }
}

pub(super) fn attempt(redemption: RedemptionId, candidates: Vec<CandidateMac>) -> Redeem {
    Redeem {
        redemption,
        fingerprint: Fingerprint([2; 16]),
        role: Role::AccountRecovery,
        presented: vec![Method::Password],
        source: None,
        recovery: None,
        candidates,
    }
}

fn asked(kind: SetKind) -> IssueRequest {
    let (reason, custody) = match kind {
        SetKind::Saved | SetKind::Canary => (IssueReason::Enrolment, None),
        SetKind::BreakGlass => {
            (IssueReason::BreakGlassProvisioning, Some(Custody::SealedOfflineCopy))
        }
    };
    IssueRequest {
        kind,
        reason,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: Some(3),
        lifetime: None,
        custody,
    }
}

fn minted(set: SetId, plan: issue::Plan, pepper: &PepperKey, entropy: &mut Seeded) -> Minted {
    let codes: Vec<Code> = (0..plan.count).map(|_| new_code(entropy)).collect();
    let verifier = |code| derive(Scheme::Keyed, 1, pepper, None, code).expect("a strong code");
    let verifiers = codes.iter().map(verifier).collect();
    Minted { set, plan, codes, verifiers, key_generation: 1 }
}

fn new_code(entropy: &mut Seeded) -> Code {
    let strong = glassbreak_core::code::Profile::Strong;
    draw(strong, &Prefix::default(), Ordinal::FIRST, entropy).expect("seeded randomness")
}

/// What a typed code comes to, where no world is at hand.
pub(super) fn mac_of(code: &Code) -> CandidateMac {
    mac(&PepperKey::new(&[7; 32]), code)
}

fn mac(pepper: &PepperKey, code: &Code) -> CandidateMac {
    candidate_mac(Scheme::Keyed, 1, pepper, None, code).expect("a strong code")
}
