//! Recovery bundles: what lies beside the log, what is erased, and who has left.

use std::sync::Arc;

use glassbreak_core::bundle::{Bundle, BundleParts};
use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::event::RequestMark;
use glassbreak_core::fold::State;
use glassbreak_core::id::{BundleId, RecoveryId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::allow_opening::{self, AllowOpening};
use glassbreak_core::operation::create_bundle::{self, CreateBundle, Reply};
use glassbreak_core::operation::open::{self, Open};
use glassbreak_core::operation::prove_share::{self, ProveShare};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::revoke_bundle::{self, RevokeBundle};
use glassbreak_core::operation::{Denial, custodians_left, lapse};
use glassbreak_core::operator::Operator;
use glassbreak_core::recovery::Cause;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};

use super::desk::{Desk, opening};
use super::driver::{World, by_name, person};
use crate::{BundleQuery, Committed, Store};

const CUSTODIANS: [&str; 2] = ["cleo", "dora"];

/// What a splitter would have made.
fn parts(number: u8) -> BundleParts {
    BundleParts { record: format!("{{\"generation\":{number}}}"), sealed: Some(vec![number; 40]) }
}

async fn staffed(store: Arc<dyn Store>) -> (World, Vec<Operator>) {
    let mut world = World::new(store);
    let mut custodians = Vec::new();
    for name in ["ada", "bob"].into_iter().chain(CUSTODIANS) {
        let id = world.register(name, person("standard")).await.id;
        let operator = world.store.operator(id).await.expect("operator").expect("registered");
        custodians.push(operator);
    }
    (world, custodians.split_off(2))
}

impl World {
    async fn split(
        &mut self,
        (name, bundle, next): (&str, BundleId, bool),
        (custodians, parts): (&[Operator], BundleParts),
        request: Option<RequestMark>,
    ) -> Result<Reply, Denial> {
        let key = request.map(|mark| mark.key);
        let query = SnapshotQuery { of: by_name(name), request: key, ..SnapshotQuery::default() };
        let command = CreateBundle { bundle, next, k: 2, custodians: custodians.to_vec(), parts };
        let done = self.run(query, request, |snapshot, call, _| {
            create_bundle::decide(snapshot, command.clone(), call)
        });
        Ok(done.await?.into_reply())
    }

    async fn prove(&mut self, bundle: BundleId, generation: u32, custodian: SubjectId) -> Bundle {
        let generation = Some(generation);
        let command = ProveShare { bundle, generation, custodian };
        let query = SnapshotQuery { of: Aggregate::Bundle(bundle), ..SnapshotQuery::default() };
        let done =
            self.run(query, None, |snapshot, call, _| prove_share::decide(snapshot, command, call));
        done.await.expect("pending").into_reply()
    }

    /// An emergency that is opened for a bundle.
    async fn emergency_for(&mut self, name: &str, bundle: BundleId) -> RecoveryId {
        let new_id = RecoveryId::new(self.now, self.entropy.bytes());
        let command = Open { bundle: Some(bundle), ..opening(new_id, None, Cause::Emergency) };
        let query = SnapshotQuery { of: by_name(name), ..SnapshotQuery::default() };
        let opened = self.run(query, None, |snapshot, call, rules| {
            open::decide(snapshot, command.clone(), call, rules)
        });
        opened.await.expect("accounted for");
        new_id
    }

    async fn revoke_bundle(&mut self, bundle: BundleId) {
        let command = RevokeBundle { bundle, reason: RevokeReason::Leaked };
        let query = SnapshotQuery { of: Aggregate::Bundle(bundle), ..SnapshotQuery::default() };
        let done = self
            .run(query, None, |snapshot, call, _| revoke_bundle::decide(snapshot, command, call));
        done.await.expect("a revocation is never denied");
    }

    fn bundle_id(&mut self) -> BundleId {
        BundleId::new(self.now, self.entropy.bytes())
    }

    /// The tables are what the log says.
    async fn agrees(&self) -> State {
        let mut folded = State::default();
        for logged in self.store.entries(0, 10_000).await.expect("entries") {
            folded.apply(&logged.entry().expect("readable")).expect("follows");
        }
        let dump = self.store.dump().await.expect("dump");
        assert_eq!(dump, folded);
        dump
    }
}

