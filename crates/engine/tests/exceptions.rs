//! Exceptions, agents' limits and the rest after a lowering, through the engine over SQLite, with
//! real passkeys; the auditor's side checks the approvals out of the log.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[path = "exceptions/desk.rs"]
mod desk;

use glassbreak_engine::core::event::{Entry, Happened};
use glassbreak_engine::core::exception::{ExceptionKind, ExceptionState, WhyEnded};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::issue::Refusal;
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::store::ExceptionQuery;
use glassbreak_verify::cases::Cases;

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
    assert_eq!(desk.engine.sweep().await.unwrap(), 1, "the sweeper ends it");
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
    let all = desk.engine.exceptions(&ExceptionQuery { limit: 10, ..Default::default() }).await;
    assert_eq!(all.unwrap().rows.len(), 1);
    desk.holds_together(0).await;
}
