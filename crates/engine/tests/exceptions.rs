//! Exceptions, agents' limits and the rest after a lowering, through the engine over SQLite, with
//! real passkeys; the auditor's side checks the approvals out of the log.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[path = "exceptions/desk.rs"]
mod desk;

use glassbreak_engine::core::event::{
    Alert, Entry, ExceptionAsked, ExceptionRequestRefused, Happened, WhyNot,
};
use glassbreak_engine::core::exception::{ExceptionKind, ExceptionState, WhyEnded};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::issue::Refusal;
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::recovery::Cause;
use glassbreak_engine::core::subject::{Assurance, Standing, SubjectKind, Tier};
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Opening, Registration};
use glassbreak_engine::store::ExceptionQuery;
use glassbreak_engine::{Engine, Error, Reach};
use glassbreak_verify::cases::{CaseFault, Cases};

use desk::{Desk, ORIGIN, RP, caller, name};

const OVER: ExceptionKind = ExceptionKind::OverIssueLimit;
const ROUTINE: ExceptionKind = ExceptionKind::RoutineUse;

fn ruled_by(entries: &[Entry], what: &str) -> Vec<Option<String>> {
    let of = entries.iter().filter(|entry| entry.happened.name() == what);
    let ruling = of.filter_map(|entry| entry.decision.as_ref());
    ruling.map(|ruling| ruling.exception.map(|id| id.to_string())).collect()
}

#[tokio::test]
async fn f5_one_set_is_issued_over_the_limit_by_an_exception_and_the_next_is_not() {
    let mut desk = Desk::open().await;
    for _ in 0..5 {
        desk.issue("eve").await.unwrap();
    }
    assert!(matches!(desk.issue("eve").await, Err(Refusal::Limit { .. })), "A5");
    let id = desk.request("eve", OVER, Seconds::days(1)).await.unwrap().id;
    assert!(
        matches!(desk.issue("eve").await, Err(Refusal::Limit { .. })),
        "asked for is not given"
    );
    let granted = desk.approve("ann", "eve", id).await.unwrap();
    assert!(matches!(granted.state, ExceptionState::Granted { .. }));
    desk.issue("eve").await.unwrap();
    assert!(matches!(desk.issue("eve").await, Err(Refusal::Limit { .. })), "good for one");
    let entries = desk.entries().await;
    let named = ruled_by(&entries, "code_set.issued");
    assert_eq!(named, [None, None, None, None, None, Some(id.to_string())]);
    let ended = Happened::ExceptionEnded { exception: id, why: WhyEnded::Used };
    assert!(entries.iter().any(|entry| entry.happened == ended));
    assert_eq!(desk.live().await, 0);
    desk.holds_together(1).await;
}

#[tokio::test]
async fn f5_nobody_with_a_stake_approves_and_nobody_approves_what_is_not_asked_for() {
    let mut desk = Desk::open().await;
    let id = desk.request("ann", OVER, Seconds::days(1)).await.unwrap().id;
    // The subject, the requester, an agent of the desk who is no approver.
    for who in ["ann", "bob", "sam"] {
        let refused = desk.approve(who, "ann", id).await.unwrap_err();
        assert_eq!(refused.code(), "not_allowed", "{who}");
    }
    let other = desk.request("eve", OVER, Seconds::days(1)).await.unwrap().id;
    let signed = desk.sign("cay", "eve", other).await;
    let refused = desk.hand_in("cay", "ann", id, &signed).await.unwrap_err();
    assert_eq!(refused.code(), "passkey_refused", "signed for another exception");
    let refused = desk.hand_in("cay", "eve", id, &signed).await.unwrap_err();
    assert_eq!(refused.code(), "exception_unknown", "of another subject");
    desk.approve("cay", "ann", id).await.unwrap();
    let again = desk.approve("cay", "ann", id).await.unwrap_err();
    assert_eq!(again.code(), "exception_state");
    desk.holds_together(1).await;
}

#[tokio::test]
async fn f5_e4_a_privileged_subject_needs_two_approvers() {
    let mut desk = Desk::open().await;
    let id = desk.request("root", ROUTINE, Seconds::days(1)).await.unwrap().id;
    let once = desk.approve("ann", "root", id).await.unwrap();
    assert_eq!(once.state, ExceptionState::Pending {});
    assert_eq!(desk.approve("ann", "root", id).await.unwrap_err().code(), "not_allowed");
    let twice = desk.approve("cay", "root", id).await.unwrap();
    assert!(matches!(twice.state, ExceptionState::Granted { .. }));
    desk.holds_together(2).await;
}

