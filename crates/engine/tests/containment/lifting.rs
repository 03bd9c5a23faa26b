//! Who may approve a lifting, and what is written where it is refused.

use glassbreak_engine::core::event::{
    ContainmentAsked, ContainmentRequestRefused, Happened, WhyNot,
};
use glassbreak_engine::core::id::ContainmentId;
use glassbreak_engine::core::subject::{Assurance, SubjectKind, Tier};
use glassbreak_engine::operation::{Registration, Whom};

use crate::desk::{Desk, caller, name};

/// Registers a service that `owner` answers for.
async fn owned_by(desk: &Desk, owner: &str) {
    let registration = Registration {
        kind: SubjectKind::Service,
        tier: Tier::try_from("service".to_owned()).unwrap(),
        owner: Some(name(owner)),
        ..Registration::person(Assurance::Aal2)
    };
    desk.engine.register(&caller(), &name("robot"), registration).await.unwrap();
}

/// What was refused about containments: what was asked, whether somebody was named, and why.
async fn refusals(desk: &Desk) -> Vec<(ContainmentId, ContainmentAsked, bool, WhyNot)> {
    let refused = desk.happened().await.into_iter().filter_map(|happened| match happened {
        Happened::ContainmentRequestRefused(refused) => Some(refused),
        _ => None,
    });
    let told = |refused: ContainmentRequestRefused| {
        (refused.containment, refused.asked, refused.by.is_some(), refused.why)
    };
    refused.map(told).collect()
}

fn why(why: &str, passkey: Option<&str>) -> WhyNot {
    WhyNot { why: why.to_owned(), field: None, passkey: passkey.map(str::to_owned) }
}

#[tokio::test]
async fn i1_neither_the_owner_of_then_nor_the_owner_of_now_approves_a_lifting() {
    let mut desk = Desk::open().await;
    owned_by(&desk, "ann").await;
    let begun = desk.begin(Whom::Subject(name("robot")), None).await;
    assert_eq!(desk.approve("ann", begun.id).await.unwrap_err().code(), "not_allowed");
    // Whoever is to approve it could be made the owner in between.
    owned_by(&desk, "bob").await;
    assert_eq!(desk.approve("bob", begun.id).await.unwrap_err().code(), "not_allowed", "of now");
    assert_eq!(desk.approve("ann", begun.id).await.unwrap_err().code(), "not_allowed", "of then");
    desk.approve("cay", begun.id).await.unwrap();
    assert_eq!(desk.lift(begun.id).await.unwrap_err().code(), "approvals_missing");
    // Nobody's any more: bob may again.
    owned_by(&desk, "eve").await;
    desk.approve("bob", begun.id).await.unwrap();
    assert!(!desk.lift(begun.id).await.unwrap().is_in_force());
    desk.holds_together(2).await;
}

#[tokio::test]
async fn i1_g1_each_refused_lifting_leaves_its_entry_and_one_of_nothing_leaves_none() {
    let mut desk = Desk::open().await;
    let begun = desk.begin(Whom::All, Some("ann")).await;
    let other = desk.begin(Whom::Group("finance".to_owned()), None).await;
    let (id, approve, lift) = (begun.id, ContainmentAsked::Approve, ContainmentAsked::Lift);

    desk.lift(id).await.unwrap_err();
    desk.approve("ann", id).await.unwrap_err();
    desk.approve("sam", id).await.unwrap_err();
    let of_another = desk.sign("bob", other.id).await.unwrap();
    let refused = desk.hand_in("bob", id, &of_another).await.unwrap_err();
    assert_eq!(refused.code(), "passkey_refused");
    let expected = [
        (id, lift, false, why("approvals_missing", None)),
        (id, approve, true, why("not_allowed", None)),
        (id, approve, true, why("not_allowed", None)),
        (id, approve, true, why("passkey_refused", Some("wrong_case"))),
    ];
    assert_eq!(refusals(&desk).await, expected);

    let nothing = ContainmentId::new(desk.engine.now(), [9; 10]);
    assert_eq!(desk.lift(nothing).await.unwrap_err().code(), "containment_unknown");
    assert_eq!(refusals(&desk).await.len(), 4, "of what is not there nothing is told");
    for who in ["bob", "cay"] {
        desk.approve(who, id).await.unwrap();
    }
    desk.lift(id).await.unwrap();
    assert_eq!(desk.hand_in("bob", id, &of_another).await.unwrap_err().code(), "passkey_refused");
    assert_eq!(refusals(&desk).await.len(), 5, "also of one that is lifted");
    desk.holds_together(2).await;
}
