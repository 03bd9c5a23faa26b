//! What a console asks: alerts, the directory, who has to wait, and how things stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::event::{AlertFacts, AlertLevel, RuleAlert};
use glassbreak_core::id::{EventId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::raise_alert;
use glassbreak_core::operation::report::Report;
use glassbreak_core::recovery::Cause;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::time::Seconds;

use super::desk::Desk;
use super::driver::{World, by_name, person, pseudonym, reference, tier};
use crate::{AlertQuery, Live, Raised, Store, SubjectQuery, ThrottledQuery};

/// Raises an alert of that rule.
async fn raise(world: &mut World, of: Aggregate, name: &str, level: AlertLevel) -> EventId {
    let entries = vec![EventId::new(world.now, world.entropy.bytes())];
    let reasons = vec!["It was seen.".to_owned()];
    let rule = RuleAlert { name: name.to_owned(), level, reasons, entries };
    let query = SnapshotQuery { of, ..SnapshotQuery::default() };
    let raised = world
        .run(query, None, |snapshot, call, _| raise_alert::decide(snapshot, rule.clone(), call));
    let raised = raised.await.expect("an alert that fits");
    raised.events()[0]
}

pub(super) async fn alerts_keep_to_their_filters_newest_first(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    world.register("bob", person("standard")).await;
    let mut raised = Vec::new();
    let plan = [
        ("ada", "guessing", AlertLevel::High),
        ("bob", "guessing", AlertLevel::High),
        ("", "key-rotated", AlertLevel::Low),
        ("ada", "dead-set", AlertLevel::Medium),
    ];
    for (name, rule, level) in plan {
        world.wait(60);
        let of = if name.is_empty() { Aggregate::World } else { by_name(name) };
        raised.push(raise(&mut world, of, rule, level).await);
        // What is no alert lies between them.
        world.register("bob", person("standard")).await;
    }
    let all = || AlertQuery { limit: 100, ..AlertQuery::default() };
    let named = |name: &str| AlertQuery { name: Some(name.to_owned()), ..all() };
    let level = |level| AlertQuery { level: Some(level), ..all() };
    let since = |at| AlertQuery { since: Some(at), ..all() };
    let of = |subject| AlertQuery { subject: Some(subject), ..all() };
    let cases = [
        (all(), vec![3, 2, 1, 0]),
        (of(ada), vec![3, 0]),
        (of(pseudonym("nobody")), vec![]),
        (named("guessing"), vec![1, 0]),
        (named("nonsense"), vec![]),
        (AlertQuery { subject: Some(ada), ..named("guessing") }, vec![0]),
        (level(AlertLevel::High), vec![1, 0]),
        (level(AlertLevel::Medium), vec![3, 1, 0]),
        (level(AlertLevel::Informational), vec![3, 2, 1, 0]),
        (level(AlertLevel::Critical), vec![]),
        (since(world.now), vec![3]),
        (since(world.now.minus(Seconds(120))), vec![3, 2, 1]),
        (AlertQuery { subject: Some(ada), ..level(AlertLevel::High) }, vec![0]),
    ];
    for (query, expected) in cases {
        let expected: Vec<EventId> = expected.into_iter().map(|at: usize| raised[at]).collect();
        for limit in [0, 1, 3, 100] {
            let (mut query, mut found) = (AlertQuery { limit, ..query.clone() }, Vec::new());
            loop {
                let page = world.store.alerts(&query).await.expect("alerts");
                assert!(page.rows.len() <= limit.max(1));
                found.extend(page.rows.iter().map(|row| row.entry.id));
                if page.next.is_none() {
                    break;
                }
                query.before = page.next;
            }
            assert_eq!(found, expected, "{limit} of {query:?}");
        }
    }
    let page = world.store.alerts(&all()).await.expect("alerts");
    let told: Vec<_> = page.rows.iter().map(|row| row.reference.clone()).collect();
    let (ada, bob) = (Some(reference("ada")), Some(reference("bob")));
    assert_eq!(told, [ada.clone(), None, bob, ada]);
    let state = world.store.dump().await.expect("dump");
    assert_eq!(state.alerts.len(), raised.len());
    for row in page.rows {
        let facts = AlertFacts::of(&row.entry.entry().expect("an entry is readable"));
        assert_eq!(
            state.alerts.get(&row.entry.id),
            facts.as_ref(),
            "it is listed as it was raised"
        );
    }
}

pub(super) async fn the_directory_is_searched_by_how_names_begin(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for (name, tier) in [
        ("anna", "standard"),
        ("ann", "privileged"),
        ("Anna", "standard"),
        ("bob", "standard"),
        ("anna-2", "standard"),
    ] {
        world.register(name, person(tier)).await;
    }
    world.issue("anna", SetKind::Saved).await;
    // A decoy covers nobody, nor does a set that is not confirmed.
    world.issue("bob", SetKind::Canary).await;
    world.issue("ann", SetKind::Saved).await;
    let left = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    world.report("anna-2", left).await;
    let all = || SubjectQuery { limit: 100, ..SubjectQuery::default() };
    let begins = |prefix: &str| SubjectQuery { prefix: prefix.to_owned(), ..all() };
    let standard = || SubjectQuery { tier: Some(tier("standard")), ..all() };
    let group = |name: &str| SubjectQuery { group: Some(name.to_owned()), ..all() };
    let uncovered = || SubjectQuery { uncovered: true, ..all() };
    let cases = [
        (all(), vec!["Anna", "ann", "anna", "anna-2", "bob"]),
        (begins("ann"), vec!["ann", "anna", "anna-2"]),
        (begins("anna"), vec!["anna", "anna-2"]),
        (begins("A"), vec!["Anna"]),
        (begins("anna-2-"), vec![]),
        (begins("c"), vec![]),
        (begins("%"), vec![]),
        (standard(), vec!["Anna", "anna", "anna-2", "bob"]),
        (SubjectQuery { prefix: "a".to_owned(), ..standard() }, vec!["anna", "anna-2"]),
        (group("staff"), vec!["Anna", "ann", "anna", "anna-2", "bob"]),
        (group("sta"), vec![]),
        (uncovered(), vec!["Anna", "ann", "bob"]),
        (SubjectQuery { tier: Some(tier("standard")), ..uncovered() }, vec!["Anna", "bob"]),
    ];
    for (query, expected) in cases {
        for (limit, look_at) in [(0, None), (1, None), (100, None), (100, Some(1)), (2, Some(2))] {
            let mut query = SubjectQuery { limit, look_at, ..query.clone() };
            let mut found = Vec::new();
            loop {
                let page = world.store.subjects(&query).await.expect("subjects");
                assert!(page.rows.len() <= limit.max(1));
                found.extend(page.rows.into_iter().map(|row| row.directory.reference));
                if page.next.is_none() {
                    break;
                }
                assert_ne!(page.next, query.after, "it goes on: {query:?}");
                query.after = page.next;
            }
            let expected: Vec<_> = expected.iter().map(|name| reference(name)).collect();
            assert_eq!(found, expected, "{limit}, {look_at:?} of {query:?}");
        }
    }
}

pub(super) async fn the_directory_tells_which_set_stands_for_a_subject(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for (name, tier) in [("anna", "standard"), ("ann", "privileged"), ("bob", "standard")] {
        world.register(name, person(tier)).await;
    }
    let anna = world.issue("anna", SetKind::Saved).await.set;
    world.issue("bob", SetKind::Canary).await;
    let offered = world.issue("ann", SetKind::Saved).await.set;
    let all = || SubjectQuery { limit: 100, ..SubjectQuery::default() };
    let rows = world.store.subjects(&all()).await.expect("subjects").rows;
    let sets: Vec<_> = rows.iter().map(|row| row.set.as_ref().map(|set| set.id)).collect();
    assert_eq!(sets, [Some(offered), Some(anna), None], "never a decoy");
    let known = world.store.subject(&reference("anna")).await.expect("subject");
    assert_eq!(Some(&rows[1].subject), known.as_ref().map(|(subject, _)| subject));
    let gone = SubjectQuery { after: Some(pseudonym("nobody")), ..all() };
    let page = world.store.subjects(&gone).await.expect("subjects");
    assert_eq!((page.rows.len(), page.next), (0, None), "a cursor without a name is at the end");
    // An active set stands for a subject before a newer one that is merely offered.
    world.wait(1);
    let again = world.issue("ann", SetKind::Saved).await;
    world.confirm(&again).await;
    world.wait(1);
    world.issue("ann", SetKind::Saved).await;
    let found = world.store.subjects(&all()).await.expect("subjects").rows;
    assert_eq!(found[0].set.as_ref().map(|set| set.id), Some(again.set));
}

pub(super) async fn who_has_to_wait_is_named_until_the_wait_ends(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut ids = Vec::new();
    for name in ["ada", "bob", "eve"] {
        ids.push(world.register(name, person("standard")).await.id);
        world.issue(name, SetKind::Saved).await;
    }
    ids.truncate(2);
    ids.sort();
    let guess = world.guess();
    // Five are free; a stranger waits as well, and is nobody to list.
    for (name, failures) in [("ada", 6), ("bob", 6), ("eve", 5), ("a stranger", 6)] {
        for _ in 0..failures {
            world.redeem(name, &guess).await;
        }
    }
    let waiting = async |now, limit| -> Vec<SubjectId> {
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let query = ThrottledQuery { now, after, limit };
            let page = world.store.throttled(&query).await.expect("throttled");
            assert!(page.rows.len() <= limit.max(1));
            found.extend(page.rows.iter().map(|row| row.subject));
            if page.next.is_none() {
                return found;
            }
            after = page.next;
        }
    };
    let ends = world.now.plus(Seconds(30));
    for limit in [0, 1, 2, 10] {
        assert_eq!(waiting(world.now, limit).await, ids);
        assert_eq!(waiting(ends, limit).await, [], "whose time is up waits no more");
    }
    let query = ThrottledQuery { now: world.now, after: None, limit: 10 };
    let page = world.store.throttled(&query).await.expect("throttled");
    for row in page.rows {
        assert_eq!((row.failures, row.retry_at, row.tier), (6, ends, tier("standard")));
        assert_eq!(row.reference, world.store.reference(row.subject).await.expect("reference"));
    }
}