#[tokio::test]
async fn f5_an_end_is_near_and_time_or_a_person_or_a_lifecycle_event_ends_it() {
    let mut desk = Desk::open().await;
    for too in [Seconds(0), Seconds(30 * 86_400 + 1)] {
        let refused = desk.request("eve", OVER, too).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_request");
    }
    let id = desk.request("eve", OVER, Seconds::days(30)).await.unwrap().id;
    let twice = desk.request("eve", OVER, Seconds::days(1)).await.unwrap_err();
    assert_eq!(twice.code(), "invalid_request", "one of a kind");
    let withdrawn = desk.engine.withdraw_exception(&caller(), &name("eve"), id).await.unwrap();
    let withdrawn = withdrawn.into_reply().state;
    assert!(matches!(withdrawn, ExceptionState::Ended { why: WhyEnded::Withdrawn, .. }));
    assert_eq!(desk.approve("ann", "eve", id).await.unwrap_err().code(), "exception_state");

    let late = desk.request("eve", OVER, Seconds::hours(1)).await.unwrap().id;
    desk.approve("ann", "eve", late).await.unwrap();
    desk.clock.advance(Seconds::hours(1));
    // The engine sweeps by itself too, and may be faster.
    desk.engine.sweep().await.unwrap();
    desk.ended(late, WhyEnded::Expired).await;

    let moot = desk.request("eve", OVER, Seconds::hours(1)).await.unwrap().id;
    let lost = LifecycleKind::DeviceLost;
    desk.engine.report(&caller(), &name("eve"), lost, None).await.unwrap();
    desk.ended(moot, WhyEnded::Lifecycle).await;
    desk.holds_together(1).await;
}

#[tokio::test]
async fn f5_c7_routine_use_is_let_through_while_an_exception_says_so_and_says_which() {
    let mut desk = Desk::open().await;
    let codes = desk.issue("eve").await.unwrap();
    let mut codes = codes.iter();
    for _ in 0..5 {
        let reply = desk.redeem("eve", codes.next().unwrap()).await;
        assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    }
    let next = codes.next().unwrap();
    assert_eq!(desk.redeem("eve", next).await, Reply::NotAccepted, "C7");
    let id = desk.request("eve", ROUTINE, Seconds::days(2)).await.unwrap().id;
    assert_eq!(desk.redeem("eve", next).await, Reply::NotAccepted, "asked for is not given");
    desk.approve("ann", "eve", id).await.unwrap();
    for _ in 0..2 {
        let reply = desk.redeem("eve", next).await;
        assert!(matches!(reply, Reply::Accepted { .. } | Reply::NotAccepted), "{reply:?}");
    }
    let entries = desk.entries().await;
    let named = ruled_by(&entries, "code.accepted");
    assert_eq!(named.len(), 6);
    assert_eq!(named.last(), Some(&Some(id.to_string())));
    desk.clock.advance(Seconds::days(2));
    let reply = desk.redeem("eve", codes.next().unwrap()).await;
    assert_eq!(reply, Reply::NotAccepted, "its time is up");
    desk.ended(id, WhyEnded::Expired).await;
    desk.holds_together(1).await;
}

#[tokio::test]
async fn f5_c7_codes_as_a_second_factor_are_let_through_by_the_same_exception() {
    let mut desk = Desk::open().await;
    for code in &desk.issue("eve").await.unwrap() {
        assert!(matches!(desk.second_factor("eve", code).await, Reply::Accepted { .. }));
    }
    let codes = desk.issue("eve").await.unwrap();
    let mut codes = codes.iter();
    for code in codes.by_ref().take(2) {
        assert!(matches!(desk.second_factor("eve", code).await, Reply::Accepted { .. }));
    }
    let next = codes.next().unwrap();
    assert_eq!(desk.second_factor("eve", next).await, Reply::NotAccepted, "C7");
    let id = desk.request("eve", ROUTINE, Seconds::days(1)).await.unwrap().id;
    desk.approve("ann", "eve", id).await.unwrap();
    assert!(matches!(desk.second_factor("eve", next).await, Reply::Accepted { .. }));
    let named = ruled_by(&desk.entries().await, "code.accepted");
    assert_eq!(named.len(), 11);
    assert_eq!(named.last(), Some(&Some(id.to_string())));
    desk.holds_together(1).await;
}

