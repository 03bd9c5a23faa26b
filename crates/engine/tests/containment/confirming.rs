//! A containment ends the confirmations that were on their way (I1).

use glassbreak_engine::core::address_book::ContactLabel;
use glassbreak_engine::core::id::SentId;
use glassbreak_engine::core::operation::confirm_address::Reply;
use glassbreak_engine::core::operation::send_confirmation::Unconfirmed;
use glassbreak_engine::core::subject::{Assurance, Channel, NotificationAddress};
use glassbreak_engine::operation::{Registration, Sending, Whom};

use crate::desk::{Desk, caller, name};

fn own() -> NotificationAddress {
    let address = "eve@example.org".to_owned();
    NotificationAddress { channel: Channel::Email, address, verified: false }
}

fn sister() -> ContactLabel {
    ContactLabel::try_from("sister".to_owned()).unwrap()
}

async fn sent(desk: &Desk, to: Unconfirmed) -> (SentId, String) {
    let sending = desk.engine.send_confirmation(&caller(), &name("eve"), to, None).await.unwrap();
    match sending.into_reply() {
        Sending::New(out) => (out.sent.id, out.code.expose_display().to_string()),
        Sending::Before(_) => panic!("nothing was sent under a name"),
    }
}

async fn confirmed(desk: &Desk, (id, code): &(SentId, String)) -> Reply {
    let done = desk.engine.confirm_address(&caller(), &name("eve"), *id, code).await.unwrap();
    done.into_reply()
}

/// Eve, with an address of her own and a contact, neither of them confirmed.
async fn desk() -> Desk {
    let desk = Desk::open().await;
    let registration = Registration {
        groups: vec!["finance".to_owned()],
        notification_addresses: vec![own()],
        ..Registration::person(Assurance::Aal1)
    };
    desk.engine.register(&caller(), &name("eve"), registration).await.unwrap();
    let (channel, address) = (Channel::Email, "sister@example.net".to_owned());
    let added = desk.engine.add_contact(&caller(), &name("eve"), sister(), channel, address).await;
    added.unwrap();
    desk
}

#[tokio::test]
async fn i1_what_was_sent_to_an_address_before_a_containment_confirms_nothing_after_it() {
    let mut desk = desk().await;
    let before = [
        sent(&desk, Unconfirmed::Own(own())).await,
        sent(&desk, Unconfirmed::Contact(sister())).await,
    ];
    let begun = desk.begin(Whom::Group("finance".to_owned()), None).await;
    for (id, code) in &before {
        let refused = desk.engine.confirm_address(&caller(), &name("eve"), *id, code).await;
        assert_eq!(refused.unwrap_err().code(), "contained", "while it is in force");
    }
    let refused =
        desk.engine.send_confirmation(&caller(), &name("eve"), Unconfirmed::Own(own()), None).await;
    assert_eq!(refused.err().unwrap().code(), "contained");
    for who in ["bob", "cay"] {
        desk.approve(who, begun.id).await.unwrap();
    }
    desk.clock.advance(super::Seconds(60));
    desk.lift(begun.id).await.unwrap();
    for code in &before {
        assert_eq!(confirmed(&desk, code).await, Reply::NotAccepted, "and after it");
    }
    desk.clock.advance(super::Seconds(60));
    for to in [Unconfirmed::Own(own()), Unconfirmed::Contact(sister())] {
        let code = sent(&desk, to).await;
        assert_eq!(confirmed(&desk, &code).await, Reply::Confirmed, "what is sent now does");
    }
    desk.holds_together(2).await;
}
