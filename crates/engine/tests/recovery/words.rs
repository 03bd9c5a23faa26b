//! What approvers sign besides a yes: a no, and the review after break-glass (F3, E3, REG-29). Each
//! is a signature over the exact case and the word, and none passes for another.

use glassbreak_engine::operation::ToApprove;

use super::*;

/// What the passkey of `who` gives for the options, on the page of `origin`.
pub(super) fn signed(desk: &mut Desk, who: &str, to_sign: &ToApprove, origin: &str) -> String {
    let challenge = to_sign.options["challenge"].as_str().unwrap();
    let challenge = URL_SAFE_NO_PAD.decode(challenge).unwrap();
    let passkey = desk.passkeys.get_mut(who).unwrap();
    passkey.get(&challenge, &Manner::honest(RP, origin)).unwrap().to_string()
}

/// A signature of `who` over a no to the case as it stands.
async fn no(desk: &mut Desk, who: &str, id: RecoveryId) -> String {
    let to_sign = desk.engine.decline_options(&caller(), id, &name(who)).await.unwrap();
    signed(desk, who, &to_sign, ORIGIN)
}

async fn decline(desk: &Desk, who: &str, id: RecoveryId, signed: &str) -> Result<Gathered, Error> {
    let opinion = Opinion::Decline(signed.as_bytes(), None);
    Ok(desk.engine.approve(&caller(), id, &name(who), opinion).await?.into_reply())
}

/// Why words on recoveries were refused, as the log tells it.
async fn refusals(desk: &Desk) -> Vec<(Asked, String)> {
    let entries = desk.engine.entries(0, 1000).await.unwrap();
    let entries = entries.into_iter().map(|logged| logged.entry().unwrap().happened);
    let refused = entries.filter_map(|happened| match happened {
        Happened::RecoveryRequestRefused { asked, why, passkey, .. } => {
            Some((asked, passkey.unwrap_or(why)))
        }
        _ => None,
    });
    refused.collect()
}

/// How many approvals, refusals and reviews stand in a log.
fn counted(log: &[Vec<u8>]) -> Result<[u64; 3], CaseFault> {
    let mut cases = Cases::default();
    log.iter().try_for_each(|entry| cases.read(entry, RP, &[ORIGIN]))?;
    Ok([cases.checked(), cases.declines(), cases.reviews()])
}

