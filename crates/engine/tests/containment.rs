//! Containment through the engine, with real passkeys: at once, whatever fails afterwards, lifted
//! by two people, and held until paths are reissued.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::code_set::{IssueReason, RevokeReason, SetKind, SetState};
use glassbreak_engine::core::containment::{Containment, ContainmentReason};
use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::id::{ContainmentId, RedemptionId, SubjectRef};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::issue::{IssueRequest, Refusal, Reply as Issue};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::recovery::{Cause, Reference};
use glassbreak_engine::core::redemption::{Method, Role, WhyRefused};
use glassbreak_engine::core::settings::{Settings, Support};
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::{Containing, Opening, Redemption, Registration, Whom};
use glassbreak_engine::store::memory::{Calls, Fault, Faults, MemoryStore};
use glassbreak_engine::store::{InventoryQuery, Store};
use glassbreak_engine::{Caller, Engine, Error, Options, Reach, RootKey};
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_verify::cases::Cases;

const RP: &str = "glassbreak.example";
const ORIGIN: &str = "https://desk.glassbreak.example";

struct Desk {
    engine: Engine,
    clock: FakeClock,
    faults: Faults,
    passkeys: BTreeMap<&'static str, Passkey>,
    attempts: u8,
}

fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

fn caller() -> Caller {
    Caller::embedder()
}