pub(super) async fn a_bundle_is_found_with_what_lies_beside_it(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let id = world.bundle_id();
    let split = world.split(("ada", id, false), (&custodians, parts(1)), None).await;
    let Ok(Reply::Shown(bundle)) = split else { panic!("{split:?}") };
    assert_eq!(world.store.bundle(id).await.expect("bundle"), Some(bundle.clone()));
    let held = world.store.bundle_parts(id, 1).await.expect("parts");
    assert_eq!(held, Some(parts(1)));
    assert_eq!(world.store.bundle_parts(id, 2).await.expect("parts"), None);
    assert_eq!(world.load(Aggregate::Bundle(id)).await, world.load(by_name("ada")).await);
    assert_eq!(world.load(by_name("ada")).await.bundles, [bundle]);
    assert_eq!(world.load(by_name("bob")).await.bundles, []);
    let unknown = world.bundle_id();
    assert_eq!(world.store.bundle(unknown).await.expect("bundle"), None);
    let nobody = world.load(Aggregate::Bundle(unknown)).await;
    assert_eq!(nobody, Snapshot::empty(SubjectId::WORLD));
    world.agrees().await;
}

pub(super) async fn what_was_sealed_is_erased_with_its_generation(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let id = world.bundle_id();
    for (number, next) in [(1, false), (2, true)] {
        let split = world.split(("ada", id, next), (&custodians, parts(number)), None).await;
        assert!(matches!(split, Ok(Reply::Shown(_))), "{split:?}");
        let sealed = world.store.bundle_parts(id, 1).await.expect("parts").expect("there").sealed;
        assert!(sealed.is_some(), "until every custodian has the new share");
        for custodian in &custodians {
            world.prove(id, number.into(), custodian.subject).await;
        }
    }
    let gone = world.store.bundle_parts(id, 1).await.expect("parts").expect("there");
    assert_eq!((gone.sealed, gone.record), (None, parts(1).record));
    let kept = world.store.bundle_parts(id, 2).await.expect("parts").expect("there");
    assert_eq!(kept, parts(2));
    world.agrees().await;
    world.revoke_bundle(id).await;
    let gone = world.store.bundle_parts(id, 2).await.expect("parts").expect("there");
    assert_eq!(gone.sealed, None);
    world.agrees().await;
}

pub(super) async fn a_request_that_split_a_secret_is_answered_again(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let (id, other, mark) = (world.bundle_id(), world.bundle_id(), world.mark());
    let split = world.split(("ada", id, false), (&custodians, parts(1)), Some(mark)).await;
    let Ok(Reply::Shown(bundle)) = split else { panic!("{split:?}") };
    let again = world.split(("ada", other, false), (&custodians, parts(9)), Some(mark)).await;
    assert_eq!(again, Ok(Reply::ShownBefore(bundle)));
    assert_eq!(world.store.bundle(other).await.expect("bundle"), None);
    world.agrees().await;
}

pub(super) async fn bundles_keep_to_their_filters_and_are_walked_by_cursor(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let mut ids = Vec::new();
    for name in ["ada", "ada", "bob", "ada"] {
        world.wait(1);
        let id = world.bundle_id();
        let split = world.split((name, id, false), (&custodians, parts(1)), None).await;
        assert!(split.is_ok(), "{split:?}");
        ids.push(id);
    }
    for custodian in &custodians {
        world.prove(ids[1], 1, custodian.subject).await;
    }
    let ada = world.load(by_name("ada")).await.aggregate;
    let found = async |query: BundleQuery| {
        let page = world.store.bundles(&query).await.expect("bundles");
        (page.rows.iter().map(|row| row.bundle.id).collect::<Vec<_>>(), page.next)
    };
    let all = || BundleQuery { limit: 9, ..BundleQuery::default() };
    assert_eq!(found(all()).await, (ids.clone(), None));
    let own = BundleQuery { subject: Some(ada), limit: 2, ..all() };
    assert_eq!(found(own.clone()).await, (vec![ids[0], ids[1]], Some(ids[1])));
    let rest = BundleQuery { after: Some(ids[1]), ..own };
    assert_eq!(found(rest).await, (vec![ids[3]], None));
    let effective = BundleQuery { state: Some("effective".to_owned()), ..all() };
    assert_eq!(found(effective).await, (vec![ids[1]], None));
}

