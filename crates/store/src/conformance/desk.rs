//! Recoveries and operators, as the engine would drive them: what the cases and the walk share.

use glassbreak_core::code::{
    ARGON2ID_DEFAULT, CandidateMac, Code, PepperKey, Salt, StoredVerifier, candidate_mac, derive,
};
use glassbreak_core::digest::Digest;
use glassbreak_core::event::RequestMark;
use glassbreak_core::id::{RecoveryId, SentId, SubjectId};
use glassbreak_core::operation::approve::{self, Approve, Word};
use glassbreak_core::operation::complete::{self, Complete};
use glassbreak_core::operation::gather::{self, Gather, Gathered, Presented};
use glassbreak_core::operation::give_back::{self, GiveBack};
use glassbreak_core::operation::open::{self, Open, Opened};
use glassbreak_core::operation::redeem::{self, Redeem};
use glassbreak_core::operation::review::{self, Review};
use glassbreak_core::operation::send::{self, Addressee, Send};
use glassbreak_core::operation::{Denial, Rules, appoint, cancel};
use glassbreak_core::operator::{Appointment, Duty, Passkey};
use glassbreak_core::recovery::{Assertion, Cause, Recovery, Reference};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Call, Decided};
use glassbreak_core::subject::Channel;

use super::driver::{World, attempt, by_name, person, pseudonym};

/// The code that every letter of a case carries. One stretch makes the verifier of them all, for a
/// stretch is dear; each return of the code costs another.
pub(super) struct Letter {
    code: Code,
    salt: Salt,
    pub(super) verifier: StoredVerifier,
}

impl Letter {
    pub(super) fn new(world: &mut World) -> Self {
        let (code, salt) = (world.guess(), Salt::new(world.entropy.bytes()));
        let pepper = PepperKey::new(&[7; 32]);
        let verifier = derive(ARGON2ID_DEFAULT, 1, &pepper, Some(salt), &code);
        Self { verifier: verifier.expect("a scheme within its floors"), code, salt }
    }

    pub(super) fn candidate(&self) -> CandidateMac {
        let pepper = PepperKey::new(&[7; 32]);
        let mac = candidate_mac(ARGON2ID_DEFAULT, 1, &pepper, Some(self.salt), &self.code);
        mac.expect("a scheme within its floors")
    }
}

/// A verifier of no code at all, which costs nothing.
pub(super) fn blank(world: &mut World) -> StoredVerifier {
    let salt = Some(Salt::new(world.entropy.bytes()));
    let blank = StoredVerifier::from_parts(ARGON2ID_DEFAULT, 1, salt, world.entropy.bytes());
    blank.expect("parts that fit each other")
}

/// The people of the desk: who opens cases, and two who approve.
pub(super) struct Desk {
    pub(super) agent: SubjectId,
    pub(super) approvers: [SubjectId; 2],
}

impl Desk {
    pub(super) async fn staffed(world: &mut World) -> Self {
        let mut ids = Vec::new();
        for (name, duty) in
            [("iris", Duty::Support), ("vera", Duty::Approve), ("otto", Duty::Approve)]
        {
            ids.push(world.register(name, person("standard")).await.id);
            world.appoint(name, appoint::Change::Duties(vec![duty])).await.expect("a person");
            let own = appoint::Change::AddPasskey(passkey(&credential(ids[ids.len() - 1])));
            world.appoint(name, own).await.expect("nobody else's");
        }
        Self { agent: ids[0], approvers: [ids[1], ids[2]] }
    }
}

pub(super) fn passkey(credential: &str) -> Passkey {
    Passkey {
        credential: credential.to_owned(),
        algorithm: "es256".to_owned(),
        public_key: "key".to_owned(),
        counter: 0,
        backup: "ineligible".to_owned(),
        transports: Vec::new(),
        aaguid: SubjectId::WORLD.0,
    }
}

