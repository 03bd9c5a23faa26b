//! Access is held until a set reached somebody (D9).

use glassbreak_engine::core::code_set::RevokeReason;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::Whom;

use crate::desk::{Desk, caller, name, opening};

async fn lets_in(desk: &Desk) -> bool {
    lets(desk, "eve").await
}

/// Whether `who` may open a recovery without an agent; one that opens is given up again.
async fn lets(desk: &Desk, who: &str) -> bool {
    match desk.engine.open_recovery(&caller(), &name(who), &opening(None)).await {
        Ok(opened) => {
            let recovery = opened.into_reply().recovery.id;
            desk.engine.cancel(&caller(), recovery, None).await.unwrap();
            true
        }
        Err(refused) => {
            assert_eq!(refused.code(), "reissue_needed");
            false
        }
    }
}

/// A desk where sets are confirmed, after a containment of all was lifted.
async fn after_an_incident() -> Desk {
    let mut desk = Desk::open_where(|settings| {
        for tier in settings.tiers.values_mut() {
            tier.confirm_within = Some(Seconds::minutes(30));
            tier.issue_limit.sets = 20;
        }
    })
    .await;
    desk.contain_and_lift(Whom::All).await;
    assert!(!lets_in(&desk).await);
    desk
}

#[tokio::test]
async fn d9_a_set_on_offer_or_lapsed_lets_no_hold_go_and_a_confirmed_one_does() {
    let desk = after_an_incident().await;
    desk.issue("eve").await.unwrap();
    assert!(!lets_in(&desk).await, "offered");
    desk.clock.advance(Seconds::minutes(31));
    assert!(!lets_in(&desk).await, "lapsed");
    desk.issue("eve").await.unwrap();
    desk.clock.advance(Seconds(1));
    let (set, codes) = desk.shown("eve").await.unwrap();
    assert!(!lets_in(&desk).await, "offered, and one whose place it took unseen");
    desk.engine.confirm(&caller(), set, &codes[0]).await.unwrap();
    assert!(lets_in(&desk).await, "confirmed");
    desk.holds_together(2).await;
}

#[tokio::test]
async fn d9_a_set_that_was_taken_back_unused_lets_no_hold_go() {
    let desk = after_an_incident().await;
    let (set, codes) = desk.shown("eve").await.unwrap();
    desk.engine.confirm(&caller(), set, &codes[0]).await.unwrap();
    assert!(lets_in(&desk).await);
    desk.engine.revoke(&caller(), set, RevokeReason::Requested).await.unwrap();
    assert!(!lets_in(&desk).await, "nobody has it any more, as far as is known");
    desk.clock.advance(Seconds(1));
    let (set, codes) = desk.shown("eve").await.unwrap();
    desk.engine.confirm(&caller(), set, &codes[0]).await.unwrap();
    assert!(lets_in(&desk).await);
    let lost = LifecycleKind::DeviceLost;
    desk.engine.report(&caller(), &name("eve"), lost, None).await.unwrap();
    assert!(!lets_in(&desk).await, "nor where a lifecycle event took it");
    desk.holds_together(2).await;
}

/// What one lifting holds, a newer one does not let go.
#[tokio::test]
async fn d9_who_came_after_the_one_containment_is_held_by_the_other() {
    let mut desk = Desk::open().await;
    let all = desk.begin(Whom::All, None).await;
    desk.clock.advance(Seconds(60));
    // Fay had nothing to lose by the first, and may have had by the second.
    desk.register("fay", &["finance"]).await;
    desk.clock.advance(Seconds(60));
    let group = desk.begin(Whom::Group("finance".to_owned()), None).await;
    for id in [group.id, all.id] {
        for who in ["bob", "cay"] {
            desk.approve(who, id).await.unwrap();
        }
        desk.clock.advance(Seconds(60));
        desk.lift(id).await.unwrap();
    }
    desk.clock.advance(Seconds(60));
    assert!(!lets(&desk, "fay").await);
    desk.issue("fay").await.unwrap();
    assert!(lets(&desk, "fay").await);
    desk.holds_together(4).await;
}
