//! Refusals leave entries, and floods of them do not fill the log (G1, C9).

use super::*;

/// G1: an approval whose signature does not hold is refused with an entry, and so is a release; a
/// flood of refusals is turned away before it is written.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_refusal_leaves_an_entry_and_a_flood_of_them_does_not_fill_the_log() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    let old = desk.sign("ann", id).await;
    desk.proof(id).await.unwrap();
    assert_eq!(desk.hand_in("ann", id, &old).await.unwrap_err().code(), "passkey_refused");
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed");
    let told = async |desk: &Desk| {
        let entries = desk.engine.entries(0, 1000).await.unwrap();
        let entries = entries.into_iter().map(|logged| logged.entry().unwrap());
        let told = entries.filter_map(|entry| match entry.happened {
            Happened::RecoveryRequestRefused { recovery, asked, why, passkey, .. } => {
                assert_eq!(recovery, Some(id));
                Some((asked, why, passkey))
            }
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let stale = (Asked::Approve, "passkey_refused".to_owned(), Some("wrong_case".to_owned()));
    let early = (Asked::Send, "not_allowed".to_owned(), None);
    assert_eq!(told(&desk).await, [stale, early]);
    let before = desk.log().await.len();
    let mut turned_away = 0;
    for _ in 0..200 {
        turned_away += usize::from(desk.send(id).await.unwrap_err().code() == "busy");
    }
    assert!(turned_away > 0, "sixty at once, and one a second");
    assert_eq!(desk.log().await.len(), before + 200 - turned_away, "an entry for each one told");
    desk.replays().await;
}

/// G1, C9: a flood at one who has to wait is turned away before it is written, and for a stranger
/// no sooner and no later.
#[tokio::test(flavor = "multi_thread")]
async fn g1_a_flood_of_throttled_redemptions_does_not_fill_the_log_and_tells_nothing() {
    let mut desk = Desk::open().await;
    for who in ["eve", "dan"] {
        desk.register(who, "standard", SubjectKind::Person, None).await;
    }
    desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let wrong = desk.issue("dan", SetKind::Saved, IssueReason::Enrolment).await.remove(0);
    let people = ["eve", "nobody"];
    for who in people {
        while !matches!(desk.redeem(who, &wrong, None).await, Reply::Throttled { .. }) {}
    }
    let before = desk.log().await.len();
    let mut told = [Vec::new(), Vec::new()];
    for _ in 0..100 {
        for (who, told) in people.iter().zip(&mut told) {
            told.push(desk.try_redeem(who, &wrong, None).await.is_ok());
        }
    }
    let waiting = told.iter().flatten().filter(|told| **told).count();
    assert!(waiting < 100, "sixty at once, and one a second: {waiting}");
    assert_eq!(desk.log().await.len(), before + waiting, "an entry for each one told");
    let told = told.map(|told| told.iter().take_while(|told| **told).count());
    assert!(told[0].abs_diff(told[1]) <= 1, "alike: {told:?}");
    desk.replays().await;
}