pub(super) fn ticket(number: &str) -> Reference {
    Reference::try_from(number.to_owned()).expect("a reference")
}

/// The credential id of the passkey that an operator of the desk signs with.
pub(super) fn credential(operator: SubjectId) -> String {
    format!("passkey-of-{operator}")
}

pub(super) fn assertion(approver: SubjectId) -> Assertion {
    let part = || "part".to_owned();
    let (authenticator_data, client_data_json) = (part(), part());
    let credential_id = credential(approver);
    Assertion { credential_id, authenticator_data, client_data_json, signature: part() }
}

/// The case of `recovery` as a snapshot has it.
fn case_of(snapshot: &Snapshot, recovery: RecoveryId) -> Digest {
    let mut held = snapshot.recoveries.iter().map(|held| &held.recovery);
    let held = held.find(|held| held.id == recovery);
    let case = held.map(|held| held.case().expect("a case has a canonical form"));
    case.unwrap_or(Digest([0; 32]))
}

/// The operation that opens a recovery of `cause`; an emergency has somebody to stand for it.
pub(super) fn opening(new_id: RecoveryId, agent: Option<SubjectId>, cause: Cause) -> Open {
    let emergency = cause == Cause::Emergency;
    let requester = emergency.then(|| pseudonym("requester"));
    let reference = emergency.then(|| ticket("INC-1"));
    Open { new_id, agent, cause, requester, reference, bundle: None }
}

