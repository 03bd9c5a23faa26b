//! Access is held until a set reached somebody (D9).

use glassbreak_engine::core::code_set::RevokeReason;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::Whom;

use crate::desk::{Desk, caller, name, opening};

/// Whether eve may open a recovery herself; one that opens is given up again.
async fn lets_in(desk: &Desk) -> bool {
    match desk.engine.open_recovery(&caller(), &name("eve"), &opening(None)).await {
        Ok(opened) => {
            let recovery = opened.into_reply().recovery.id;
            desk.engine.cancel(&caller(), recovery).await.unwrap();
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
    desk.holds_together(2).await;
}

/// What one lifting holds, another does not let go.
#[tokio::test]
async fn d9_of_two_liftings_each_holds_until_a_set_is_newer() {
    let mut desk = Desk::open().await;
    let all = desk.begin(Whom::All, None).await;
    let group = desk.begin(Whom::Group("finance".to_owned()), None).await;
    for id in [group.id, all.id] {
        for who in ["bob", "cay"] {
            desk.approve(who, id).await.unwrap();
        }
    }
    desk.lift(group.id).await.unwrap();
    desk.clock.advance(Seconds(60));
    desk.lift(all.id).await.unwrap();
    assert!(!lets_in(&desk).await);
    desk.clock.advance(Seconds(60));
    desk.issue("eve").await.unwrap();
    assert!(lets_in(&desk).await);
    desk.holds_together(4).await;
}
