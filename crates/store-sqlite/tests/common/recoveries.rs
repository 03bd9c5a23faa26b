//! The world's commands about recoveries and operators.

use std::sync::LazyLock;

use glassbreak_core::id::{RecoveryId, SentId};
use glassbreak_core::operation::approve::{Approve, Word};
use glassbreak_core::operation::gather::{Gather, Presented};
use glassbreak_core::operation::open::Open;
use glassbreak_core::operation::{appoint, approve, cancel, complete, gather, open, review, send};
use glassbreak_core::operator::{Duty, Operator, Passkey};
use glassbreak_core::recovery::{
    Assertion, Cause, Check, Recovery, RecoveryState, Reference, Review,
};
use glassbreak_core::subject::Standing;

use super::*;

/// The code of every letter, with its verifier: one stretch does for all worlds.
struct Letter {
    code: Code,
    salt: Salt,
    verifier: StoredVerifier,
}

fn letter() -> &'static Letter {
    static LETTER: LazyLock<Letter> = LazyLock::new(|| {
        let (mut random, pepper) = (Seeded(1), PepperKey::new(&[7; 32]));
        let strong = glassbreak_core::code::Profile::Strong;
        let code = draw(strong, &Prefix::test(), Ordinal::FIRST, &mut random).unwrap();
        let salt = Salt::new(random.bytes());
        let verifier = derive(ARGON2ID_DEFAULT, 1, &pepper, Some(salt), &code).unwrap();
        Letter { code, salt, verifier }
    });
    &LETTER
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

fn assertion(signer: Option<&Operator>) -> Assertion {
    let own = signer.and_then(|signer| signer.appointment.passkeys.first());
    Assertion {
        credential_id: own.map(|passkey| passkey.credential.clone()).unwrap_or_default(),
        authenticator_data: String::new(),
        client_data_json: String::new(),
        signature: String::new(),
    }
}

impl World {
    /// One command about recoveries, drawn. It stays with one subject for a while: a road that is
    /// left after each step is never walked to its end.
    pub(crate) async fn recover(&mut self, store: &dyn Store, name: usize) -> Stepped {
        if self.random.one_in(6) {
            self.focus = name;
        }
        let name = self.focus;
        let query = SnapshotQuery { of: Self::of(name), ..SnapshotQuery::default() };
        let snapshot = store.load(&query).await?;
        let standing = snapshot.subject.map(|subject| subject.standing);
        let held = snapshot.recoveries.into_iter().map(|held| held.recovery);
        let due = |recovery: &Recovery| matches!(recovery.review, Some(Review::Due { .. }));
        let mut wanted: Vec<_> = held.filter(|held| held.is_live() || due(held)).collect();
        let roll = self.random.below(20);
        if matches!(standing, Some(Standing::Suspended { .. })) && roll < 10 {
            return self.reopen(store, name).await;
        }
        if wanted.is_empty() || roll == 0 {
            return if roll < 5 { self.appoint(store).await } else { self.open(store, name).await };
        }
        let recovery = wanted.swap_remove(self.random.below(wanted.len()));
        let id = recovery.id;
        match (roll, &recovery.state) {
            (1, _) => self.cancel(store, id).await,
            (_, RecoveryState::Open {}) => match roll {
                2..=4 => self.gather(store, id).await,
                5..=10 => self.approve(store, id).await,
                11 | 12 => self.send(store, id).await,
                13 => self.issue(store, name).await,
                _ => self.bring(store, &recovery, name).await,
            },
            (2..=10, RecoveryState::Window(_)) => self.issue(store, name).await,
            (11..=16, RecoveryState::Window(_)) => self.complete(store, id).await,
            _ => self.review(store, id).await,
        }
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
        let credential = format!("credential-{}-of-{id}", self.random.below(3));
        let change = match self.random.below(8) {
            0..=2 => appoint::Change::AddPasskey(passkey(credential)),
            3 => appoint::Change::RemovePasskey(credential),
            4 => appoint::Change::Duties(vec![Duty::Support]),
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
        let drawn = self.random.pick(&Cause::ALL);
        let command = Open {
            new_id: RecoveryId::new(self.now, self.random.bytes()),
            agent,
            cause: if accounted { Cause::Emergency } else { drawn },
            requester: accounted.then(|| SubjectId(Uuid::from_u128(9))),
            reference: accounted.then(reference),
            bundle: None,
        };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, rules| sealed(open::decide(snapshot, command, call, rules)));
        self.act(store, Self::of(name), agent, ask).await
    }

