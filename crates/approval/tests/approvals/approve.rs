//! Approvals: what is taken, and each refusal by its name.

use glassbreak_approval::{AssertionResponse, Backup, Refused, SignedApproval};
use glassbreak_testkit::passkey::{Kind, Manner};
use serde_json::json;

use crate::common::{CHALLENGE, ORIGIN, approve, case, enrol, enrolled, honest, party, passkey};

#[test]
fn f3_an_approval_of_exactly_this_case_is_taken_with_each_algorithm() {
    for kind in Kind::ALL {
        let mut operator = enrolled(kind);
        for (round, state) in [(1, "opened"), (2, "proofed")] {
            let case = case(state);
            let approved = approve(&mut operator, &case, &case, &honest()).expect("an approval");
            assert_eq!(approved.counter, round);
            assert_eq!(approved.backup, Backup::DeviceBound);
            // What the log keeps reads back, and holds without the server.
            let kept = serde_json::to_string(&approved.approval).expect("JSON");
            let kept: SignedApproval = serde_json::from_str(&kept).expect("an approval");
            assert_eq!(party().check(&case, &kept, &operator.1), Ok(()));
            operator.1.counter = approved.counter;
        }
    }
}

/// What comes of an approval made in this manner, of the case that is asked for.
fn made(manner: &Manner) -> Result<(), Refused> {
    let case = case("opened");
    approve(&mut enrolled(Kind::Es256), &case, &case, manner).map(drop)
}

#[test]
fn f3_an_approval_of_another_case_or_of_an_earlier_state_is_refused() {
    let mut operator = enrolled(Kind::Es256);
    let (before, after) = (case("opened"), case("proofed"));
    let refused = approve(&mut operator, &before, &after, &honest());
    assert_eq!(refused, Err(Refused::WrongCase));
    // An old challenge, such as the one that the passkey was enrolled with, is no case either.
    let response = operator.0.get(&CHALLENGE.0, &honest()).expect("a response");
    let response = AssertionResponse::parse(response.to_string().as_bytes()).expect("JSON");
    assert_eq!(party().verify(&after, &response, &operator.1), Err(Refused::WrongCase));
}

#[test]
fn a_challenge_that_only_begins_like_the_digest_is_refused() {
    let (mut passkey, credential) = enrolled(Kind::EdDsa);
    let case = case("opened");
    for challenge in [&case.0[..31], &[&case.0[..], &[0]].concat(), &[]] {
        let response = passkey.get(challenge, &honest()).expect("a response");
        let response = AssertionResponse::parse(response.to_string().as_bytes()).expect("JSON");
        assert_eq!(party().verify(&case, &response, &credential), Err(Refused::WrongCase));
    }
}

#[test]
fn f3_a_foreign_origin_is_refused() {
    for origin in [
        "https://glass.example.evil.example",
        "https://evil.example",
        "http://desk.glass.example",
        "https://desk.glass.example:8443",
        "https://DESK.glass.example",
        "https://desk.glass.example/",
        "https://www.glass.example",
        "",
    ] {
        let manner = Manner { origin: origin.to_owned(), ..honest() };
        assert_eq!(made(&manner), Err(Refused::ForeignOrigin), "{origin}");
    }
    let second = Manner { origin: "https://glass.example:8443".to_owned(), ..honest() };
    assert_eq!(made(&second), Ok(()), "each of our pages may ask");
}

#[test]
fn a_page_inside_of_a_foreign_page_is_refused() {
    assert_eq!(made(&Manner { cross_origin: true, ..honest() }), Err(Refused::CrossOrigin));
    let top_origin = Some(ORIGIN.to_owned());
    assert_eq!(made(&Manner { top_origin, ..honest() }), Err(Refused::CrossOrigin));
}

#[test]
fn a_foreign_relying_party_is_refused() {
    let manner = Manner { relying_party: "example".to_owned(), ..honest() };
    assert_eq!(made(&manner), Err(Refused::ForeignRelyingParty));
}

#[test]
fn f3_an_approval_without_a_verified_person_is_refused() {
    let refused = made(&Manner { user_verified: false, ..honest() });
    assert_eq!(refused, Err(Refused::UserNotVerified));
    let refused = made(&Manner { user_present: false, ..honest() });
    assert_eq!(refused, Err(Refused::UserNotPresent));
}

#[test]
fn an_enrolment_is_no_approval() {
    let ceremony = Some("webauthn.create");
    assert_eq!(made(&Manner { ceremony, ..honest() }), Err(Refused::WrongType));
    let payment = Some("payment.get");
    assert_eq!(made(&Manner { ceremony: payment, ..honest() }), Err(Refused::WrongType));
    let (mut passkey, credential) = enrolled(Kind::Es256);
    let case = case("opened");
    let mut response = passkey.get(&case.0, &honest()).expect("a response");
    response["type"] = json!("password");
    let response = AssertionResponse::parse(response.to_string().as_bytes()).expect("JSON");
    assert_eq!(party().verify(&case, &response, &credential), Err(Refused::WrongType));
}

