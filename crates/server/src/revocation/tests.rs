//! Revocations against an engine in memory, with a clock that is set.

use std::collections::BTreeSet;
use std::sync::Arc;

use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::code_set::{IssueReason, SetKind, SetState};
use glassbreak_engine::core::id::{SetId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issued};
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::Registration;
use glassbreak_engine::store::InventoryQuery;
use glassbreak_engine::store::memory::MemoryStore;
use glassbreak_engine::{Options, RootKey};
use glassbreak_testkit::FakeClock;

use super::*;

/// People sign in, and whoever has the role `responder` and its duty may revoke.
const PROVIDER: &str = "[operators.oidc]\nissuer = \"https://id.example\"\nclient_id = \"us\"\n\
    [[operators.roles]]\nclaim = \"groups\"\nvalue = \"respond\"\nrole = \"responder\"\n";

struct World {
    all: Revocations,
    clock: FakeClock,
    caller: Caller,
    key: String,
}

impl World {
    /// An engine, and somebody with a key that may revoke.
    async fn new() -> Self {
        let clock = FakeClock::default();
        let mut options = Options::new(Settings::defaults());
        options.clock = Box::new(clock.clone());
        let (store, root) = (Arc::new(MemoryStore::new()), RootKey::from_bytes([7; 32]));
        let engine = Engine::open(store, root, options).await.unwrap();
        let new = engine.draw_api_key().unwrap();
        let rights = vec![Scope::Revoke];
        let label = "responder".to_owned();
        engine.create_api_key(&Caller::embedder(), &new, label, rights).await.unwrap();
        let config = crate::config::parse(PROVIDER).unwrap();
        let addr = ([127, 0, 0, 1], 1).into();
        let identities = Identities::open(&config, addr, &engine, &mut Background::new()).unwrap();
        let (working, confirmed) = (Arc::default(), Arc::default());
        let all = Revocations { engine, identities, working, confirmed };
        Self { all, clock, caller: Caller::api_key(new.id.clone()), key: new.id }
    }

    async fn issue(&self, name: &str, groups: &[&str]) -> SetId {
        let engine = &self.all.engine;
        let name = SubjectRef::try_from(name.to_owned()).unwrap();
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let person = Registration { groups, ..Registration::person(Assurance::Aal2) };
        engine.register(&Caller::embedder(), &name, person).await.unwrap();
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(3),
            lifetime: None,
            custody: None,
        };
        let issued = engine.issue(&Caller::embedder(), &name, &request).await.unwrap();
        let Issued::Shown { set, .. } = issued.into_reply() else { panic!("nothing was issued") };
        set.id
    }

    async fn ask(&self) -> Uuid {
        self.ask_as(&self.caller).await.unwrap()
    }

    async fn ask_as(&self, caller: &Caller) -> Result<Uuid, Problem> {
        let query = Box::new(InventoryQuery::default());
        self.all.ask(caller, Which::Matching(query, "state=active".to_owned())).await
    }

    async fn get(&self, id: Uuid) -> Option<Revocation> {
        self.all.get(&Reach::Everybody, id).await.unwrap()
    }

    async fn state(&self, set: SetId) -> SetState {
        let row = self.all.engine.code_set(&Reach::Everybody, set).await.unwrap();
        row.unwrap().set.state
    }

    async fn confirm(&self, id: Uuid) -> Result<(), Problem> {
        self.all.confirm(&self.caller, None, id, RevokeReason::Requested).await
    }
}

#[tokio::test]
async fn g4_what_was_found_is_revoked_and_nothing_that_changed_or_came_later() {
    let world = World::new().await;
    let (ada, bob) = (world.issue("ada", &[]).await, world.issue("bob", &[]).await);
    let id = world.ask().await;
    let found = world.get(id).await.unwrap().found;
    assert_eq!((found.sets, found.holders, found.bare, found.lots), (2, 2, 2, 1));
    // Somebody else was faster with bob's, and eve's was not there.
    let engine = &world.all.engine;
    engine.revoke(&Caller::embedder(), bob, RevokeReason::Lost).await.unwrap();
    let eve = world.issue("eve", &[]).await;
    world.confirm(id).await.unwrap();
    let done = world.get(id).await.unwrap();
    assert_eq!(done.stage.name(), "done");
    assert_eq!((done.tally.revoked, done.tally.changed, done.tally.refused), (1, 1, 0));
    assert!(!world.state(ada).await.is_live() && world.state(eve).await.is_live());
    let lot = world.all.lot(id, 0).await.unwrap().unwrap();
    let left: Vec<_> = lot.left.iter().map(|left| (left.set, left.why.as_str())).collect();
    assert_eq!(left, [(bob, "ended")]);
    // To confirm it again changes nothing.
    world.confirm(id).await.unwrap();
    assert_eq!(world.get(id).await.unwrap().tally, done.tally);
}

