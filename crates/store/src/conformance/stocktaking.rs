//! The inventory: filters, pages and figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use glassbreak_core::code_set::{Custody, RevokeReason, SetKind};
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::declare::{self, Declare};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::revoke::{self, Revoke};
use glassbreak_core::operation::{lapse, redeem};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::time::{Seconds, Timestamp};

use super::driver::{World, by_name, person, reference, tier};
use crate::{Ages, InventoryQuery, Store, TierCount};

/// Ada has a used saved set, Bob an active and an offered one, Eve one that was revoked.
async fn populated(world: &mut World) -> [SetId; 4] {
    for (name, tier) in [("ada", "standard"), ("bob", "privileged"), ("eve", "standard")] {
        world.register(name, person(tier)).await;
    }
    let ada = world.issue("ada", SetKind::Saved).await;
    let reply = world.redeem("ada", &ada.codes[0]).await;
    assert!(matches!(reply, redeem::Reply::Accepted { .. }));
    world.wait(10);
    let bob = world.issue("bob", SetKind::Saved).await;
    world.confirm(&bob).await;
    world.wait(10);
    let glass = world.issue("bob", SetKind::BreakGlass).await;
    world.wait(10);
    let eve = world.issue("eve", SetKind::Saved).await;
    let query = SnapshotQuery { of: Aggregate::Set(eve.set), ..SnapshotQuery::default() };
    let revoked = world.run(query, None, |snapshot, call, rules| {
        revoke::decide(snapshot, Revoke { set: eve.set, reason: RevokeReason::Lost }, call, rules)
    });
    revoked.await.expect("revoked");
    [ada.set, bob.set, glass.set, eve.set]
}

pub(super) async fn the_inventory_keeps_to_its_filters(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let [ada, bob, glass, eve] = populated(&mut world).await;
    let now = world.now;
    let all = || InventoryQuery { limit: 100, ..InventoryQuery::default() };
    let state = |state: &str| InventoryQuery { state: Some(state.to_owned()), ..all() };
    let overdue = |at| InventoryQuery { overdue_at: Some(at), ..all() };
    let expiring = |at| InventoryQuery { expires_before: Some(at), ..all() };
    let issued = |at| InventoryQuery { issued_before: Some(at), ..all() };
    let issued_after = |at| InventoryQuery { issued_after: Some(at), ..all() };
    let replace_by = now.minus(Seconds(30)).plus(Seconds::days(7));
    let cases: Vec<(InventoryQuery, Vec<SetId>)> = vec![
        (all(), vec![ada, bob, glass, eve]),
        (InventoryQuery { subject: Some(reference("bob")), ..all() }, vec![bob, glass]),
        (InventoryQuery { subject: Some(reference("nobody")), ..all() }, vec![]),
        (InventoryQuery { tier: Some(tier("standard")), ..all() }, vec![ada, eve]),
        (InventoryQuery { tier: Some(tier("service")), ..all() }, vec![]),
        (state("active"), vec![ada, bob]),
        (state("offered"), vec![glass]),
        (state("revoked"), vec![eve]),
        (state("nonsense"), vec![]),
        (InventoryQuery { kind: Some(SetKind::BreakGlass), ..all() }, vec![glass]),
        (overdue(replace_by), vec![ada]),
        (overdue(replace_by.minus(Seconds(1))), vec![]),
        // The privileged tier's codes live 180 days, the standard tier's 365; Eve's are dead.
        (expiring(now.plus(Seconds::days(181))), vec![bob, glass]),
        (expiring(now.plus(Seconds::days(366))), vec![ada, bob, glass]),
        (expiring(now.minus(Seconds(30)).plus(Seconds::days(365))), vec![bob, glass]),
        (issued(now.minus(Seconds(10))), vec![ada, bob]),
        // Bob's have expired by then as well, and nobody wrote it down.
        (overdue(now.plus(Seconds::days(181))), vec![ada, bob, glass]),
        (issued_after(now.minus(Seconds(10))), vec![glass, eve]),
        (InventoryQuery { custody: Some(Custody::SealedOfflineCopy), ..all() }, vec![glass]),
        (InventoryQuery { custody: Some(Custody::Hardware), ..all() }, vec![]),
        (InventoryQuery { never_confirmed: true, ..all() }, vec![glass]),
        (InventoryQuery { used: true, ..all() }, vec![ada]),
        (InventoryQuery { subject: Some(reference("bob")), ..state("active") }, vec![bob]),
        (InventoryQuery { after: Some(bob), ..all() }, vec![glass, eve]),
    ];
    for (query, mut expected) in cases {
        expected.sort();
        let page = world.store.inventory(&query).await.expect("inventory");
        let found: Vec<SetId> = page.rows.iter().map(|row| row.set.id).collect();
        assert_eq!((found, page.next), (expected, None), "{query:?}");
    }
    let page = world.store.inventory(&state("offered")).await.expect("inventory");
    let row = page.rows.first().expect("one row");
    assert_eq!((&row.reference, &row.tier), (&Some(reference("bob")), &tier("privileged")));
    let held = world.load(by_name("bob")).await.sets;
    assert!(held.iter().any(|held| held.set == row.set), "the row is the set as it stands");
}