#[tokio::test]
async fn f5_f3_an_exception_counts_while_its_approvers_stand_by_it() {
    let mut desk = Desk::open().await;
    for _ in 0..5 {
        desk.issue("eve").await.unwrap();
    }
    let id = desk.request("eve", OVER, Seconds::days(1)).await.unwrap().id;
    desk.approve("ann", "eve", id).await.unwrap();
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    assert!(matches!(desk.issue("eve").await, Err(Refusal::Limit { .. })), "ann was dismissed");
    desk.engine.appoint(&caller(), &name("ann"), vec![Duty::Approve]).await.unwrap();
    desk.issue("eve").await.unwrap();
    // The first of two was dismissed before the second came: one is not two, and a third is.
    let id = desk.request("root", ROUTINE, Seconds::days(1)).await.unwrap().id;
    desk.approve("ann", "root", id).await.unwrap();
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    let once = desk.approve("cay", "root", id).await.unwrap();
    assert_eq!(once.state, ExceptionState::Pending {});
    let mut forged = desk.log().await;
    let dismissal = forged.len() - 2;
    assert!(forged[dismissal].contains("operator.appointed"));
    desk.engine.appoint(&caller(), &name("ann"), vec![Duty::Approve]).await.unwrap();
    let twice = desk.approve("ann", "root", id).await.unwrap_err();
    assert_eq!(twice.code(), "not_allowed", "ann stands by the first again");
    let again = desk.request("root", OVER, Seconds::days(1)).await.unwrap().id;
    desk.approve("ann", "root", again).await.unwrap();
    desk.approve("cay", "root", again).await.unwrap();
    desk.holds_together(5).await;
    // The auditor: a grant that names somebody who was dismissed at that place.
    let real = desk.log().await;
    let granted = real.iter().rposition(|entry| entry.contains("\"exception.granted\"")).unwrap();
    let mut at_grant = real.clone();
    at_grant.insert(granted, std::mem::take(&mut forged[dismissal]));
    let mut cases = Cases::default();
    let told: Vec<_> =
        at_grant.iter().map(|entry| cases.read(entry.as_bytes(), RP, &[ORIGIN])).collect();
    let found: Vec<_> = told.iter().enumerate().filter(|(_, told)| told.is_err()).collect();
    assert!(matches!(found[..], [(place, Err(CaseFault::Unapproved))] if place == granted + 1));
    // Nor does coming back make good that somebody had left.
    let left = LifecycleKind::SubjectLeft;
    desk.engine.report(&caller(), &name("ann"), left, None).await.unwrap();
    desk.register("ann", "standard", SubjectKind::Person, None).await;
    let now = desk.log().await;
    let gone = now[real.len()..].iter().filter(|entry| entry.contains("\"type\":\"subject."));
    let mut at_grant = real.clone();
    at_grant.splice(granted..granted, gone.cloned());
    assert_eq!(at_grant.len(), real.len() + 2, "left, and came back");
    let mut cases = Cases::default();
    let told = at_grant.iter().map(|entry| cases.read(entry.as_bytes(), RP, &[ORIGIN]));
    let found: Vec<_> = told.enumerate().filter(|(_, told)| told.is_err()).collect();
    assert!(matches!(found[..], [(place, Err(CaseFault::Unapproved))] if place == granted + 2));
}

#[tokio::test]
async fn f5_an_auditor_finds_an_exception_that_was_not_signed_as_it_is() {
    let mut desk = Desk::open().await;
    let id = desk.request("eve", OVER, Seconds::days(1)).await.unwrap().id;
    desk.approve("ann", "eve", id).await.unwrap();
    let entries = desk.log().await;
    let reads = |entries: &[String]| {
        let mut cases = Cases::default();
        entries.iter().try_for_each(|entry| cases.read(entry.as_bytes(), RP, &[ORIGIN]))
    };
    reads(&entries).unwrap();
    let place = |what: &str| {
        entries.iter().position(|entry| entry.contains(&format!("\"type\":\"{what}\""))).unwrap()
    };
    let (asked, signed, granted) =
        (place("exception.requested"), place("exception.approved"), place("exception.granted"));
    // Another reason or end than was signed; a grant without the approval; one of another kind.
    for (at, from, to) in [
        (asked, "CHG-1", "CHG-2"),
        (granted, "CHG-1", "CHG-2"),
        (granted, "over_issue_limit", "routine_use"),
        (asked, "over_issue_limit", "routine_use"),
    ] {
        let mut forged = entries.clone();
        forged[at] = forged[at].replace(from, to);
        assert_ne!(forged[at], entries[at]);
        reads(&forged).unwrap_err();
    }
    for (at, left_out) in [(signed, "approval"), (asked, "request")] {
        let mut forged = entries.clone();
        forged.remove(at);
        assert!(reads(&forged).is_err(), "without its {left_out}");
    }
}

