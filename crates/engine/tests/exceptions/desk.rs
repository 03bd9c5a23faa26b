//! A desk with approvers who have passkeys, over SQLite.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::exception::{Exception, ExceptionKind, ExceptionState, WhyEnded};
use glassbreak_engine::core::id::{ExceptionId, RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Refusal, Reply as Issue};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::recovery::Reference;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::{Assurance, SubjectKind, Tier};
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Exceptional, Redemption, Registration};
use glassbreak_engine::store::ExceptionQuery;
use glassbreak_engine::{Caller, Engine, Error, Options, Reach, RootKey};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_testkit::server::TempDir;
use glassbreak_verify::cases::Cases;

pub(crate) const RP: &str = "glassbreak.example";
pub(crate) const ORIGIN: &str = "https://desk.glassbreak.example";

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) clock: FakeClock,
    passkeys: BTreeMap<&'static str, Passkey>,
    attempts: u8,
    pub(crate) dir: TempDir,
}

pub(crate) fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

pub(crate) fn reference(text: &str) -> Reference {
    Reference::try_from(text.to_owned()).unwrap()
}

pub(crate) fn caller() -> Caller {
    Caller::embedder()
}

async fn engine_in(dir: &TempDir, clock: &FakeClock) -> Engine {
    let path = dir.path().join("glassbreak.db");
    let store = SqliteStore::open(&path, &glassbreak_store_sqlite::Options::default());
    let mut settings = Settings::defaults();
    for tier in settings.tiers.values_mut() {
        tier.support = Some(Support { risk_analysis: reference("RISK-7") });
        tier.exception_max = Seconds::days(30);
    }
    let options = Options {
        clock: Box::new(clock.clone()),
        relying_party: Some(RelyingParty::new(RP, &[ORIGIN]).unwrap()),
        ..Options::new(settings)
    };
    let opened =
        Engine::open(Arc::new(store.unwrap()), RootKey::from_bytes([7; 32]), options).await;
    opened.unwrap()
}

impl Desk {
    /// Eve and root, who may need an exception; sam of the desk; ann, bob and cay, who approve.
    pub(crate) async fn open() -> Self {
        let (dir, clock) = (TempDir::new("exceptions").unwrap(), FakeClock::default());
        let engine = engine_in(&dir, &clock).await;
        let (passkeys, attempts) = (BTreeMap::new(), 0);
        let mut desk = Self { engine, clock, passkeys, attempts, dir };
        desk.register("eve", "standard", SubjectKind::Person, None).await;
        desk.register("root", "privileged", SubjectKind::Person, None).await;
        let approve = Duty::Approve;
        for (who, duty) in
            [("sam", Duty::Support), ("ann", approve), ("bob", approve), ("cay", approve)]
        {
            desk.register(who, "standard", SubjectKind::Person, None).await;
            desk.engine.appoint(&caller(), &name(who), vec![duty]).await.unwrap();
            desk.enrol_passkey(who).await;
        }
        desk
    }

    /// The same desk after its process ended and began again.
    pub(crate) async fn reopened(mut self) -> Self {
        self.engine.close().await;
        let other = TempDir::new("exceptions-gap").unwrap();
        // The store is let go before it is opened again: one process has it at a time.
        self.engine = engine_in(&other, &self.clock).await;
        self.engine = engine_in(&self.dir, &self.clock).await;
        self
    }

    pub(crate) async fn register(
        &self,
        who: &str,
        tier: &str,
        kind: SubjectKind,
        owner: Option<&str>,
    ) {
        let tier = Tier::try_from(tier.to_owned()).unwrap();
        let person = Registration::person(Assurance::Aal2);
        let registration = Registration { kind, tier, owner: owner.map(name), ..person };
        self.engine.register(&caller(), &name(who), registration).await.unwrap();
    }

    async fn enrol_passkey(&mut self, who: &'static str) {
        let options = self.engine.passkey_options(&name(who)).await.unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap();
        let mut passkey = Passkey::new(Kind::Es256, who).unwrap();
        let response = passkey.create(&challenge, &Manner::honest(RP, ORIGIN)).unwrap();
        let response = response.to_string();
        self.engine.add_passkey(&caller(), &name(who), response.as_bytes()).await.unwrap();
        self.passkeys.insert(who, passkey);
    }

    /// An exception that bob asks for.
    pub(crate) fn asked(&self, kind: ExceptionKind, within: Seconds) -> Exceptional {
        let ends_at = self.engine.now().plus(within);
        Exceptional { kind, reason: reference("CHG-1"), requester: name("bob"), ends_at }
    }