pub(super) async fn the_place_said_last_is_the_one_that_counts(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let [_, bob, glass, _] = populated(&mut world).await;
    let kept = |custody| InventoryQuery { custody: Some(custody), limit: 9, ..Default::default() };
    // Of the one nothing was said before, of the other it was; and of both it is said twice.
    for custody in [Custody::Hardware, Custody::PasswordManager] {
        for set in [bob, glass] {
            world.wait(1);
            let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
            let said = world.run(query, None, |snapshot, call, _| {
                declare::decide(snapshot, Declare { set, custody }, call)
            });
            said.await.expect("said");
        }
        let found = world.store.inventory(&kept(custody)).await.expect("inventory").rows;
        let found: Vec<SetId> = found.iter().map(|row| row.set.id).collect();
        assert_eq!(found, [bob, glass], "{custody:?}");
    }
    let gone = world.store.inventory(&kept(Custody::SealedOfflineCopy)).await.expect("inventory");
    assert_eq!(gone.rows, []);
    let figures = world.store.inventory_summary(world.now).await.expect("summary");
    assert_eq!(figures.by_custody, BTreeMap::from([("password_manager".to_owned(), 2)]));
    let held = world.load(by_name("bob")).await.sets;
    let held = held.iter().find(|held| held.set.id == glass).expect("held");
    assert_eq!(held.set.issued.custody, Some(Custody::SealedOfflineCopy), "as it was issued");
    assert_eq!(held.set.custody_declared_at(), Some(world.now));
}

/// Changes a query to ask for one thing more.
type Ask = Box<dyn Fn(&mut InventoryQuery) + Send + Sync>;

/// Each filter with a value that some sets of [`populated`] pass.
fn filters(now: Timestamp) -> Vec<Ask> {
    vec![
        Box::new(|query| query.subject = Some(reference("bob"))),
        Box::new(|query| query.tier = Some(tier("standard"))),
        Box::new(|query| query.state = Some("active".to_owned())),
        Box::new(|query| query.state = Some("lapsed".to_owned())),
        Box::new(|query| query.kind = Some(SetKind::BreakGlass)),
        Box::new(|query| query.custody = Some(Custody::SealedOfflineCopy)),
        Box::new(move |query| query.overdue_at = Some(now.plus(Seconds::days(181)))),
        Box::new(move |query| query.expires_before = Some(now.plus(Seconds::days(181)))),
        Box::new(move |query| query.issued_before = Some(now.minus(Seconds(10)))),
        Box::new(move |query| query.issued_after = Some(now.minus(Seconds(20)))),
        Box::new(|query| query.never_confirmed = true),
        Box::new(|query| query.used = true),
    ]
}

/// Every set that a query gives, page after page.
async fn walked(world: &World, query: &InventoryQuery) -> Vec<SetId> {
    let (mut query, mut found) = (query.clone(), Vec::new());
    loop {
        let page = world.store.inventory(&query).await.expect("inventory");
        assert!(page.rows.len() <= query.limit.max(1), "{query:?}");
        found.extend(page.rows.iter().map(|row| row.set.id));
        let Some(next) = page.next else { return found };
        assert!(query.after.is_none_or(|after| next > after), "it goes on: {query:?}");
        query.after = Some(next);
    }
}