#[tokio::test]
async fn f5_a_request_under_its_name_is_answered_again_and_not_done_again() {
    let desk = Desk::open().await;
    let asked = desk.asked(OVER, Seconds::days(1));
    let named = || caller().naming(Some("once".to_owned()));
    let first = desk.engine.request_exception(&named(), &name("eve"), &asked).await.unwrap();
    let again = desk.engine.request_exception(&named(), &name("eve"), &asked).await.unwrap();
    assert_eq!(first.events().len(), 1);
    assert!(again.events().is_empty());
    assert_eq!(first.into_reply(), again.into_reply());
    let all = desk
        .engine
        .exceptions(&Reach::Everybody, &ExceptionQuery { limit: 10, ..Default::default() })
        .await;
    assert_eq!(all.unwrap().rows.len(), 1);
    desk.holds_together(0).await;
}

#[tokio::test]
async fn f5_f3_an_exception_that_nobody_stands_by_is_listed_as_such_and_gives_way() {
    let mut desk = Desk::open().await;
    let in_force = async |desk: &Desk, id| {
        let query = ExceptionQuery { limit: 10, ..ExceptionQuery::default() };
        let rows = desk.engine.exceptions(&Reach::Everybody, &query).await.unwrap().rows;
        let row = rows.iter().find(|row| row.exception.id == id).unwrap();
        desk.engine.is_in_force(&row.exception).await.unwrap()
    };
    let old = desk.request("eve", ROUTINE, Seconds::days(2)).await.unwrap().id;
    assert!(!in_force(&desk, old).await, "it waits");
    desk.approve("ann", "eve", old).await.unwrap();
    assert!(in_force(&desk, old).await);
    let second = desk.request("eve", ROUTINE, Seconds::days(2)).await.unwrap_err();
    assert_eq!(second.code(), "invalid_request", "one of a kind");
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    assert!(!in_force(&desk, old).await, "ann was dismissed");
    // One of another kind leaves it alone; one of its own ends it, in one commit.
    desk.request("eve", OVER, Seconds::days(1)).await.unwrap();
    assert!(!in_force(&desk, old).await);
    let asked = desk.asked(ROUTINE, Seconds::days(2));
    let named = || caller().naming(Some("again".to_owned()));
    let eve = name("eve");
    let applied = desk.engine.request_exception(&named(), &eve, &asked).await.unwrap();
    assert_eq!(applied.events().len(), 2);
    let again = desk.engine.request_exception(&named(), &eve, &asked).await.unwrap();
    assert!(again.events().is_empty(), "the name is the new one's");
    assert_eq!(again.reply(), applied.reply());
    let new = applied.into_reply();
    assert_eq!(new.state, ExceptionState::Pending {});
    desk.ended(old, WhyEnded::Void).await;
    assert_eq!(desk.live().await, 2);
    // Who waits for approvals gives way to nobody, whoever has left since.
    desk.engine.appoint(&caller(), &name("ann"), vec![Duty::Approve]).await.unwrap();
    let pending = desk.request("eve", ROUTINE, Seconds::days(2)).await.unwrap_err();
    assert_eq!(pending.code(), "invalid_request");
    desk.approve("cay", "eve", new.id).await.unwrap();
    assert!(in_force(&desk, new.id).await);
    desk.clock.advance(Seconds::days(2));
    assert!(!desk.engine.is_in_force(&new).await.unwrap(), "its time is up");
    desk.holds_together(2).await;
}

/// The agent `bot` of ann, appointed to the desk.
async fn with_a_bot() -> Desk {
    let desk = Desk::open().await;
    desk.register("bot", "standard", SubjectKind::Agent, Some("ann")).await;
    desk.engine.appoint(&caller(), &name("bot"), vec![Duty::Support]).await.unwrap();
    desk
}

