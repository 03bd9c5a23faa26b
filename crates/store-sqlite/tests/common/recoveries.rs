//! The world's commands about recoveries and operators.

use glassbreak_core::id::RecoveryId;
use glassbreak_core::id::SentId;
use glassbreak_core::operation::approve::{Approve, Word};
use glassbreak_core::operation::gather::{Gather, Presented};
use glassbreak_core::operation::open::Open;
use glassbreak_core::operation::{appoint, approve, cancel, complete, gather, open, review, send};
use glassbreak_core::operator::{Duty, Passkey};
use glassbreak_core::recovery::{Assertion, Cause, Check, Recovery, Reference};

use super::*;

/// The code of every letter of a world, with its verifier: one stretch does for all.
pub(crate) struct Letter {
    code: Code,
    salt: Salt,
    verifier: StoredVerifier,
}

impl Letter {
    pub(crate) fn new(random: &mut Seeded, pepper: &PepperKey) -> Self {
        let strong = glassbreak_core::code::Profile::Strong;
        let code = draw(strong, &Prefix::test(), Ordinal::FIRST, random).unwrap();
        let salt = Salt::new(random.bytes());
        let verifier = derive(ARGON2ID_DEFAULT, 1, pepper, Some(salt), &code).unwrap();
        Self { code, salt, verifier }
    }
}

fn reference() -> Reference {
    Reference::try_from("T-1".to_owned()).unwrap()
}

fn passkey(credential: String) -> Passkey {
    Passkey {
        credential,
        algorithm: "es256".to_owned(),
        public_key: "key".to_owned(),
        counter: 0,
        backup: "eligible".to_owned(),
        transports: vec!["usb".to_owned()],
        aaguid: Uuid::nil(),
    }
}

fn assertion() -> Assertion {
    Assertion {
        credential_id: String::new(),
        authenticator_data: String::new(),
        client_data_json: String::new(),
        signature: String::new(),
    }
}

impl World {
    /// One command about recoveries, drawn. Half of those that need an operator have one who is
    /// appointed: the first three subjects are, as soon as they are people.
    pub(crate) async fn recover(&mut self, store: &dyn Store, name: usize) -> Stepped {
        let Some(id) = self.live(store, name).await? else {
            return match self.random.below(3) {
                0 => self.appoint(store).await,
                1 => self.reopen(store, name).await,
                _ => self.open(store, name).await,
            };
        };
        match self.random.below(15) {
            0..=3 => self.gather(store, id).await,
            4..=6 => self.approve(store, id).await,
            7 | 8 => self.send(store, id).await,
            9 | 10 => self.bring(store, id).await,
            11 => self.complete(store, id).await,
            12 => self.review(store, id).await,
            13 => self.open(store, name).await,
            _ => self.cancel(store, id).await,
        }
    }

    /// One of the subject's recoveries, a live one if there is one, and mostly the newest.
    async fn live(
        &mut self,
        store: &dyn Store,
        name: usize,
    ) -> Result<Option<RecoveryId>, StoreError> {
        let query = SnapshotQuery { of: Self::of(name), ..SnapshotQuery::default() };
        let held = store.load(&query).await?.recoveries;
        let at = self.random.below(3).min(held.len().saturating_sub(1));
        let held = held.get(at).map(|held| &held.recovery);
        let wanted = |recovery: &&Recovery| recovery.is_live() || recovery.review.is_some();
        Ok(held.filter(wanted).map(|recovery| recovery.id))
    }

    async fn act(
        &mut self,
        store: &dyn Store,
        of: Aggregate,
        operator: Option<SubjectId>,
        ask: Ask<'_>,
    ) -> Stepped {
        let request = self.request();
        let key = request.map(|mark| mark.key);
        let query = SnapshotQuery { of, operator, request: key, ..SnapshotQuery::default() };
        self.run(store, query, request, ask).await
    }

    /// A subject that may be appointed to the desk.
    async fn colleague(&mut self, store: &dyn Store) -> Result<SubjectId, StoreError> {
        let name = self.random.below(3.min(self.names));
        let query = SnapshotQuery { of: Self::of(name), ..SnapshotQuery::default() };
        Ok(store.load(&query).await?.aggregate)
    }