pub(super) async fn any_two_filters_of_the_inventory_hold_at_once(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let [_, bob, glass, _] = populated(&mut world).await;
    let now = world.now;
    world.wait(30 * 60);
    let of = by_name("bob");
    let query = SnapshotQuery { of, ..SnapshotQuery::default() };
    let lapsed = world.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call));
    assert_eq!(lapsed.await.expect("lapsed").into_reply(), 1);
    let all = InventoryQuery { limit: 100, ..InventoryQuery::default() };
    let rows = world.store.inventory(&all).await.expect("inventory").rows;
    assert_eq!(rows.len(), 4);
    let mut seen = Vec::new();
    for one in &filters(now) {
        for other in &filters(now) {
            let mut query = all.clone();
            one(&mut query);
            other(&mut query);
            let wanted = rows.iter().filter(|row| query.wants(row)).map(|row| row.set.id);
            let wanted: Vec<_> = wanted.collect();
            assert_eq!(walked(&world, &query).await, wanted, "{query:?}");
            for (limit, look_at) in [(1, None), (100, Some(0)), (1, Some(2)), (2, Some(3))] {
                let query = InventoryQuery { limit, look_at, ..query.clone() };
                assert_eq!(walked(&world, &query).await, wanted, "{query:?}");
            }
            seen.extend(wanted);
        }
    }
    assert!(seen.contains(&bob) && seen.contains(&glass), "the filters find something");
}

pub(super) async fn a_page_looks_at_no_more_than_it_was_told(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut issued = Vec::new();
    for subject in 0..12 {
        let name = format!("subject-{subject}");
        world.register(&name, person("standard")).await;
        world.wait(1);
        issued.push(world.issue(&name, SetKind::Saved).await.set);
    }
    let nothing = InventoryQuery { used: true, limit: 2, ..InventoryQuery::default() };
    let page = world.store.inventory(&nothing).await.expect("inventory");
    assert_eq!((page.rows.len(), page.next), (0, None), "all of them were looked at");
    let few = InventoryQuery { look_at: Some(5), ..nothing };
    let page = world.store.inventory(&few).await.expect("inventory");
    assert_eq!((page.rows.len(), page.next), (0, issued.get(4).copied()), "five of them were");
    let rest = InventoryQuery { after: issued.get(8).copied(), ..few };
    let page = world.store.inventory(&rest).await.expect("inventory");
    assert_eq!((page.rows.len(), page.next), (0, None), "there were three left");
}

pub(super) async fn pages_stand_while_sets_change(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut issued = Vec::new();
    for subject in 0..6 {
        let name = format!("subject-{subject}");
        world.register(&name, person("standard")).await;
        world.wait(1);
        issued.push((world.issue(&name, SetKind::Saved).await, name));
    }
    let mut query =
        InventoryQuery { state: Some("active".to_owned()), limit: 2, ..InventoryQuery::default() };
    let mut found = Vec::new();
    let mut before = world.store.inventory(&query).await.expect("inventory");
    // After each page one set is used, one that was listed is revoked, and one that was not yet.
    for at in [(0, 4), (1, 5)] {
        found.extend(before.rows.iter().map(|row| row.set.id));
        let (shown, name) = issued.get(2).expect("six were issued");
        let code = shown.codes.get(at.0).expect("a set has three codes");
        world.redeem(name, code).await;
        for ended in [at.0, at.1] {
            let set = issued.get(ended).expect("six were issued").0.set;
            let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
            let revoked = world.run(query, None, |snapshot, call, rules| {
                revoke::decide(snapshot, Revoke { set, reason: RevokeReason::Lost }, call, rules)
            });
            revoked.await.expect("revoked");
        }
        query.after = before.next.or(query.after);
        before = world.store.inventory(&query).await.expect("inventory");
    }
    found.extend(before.rows.iter().map(|row| row.set.id));
    let steady: Vec<SetId> = issued.iter().map(|(shown, _)| shown.set).take(4).collect();
    assert_eq!(found, steady, "none twice, and none left out that was there all along");
    assert_eq!(before.next, None);
}