#[test]
fn f3_the_credential_of_another_operator_is_refused() {
    let case = case("opened");
    let (mut other, _) = enrolled(Kind::Es256);
    let (_, mut credential) = enrolled(Kind::Es256);
    // Same id, other key: the name that is claimed is worth nothing.
    let response = other.get(&case.0, &honest()).expect("a response");
    let response = AssertionResponse::parse(response.to_string().as_bytes()).expect("JSON");
    assert_eq!(response.credential_id(), &credential.id);
    let refused = party().verify(&case, &response, &credential);
    assert_eq!(refused, Err(Refused::BadSignature));
    // Other id.
    credential.id.0[0] ^= 1;
    let refused = party().verify(&case, &response, &credential);
    assert_eq!(refused, Err(Refused::WrongCredential));
}

#[test]
fn a_key_of_another_algorithm_under_the_same_id_is_refused() {
    let case = case("opened");
    for (one, other) in [(Kind::Es256, Kind::EdDsa), (Kind::EdDsa, Kind::Rs256)] {
        let mut signer = enrolled(one);
        signer.1 = enrolled(other).1;
        let refused = approve(&mut signer, &case, &case, &honest());
        assert_eq!(refused, Err(Refused::BadSignature));
        // And a record whose algorithm is not its key's.
        signer.1.key.algorithm = enrolled(one).1.key.algorithm;
        let refused = approve(&mut signer, &case, &case, &honest());
        assert_eq!(refused, Err(Refused::KeyRefused));
    }
}

#[test]
fn a_counter_that_does_not_rise_is_refused_unless_it_never_counts() {
    let case = case("opened");
    let mut operator = enrolled(Kind::Es256);
    operator.1.counter = 7;
    for (claimed, taken) in [(0, false), (6, false), (7, false), (8, true), (u32::MAX, true)] {
        let manner = Manner { counter: Some(claimed), ..honest() };
        let found = approve(&mut operator, &case, &case, &manner).map(|found| found.counter);
        let wanted = if taken { Ok(claimed) } else { Err(Refused::CounterBackwards) };
        assert_eq!(found, wanted);
    }
    operator.1.counter = 0;
    let manner = Manner { counter: Some(0), ..honest() };
    assert!(approve(&mut operator, &case, &case, &manner).is_ok(), "it does not count");
}

#[test]
fn a_device_bound_credential_stays_one() {
    let case = case("opened");
    let syncing = Manner { backup_eligible: true, ..honest() };
    let refused = approve(&mut enrolled(Kind::Es256), &case, &case, &syncing);
    assert_eq!(refused, Err(Refused::BackupChanged));
    let mut passkey = passkey(Kind::Es256);
    let credential = enrol(&mut passkey, &syncing).expect("an enrolment");
    assert_eq!(credential.backup, Backup::Eligible);
    let mut operator = (passkey, credential);
    let refused = approve(&mut operator, &case, &case, &honest());
    assert_eq!(refused, Err(Refused::BackupChanged));
    let synced = Manner { backed_up: true, ..syncing };
    let approved = approve(&mut operator, &case, &case, &synced).expect("an approval");
    assert_eq!(approved.backup, Backup::BackedUp);
    let nonsense = Manner { backed_up: true, ..honest() };
    let refused = approve(&mut operator, &case, &case, &nonsense);
    assert!(matches!(refused, Err(Refused::Malformed(_))));
}

#[test]
fn extensions_are_passed_over_and_bytes_after_the_end_are_refused() {
    assert_eq!(made(&Manner { extensions: true, ..honest() }), Ok(()));
    let refused = made(&Manner { trailing: vec![0xa0], ..honest() });
    assert!(matches!(refused, Err(Refused::Malformed(_))), "{refused:?}");
}

#[test]
fn what_is_too_long_is_refused_before_it_reaches_the_log() {
    let long = Manner { origin: format!("https://{}.example", "a".repeat(4096)), ..honest() };
    assert!(matches!(made(&long), Err(Refused::Malformed(_))));
    let long = Manner { trailing: vec![0; 4096], ..honest() };
    assert!(matches!(made(&long), Err(Refused::Malformed(_))));
}

#[test]
fn the_options_ask_for_the_digest_itself_and_a_verified_person() {
    let (_, credential) = enrolled(Kind::Es256);
    let options = party().approve_options(&case("opened"), std::slice::from_ref(&credential));
    let digest = glassbreak_approval::Base64Url::from(&case("opened").0[..]).to_string();
    assert_eq!(options["challenge"], json!(digest));
    assert_eq!(options["userVerification"], json!("required"));
    assert_eq!(options["rpId"], json!("glass.example"));
    let allowed = json!([{"type": "public-key", "id": credential.id, "transports": ["usb"]}]);
    assert_eq!(options["allowCredentials"], allowed);
}