    pub(crate) async fn appoint(&mut self, store: &dyn Store) -> Stepped {
        let id = self.colleague(store).await?;
        let credential = format!("credential-{}", self.random.below(3));
        let change = match self.random.below(6) {
            0 => appoint::Change::AddPasskey(passkey(credential)),
            1 => appoint::Change::RemovePasskey(credential),
            2 => appoint::Change::Duties(vec![Duty::Support]),
            _ => appoint::Change::Duties(vec![Duty::Approve, Duty::Support]),
        };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, _| sealed(appoint::decide(snapshot, change, call)));
        self.act(store, Aggregate::Subject(id), Some(id), ask).await
    }

    pub(crate) async fn open(&mut self, store: &dyn Store, name: usize) -> Stepped {
        let colleague = self.colleague(store).await?;
        let agent = self.random.one_in(3).then_some(colleague);
        let accounted = self.random.one_in(2);
        let command = Open {
            new_id: RecoveryId::new(self.now, self.random.bytes()),
            agent,
            cause: self.random.pick(&Cause::ALL),
            requester: accounted.then(|| SubjectId(Uuid::from_u128(9))),
            reference: accounted.then(reference),
        };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, rules| sealed(open::decide(snapshot, command, call, rules)));
        self.act(store, Self::of(name), agent, ask).await
    }

    async fn gather(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let (agent, reference) = (self.colleague(store).await?, reference());
        let check = self.random.pick(&[Check::Biometric, Check::Video, Check::Manager]);
        let level = self.random.pick(&[Proofing::Ial2, Proofing::Ial3]);
        let presented = match self.random.below(4) {
            0 => Presented::Vouched { method: Method::Password },
            1 => Presented::Proofed { level, checks: vec![check], agent, reference },
            2 => Presented::Vouched { method: Method::Authenticator },
            _ => Presented::VerifiedAgain { check, agent, reference },
        };
        let command = Gather { recovery, presented };
        let ask: Ask<'_> = Box::new(|snapshot, call, rules| {
            sealed(gather::decide(snapshot, command, call, rules))
        });
        self.act(store, Aggregate::Recovery(recovery), Some(agent), ask).await
    }

    async fn approve(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let approver = self.colleague(store).await?;
        let declines = self.random.one_in(12);
        let ask: Ask<'_> = Box::new(move |snapshot, call, rules| {
            let held = snapshot.recoveries.iter().find(|held| held.recovery.id == recovery);
            let case = held.map_or(Digest([0; 32]), |held| held.recovery.case().unwrap());
            let yes = Word::Approve { case, assertion: assertion() };
            let word = if declines { Word::Decline } else { yes };
            let command = Approve { recovery, approver, word };
            sealed(approve::decide(snapshot, command, call, rules))
        });
        self.act(store, Aggregate::Recovery(recovery), Some(approver), ask).await
    }

    async fn send(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let blank = self.random.one_in(3).then(|| self.stretched());
        let command = send::Send {
            recovery,
            sent: SentId::new(self.now, self.random.bytes()),
            channel: self.random.pick(&[Channel::Email, Channel::Email, Channel::Sms]),
            verifier: blank.unwrap_or_else(|| self.letter.verifier.clone()),
            scheme: ARGON2ID_DEFAULT,
            key_generation: 1,
            lifetime: None,
        };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, rules| sealed(send::decide(snapshot, command, call, rules)));
        self.act(store, Aggregate::Recovery(recovery), None, ask).await
    }

    /// A code in a recovery: the one of its letter, or a saved one of its subject.
    async fn bring(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let of = Aggregate::Recovery(recovery);
        let query = SnapshotQuery { of: of.clone(), ..SnapshotQuery::default() };
        let held = store.load(&query).await?.sets;
        let own = self.sets.iter().rev().find(|own| held.iter().any(|set| set.set.id == own.set));
        let (letter, at, saved) = (&self.letter, self.random.below(4), self.random.one_in(2));
        let candidate = match own {
            Some(own) if saved => self.candidate(&own.codes[at]),
            _ => candidate_mac(ARGON2ID_DEFAULT, 1, &self.pepper, Some(letter.salt), &letter.code)
                .unwrap(),
        };
        let redemption = RedemptionId(Uuid::from_bytes(self.random.bytes()));
        let command = redeem::Redeem {
            redemption,
            fingerprint: Fingerprint(self.random.bytes()),
            role: Role::AccountRecovery,
            presented: Vec::new(),
            source: None,
            recovery: Some(recovery),
            candidates: vec![candidate],
        };
        let query = SnapshotQuery { of, redemption: Some(redemption), ..SnapshotQuery::default() };
        let ask: Ask<'_> = Box::new(|snapshot, call, rules| {
            sealed(redeem::decide(snapshot, command, call, rules))
        });
        self.run(store, query, None, ask).await
    }

    async fn complete(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let authenticator_bound = !self.random.one_in(4);
        let command = complete::Complete { recovery, authenticator_bound };
        let ask: Ask<'_> =
            Box::new(move |snapshot, call, _| sealed(complete::decide(snapshot, command, call)));
        self.act(store, Aggregate::Recovery(recovery), None, ask).await
    }

    async fn review(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let by = self.colleague(store).await?;
        let ask: Ask<'_> =
            Box::new(move |snapshot, call, _| sealed(review::decide(snapshot, recovery, by, call)));
        self.act(store, Aggregate::Recovery(recovery), Some(by), ask).await
    }

    async fn cancel(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let ask: Ask<'_> =
            Box::new(move |snapshot, call, _| sealed(cancel::decide(snapshot, recovery, call)));
        self.act(store, Aggregate::Recovery(recovery), None, ask).await
    }

    /// Lifts what a window that lapsed has put to rest (C5).
    async fn reopen(&mut self, store: &dyn Store, name: usize) -> Stepped {
        let kinds = [
            LifecycleKind::RecoveryReopened,
            LifecycleKind::RecoveryReopened,
            LifecycleKind::AccountEnabled,
            LifecycleKind::RiskCleared,
        ];
        let command = report::Report { kind: self.random.pick(&kinds), occurred_at: self.now };
        let ask: Ask<'_> = Box::new(move |snapshot, call, rules| {
            sealed(report::decide(snapshot, command, call, rules))
        });
        self.act(store, Self::of(name), None, ask).await
    }
}
