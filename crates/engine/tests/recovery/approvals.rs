//! Whose approval counts, for how long, and how anyone checks it later (F3, REG-29).

use super::*;

/// REG-29: the agent who opened the case, whoever gathered evidence, the subject and who is not
/// appointed approve nothing; nor does a passkey of somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn reg_29_who_has_a_stake_approves_nothing() {
    let mut desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("bob")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    let opener = desk.approve("bob", id).await.unwrap_err();
    assert_eq!(opener.code(), "not_allowed", "bob opened it");
    let agent = desk.approve("sam", id).await.unwrap_err();
    assert_eq!(agent.code(), "not_allowed", "sam is no approver, and gathered evidence");
    let foreign = desk.sign("ann", id).await;
    let foreign = desk.hand_in("bob", id, &foreign).await.unwrap_err();
    assert_eq!(foreign.code(), "passkey_refused", "ann's passkey is not bob's");
    desk.engine.appoint(&caller(), &name("ann"), vec![]).await.unwrap();
    let dismissed = desk.approve("ann", id).await.unwrap_err();
    assert_eq!(dismissed.code(), "not_allowed", "dismissed");
    desk.replays().await;
}

/// Every approval in the log is checked by the auditor's code with nothing but the log.
#[tokio::test(flavor = "multi_thread")]
async fn f3_anyone_can_check_an_approval_later_out_of_the_log() {
    let mut desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    let entries = desk.engine.entries(0, 1000).await.unwrap();
    let entries: Vec<_> = entries.iter().map(|logged| logged.entry().unwrap()).collect();
    let mut checked = 0;
    for entry in &entries {
        let Happened::RecoveryApproved { approver, case, assertion, .. } = &entry.happened else {
            continue;
        };
        let enrolled = entries.iter().find_map(|entry| match &entry.happened {
            Happened::OperatorPasskeyAdded { passkey } if entry.subject == Some(*approver) => {
                Some(passkey.clone())
            }
            _ => None,
        });
        let enrolled = serde_json::to_value(enrolled.unwrap()).unwrap();
        let key = serde_json::from_value(enrolled).unwrap();
        let approval = serde_json::from_value(serde_json::to_value(assertion).unwrap()).unwrap();
        glassbreak_verify::approval::check(&case.0, &key, &approval, RP, &[ORIGIN]).unwrap();
        checked += 1;
    }
    assert_eq!(checked, 1);
}

/// F3: the word of somebody who was dismissed counts no longer, nor does one signed with a passkey
/// that was taken away; and an auditor finds a decision that counted it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn f3_an_approval_counts_while_its_approver_and_passkey_are_there() {
    let mut desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    desk.proof(id).await.unwrap();
    desk.verify_again(id).await.unwrap();
    desk.approve("ann", id).await.unwrap();
    desk.approve("bob", id).await.unwrap();
    let counting = async |desk: &Desk| {
        let recovery = desk.engine.recovery(&Reach::Everybody, id).await.unwrap().unwrap();
        desk.engine.approvers(&recovery).await.unwrap().len()
    };
    assert_eq!(counting(&desk).await, 2);
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    assert_eq!(counting(&desk).await, 1);
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed", "ann is dismissed");
    desk.engine.appoint(&caller(), &name("ann"), vec![Duty::Approve]).await.unwrap();
    let bobs = desk
        .engine
        .operator(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .appointment
        .passkeys;
    let gone = bobs[0].credential.clone();
    desk.engine.remove_passkey(&caller(), &name("bob"), gone).await.unwrap();
    assert_eq!(desk.send(id).await.unwrap_err().code(), "not_allowed", "bob's passkey is gone");
    desk.enrol("bob", "bob's other device").await;
    desk.approve("bob", id).await.unwrap();
    let code = desk.send(id).await.unwrap();
    window(desk.redeem("eve", &code, Some(id)).await);
    desk.replays().await;
    // Dismissed afterwards, nothing is wrong. The same entry moved to before the decision is.
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    let mut log = desk.log().await;
    assert_eq!(audited(&log).unwrap(), 3);
    let dismissed = log.pop().unwrap();
    let sent = newest(&log, "recovery.code_sent");
    for place in [sent, newest(&log, "sent_code.accepted")] {
        let mut moved = log.clone();
        moved.insert(place, dismissed.clone());
        let fault = audited(&moved).unwrap_err();
        assert!(matches!(fault, CaseFault::Void { counted: 2, standing: 1 }), "{fault}");
    }
    // So is the removal of the passkey that signed.
    let removed = String::from_utf8(log[newest(&log, "operator.passkey_removed")].clone()).unwrap();
    let bobs = desk
        .engine
        .operator(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .appointment
        .passkeys;
    let other = String::from_utf8(log[newest(&log, "operator.passkey_added")].clone()).unwrap();
    assert!(other.contains(&bobs[0].credential));
    let (_, before) = removed.split_once("\"credential\":\"").unwrap();
    let (before, _) = before.split_once('"').unwrap();
    let mut moved = log.clone();
    moved.insert(sent, removed.replace(before, &bobs[0].credential).into_bytes());
    assert!(matches!(audited(&moved).unwrap_err(), CaseFault::Void { counted: 2, standing: 1 }));
    // And an approval of somebody who was no approver then.
    let mut moved = log.clone();
    let bob = desk
        .engine
        .subject(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .0
        .id
        .to_string();
    let ann = desk
        .engine
        .subject(&Reach::Everybody, &name("ann"))
        .await
        .unwrap()
        .unwrap()
        .0
        .id
        .to_string();
    let dismissed = String::from_utf8(dismissed).unwrap().replace(&ann, &bob);
    moved.insert(newest(&log, "recovery.approved"), dismissed.into_bytes());
    assert!(matches!(audited(&moved).unwrap_err(), CaseFault::NotAppointed));
}