async fn opens(engine: &Engine, agent: &str, subject: &str) -> Result<(), Error> {
    let opening = Opening {
        agent: Some(name(agent)),
        cause: Cause::PhoneLost,
        requester: None,
        reference: None,
        bundle: None,
    };
    engine.open_recovery(&caller(), &name(subject), &opening).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn h4_of_50_openings_at_once_by_one_agent_as_many_are_done_as_an_hour_allows() {
    let desk = with_a_bot().await;
    let subjects: Vec<_> = (0..50).map(|number| format!("subject-{number}")).collect();
    for subject in &subjects {
        desk.register(subject, "standard", SubjectKind::Person, None).await;
    }
    let mut running = tokio::task::JoinSet::new();
    for subject in subjects.clone() {
        let engine = desk.engine.clone();
        running.spawn(async move { opens(&engine, "bot", &subject).await });
    }
    let (mut done, mut refused) = (0, 0);
    while let Some(ended) = running.join_next().await {
        match ended.unwrap() {
            Ok(()) => done += 1,
            Err(Error::Throttled { retry_at }) => {
                assert!(retry_at > desk.engine.now());
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((done, refused), (10, 40));
    let entries = desk.entries().await;
    let told = |what: &str| entries.iter().filter(|entry| entry.happened.name() == what).count();
    assert_eq!((told("recovery.opened"), told("recovery.open_throttled")), (10, 40));
    // People are not limited.
    for subject in &subjects {
        opens(&desk.engine, "sam", subject).await.unwrap();
    }
    desk.holds_together(0).await;
}

#[tokio::test]
async fn h4_the_count_outlives_the_process_and_an_hour_makes_room() {
    let desk = with_a_bot().await;
    for number in 0..10 {
        let subject = format!("subject-{number}");
        desk.register(&subject, "standard", SubjectKind::Person, None).await;
        opens(&desk.engine, "bot", &subject).await.unwrap();
        desk.clock.advance(Seconds::minutes(1));
    }
    let desk = desk.reopened().await;
    let Err(Error::Throttled { retry_at }) = opens(&desk.engine, "bot", "eve").await else {
        panic!("the eleventh within the hour");
    };
    assert_eq!(retry_at.seconds_from(desk.engine.now()), 50 * 60, "when the first is an hour old");
    desk.clock.advance(Seconds::minutes(50));
    opens(&desk.engine, "bot", "eve").await.unwrap();
    let again = opens(&desk.engine, "bot", "root").await.unwrap_err();
    assert_eq!(again.code(), "throttled", "room for one");
    desk.holds_together(0).await;
}

#[tokio::test]
async fn a_lowered_privileged_subject_rests_loudly_and_leaving_is_no_way_round() {
    let mut desk = Desk::open().await;
    let standing = async |desk: &Desk| {
        let (root, _) =
            desk.engine.subject(&Reach::Everybody, &name("root")).await.unwrap().unwrap();
        root.standing
    };
    desk.register("root", "standard", SubjectKind::Person, None).await;
    let until = desk.engine.now().plus(Seconds::hours(24));
    assert_eq!(standing(&desk).await.lowered_until(), Some(until));
    assert_eq!(desk.issue("root").await.unwrap_err(), Refusal::Suspended);
    let opening = opens(&desk.engine, "sam", "root").await.unwrap_err();
    assert_eq!(opening.code(), "subject_suspended");
    let alerts = |entries: &[Entry]| {
        let lowered = Happened::alert(Alert::PrivilegedLowered, None);
        entries.iter().filter(|entry| entry.happened == lowered).count()
    };
    assert_eq!(alerts(&desk.entries().await), 1);
    // What lifts other causes does not lift this one; nor does leaving and coming back.
    let now = [
        LifecycleKind::AccountEnabled,
        LifecycleKind::RiskCleared,
        LifecycleKind::RecoveryReopened,
        LifecycleKind::SubjectLeft,
    ];
    for kind in now {
        desk.engine.report(&caller(), &name("root"), kind, None).await.unwrap();
    }
    desk.register("root", "standard", SubjectKind::Person, None).await;
    assert!(matches!(standing(&desk).await, Standing::Suspended { .. }));
    assert_eq!(standing(&desk).await.lowered_until(), Some(until));
    desk.holds_together(0).await;
    desk = desk.reopened().await;
    desk.clock.advance(Seconds::hours(23));
    assert_eq!(desk.engine.sweep().await.unwrap(), 0);
    assert_eq!(desk.issue("root").await.unwrap_err(), Refusal::Suspended);
    desk.clock.advance(Seconds::hours(1));
    desk.engine.sweep().await.unwrap();
    assert_eq!(standing(&desk).await, Standing::Active);
    desk.issue("root").await.unwrap();
    desk.holds_together(0).await;
}

#[tokio::test]
async fn a_change_that_lowers_nothing_for_nobody_privileged_is_quiet() {
    let desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let entries = desk.entries().await;
    assert!(!entries.iter().any(|entry| entry.happened.name() == "alert.raised"));
    desk.issue("eve").await.unwrap();
    let lower = Registration {
        tier: Tier::try_from("privileged".to_owned()).unwrap(),
        ..Registration::person(Assurance::Aal1)
    };
    desk.engine.register(&caller(), &name("eve"), lower).await.unwrap();
    assert_eq!(desk.issue("eve").await.unwrap_err(), Refusal::Suspended, "less assurance");
    desk.holds_together(0).await;
}

/// G1: what is refused about an exception leaves an entry, without a word of the caller's; what is
/// not there leaves none; a flood of refusals is turned away before it is written.
#[tokio::test]
async fn g1_a_refusal_about_an_exception_leaves_an_entry_and_a_flood_does_not_fill_the_log() {
    let mut desk = Desk::open().await;
    let id = desk.request("ann", OVER, Seconds::days(1)).await.unwrap().id;
    let other = desk.request("eve", OVER, Seconds::days(1)).await.unwrap().id;
    let signed = desk.sign("cay", "eve", other).await;
    let codes = [
        desk.request("ann", OVER, Seconds::days(1)).await.unwrap_err(),
        desk.request("ann", ROUTINE, Seconds::days(31)).await.unwrap_err(),
        desk.hand_in("cay", "ann", id, &signed).await.unwrap_err(),
        desk.hand_in("cay", "ann", id, "{}").await.unwrap_err(),
        desk.approve("ann", "ann", id).await.unwrap_err(),
    ];
    assert_eq!(codes.map(|refused| refused.code()), REFUSED.map(|(_, why, ..)| why));
    let told: Vec<_> = desk.entries().await.into_iter().filter_map(told).collect();
    let expected = REFUSED.map(|(asked, why, field, passkey, ruled)| {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let why = WhyNot { why: why.to_owned(), field: text(field), passkey: text(passkey) };
        (asked, why, ruled)
    });
    assert_eq!(told, expected);
    let before = desk.log().await.len();
    let unknown = desk.hand_in("cay", "eve", id, &signed).await.unwrap_err();
    assert_eq!(unknown.code(), "exception_unknown");
    assert_eq!(desk.log().await.len(), before, "of what is not there nothing is written");
    let mut turned_away = 0;
    for _ in 0..200 {
        let refused = desk.request("ann", OVER, Seconds::days(1)).await.unwrap_err();
        turned_away += usize::from(refused.code() == "busy");
    }
    assert!(turned_away > 0, "sixty at once, and ten a second");
    assert_eq!(desk.log().await.len(), before + 200 - turned_away, "an entry for each one told");
    desk.holds_together(0).await;
}

type Refused = (ExceptionAsked, &'static str, Option<&'static str>, Option<&'static str>, bool);

/// What was asked, why it was refused, over what, what of the passkey's answer did not hold, and
/// whether the policy had been asked.
const REFUSED: [Refused; 5] = [
    (ExceptionAsked::Request, "invalid_request", Some("subject"), None, false),
    (ExceptionAsked::Request, "invalid_request", Some("ends_at"), None, false),
    (ExceptionAsked::Approve, "passkey_refused", None, Some("wrong_case"), false),
    (ExceptionAsked::Approve, "passkey_refused", None, Some("malformed"), false),
    (ExceptionAsked::Approve, "not_allowed", None, None, true),
];

fn told(entry: Entry) -> Option<(ExceptionAsked, WhyNot, bool)> {
    let Happened::ExceptionRequestRefused(ExceptionRequestRefused { asked, why, .. }) =
        entry.happened
    else {
        return None;
    };
    Some((asked, why, entry.decision.is_some()))
}