pub(super) async fn a_snapshot_has_the_live_bundles_then_the_newest_ended(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let mut ids = Vec::new();
    for number in 0..Snapshot::BUNDLES_MAX + 3 {
        world.wait(1);
        let id = world.bundle_id();
        let split = world.split(("ada", id, false), (&custodians, parts(1)), None).await;
        assert!(split.is_ok(), "{split:?}");
        // The oldest stays live under a heap of revoked ones.
        if number > 0 {
            world.revoke_bundle(id).await;
        }
        ids.push(id);
    }
    let held = world.load(by_name("ada")).await.bundles;
    let held: Vec<_> = held.iter().map(|bundle| bundle.id).collect();
    let newest = ids[1..].iter().rev().take(Snapshot::BUNDLES_MAX - 1);
    let expected: Vec<_> = std::iter::once(&ids[0]).chain(newest).copied().collect();
    assert_eq!(held, expected);
}

pub(super) async fn an_opening_is_due_when_its_time_is_up(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let desk = Desk::staffed(&mut world).await;
    let id = world.bundle_id();
    let split = world.split(("ada", id, false), (&custodians, parts(1)), None).await;
    assert!(split.is_ok(), "{split:?}");
    for custodian in &custodians {
        world.prove(id, 1, custodian.subject).await;
    }
    let recovery = world.emergency_for("ada", id).await;
    for approver in desk.approvers {
        world.approve(recovery, approver).await.expect("without a stake");
    }
    let command = AllowOpening { bundle: id, recovery };
    let query = SnapshotQuery { of: Aggregate::Bundle(id), ..SnapshotQuery::default() };
    let allowed = world.run(query.clone(), None, |snapshot, call, rules| {
        allow_opening::decide(snapshot, command, call, rules)
    });
    let allowed = allowed.await.expect("two approvals").into_reply();
    let until = allowed.due_at().expect("an opening");
    // A decision on what was loaded before is overtaken, and not an error.
    let stale = world.load(Aggregate::Bundle(id)).await;
    let of = stale.aggregate;
    assert_eq!(world.store.due(world.now, 9).await.expect("due"), []);
    world.now = until;
    let due = world.store.due(until, 9).await.expect("due");
    assert!(due.iter().any(|due| due.subject == of && due.since == until), "{due:?}");
    let lapsed = world.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call)).await;
    lapsed.expect("a lapse is never denied");
    assert_eq!(world.agrees().await.bundles[&id].state_name(), "effective");
    let late = world.decide(None, |call, _| lapse::decide(&stale, call));
    let (write, _) = World::sealed(late);
    assert_eq!(world.commit(write).await, Committed::Conflict);
}

pub(super) async fn custodians_who_left_are_named_until_it_is_written_down(store: Arc<dyn Store>) {
    let (mut world, custodians) = staffed(store).await;
    let id = world.bundle_id();
    let split = world.split(("ada", id, false), (&custodians, parts(1)), None).await;
    assert!(split.is_ok(), "{split:?}");
    assert_eq!(world.store.custodians_left(9).await.expect("left"), []);
    let report = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    world.report("cleo", report).await;
    let ada = world.load(by_name("ada")).await.aggregate;
    let cleo = custodians[0].subject;
    assert_eq!(world.store.custodians_left(9).await.expect("left"), [(ada, id, cleo)]);
    let query = SnapshotQuery { of: Aggregate::Subject(ada), ..SnapshotQuery::default() };
    let noticed = world.run(query, None, |snapshot, call, _| {
        custodians_left::decide(snapshot, &[(id, cleo)], call)
    });
    assert_eq!(noticed.await.expect("never denied").into_reply(), 1);
    assert_eq!(world.store.custodians_left(9).await.expect("left"), []);
    assert!(world.agrees().await.bundles[&id].needs_new_shares());
}