pub(super) async fn how_things_stand_adds_up(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let empty = world.store.standings(world.now).await.expect("standings");
    assert_eq!(empty, crate::Standings::default());
    for name in ["ada", "bob", "eve"] {
        world.register(name, person("standard")).await;
    }
    let desk = Desk::staffed(&mut world).await;
    let first = raise(&mut world, by_name("ada"), "guessing", AlertLevel::High).await;
    world.wait(25 * 60 * 60);
    raise(&mut world, Aggregate::World, "guessing", AlertLevel::High).await;
    raise(&mut world, Aggregate::World, "key-rotated", AlertLevel::Low).await;
    world.open("ada").await;
    world.wait(1);
    let given_up = world.open("bob").await;
    world.cancel(given_up).await.expect("cancelled");
    let case = world.try_open("eve", Some(desk.agent), Cause::PhoneLost, None).await;
    case.expect("an agent opens a case");
    // Two windows; the one that was opened first ends first.
    let mut windows = Vec::new();
    for name in ["bob", "eve"] {
        let shown = world.issue(name, SetKind::Saved).await;
        world.wait(60);
        world.redeem(name, &shown.codes[0]).await;
        let held = world.load(by_name(name)).await.recoveries;
        let open = held.iter().find(|held| held.recovery.window().is_some());
        windows.push(open.expect("a code opens a window at AAL1").recovery.clone());
    }
    let guess = world.guess();
    for _ in 0..6 {
        world.redeem("ada", &guess).await;
    }
    let standings = world.store.standings(world.now).await.expect("standings");
    assert_eq!(standings.own, Live { open: 1, window: 2 });
    assert_eq!(standings.cases, Live { open: 1, window: 0 });
    let found: Vec<_> = standings.windows.into_iter().map(|row| row.recovery).collect();
    assert_eq!(found, windows);
    assert_eq!((standings.throttled, standings.reviews_due), (1, 0));
    let (high, low) = (Raised { day: 1, week: 2 }, Raised { day: 1, week: 1 });
    let raised = BTreeMap::from([(AlertLevel::Low, low), (AlertLevel::High, high)]);
    let told = standings.alerts.clone();
    assert_eq!(told, raised);
    let later = world.now.plus(Seconds::days(8));
    let standings = world.store.standings(later).await.expect("standings");
    assert_eq!((standings.throttled, standings.alerts.len()), (0, 0));
    assert!(world.store.entry(first).await.expect("entry").is_some());
}

pub(super) async fn a_timeline_is_walked_from_its_end(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    for _ in 0..4 {
        for name in ["bob", "ada"] {
            world.wait(1);
            world.register(name, person("standard")).await;
            world.issue(name, SetKind::Saved).await;
        }
    }
    let mut own = world.store.timeline(ada, 0, 1000).await.expect("timeline");
    own.reverse();
    for limit in [1, 2, 3, own.len(), 100] {
        let (mut before, mut found) = (u64::MAX, Vec::new());
        loop {
            let page = world.store.newest(ada, before, limit).await.expect("newest");
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            before = last.index;
            found.extend(page);
        }
        assert_eq!(found, own, "pages of {limit}");
    }
    let before = own[3].index;
    let found = world.store.newest(ada, before + 1, 2).await.expect("newest");
    assert_eq!(found, own[3..5], "before a place, and not before a position in the timeline");
    let none = world.store.newest(pseudonym("nobody"), u64::MAX, 10).await.expect("newest");
    assert_eq!(none, []);
}
