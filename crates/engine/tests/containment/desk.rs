//! A desk with approvers who have passkeys, and whom containments are about, over the store in
//! memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::containment::{Containment, ContainmentReason};
use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::id::{ContainmentId, RedemptionId, SetId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Refusal, Reply as Issue};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::recovery::{Cause, Reference};
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Containing, Opening, Redemption, Registration, Whom};
use glassbreak_engine::store::Store;
use glassbreak_engine::store::memory::{Faults, MemoryStore};
use glassbreak_engine::{Caller, Engine, Error, Options, RootKey};
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_verify::cases::Cases;

pub(crate) const RP: &str = "glassbreak.example";
pub(crate) const ORIGIN: &str = "https://desk.glassbreak.example";

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) clock: FakeClock,
    pub(crate) faults: Faults,
    passkeys: BTreeMap<&'static str, Passkey>,
    attempts: u8,
}

pub(crate) fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

pub(crate) fn caller() -> Caller {
    Caller::embedder()
}

pub(crate) fn opening(agent: Option<&str>) -> Opening {
    Opening {
        agent: agent.map(name),
        cause: Cause::PhoneLost,
        requester: None,
        reference: None,
        bundle: None,
    }
}

impl Desk {
    /// Eve, of the group `finance`; sam of the desk; ann, bob and cay, who approve.
    pub(crate) async fn open() -> Self {
        Self::open_where(|_| {}).await
    }

    /// The same, where more than usual is set.
    pub(crate) async fn open_where(more: impl FnOnce(&mut Settings)) -> Self {
        let (clock, store) = (FakeClock::default(), MemoryStore::new());
        let faults = store.faults();
        let mut settings = Settings::defaults();
        for tier in settings.tiers.values_mut() {
            let risk_analysis = Reference::try_from("RISK-7".to_owned()).unwrap();
            tier.support = Some(Support { risk_analysis });
        }
        more(&mut settings);
        let options = Options {
            clock: Box::new(clock.clone()),
            relying_party: Some(RelyingParty::new(RP, &[ORIGIN]).unwrap()),
            ..Options::new(settings)
        };
        let store: Arc<dyn Store> = Arc::new(store);
        let engine = Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap();
        let mut desk = Self { engine, clock, faults, passkeys: BTreeMap::new(), attempts: 0 };
        desk.register("eve", &["finance"]).await;
        for (who, duty) in [
            ("sam", Duty::Support),
            ("ann", Duty::Approve),
            ("bob", Duty::Approve),
            ("cay", Duty::Approve),
        ] {
            desk.register(who, &[]).await;
            desk.engine.appoint(&caller(), &name(who), vec![duty]).await.unwrap();
            desk.enrol_passkey(who).await;
        }
        desk
    }

    pub(crate) async fn register(&self, who: &str, groups: &[&str]) {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let registration = Registration { groups, ..Registration::person(Assurance::Aal1) };
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

    pub(crate) async fn begin(&self, whom: Whom, requester: Option<&str>) -> Containment {
        let asked = Containing {
            whom,
            reason: ContainmentReason::PrimaryFactorCompromised,
            reference: Some(Reference::try_from("INC-1".to_owned()).unwrap()),
            requester: requester.map(name),
        };
        self.engine.begin_containment(&caller(), &asked).await.unwrap().into_reply()
    }

    /// What `who` signs so that it is lifted, and with what.
    pub(crate) async fn sign(&mut self, who: &str, id: ContainmentId) -> Result<String, Error> {
        let to_sign = self.engine.containment_options(&caller(), id, &name(who)).await?;
        let challenge = to_sign.options["challenge"].as_str().unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(challenge).unwrap();
        let passkey = self.passkeys.get_mut(who).unwrap();
        Ok(passkey.get(&challenge, &Manner::honest(RP, ORIGIN)).unwrap().to_string())
    }

    pub(crate) async fn hand_in(
        &self,
        who: &str,
        id: ContainmentId,
        signed: &str,
    ) -> Result<Containment, Error> {
        let (who, signed) = (name(who), signed.as_bytes());
        Ok(self.engine.approve_containment(&caller(), id, &who, signed).await?.into_reply())
    }

    pub(crate) async fn approve(
        &mut self,
        who: &str,
        id: ContainmentId,
    ) -> Result<Containment, Error> {
        let signed = self.sign(who, id).await?;
        self.hand_in(who, id, &signed).await
    }

    pub(crate) async fn lift(&self, id: ContainmentId) -> Result<Containment, Error> {
        Ok(self.engine.lift_containment(&caller(), id).await?.into_reply())
    }

    pub(crate) async fn issue(&self, who: &str) -> Result<Vec<String>, Refusal> {
        self.shown(who).await.map(|(_, codes)| codes)
    }

    /// Issues a set: its id, and its codes.
    pub(crate) async fn shown(&self, who: &str) -> Result<(SetId, Vec<String>), Refusal> {
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
            Issue::Shown { set, codes, .. } => {
                let codes = codes.iter().map(|code| code.expose_display().to_string()).collect();
                Ok((set.id, codes))
            }
            Issue::Refused(refusal) => Err(refusal),
            Issue::ShownBefore { .. } => panic!("nothing was issued under a name"),
        }
    }

    /// Begins a containment, and has bob and cay lift it a minute later.
    pub(crate) async fn contain_and_lift(&mut self, whom: Whom) -> Containment {
        let begun = self.begin(whom, None).await;
        for who in ["bob", "cay"] {
            self.approve(who, begun.id).await.unwrap();
        }
        self.clock.advance(Seconds(60));
        let lifted = self.lift(begun.id).await.unwrap();
        self.clock.advance(Seconds(60));
        lifted
    }

    pub(crate) async fn redeem(&mut self, role: Role, who: &str, code: &str) -> Reply {
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

    pub(crate) async fn happened(&self) -> Vec<Happened> {
        let entries = self.engine.entries(0, 10_000).await.unwrap();
        entries.iter().map(|logged| logged.entry().unwrap().happened).collect()
    }

    pub(crate) async fn finished(&self, id: ContainmentId) -> bool {
        let all = self.engine.containments().await.unwrap();
        all.get(id).unwrap().containment.finished_at.is_some()
    }

    /// The tables are what the log says, and an auditor finds `approvals`, all of them good.
    pub(crate) async fn holds_together(&self, approvals: u64) {
        let replay = self.engine.replay(&mut |_, _| {}).await.unwrap();
        assert_eq!(replay.differences, []);
        assert!(replay.ledger.balances());
        let mut cases = Cases::default();
        for entry in self.engine.entries(0, 10_000).await.unwrap() {
            cases.read(&entry.bytes, RP, &[ORIGIN]).unwrap();
        }
        assert_eq!(cases.checked(), approvals);
    }
}
