//! Containment through the engine, with real passkeys: at once, whatever fails afterwards, lifted
//! by two people, and held until paths are reissued.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

#[path = "containment/confirming.rs"]
mod confirming;
#[path = "containment/desk.rs"]
mod desk;
#[path = "containment/holding.rs"]
mod holding;
#[path = "containment/lifting.rs"]
mod lifting;

use glassbreak_engine::Reach;
use glassbreak_engine::core::code_set::{RevokeReason, SetState};
use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::issue::Refusal;
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::redemption::{Role, WhyRefused};
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::Whom;
use glassbreak_engine::store::InventoryQuery;
use glassbreak_engine::store::memory::{Calls, Fault};

use desk::{Desk, caller, name, opening};

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
    desk.clock.advance(Seconds(60));
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