impl World {
    /// Loads, decides and commits around an operator.
    async fn act<R>(
        &mut self,
        of: Aggregate,
        operator: Option<SubjectId>,
        request: Option<RequestMark>,
        decide: impl Fn(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Result<Decided<R>, Denial>,
    ) -> Result<R, Denial> {
        let key = request.map(|mark| mark.key);
        let query = SnapshotQuery { of, operator, request: key, ..SnapshotQuery::default() };
        Ok(self.run(query, request, decide).await?.into_reply())
    }

    pub(super) async fn appoint(
        &mut self,
        name: &str,
        change: appoint::Change,
    ) -> Result<Appointment, Denial> {
        let id = self.load(by_name(name)).await.aggregate;
        let credential = match &change {
            appoint::Change::AddPasskey(passkey) => Some(passkey.credential.clone()),
            appoint::Change::Duties(_) | appoint::Change::RemovePasskey(_) => None,
        };
        let decide = |snapshot: &Snapshot, call: &mut Call<'_>, _: &Rules<'_>| {
            appoint::decide(snapshot, change.clone(), call)
        };
        let of = by_name(name);
        let query =
            SnapshotQuery { of, operator: Some(id), credential, ..SnapshotQuery::default() };
        Ok(self.run(query, None, decide).await?.into_reply())
    }

    pub(super) async fn try_open(
        &mut self,
        name: &str,
        agent: Option<SubjectId>,
        cause: Cause,
        request: Option<RequestMark>,
    ) -> Result<Opened, Denial> {
        let open = opening(RecoveryId::new(self.now, self.entropy.bytes()), agent, cause);
        self.act(by_name(name), agent, request, |snapshot, call, rules| {
            open::decide(snapshot, open.clone(), call, rules)
        })
        .await
        .map(|reply| reply.opened().expect("people are not limited"))
    }

    pub(super) async fn open(&mut self, name: &str) -> RecoveryId {
        let opened = self.try_open(name, None, Cause::PhoneLost, None).await;
        opened.expect("an active subject opens a recovery").recovery.id
    }

    pub(super) async fn gather(
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
        self.act(Aggregate::Recovery(recovery), agent, None, |snapshot, call, rules| {
            gather::decide(snapshot, command.clone(), call, rules)
        })
        .await
    }

    pub(super) async fn send(
        &mut self,
        recovery: RecoveryId,
        verifier: &StoredVerifier,
    ) -> Result<send::Reply, Denial> {
        self.send_as(recovery, verifier, None).await
    }

    pub(super) async fn send_as(
        &mut self,
        recovery: RecoveryId,
        verifier: &StoredVerifier,
        request: Option<RequestMark>,
    ) -> Result<send::Reply, Denial> {
        let sent = SentId::new(self.now, self.entropy.bytes());
        self.act(Aggregate::Recovery(recovery), None, request, |snapshot, call, rules| {
            let (verifier, lifetime) = (verifier.clone(), None);
            let (to, scheme, key_generation) =
                (Addressee::Subject(Channel::Email), ARGON2ID_DEFAULT, 1);
            let command = Send { recovery, sent, to, verifier, scheme, key_generation, lifetime };
            send::decide(snapshot, command, call, rules)
        })
        .await
    }

    /// The channel says that a code did not go out.
    pub(super) async fn give_back(&mut self, recovery: RecoveryId, sent: SentId) -> bool {
        let command = GiveBack::Code { recovery, sent };
        let given_back =
            self.act(Aggregate::Recovery(recovery), None, None, |snapshot, call, _| {
                give_back::decide(snapshot, command, call)
            });
        given_back.await.expect("a recovery there is")
    }

    /// The holder types what came with a letter, or a code that was saved.
    pub(super) async fn redeem_in(
        &mut self,
        recovery: RecoveryId,
        candidate: impl Fn() -> CandidateMac,
    ) -> Result<redeem::Reply, Denial> {
        let redemption = self.redemption();
        self.act(Aggregate::Recovery(recovery), None, None, |snapshot, call, rules| {
            let attempt = attempt(redemption, vec![candidate()]);
            let attempt = Redeem { recovery: Some(recovery), ..attempt };
            redeem::decide(snapshot, attempt, call, rules)
        })
        .await
    }

    /// An approver signs the case as it stands.
    pub(super) async fn approve(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
    ) -> Result<Gathered, Denial> {
        let of = Aggregate::Recovery(recovery);
        self.act(of, Some(approver), None, |snapshot, call, rules| {
            let (case, assertion) = (case_of(snapshot, recovery), assertion(approver));
            let word = Word::Approve { case, assertion };
            approve::decide(snapshot, Approve { recovery, approver, word }, call, rules)
        })
        .await
    }

    /// An approver signs a no to the case as it stands.
    pub(super) async fn decline(
        &mut self,
        recovery: RecoveryId,
        approver: SubjectId,
    ) -> Result<Gathered, Denial> {
        let of = Aggregate::Recovery(recovery);
        self.act(of, Some(approver), None, |snapshot, call, rules| {
            let (case, assertion) = (case_of(snapshot, recovery), assertion(approver));
            let word = Word::Decline { case, assertion, why: None };
            approve::decide(snapshot, Approve { recovery, approver, word }, call, rules)
        })
        .await
    }

    pub(super) async fn complete(&mut self, recovery: RecoveryId) -> Result<Recovery, Denial> {
        let command = Complete { recovery, authenticator_bound: true };
        self.act(Aggregate::Recovery(recovery), None, None, |snapshot, call, _| {
            complete::decide(snapshot, command, call)
        })
        .await
    }

    pub(super) async fn cancel(&mut self, recovery: RecoveryId) -> Result<Recovery, Denial> {
        self.act(Aggregate::Recovery(recovery), None, None, |snapshot, call, _| {
            cancel::decide(snapshot, recovery, None, call)
        })
        .await
    }

    pub(super) async fn review(
        &mut self,
        recovery: RecoveryId,
        reviewer: SubjectId,
    ) -> Result<Recovery, Denial> {
        let of = Aggregate::Recovery(recovery);
        self.act(of, Some(reviewer), None, |snapshot, call, _| {
            let (case, assertion) = (case_of(snapshot, recovery), assertion(reviewer));
            let word = review::Word::Review { case, assertion };
            review::decide(snapshot, Review { recovery, reviewer, word }, call)
        })
        .await
    }
}
