//! Codes that are sent, where they go, and what takes none (F4).

use super::*;

/// F4: what goes into the log takes no code, saved or sent, however it is dressed.
#[tokio::test(flavor = "multi_thread")]
async fn f4_a_code_is_refused_as_a_reference() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let saved = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await.remove(0);
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    let sent = desk.send(id).await.unwrap();
    let before = desk.engine.entries(0, 1000).await.unwrap().len();
    for pasted in [
        saved.clone(),
        saved.to_lowercase(),
        saved.replace('-', "/"),
        sent.replace(' ', "-"),
        sent.replace([' ', '-'], ""),
        format!("code:{}", sent.replace([' ', '-'], "")),
    ] {
        let opening = Opening {
            agent: None,
            cause: Cause::PhoneLost,
            requester: None,
            reference: Some(reference(&pasted)),
            bundle: None,
        };
        let refused = desk.engine.open_recovery(&caller(), &name("eve"), &opening).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "invalid_request");
        assert!(refused.to_string().contains("`reference`"), "{refused}");
        let (agent, check) = (name("sam"), Check::InPerson);
        let reference = reference(&pasted);
        let evidence = Evidence::SecondVerification { agent, check, reference };
        assert_eq!(desk.gather(id, evidence).await.unwrap_err().code(), "invalid_request");
    }
    assert_eq!(desk.engine.entries(0, 1000).await.unwrap().len(), before, "nothing is written");
}

/// A retry names the code that its own request sent, whatever was sent since.
#[tokio::test(flavor = "multi_thread")]
async fn a_retried_send_names_the_code_it_sent() {
    let desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", None).await;
    let send = async |key: &str| {
        let caller = caller().naming(Some(key.to_owned()));
        let sent = desk.engine.send_code(&caller, id, Channel::Email, None).await.unwrap();
        match sent.into_reply() {
            Sending::New(outgoing) => (outgoing.sent.id, true),
            Sending::Before(sent) => (sent.id, false),
        }
    };
    let (first, _) = send("one").await;
    let (second, _) = send("two").await;
    assert_ne!(first, second);
    assert_eq!(send("one").await, (first, false));
    assert_eq!(send("two").await, (second, false));
    desk.engine.cancel(&caller(), id, None).await.unwrap();
    assert_eq!(send("one").await, (first, false), "also when the recovery has ended");
    desk.replays().await;
}

/// F4, N63B-IC-08: an address that is put on record in mid-case, after the approvals, gets no code.
#[tokio::test(flavor = "multi_thread")]
async fn f4_an_address_changed_in_mid_case_gets_nothing() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    let (subject, _) = desk.engine.subject(&Reach::Everybody, &name("eve")).await.unwrap().unwrap();
    let elsewhere = Registration {
        kind: SubjectKind::Person,
        tier: subject.profile.tier,
        ial: subject.profile.ial,
        notification_addresses: vec![NotificationAddress {
            channel: Channel::Email,
            address: "mallory@example.org".to_owned(),
            verified: true,
        }],
        ..Registration::person(Assurance::Aal2)
    };
    desk.engine.register(&caller(), &name("eve"), elsewhere).await.unwrap();
    assert_eq!(desk.send(id).await.unwrap_err().code(), "invalid_request");
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    desk.send(id).await.unwrap();
    desk.replays().await;
}