fn opening(agent: Option<&str>) -> Opening {
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
    async fn open() -> Self {
        let (clock, store) = (FakeClock::default(), MemoryStore::new());
        let faults = store.faults();
        let mut settings = Settings::defaults();
        for tier in settings.tiers.values_mut() {
            let risk_analysis = Reference::try_from("RISK-7".to_owned()).unwrap();
            tier.support = Some(Support { risk_analysis });
        }
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

    async fn register(&self, who: &str, groups: &[&str]) {
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

    async fn begin(&self, whom: Whom, requester: Option<&str>) -> Containment {
        let asked = Containing {
            whom,
            reason: ContainmentReason::PrimaryFactorCompromised,
            reference: Some(Reference::try_from("INC-1".to_owned()).unwrap()),
            requester: requester.map(name),
        };
        self.engine.begin_containment(&caller(), &asked).await.unwrap().into_reply()
    }

    async fn approve(&mut self, who: &str, id: ContainmentId) -> Result<Containment, Error> {
        let to_sign = self.engine.containment_options(&caller(), id, &name(who)).await?;
        let challenge = to_sign.options["challenge"].as_str().unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(challenge).unwrap();
        let passkey = self.passkeys.get_mut(who).unwrap();
        let signed = passkey.get(&challenge, &Manner::honest(RP, ORIGIN)).unwrap().to_string();
        let who = name(who);
        let done = self.engine.approve_containment(&caller(), id, &who, signed.as_bytes()).await?;
        Ok(done.into_reply())
    }

    async fn lift(&self, id: ContainmentId) -> Result<Containment, Error> {
        Ok(self.engine.lift_containment(&caller(), id).await?.into_reply())
    }

    async fn issue(&self, who: &str) -> Result<Vec<String>, Refusal> {
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

    async fn redeem(&mut self, role: Role, who: &str, code: &str) -> Reply {
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

    async fn happened(&self) -> Vec<Happened> {
        let entries = self.engine.entries(0, 10_000).await.unwrap();
        entries.iter().map(|logged| logged.entry().unwrap().happened).collect()
    }

    async fn finished(&self, id: ContainmentId) -> bool {
        let all = self.engine.containments().await.unwrap();
        all.get(id).unwrap().containment.finished_at.is_some()
    }

    /// The tables are what the log says, and an auditor finds `approvals`, all of them good.
    async fn holds_together(&self, approvals: u64) {
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

#[tokio::test]
async fn i1_d9_a_containment_is_in_force_at_once_and_access_is_held_after_two_have_lifted_it() {
    let mut desk = Desk::open().await;
    let codes = desk.issue("eve").await.unwrap();
    let begun = desk.begin(Whom::Group("finance".to_owned()), Some("ann")).await;
    for role in [Role::AccountRecovery, Role::SecondFactor] {
        assert_eq!(desk.redeem(role, "eve", &codes[0]).await, Reply::NotAccepted, "C9");
    }
    assert_eq!(desk.issue("eve").await.unwrap_err(), Refusal::Contained);
    let refused =
        desk.engine.open_recovery(&caller(), &name("eve"), &opening(None)).await.unwrap_err();
    assert_eq!(refused.code(), "contained");
    assert!(desk.issue("sam").await.is_ok(), "who is in no such group goes on");

    assert_eq!(desk.lift(begun.id).await.unwrap_err().code(), "approvals_missing");
    let stake = desk.approve("ann", begun.id).await.unwrap_err();
    assert_eq!(stake.code(), "not_allowed", "she asked for it");
    assert_eq!(desk.approve("sam", begun.id).await.unwrap_err().code(), "not_allowed");
    desk.approve("bob", begun.id).await.unwrap();
    assert_eq!(desk.lift(begun.id).await.unwrap_err().code(), "approvals_missing");
    desk.approve("cay", begun.id).await.unwrap();
    desk.clock.advance(glassbreak_engine::core::time::Seconds(60));
    assert!(!desk.lift(begun.id).await.unwrap().is_in_force());

    let reply = desk.redeem(Role::AccountRecovery, "eve", &codes[1]).await;
    assert_eq!(reply, Reply::NotAccepted, "what was live stays ended");
    let refused =
        desk.engine.open_recovery(&caller(), &name("eve"), &opening(None)).await.unwrap_err();
    assert_eq!(refused.code(), "reissue_needed");
    desk.engine.open_recovery(&caller(), &name("eve"), &opening(Some("sam"))).await.unwrap();
    let fresh = desk.issue("eve").await.unwrap();
    desk.engine.open_recovery(&caller(), &name("eve"), &opening(None)).await.unwrap();
    let reply = desk.redeem(Role::SecondFactor, "eve", &fresh[0]).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    desk.holds_together(2).await;
}

#[tokio::test]
async fn i1_the_log_says_why_and_names_no_group_and_what_takes_away_stays_possible() {
    let mut desk = Desk::open().await;
    let codes = desk.issue("eve").await.unwrap();
    let begun = desk.begin(Whom::All, None).await;
    desk.begin(Whom::Group("finance".to_owned()), None).await;
    desk.redeem(Role::AccountRecovery, "eve", &codes[0]).await;
    let happened = desk.happened().await;
    let why = |what: &Happened| {
        matches!(what, Happened::CodeRefused { why: WhyRefused::Contained, failures: 1, .. })
    };
    assert!(happened.iter().any(why), "and it costs what every guess costs");
    let log = desk.engine.entries(0, 10_000).await.unwrap();
    assert!(log.iter().all(|entry| !String::from_utf8_lossy(&entry.bytes).contains("finance")));
    let kind = LifecycleKind::DeviceLost;
    desk.engine.report(&caller(), &name("eve"), kind, None).await.unwrap();
    let page = desk.engine.inventory(&Reach::Everybody, &InventoryQuery::default()).await.unwrap();
    let ended =
        |set: &SetState| matches!(set, SetState::Revoked { reason: RevokeReason::Containment, .. });
    assert!(page.rows.iter().all(|row| ended(&row.set.state)), "{:?}", page.rows);
    let reason = RevokeReason::Requested;
    desk.engine.revoke(&caller(), page.rows[0].set.id, reason).await.unwrap();
    assert_eq!(happened.iter().filter(|what| what.name() == "subject.contained").count(), 1);
    desk.engine.carry_out_containments().await.unwrap();
    assert!(desk.finished(begun.id).await);
    desk.holds_together(0).await;
}

#[tokio::test]
async fn i1_whatever_commit_fails_all_that_was_live_is_ended_in_the_end() {
    for nth in 1.. {
        let desk = Desk::open().await;
        for who in ["eve", "sam", "ann", "bob"] {
            desk.issue(who).await.unwrap();
        }
        desk.engine.open_recovery(&caller(), &name("eve"), &opening(None)).await.unwrap();
        let begun = desk.begin(Whom::All, None).await;
        desk.faults.fail(Calls::Commits, nth, Fault::ALL[usize::try_from(nth).unwrap() % 4]);
        // Whether this one fails or the engine's own task, the next look goes on.
        let _ = desk.engine.carry_out_containments().await;
        let came = desk.faults.disarm();
        desk.engine.carry_out_containments().await.unwrap();
        assert!(desk.finished(begun.id).await, "commit {nth}");
        let query = InventoryQuery { limit: 100, ..InventoryQuery::default() };
        assert!(
            desk.engine
                .inventory(&Reach::Everybody, &query)
                .await
                .unwrap()
                .rows
                .iter()
                .all(|row| !row.set.state.is_live())
        );
        let happened = desk.happened().await;
        let written = happened.iter().filter(|what| what.name() == "subject.contained").count();
        assert_eq!(written, 4, "each once, by commit {nth}");
        desk.holds_together(0).await;
        desk.engine.close().await;
        if !came {
            return;
        }
    }
}