/// The log with the newest entry of a kind changed.
fn forged(log: &[Vec<u8>], kind: &str, from: &str, to: &str) -> CaseFault {
    let mut log = log.to_vec();
    let place = newest(&log, kind);
    let text = String::from_utf8(log[place].clone()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    log[place] = text.replace(from, to).into_bytes();
    counted(&log).unwrap_err()
}

/// REG-29, F3: a no is the approver's own signature over this case, as it stands, and this word.
#[tokio::test(flavor = "multi_thread")]
async fn reg_29_a_no_is_signed_and_neither_passes_for_a_yes_nor_the_other_way_round() {
    let mut desk = Desk::open().await;
    desk.register("eve", "privileged", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    let other = desk.open_case("eve", Some("sam")).await;
    let early = no(&mut desk, "ann", id).await;
    desk.proof(id).await.unwrap();
    let yes = desk.sign("ann", id).await;
    let elsewhere = no(&mut desk, "ann", other).await;
    let options = desk.engine.decline_options(&caller(), id, &name("ann")).await.unwrap();
    let lured = signed(&mut desk, "ann", &options, "https://desk.example.net");
    for (what, wrong) in [
        ("an approval", &yes),
        ("an older case", &early),
        ("another recovery", &elsewhere),
        ("a foreign page", &lured),
        ("no signature", &"{}".to_owned()),
    ] {
        let refused = decline(&desk, "ann", id, wrong).await.unwrap_err();
        assert_eq!(refused.code(), "passkey_refused", "{what}");
    }
    let own = no(&mut desk, "ann", id).await;
    let borrowed = decline(&desk, "bob", id, &own).await.unwrap_err();
    assert_eq!(borrowed.code(), "passkey_refused", "ann's passkey is not bob's");
    let taken = desk.hand_in("ann", id, &own).await.unwrap_err();
    assert_eq!(taken.code(), "passkey_refused", "a no is no yes");
    let agents = no(&mut desk, "sam", id).await;
    let agent = decline(&desk, "sam", id, &agents).await.unwrap_err();
    assert_eq!(agent.code(), "not_allowed", "sam is no approver");
    assert!(matches!(desk.state(id).await, RecoveryState::Open {}), "nothing came of it");
    let told = ["wrong_case", "wrong_case", "wrong_case", "foreign_origin", "malformed"];
    let mut told: Vec<_> = told.map(|why| (Asked::Decline, why.to_owned())).into();
    told.push((Asked::Decline, "wrong_credential".to_owned()));
    told.push((Asked::Approve, "wrong_case".to_owned()));
    told.push((Asked::Decline, "not_allowed".to_owned()));
    assert_eq!(refusals(&desk).await, told, "each try leaves an entry");

    desk.hand_in("ann", id, &yes).await.unwrap();
    let named = caller().naming(Some("no".to_owned()));
    for _ in 0..2 {
        let opinion = Opinion::Decline(own.as_bytes(), None);
        let done = desk.engine.approve(&named, id, &name("ann"), opinion).await.unwrap();
        assert_eq!(done.reply().recovery.state.name(), "refused", "also what was approved");
    }
    let replayed = decline(&desk, "ann", id, &own).await.unwrap_err();
    assert_eq!(replayed.code(), "recovery_state");
    let log = desk.log().await;
    assert_eq!(counted(&log).unwrap(), [1, 1, 0]);
    let (declined, approved) = ("recovery.declined", "recovery.approved");
    let as_yes = forged(&log, declined, declined, approved);
    assert!(matches!(as_yes, CaseFault::Approval(_)), "{as_yes}");
    let as_no = forged(&log, approved, approved, declined);
    assert!(matches!(as_no, CaseFault::Approval(_)), "{as_no}");
    let case = desk
        .engine
        .recovery(&Reach::Everybody, id)
        .await
        .unwrap()
        .unwrap()
        .case()
        .unwrap()
        .to_string();
    let other = forged(&log, declined, &case, &"0".repeat(64));
    assert!(matches!(other, CaseFault::OtherCase), "{other}");
    desk.replays().await;
}

/// The canonical bytes that a page shows are those whose digest is signed.
#[tokio::test(flavor = "multi_thread")]
async fn f3_what_is_signed_can_be_made_again_from_the_bytes_that_are_shown() {
    let desk = Desk::open().await;
    desk.register("eve", "standard", SubjectKind::Person, None).await;
    let id = desk.open_case("eve", Some("sam")).await;
    let sha256 = |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let yes = desk.engine.approve_options(&caller(), id, &name("ann")).await.unwrap();
    assert_eq!(yes.word, None);
    let case = sha256(&yes.case);
    assert_eq!(yes.options["challenge"], URL_SAFE_NO_PAD.encode(case));
    let no = desk.engine.decline_options(&caller(), id, &name("ann")).await.unwrap();
    assert_eq!(no.case, yes.case);
    let word = no.word.unwrap();
    let hex = glassbreak_engine::core::digest::hex(case.as_ref());
    let spelled = format!(r#"{{"case":"{hex}","word":"decline"}}"#);
    assert_eq!(String::from_utf8_lossy(&word), spelled);
    assert_eq!(no.options["challenge"], URL_SAFE_NO_PAD.encode(sha256(&word)));
}

/// Somebody who is appointed and has no passkey yet says nothing by signature; the desk gives the
/// case up for them.
#[tokio::test(flavor = "multi_thread")]
async fn f3_an_approver_without_a_passkey_cannot_decline_and_the_desk_cancels() {
    let mut desk = Desk::open().await;
    for who in ["eve", "eli"] {
        desk.register(who, "standard", SubjectKind::Person, None).await;
    }
    desk.engine.appoint(&caller(), &name("eli"), vec![Duty::Approve]).await.unwrap();
    let id = desk.open_case("eve", Some("sam")).await;
    let options = desk.engine.decline_options(&caller(), id, &name("eli")).await.unwrap();
    assert_eq!(options.options["allowCredentials"], serde_json::json!([]));
    let borrowed = no(&mut desk, "ann", id).await;
    for wrong in [borrowed.as_str(), "{}"] {
        let refused = decline(&desk, "eli", id, wrong).await.unwrap_err();
        assert_eq!(refused.code(), "passkey_refused");
    }
    desk.engine.cancel(&caller(), id, None).await.unwrap();
    assert!(matches!(desk.state(id).await, RecoveryState::Cancelled { .. }));
    desk.replays().await;
}

/// An emergency of a service with its two approvals; gives ann's as well.
async fn emergency(desk: &mut Desk) -> (RecoveryId, String, String) {
    desk.register("olga", "standard", SubjectKind::Person, None).await;
    desk.register("deploy", "service", SubjectKind::Service, Some("olga")).await;
    let provisioning = IssueReason::BreakGlassProvisioning;
    let codes = desk.issue("deploy", SetKind::BreakGlass, provisioning).await;
    let opening = Opening {
        agent: None,
        cause: Cause::Emergency,
        requester: Some(name("olga")),
        reference: Some(reference("INC-42")),
        bundle: None,
    };
    let opened = desk.engine.open_recovery(&caller(), &name("deploy"), &opening).await.unwrap();
    let id = opened.reply().recovery.id;
    let anns = desk.sign("ann", id).await;
    desk.hand_in("ann", id, &anns).await.unwrap();
    desk.approve("bob", id).await.unwrap();
    (id, anns, codes[0].clone())
}

/// E3: whoever reviews break-glass signs for it, once there is something to look at.
#[tokio::test(flavor = "multi_thread")]
async fn e3_a_review_is_signed_and_passes_for_nothing_else() {
    let mut desk = Desk::open().await;
    let (id, approval, code) = emergency(&mut desk).await;
    let early = desk.engine.review_options(&caller(), id, &name("ann")).await.unwrap_err();
    assert_eq!(early.code(), "recovery_state", "nothing was done yet");
    let declined = no(&mut desk, "ann", id).await;
    window(desk.redeem("deploy", &code, Some(id)).await);
    let options = desk.engine.review_options(&caller(), id, &name("ann")).await.unwrap();
    let lured = signed(&mut desk, "ann", &options, "https://desk.example.net");
    let bobs = signed(&mut desk, "bob", &options, ORIGIN);
    for wrong in [&approval, &declined, &lured, &bobs] {
        let refused = desk.engine.review(&caller(), id, &name("ann"), wrong.as_bytes()).await;
        assert_eq!(refused.unwrap_err().code(), "passkey_refused");
    }
    let told = ["wrong_case", "wrong_case", "foreign_origin", "wrong_credential"];
    assert_eq!(refusals(&desk).await, told.map(|why| (Asked::Review, why.to_owned())));
    let own = signed(&mut desk, "ann", &options, ORIGIN);
    let named = caller().naming(Some("looked".to_owned()));
    for _ in 0..2 {
        let done = desk.engine.review(&named, id, &name("ann"), own.as_bytes()).await.unwrap();
        assert!(matches!(done.reply().review, Some(Review::Done { .. })));
    }
    let replayed = desk.engine.review(&caller(), id, &name("ann"), own.as_bytes()).await;
    assert_eq!(replayed.unwrap_err().code(), "recovery_state", "once");
    let log = desk.log().await;
    assert_eq!(counted(&log).unwrap(), [2, 0, 1]);
    let ann = desk
        .engine
        .subject(&Reach::Everybody, &name("ann"))
        .await
        .unwrap()
        .unwrap()
        .0
        .id
        .to_string();
    let bob = desk
        .engine
        .subject(&Reach::Everybody, &name("bob"))
        .await
        .unwrap()
        .unwrap()
        .0
        .id
        .to_string();
    let reviewed = "recovery.reviewed";
    let put_on_bob = forged(&log, reviewed, &ann, &bob);
    assert!(matches!(put_on_bob, CaseFault::NotEnrolled), "{put_on_bob}");
    let assertion = |entry: &Vec<u8>| {
        let entry: serde_json::Value = serde_json::from_slice(entry).unwrap();
        entry["data"]["assertion"].to_string()
    };
    let yes = log.iter().find(|entry| String::from_utf8_lossy(entry).contains("y.approved"));
    let (review, yes) = (assertion(&log[newest(&log, reviewed)]), assertion(yes.unwrap()));
    let with_a_yes = forged(&log, reviewed, &review, &yes);
    assert!(matches!(with_a_yes, CaseFault::Approval(_)), "{with_a_yes}");
    desk.replays().await;
}

/// A code that suffices by itself opens its recovery with the window, without an entry of its own
/// for the opening: an auditor makes the case out of the acceptance.
#[tokio::test(flavor = "multi_thread")]
async fn e3_an_auditor_makes_the_case_of_a_recovery_that_a_code_opened() {
    let mut desk = Desk::open().await;
    let plain = Registration::person(Assurance::Aal1);
    desk.engine.register(&caller(), &name("eve"), plain).await.unwrap();
    let codes = desk.issue("eve", SetKind::Saved, IssueReason::Enrolment).await;
    let id = window(desk.redeem("eve", &codes[0], None).await).recovery;
    let case = desk
        .engine
        .recovery(&Reach::Everybody, id)
        .await
        .unwrap()
        .unwrap()
        .case()
        .unwrap()
        .to_string();
    let log = desk.log().await;
    let reviewed = |case: &str| {
        let assertion =
            r#"{"authenticator_data":"","client_data_json":"","credential_id":"","signature":""}"#;
        let data = format!(
            r#"{{"assertion":{assertion},"case":"{case}","recovery":"{0}","reviewer":"{0}"}}"#,
            id.0
        );
        let entry = format!(r#"{{"data":{data},"type":"recovery.reviewed"}}"#);
        counted(&[log.clone(), vec![entry.into_bytes()]].concat()).unwrap_err()
    };
    let nobody = reviewed(&case);
    assert!(matches!(nobody, CaseFault::NotEnrolled), "the case is right: {nobody}");
    let other = reviewed(&"0".repeat(64));
    assert!(matches!(other, CaseFault::OtherCase), "{other}");
}
