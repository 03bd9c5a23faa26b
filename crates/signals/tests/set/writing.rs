//! Tokens of our own, and what they say of what happened here.

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::event::{Caep, Context, CredentialType, Event, Initiator, types};
use glassbreak_signals::set::subject::{Email, Identifier};
use glassbreak_signals::set::{
    Algorithm, Consequence, Expected, Happening, Profile, Refusal, Set, Subject, Unfit,
    consequence, outbound, receive,
};

use crate::material::{ISSUER, NOW, key_set, public, signer};

fn set(event: Event) -> Set {
    Set {
        iss: ISSUER.to_owned(),
        aud: vec!["https://receiver.example.com/".to_owned()],
        iat: NOW,
        jti: "0190b4c3".to_owned(),
        txn: Some("0190b4c2".to_owned()),
        toe: Some(Timestamp::from_millis(1_799_999_000_000)),
        subject: Subject::One(Identifier::Email(Email::parse("jane@example.com").unwrap())),
        event,
    }
}

fn happenings() -> Vec<Happening> {
    vec![
        Happening::SetIssued,
        Happening::SetReplaced,
        Happening::SetRevoked,
        Happening::SetEnded,
        Happening::SetAttacked,
        Happening::RecoveryActivated,
        Happening::RecoveryCompleted,
        Happening::AddressChanged,
        Happening::DeviceReplaced(CredentialType::App),
        Happening::DeviceLost(CredentialType::Fido2Roaming),
    ]
}

#[test]
fn what_we_tell_is_taken_as_it_was_told_under_every_algorithm() {
    let known: Vec<String> = types().collect();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let signer = signer(algorithm);
        let keys = key_set(&[public(&signer)]);
        for happening in happenings() {
            let events = outbound(&happening, NOW, Initiator::System, "a reason");
            assert!(!events.is_empty());
            for event in events {
                let sent = set(event);
                assert!(known.contains(&sent.event.uri()), "receivers are promised it");
                let token = signer.sign(&sent, Profile::Ssf).unwrap();
                let expected = Expected {
                    issuer: ISSUER,
                    audiences: &sent.aud,
                    critical_members: &[],
                    now: NOW,
                    skew: Seconds(0),
                    age_max: Some(Seconds(0)),
                };
                assert_eq!(receive(&token, &keys, &expected).unwrap(), sent);
            }
        }
    }
}

#[test]
fn set_11_what_we_tell_keeps_to_the_interoperability_profile() {
    let rs256 = signer(Algorithm::Rs256);
    for happening in happenings() {
        for event in outbound(&happening, NOW, Initiator::Admin, "a reason") {
            assert!(rs256.sign(&set(event), Profile::CaepInterop).is_ok(), "{happening:?}");
        }
        for event in outbound(&happening, NOW, Initiator::Admin, "") {
            let wants_reason =
                matches!(&event, Event::Caep(_, Caep::SessionRevoked | Caep::CredentialChange(_)));
            let signed = rs256.sign(&set(event), Profile::CaepInterop);
            assert_eq!(matches!(signed, Err(Unfit::Reason)), wants_reason, "{happening:?}");
        }
    }
    let event = Event::Caep(Context::default(), Caep::SessionRevoked);
    let signed = signer(Algorithm::EdDsa).sign(&set(event.clone()), Profile::CaepInterop);
    assert!(matches!(signed, Err(Unfit::Algorithm)));
    assert!(signer(Algorithm::EdDsa).sign(&set(event), Profile::Ssf).is_ok());
}

#[test]
fn what_we_would_refuse_we_do_not_send() {
    let signer = signer(Algorithm::EdDsa);
    let event = Event::Caep(Context::default(), Caep::SessionRevoked);
    let sign = |change: &dyn Fn(&mut Set)| {
        let mut set = set(event.clone());
        change(&mut set);
        match signer.sign(&set, Profile::Ssf) {
            Err(Unfit::Claims(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(sign(&|set| set.jti = "a b".into()), Refusal::Claim(_)));
    assert!(matches!(sign(&|set| set.jti = "x".repeat(257)), Refusal::Claim(_)));
    assert!(matches!(sign(&|set| set.iss = String::new()), Refusal::Claim(_)));
    assert_eq!(sign(&|set| set.aud.clear()), Refusal::Audience);
    let nobody = Subject::One(Identifier::Opaque { id: String::new() });
    assert!(matches!(sign(&|set| set.subject = nobody.clone()), Refusal::Subject(_)));
}

/// Two servers of ours: the news of one is acted on by the other where it has to be, and does not
/// come back as news.
#[test]
fn d2_a_device_replaced_here_is_one_replaced_there_and_our_codes_are_no_news_to_them() {
    use glassbreak_core::lifecycle::LifecycleKind;
    for happening in happenings() {
        let events = outbound(&happening, NOW, Initiator::User, "a reason");
        let reported: Vec<LifecycleKind> = events
            .iter()
            .filter_map(|event| match consequence(event) {
                Consequence::Report(kinds) => Some(kinds),
                _ => None,
            })
            .flatten()
            .copied()
            .collect();
        let expected: &[LifecycleKind] = match happening {
            Happening::DeviceReplaced(_) => &[LifecycleKind::DeviceReplaced],
            Happening::DeviceLost(_) => &[LifecycleKind::DeviceLost],
            // Whoever guesses at our codes may guess at theirs; their primary factor is not ours.
            Happening::SetAttacked => &[LifecycleKind::RiskRaised],
            _ => &[],
        };
        assert_eq!(reported, expected, "{happening:?}");
    }
}

#[test]
fn the_key_that_is_published_has_nothing_private_in_it() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let signer = signer(algorithm);
        let jwk = signer.public_jwk();
        for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(!jwk.contains_key(name));
        }
        assert_eq!(jwk["alg"], algorithm.name());
        assert_eq!((&jwk["use"], &jwk["kid"]), (&"sig".into(), &"key".into()));
        assert!(!format!("{signer:?}").contains("PRIVATE"));
    }
}