#[tokio::test]
async fn a_lot_that_a_crash_left_half_done_is_counted_once() {
    let world = World::new().await;
    let sets = [world.issue("ada", &[]).await, world.issue("bob", &[]).await];
    let id = world.ask().await;
    // It was confirmed, and the process ended after the first set.
    let change = |found: &mut Revocation| {
        let (reason, since) = (RevokeReason::Requested, world.all.engine.now());
        found.stage = Stage::Running { reason, since, next: 0 };
    };
    world.all.change(&Reach::Everybody, id, change).await.unwrap().unwrap();
    let [first, _] = sets;
    world.all.engine.revoke(&world.caller, first, RevokeReason::Requested).await.unwrap();
    run::carry_on(&world.all, id).await.unwrap();
    let done = world.get(id).await.unwrap();
    assert_eq!((done.stage.name(), done.tally.revoked, done.tally.changed), ("done", 2, 0));
    assert!(Revocation::running(&world.all.engine).list("", None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_goes_on_with_a_key_that_was_revoked() {
    let world = World::new().await;
    let set = world.issue("ada", &[]).await;
    let id = world.ask().await;
    world.all.engine.revoke_api_key(&Caller::embedder(), &world.key).await.unwrap();
    world.confirm(id).await.unwrap();
    let stopped = world.get(id).await.unwrap();
    assert!(matches!(stopped.stage, Stage::Stopped { by: StoppedBy::LossOfRight, .. }));
    assert!(world.state(set).await.is_live());
}

#[tokio::test]
async fn nobody_goes_on_who_signed_in_and_has_another_duty_or_no_such_role() {
    let world = World::new().await;
    let (all, engine) = (&world.all, &world.all.engine);
    let name = SubjectRef::try_from("rae".to_owned()).unwrap();
    let person = Registration::person(Assurance::Aal2);
    engine.register(&Caller::embedder(), &name, person).await.unwrap();
    let claimed = |role: &str| Claimed { roles: [role.to_owned()].into(), groups: None };
    for (who, duty, role, goes_on) in [
        ("ada", Duty::Respond, "responder", true),
        ("bob", Duty::Audit, "responder", false),
        ("eve", Duty::Respond, "auditor", false),
    ] {
        engine.appoint(&Caller::embedder(), &name, vec![Duty::Respond]).await.unwrap();
        let rae = engine.appointed(&Caller::embedder(), &name).await.unwrap();
        let set = world.issue(who, &[]).await;
        let id = all.ask(&Caller::operator(rae), Which::These(vec![set])).await.unwrap();
        // Between the page and the press.
        engine.appoint(&Caller::embedder(), &name, vec![duty]).await.unwrap();
        let (caller, claimed) = (Caller::operator(rae), claimed(role));
        all.confirm(&caller, Some(&claimed), id, RevokeReason::Lost).await.unwrap();
        let stage = world.get(id).await.unwrap().stage;
        let stopped = matches!(stage, Stage::Stopped { by: StoppedBy::LossOfRight, .. });
        assert_eq!((stopped, world.state(set).await.is_live()), (!goes_on, !goes_on), "{who}");
    }
}

#[tokio::test]
async fn what_is_confirmed_in_its_last_second_is_not_swept_away_by_a_clock_that_is_ahead() {
    let world = World::new().await;
    let set = world.issue("ada", &[]).await;
    let id = world.ask().await;
    let engine = &world.all.engine;
    // The other server has read it as forgotten, and takes it away when it is confirmed already.
    let kept = Revocation::shelf(engine).get(&id.to_string()).await.unwrap().unwrap();
    let running = |found: &mut Revocation| {
        let (reason, since) = (RevokeReason::Requested, engine.now());
        found.stage = Stage::Running { reason, since, next: 0 };
    };
    world.all.change(&Reach::Everybody, id, running).await.unwrap().unwrap();
    world.all.take(id, 1, kept.version).await.unwrap();
    run::carry_on(&world.all, id).await.unwrap();
    let done = world.get(id).await.unwrap();
    assert_eq!((done.stage.name(), done.tally.revoked), ("done", 1));
    assert!(!world.state(set).await.is_live());
}

#[tokio::test]
async fn what_has_lost_its_list_is_not_told_as_done() {
    let world = World::new().await;
    let set = world.issue("ada", &[]).await;
    let id = world.ask().await;
    let key = Revocation::lot_key(id, 0);
    Revocation::lots(&world.all.engine).take(&key, Expected::Anything).await.unwrap();
    world.confirm(id).await.unwrap();
    let stopped = world.get(id).await.unwrap();
    assert!(matches!(stopped.stage, Stage::Stopped { by: StoppedBy::LossOfSets, .. }));
    assert!(world.state(set).await.is_live());
}

#[tokio::test]
async fn the_list_has_the_newest_however_many_there_are() {
    let world = World::new().await;
    world.issue("ada", &[]).await;
    let pattern = world.get(world.ask().await).await.unwrap();
    let shelf = Revocation::shelf(&world.all.engine);
    let at = world.all.engine.now();
    let stage = Stage::Done { reason: RevokeReason::Lost, at };
    let (mut ids, mut changes) = (Vec::new(), Vec::new());
    for _ in 0..=2 * PAGE {
        world.clock.advance(Seconds(1));
        let id = world.all.engine.new_id().unwrap();
        let one = Revocation { id, stage: stage.clone(), ..pattern.clone() };
        changes.push(shelf.putting(id.to_string(), Expected::Nothing, one.bytes().unwrap()));
        ids.push(id);
    }
    world.all.engine.keep(changes).await.unwrap();
    let newest = world.all.newest(&Reach::Everybody, 2).await.unwrap();
    let newest: Vec<_> = newest.iter().map(|found| found.id).collect();
    assert_eq!(newest, [ids[2 * PAGE], ids[2 * PAGE - 1]]);
}

#[tokio::test]
async fn what_is_stopped_goes_no_further() {
    let world = World::new().await;
    let set = world.issue("ada", &[]).await;
    let id = world.ask().await;
    let since = world.all.engine.now();
    let running = Stage::Running { reason: RevokeReason::Lost, since, next: 0 };
    let change = |found: &mut Revocation| found.stage = running.clone();
    world.all.change(&Reach::Everybody, id, change).await.unwrap().unwrap();
    world.all.stop(&Reach::Everybody, id).await.unwrap();
    run::carry_on(&world.all, id).await.unwrap();
    assert_eq!(world.get(id).await.unwrap().stage.name(), "stopped");
    assert!(world.state(set).await.is_live());
}

#[tokio::test]
async fn what_nobody_confirms_within_the_hour_is_gone_with_all_that_was_kept_of_it() {
    let world = World::new().await;
    world.issue("ada", &[]).await;
    let id = world.ask().await;
    world.clock.advance(CONFIRM_WITHIN);
    assert!(world.get(id).await.is_none());
    assert_eq!(world.confirm(id).await, Err(Problem::plain("not_found")));
    world.all.forget().await.unwrap();
    let engine = &world.all.engine;
    for shelf in [Revocation::shelf(engine), Revocation::lots(engine)] {
        assert!(shelf.list("", None, 9).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn b4_who_reaches_a_group_revokes_in_it_and_sees_no_other_revocation() {
    let world = World::new().await;
    let (inside, outside) = (world.issue("ada", &["emea"]).await, world.issue("bob", &[]).await);
    let everybodys = world.ask().await;
    let group = Reach::Groups(vec!["emea".to_owned()]);
    let bound = world.caller.clone().reaching(group.clone());
    let id = world.ask_as(&bound).await.unwrap();
    assert!(world.all.get(&group, everybodys).await.unwrap().is_none());
    world.all.confirm(&bound, None, id, RevokeReason::Lost).await.unwrap();
    assert!(!world.state(inside).await.is_live() && world.state(outside).await.is_live());
    let seen: Vec<_> = world.all.newest(&group, 9).await.unwrap();
    assert_eq!(seen.iter().map(|found| found.id).collect::<BTreeSet<_>>(), [id].into());
}

#[tokio::test]
async fn where_nothing_is_live_there_is_nothing_to_revoke() {
    let world = World::new().await;
    let set = world.issue("ada", &[]).await;
    world.all.engine.revoke(&Caller::embedder(), set, RevokeReason::Lost).await.unwrap();
    let asked = world.ask_as(&world.caller).await;
    assert_eq!(asked, Err(Problem::plain("nothing_to_revoke")));
    let asked = world.all.ask(&world.caller, Which::These(vec![set])).await;
    assert_eq!(asked, Err(Problem::plain("nothing_to_revoke")));
}