    pub(crate) async fn gather(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
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

    pub(crate) async fn approve(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let approver = self.colleague(store).await?;
        let declines = self.random.one_in(12);
        let ask: Ask<'_> = Box::new(move |snapshot, call, rules| {
            let held = snapshot.recoveries.iter().find(|held| held.recovery.id == recovery);
            let case = held.map_or(Digest([0; 32]), |held| held.recovery.case().unwrap());
            let assertion = assertion(snapshot.operator.as_ref());
            let word = if declines {
                Word::Decline { case, assertion, why: None }
            } else {
                Word::Approve { case, assertion }
            };
            let command = Approve { recovery, approver, word };
            sealed(approve::decide(snapshot, command, call, rules))
        });
        self.act(store, Aggregate::Recovery(recovery), Some(approver), ask).await
    }

    pub(crate) async fn send(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let blank = self.random.one_in(3).then(|| self.stretched());
        let command = send::Send {
            recovery,
            sent: SentId::new(self.now, self.random.bytes()),
            to: send::Addressee::Subject(self.random.pick(&[
                Channel::Email,
                Channel::Email,
                Channel::Sms,
            ])),
            verifier: blank.unwrap_or_else(|| letter().verifier.clone()),
            scheme: ARGON2ID_DEFAULT,
            key_generation: 1,
            lifetime: None,
        };
        let ask: Ask<'_> =
            Box::new(|snapshot, call, rules| sealed(send::decide(snapshot, command, call, rules)));
        self.act(store, Aggregate::Recovery(recovery), None, ask).await
    }

    /// A code in a recovery: the one of its letter, or a saved one of its subject.
    pub(crate) async fn bring(
        &mut self,
        store: &dyn Store,
        open: &Recovery,
        name: usize,
    ) -> Stepped {
        let recovery = open.id;
        let of = Aggregate::Recovery(recovery);
        let query = SnapshotQuery { of: of.clone(), ..SnapshotQuery::default() };
        let sets = store.load(&query).await?.sets;
        let active = |own: &&Held| {
            let mut sets = sets.iter().map(|held| &held.set).filter(|set| set.id == own.set);
            sets.any(|set| set.state.name() == "active")
        };
        let own = self.sets.iter().rev().find(active);
        let (at, saved, letter) = (self.random.below(4), self.random.one_in(2), letter());
        let candidate = match own {
            Some(own) if saved || open.sent.is_empty() => self.candidate(&own.codes[at]),
            None if open.sent.is_empty() => return self.issue(store, name).await,
            _ => {
                let (salt, code) = (Some(letter.salt), &letter.code);
                candidate_mac(ARGON2ID_DEFAULT, 1, &self.pepper, salt, code).unwrap()
            }
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
        let ask: Ask<'_> = Box::new(move |snapshot, call, _| {
            let held = snapshot.recoveries.iter().find(|held| held.recovery.id == recovery);
            let case = held.map_or(Digest([0; 32]), |held| held.recovery.case().unwrap());
            let assertion = assertion(snapshot.operator.as_ref());
            let word = review::Word::Review { case, assertion };
            let command = review::Review { recovery, reviewer: by, word };
            sealed(review::decide(snapshot, command, call))
        });
        self.act(store, Aggregate::Recovery(recovery), Some(by), ask).await
    }

    pub(crate) async fn cancel(&mut self, store: &dyn Store, recovery: RecoveryId) -> Stepped {
        let ask: Ask<'_> = Box::new(move |snapshot, call, _| {
            sealed(cancel::decide(snapshot, recovery, None, call))
        });
        self.act(store, Aggregate::Recovery(recovery), None, ask).await
    }

    /// Lifts what a window that lapsed has put to rest (C5).
    pub(crate) async fn reopen(&mut self, store: &dyn Store, name: usize) -> Stepped {
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
