//! How a window ends (C5).

use super::*;

/// C5: a window that ends without re-enrolment closes the path, and only an operator opens it.
#[tokio::test(flavor = "multi_thread")]
async fn c5_a_window_that_ends_closes_the_path() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let codes = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let Reply::MoreEvidenceRequired { recovery: Some(id), alternatives } =
        desk.redeem("eve", &codes[0], None).await
    else {
        panic!("one saved code does not recover AAL2 (N63B-RA-02)")
    };
    assert!(alternatives.contains(&vec![Method::Password]));
    let vouched = Evidence::Vouched { method: Method::Password };
    assert!(desk.gather(id, vouched).await.unwrap().window.is_none(), "no code yet");
    let opened = window(desk.redeem("eve", &codes[0], Some(id)).await);
    assert_eq!(opened.recovery, id);
    desk.clock.advance(Seconds::minutes(15));
    // The engine sweeps by itself too, and may have been faster.
    desk.engine.sweep().await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Lapsed { in_window: true, .. }));
    let (subject, _) = desk.engine.subject(&Reach::Everybody, &name("eve")).await.unwrap().unwrap();
    assert!(matches!(subject.standing, Standing::Suspended { recovery: true, .. }));
    assert_eq!(desk.redeem("eve", &codes[1], None).await, Reply::NotAccepted);
    let reopened = LifecycleKind::RecoveryReopened;
    desk.engine.report(&caller(), &name("eve"), reopened, None).await.unwrap();
    assert!(matches!(
        desk.redeem("eve", &codes[1], None).await,
        Reply::MoreEvidenceRequired { .. }
    ));
    desk.replays().await;
}

/// C5: an open window is not got rid of by giving it up.
#[tokio::test(flavor = "multi_thread")]
async fn c5_an_open_window_cannot_be_cancelled() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let codes = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let id = desk.open_case("eve", None).await;
    desk.gather(id, Evidence::Vouched { method: Method::Password }).await.unwrap();
    window(desk.redeem("eve", &codes[0], Some(id)).await);
    let refused = desk.engine.cancel(&caller(), id, None).await.unwrap_err();
    assert_eq!(refused.code(), "recovery_state");
    desk.clock.advance(Seconds::minutes(15));
    desk.engine.sweep().await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Lapsed { in_window: true, .. }));
}