pub(super) async fn the_inventory_is_walked_by_cursor(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut expected = Vec::new();
    for subject in 0..7 {
        let name = format!("subject-{subject}");
        world.register(&name, person("standard")).await;
        for _ in 0..3 {
            world.wait(1);
            expected.push(world.issue(&name, SetKind::Saved).await.set);
        }
    }
    expected.sort();
    for limit in [0, 1, 4, 20, 21, 22] {
        let mut query = InventoryQuery { limit, ..InventoryQuery::default() };
        let mut walked = Vec::new();
        loop {
            let page = world.store.inventory(&query).await.expect("inventory");
            assert!(page.rows.len() <= limit.max(1));
            walked.extend(page.rows.iter().map(|row| row.set.id));
            if page.next.is_none() {
                break;
            }
            assert_eq!(page.next, walked.last().copied(), "the cursor is the last row");
            query.after = page.next;
        }
        assert_eq!(walked, expected, "pages of {limit}");
    }
}

pub(super) async fn the_inventory_adds_up(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    populated(&mut world).await;
    world.register("sam", person("standard")).await;
    world.issue("sam", SetKind::Saved).await;
    // Of decoys nothing comes; they are counted as what they are.
    world.issue("eve", SetKind::Canary).await;
    let left = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    world.report("sam", left).await;
    let guess = world.guess();
    world.redeem("a stranger", &guess).await;
    let later = world.now.plus(Seconds::days(8));
    for (now, overdue) in [(world.now, 0), (later, 1)] {
        let summary = world.store.inventory_summary(now).await.expect("summary");
        assert_eq!((summary.subjects, summary.covered), (3, 2), "neither leavers nor strangers");
        assert_eq!(summary.overdue, overdue);
        let count = |name: &str, count| BTreeMap::from([(name.to_owned(), count)]);
        let by_kind = [("break_glass", 1), ("canary", 1), ("saved", 2)];
        let by_kind = by_kind.map(|(kind, count)| (kind.to_owned(), count)).into();
        assert_eq!((summary.by_kind, summary.never_confirmed), (by_kind, 1));
        assert_eq!(summary.by_custody, count("sealed_offline_copy", 1));
        assert_eq!(summary.ages, Ages { under_30_days: 3, ..Ages::default() });
        assert_eq!(summary.expiring, 0);
        let by_state = [("active", 2), ("offered", 1), ("revoked", 2)];
        let by_state = by_state.map(|(state, count)| (state.to_owned(), count));
        assert_eq!(summary.by_state, by_state.into());
        let standard = TierCount { subjects: 2, covered: 1 };
        assert_eq!(summary.by_tier.get("standard"), Some(&standard));
        let everybody = TierCount { subjects: 3, covered: 2 };
        assert_eq!(summary.by_assurance, BTreeMap::from([("aal1".to_owned(), everybody)]));
        let privileged = TierCount { subjects: 1, covered: 1 };
        assert_eq!(summary.by_tier.get("privileged"), Some(&privileged));
    }
    // Bob's expire first, after 180 days; Ada's after 365.
    let ages = |under_180_days, under_365_days, older| Ages {
        under_180_days,
        under_365_days,
        older,
        ..Ages::default()
    };
    let first = world.now.minus(Seconds(30));
    for (days, expiring, overdue, aged) in [
        (149, 0, 1, ages(3, 0, 0)),
        (151, 2, 1, ages(3, 0, 0)),
        (181, 2, 3, ages(0, 3, 0)),
        (365, 3, 3, ages(0, 2, 1)),
    ] {
        let then = first.plus(Seconds::days(days));
        let summary = world.store.inventory_summary(then).await.expect("summary");
        assert_eq!((summary.expiring, summary.overdue), (expiring, overdue), "{days}");
        assert_eq!(summary.ages, aged, "{days}");
    }
    let unknown = world.store.reference(SubjectId::WORLD).await.expect("reference");
    assert_eq!(unknown, None);
}
