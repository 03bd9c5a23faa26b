//! Decoys never work and always alert; nobody who presents one can tell (C9, G3).

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::code_set::{IssueReason, RevokeReason, SetKind, SetState};
use glassbreak_engine::core::event::{Alert, CanaryCode, Happened};
use glassbreak_engine::core::id::{RedemptionId, SetId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issued};
use glassbreak_engine::core::operation::{confirm, redeem};
use glassbreak_engine::core::redemption::{Method, Role, WhyRefused};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::{Caller, Engine, Options, RootKey};
use glassbreak_store::memory::MemoryStore;

struct World {
    engine: Engine,
    ada: SubjectRef,
    tries: u8,
}

/// A set as it was shown.
struct Shown {
    set: SetId,
    state: SetState,
    codes: Vec<String>,
    superseded: Vec<SetId>,
}

impl World {
    async fn new() -> Self {
        let (root, options) = (RootKey::from_bytes([7; 32]), Options::new(Settings::defaults()));
        let engine = Engine::open(Arc::new(MemoryStore::new()), root, options).await.unwrap();
        let ada = SubjectRef::try_from("ada".to_owned()).unwrap();
        let person = Registration::person(Assurance::Aal2);
        engine.register(&Caller::embedder(), &ada, person).await.unwrap();
        Self { engine, ada, tries: 0 }
    }

    async fn issue(&self, kind: SetKind) -> Shown {
        let request = IssueRequest {
            kind,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(3),
            lifetime: None,
            custody: None,
        };
        let issued = self.engine.issue(&Caller::embedder(), &self.ada, &request).await.unwrap();
        let Issued::Shown { set, codes, superseded } = issued.into_reply() else {
            panic!("nothing was issued")
        };
        let codes = codes.iter().map(|code| code.expose_display().to_string()).collect();
        Shown { set: set.id, state: set.state, codes, superseded }
    }

    async fn redeem(&mut self, code: &str) -> redeem::Reply {
        self.tries += 1;
        let redemption = Redemption {
            id: RedemptionId::new(self.engine.now(), [self.tries; 10]),
            subject: &self.ada,
            code,
            role: Role::AccountRecovery,
            presented: vec![Method::Password],
            recovery: None,
        };
        self.engine.redeem(&Caller::embedder(), redemption).await.unwrap().into_reply()
    }

    /// What happened, from an index on.
    async fn happened(&self, from: usize) -> Vec<Happened> {
        let entries = self.engine.entries(from as u64, 1_000).await.unwrap();
        entries.iter().map(|entry| entry.entry().unwrap().happened).collect()
    }
}

fn alert(set: SetId, ordinal: u8) -> Happened {
    Happened::canary(CanaryCode { set, ordinal })
}

#[tokio::test]
async fn g3_a_decoy_is_refused_as_a_wrong_code_is_and_names_itself_in_the_log() {
    let mut world = World::new().await;
    let saved = world.issue(SetKind::Saved).await;
    let decoys = world.issue(SetKind::Canary).await;
    assert!(decoys.superseded.is_empty() && matches!(decoys.state, SetState::Active { .. }));
    let older = decoys;
    let decoys = world.issue(SetKind::Canary).await;
    assert_eq!(decoys.superseded, [older.set], "there is one set of decoys, as a miss costs");
    let before = world.happened(0).await.len();
    assert_eq!(world.redeem(&decoys.codes[1]).await, redeem::Reply::NotAccepted);
    let told = world.happened(before).await;
    let Happened::CodeRefused { why, charged, failures, .. } = &told[0] else { panic!("{told:?}") };
    assert_eq!((*why, *failures), (WhyRefused::Canary, 1));
    assert_eq!(charged, &[saved.set], "charged to what could have been guessed");
    assert_eq!(told[1..], [alert(decoys.set, 1)]);
    // It is not used up, and what works goes on working.
    assert_eq!(world.redeem(&decoys.codes[1]).await, redeem::Reply::NotAccepted);
    let accepted = world.redeem(&saved.codes[0]).await;
    assert!(matches!(accepted, redeem::Reply::Accepted { .. }), "{accepted:?}");
    let renewed = world.issue(SetKind::Saved).await;
    assert_eq!(renewed.superseded, [saved.set], "nobody takes the place of decoys");
    assert!(world.engine.replay(&mut |_, _| {}).await.unwrap().differences.is_empty());
}

#[tokio::test]
async fn g3_a_decoy_is_heard_in_place_of_a_confirmation_and_when_its_set_is_dead() {
    let mut world = World::new().await;
    let saved = world.issue(SetKind::Saved).await;
    let decoys = world.issue(SetKind::Canary).await;
    let caller = Caller::embedder();
    for set in [saved.set, decoys.set] {
        let before = world.happened(0).await.len();
        let tried = world.engine.confirm(&caller, set, &decoys.codes[0]).await.unwrap();
        assert_eq!(tried.into_reply(), confirm::Reply::NotAccepted);
        let told = world.happened(before).await;
        assert!(matches!(told[0], Happened::CodeSetConfirmRefused { .. }), "{told:?}");
        assert_eq!(told[1..], [alert(decoys.set, 0)]);
    }
    world.engine.revoke(&caller, decoys.set, RevokeReason::Requested).await.unwrap();
    let before = world.happened(0).await.len();
    assert_eq!(world.redeem(&decoys.codes[2]).await, redeem::Reply::NotAccepted);
    assert_eq!(world.happened(before).await[1..], [alert(decoys.set, 2)]);
    // A wrong code raises none.
    let other = World::new().await.issue(SetKind::Canary).await;
    let before = world.happened(0).await.len();
    assert_eq!(world.redeem(&other.codes[0]).await, redeem::Reply::NotAccepted);
    let told = world.happened(before).await;
    let raised = told.iter().any(|event| matches!(event, Happened::AlertRaised { .. }));
    assert!(!raised, "{told:?}");
    assert_eq!(serde_json::to_value(Alert::CanaryUsed).unwrap(), "canary_used");
}

#[tokio::test]
async fn g4_decoys_are_shown_in_the_inventory_and_count_as_nothing_that_works() {
    let world = World::new().await;
    world.issue(SetKind::Canary).await;
    let figures = world.engine.inventory_summary().await.unwrap();
    assert_eq!((figures.subjects, figures.covered), (1, 0), "decoys cover nobody");
    assert_eq!(figures.by_kind.get("canary"), Some(&1));
    assert!(figures.by_state.is_empty(), "{figures:?}");
    world.issue(SetKind::Saved).await;
    let figures = world.engine.inventory_summary().await.unwrap();
    assert_eq!((figures.covered, figures.by_state.get("active")), (1, Some(&1)));
}