    pub(crate) async fn request(
        &self,
        subject: &str,
        kind: ExceptionKind,
        within: Seconds,
    ) -> Result<Exception, Error> {
        let asked = self.asked(kind, within);
        let applied = self.engine.request_exception(&caller(), &name(subject), &asked).await?;
        Ok(applied.into_reply())
    }

    pub(crate) async fn sign(&mut self, who: &str, subject: &str, id: ExceptionId) -> String {
        let to_sign =
            self.engine.exception_options(&caller(), &name(subject), id, &name(who)).await.unwrap();
        let challenge = to_sign.options["challenge"].as_str().unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(challenge).unwrap();
        let passkey = self.passkeys.get_mut(who).unwrap();
        passkey.get(&challenge, &Manner::honest(RP, ORIGIN)).unwrap().to_string()
    }

    pub(crate) async fn hand_in(
        &self,
        who: &str,
        subject: &str,
        id: ExceptionId,
        signed: &str,
    ) -> Result<Exception, Error> {
        let (subject, who) = (name(subject), name(who));
        let signed = signed.as_bytes();
        let applied = self.engine.approve_exception(&caller(), &subject, id, &who, signed).await?;
        Ok(applied.into_reply())
    }

    pub(crate) async fn approve(
        &mut self,
        who: &str,
        subject: &str,
        id: ExceptionId,
    ) -> Result<Exception, Error> {
        let signed = self.sign(who, subject, id).await;
        self.hand_in(who, subject, id, &signed).await
    }

    pub(crate) async fn issue(&self, who: &str) -> Result<Vec<String>, Refusal> {
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(8),
            lifetime: None,
            custody: None,
        };
        let issued = self.engine.issue(&caller(), &name(who), &request).await.unwrap();
        match issued.into_reply() {
            Issue::Shown { codes, .. } => {
                Ok(codes.iter().map(|code| code.expose_display().to_string()).collect())
            }
            Issue::Refused(refusal) => Err(refusal),
            Issue::ShownBefore { .. } => panic!("nothing was issued under a name"),
        }
    }

    pub(crate) async fn redeem(&mut self, who: &str, code: &str) -> Reply {
        self.redeem_as(Role::AccountRecovery, who, code).await
    }

    pub(crate) async fn second_factor(&mut self, who: &str, code: &str) -> Reply {
        self.redeem_as(Role::SecondFactor, who, code).await
    }

    async fn redeem_as(&mut self, role: Role, who: &str, code: &str) -> Reply {
        self.attempts += 1;
        let redemption = Redemption {
            id: RedemptionId::new(self.engine.now(), [self.attempts; 10]),
            subject: &name(who),
            code,
            role,
            presented: vec![Method::Password],
            recovery: None,
        };
        self.engine.redeem(&caller(), redemption).await.unwrap().into_reply()
    }

    pub(crate) async fn log(&self) -> Vec<String> {
        let entries = self.engine.entries(0, 10_000).await.unwrap();
        entries.into_iter().map(|entry| String::from_utf8(entry.bytes).unwrap()).collect()
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let log = self.log().await;
        log.iter().map(|entry| Entry::from_bytes(entry.as_bytes()).unwrap()).collect()
    }

    /// How many exceptions are live.
    pub(crate) async fn live(&self) -> usize {
        let query = ExceptionQuery { limit: 100, ..ExceptionQuery::default() };
        self.engine.exceptions(&Reach::Everybody, &query).await.unwrap().rows.len()
    }

    pub(crate) async fn ended(&self, id: ExceptionId, why: WhyEnded) {
        let again = self.engine.withdraw_exception(&caller(), &name("eve"), id).await.unwrap();
        let state = again.into_reply().state;
        assert!(matches!(state, ExceptionState::Ended { why: it, .. } if it == why), "{state:?}");
    }

    /// The tables are what the log says, and an auditor finds `approvals`, all of them good.
    pub(crate) async fn holds_together(&self, approvals: u64) {
        let replay = self.engine.replay(&mut |_, _| {}).await.unwrap();
        assert_eq!(replay.differences, []);
        assert!(replay.ledger.balances());
        let mut cases = Cases::default();
        for entry in self.log().await {
            cases.read(entry.as_bytes(), RP, &[ORIGIN]).unwrap();
        }
        assert_eq!(cases.checked(), approvals);
    }
}
