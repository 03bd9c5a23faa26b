//! What holds for every token, subject and event that can be made.

use std::collections::BTreeMap;

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::event::{
    Caep, ChangeType, Compliance, Context, CredentialChange, CredentialType, Event, Initiator,
    Principal, Reasons, Risc, RiskChange, RiskLevel,
};
use glassbreak_signals::set::subject::{Complex, Email, Identifier, Member, Phone};
use glassbreak_signals::set::{
    Algorithm, Expected, KeySet, Profile, Set, Signer, Subject, receive,
};
use proptest::option::of;
use proptest::prelude::*;

use crate::material::{ISSUER, key_set, public, signer};

/// A text of a few kinds, never empty.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9]{1,8}", "[ -~]{1,20}", "\\PC{1,6}"]
}

fn identifier() -> impl Strategy<Value = Identifier> {
    prop_oneof![
        "[A-Za-z.+]{1,8}@[a-zA-Z]{1,6}\\.[a-z]{2,3}"
            .prop_filter_map("an address", |text| Email::parse(&text).map(Identifier::Email)),
        "\\+[1-9][0-9]{6,13}".prop_map(|text| Identifier::Phone(Phone::parse(&text).unwrap())),
        (text(), text()).prop_map(|(iss, sub)| Identifier::IssSub { iss, sub }),
        // Few, so that some are equal.
        "[ab]".prop_map(|id| Identifier::Opaque { id }),
        (text(), text()).prop_map(|(iss, jti)| Identifier::JwtId { iss, jti }),
        prop::collection::vec(any::<std::net::IpAddr>(), 1..3).prop_map(Identifier::IpAddresses),
        (text(), of(text()), of(text())).prop_map(|(uri, external_id, id)| Identifier::Scim {
            uri,
            external_id,
            id
        }),
    ]
}

fn aliases() -> impl Strategy<Value = Vec<Identifier>> {
    prop::collection::vec(identifier(), 1..3).prop_map(|mut identifiers| {
        if identifiers.len() == 2 && identifiers[0] == identifiers[1] {
            identifiers.pop();
        }
        identifiers
    })
}

fn subject() -> impl Strategy<Value = Subject> {
    let name = prop_oneof!["user|device|tenant", "[a-e]{1,3}"];
    let member =
        prop_oneof![identifier().prop_map(Member::One), aliases().prop_map(Member::Aliases)];
    let members = prop::collection::btree_map(name, member, 1..4);
    let complex = |members: BTreeMap<String, Member>| Complex::new(members).map(Subject::Complex);
    prop_oneof![
        identifier().prop_map(Subject::One),
        aliases().prop_map(Subject::Aliases),
        members.prop_filter_map("members", complex),
    ]
}

fn seconds() -> impl Strategy<Value = Timestamp> {
    (0..2_000_000_000_i64).prop_map(|seconds| Timestamp::from_millis(seconds * 1000))
}

fn context() -> impl Strategy<Value = Context> {
    let initiator = prop_oneof![Just(Initiator::Admin), Just(Initiator::Policy)];
    let reasons = || prop::collection::btree_map("[a-z]{2}", text(), 0..3);
    (of(seconds()), of(initiator), reasons(), reasons()).prop_map(
        |(event_timestamp, initiating_entity, reason_admin, reason_user): (_, _, Reasons, _)| {
            Context { event_timestamp, initiating_entity, reason_admin, reason_user }
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let change = prop_oneof![Just(ChangeType::Create), Just(ChangeType::Revoke)];
    let caep = prop_oneof![
        Just(Caep::SessionRevoked),
        (text(), change, of(text())).prop_map(|(kind, change, friendly_name)| {
            let change = CredentialChange::new(CredentialType::parse(&kind), change);
            Caep::CredentialChange(CredentialChange { friendly_name, ..change })
        }),
        Just(Caep::DeviceComplianceChange {
            previous: Compliance::Compliant,
            current: Compliance::NotCompliant
        }),
        of(text()).prop_map(|risk_reason| Caep::RiskLevelChange(RiskChange {
            principal: Principal::User,
            current_level: RiskLevel::High,
            previous_level: Some(RiskLevel::Low),
            risk_reason,
        })),
        (text(), text()).prop_map(|(name, value)| Caep::TokenClaimsChange {
            claims: [(name, value.into())].into_iter().collect()
        }),
    ];
    let unknown = (text(), text()).prop_map(|(name, value)| Event::Unknown {
        uri: format!("urn:example:{name}"),
        payload: [(name, value.into())].into_iter().collect(),
    });
    prop_oneof![
        (context(), caep).prop_map(|(context, caep)| Event::Caep(context, caep)),
        (context(), text()).prop_map(|(context, kind)| {
            let context = Context { initiating_entity: None, ..context };
            let credential_type = CredentialType::parse(&kind);
            Event::Risc(Risc::CredentialCompromise { credential_type, context })
        }),
        Just(Event::Risc(Risc::AccountPurged)),
        unknown,
    ]
}

prop_compose! {
    fn set()(
        aud in prop::collection::vec(text(), 1..3),
        iat in seconds(),
        jti in "[!-~]{1,64}",
        txn in of(text()),
        toe in of(seconds()),
        subject in subject(),
        event in event(),
    ) -> Set {
        Set { iss: ISSUER.to_owned(), aud, iat, jti, txn, toe, subject, event }
    }
}

/// Takes a token on the stream that it was sent on.
fn take(token: &str, keys: &KeySet, sent: &Set) -> Result<Set, impl std::fmt::Debug> {
    let expected = Expected {
        issuer: ISSUER,
        audiences: &sent.aud,
        critical_members: &[],
        now: sent.iat,
        skew: Seconds(0),
        age_max: Some(Seconds(0)),
    };
    receive(token, keys, &expected)
}

fn pair() -> (Signer, KeySet) {
    let signer = signer(Algorithm::EdDsa);
    let keys = key_set(&[public(&signer)]);
    (signer, keys)
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_taken(sent in set()) {
        let (signer, keys) = pair();
        let token = signer.sign(&sent, Profile::Ssf).unwrap();
        prop_assert_eq!(take(&token, &keys, &sent).unwrap(), sent);
    }

    #[test]
    fn one_bit_is_one_too_many(
        sent in set(),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let (signer, keys) = pair();
        let mut token = signer.sign(&sent, Profile::Ssf).unwrap().into_bytes();
        let place = place.index(token.len());
        token[place] ^= 1 << bit;
        // What is no text does not reach us as one.
        if let Ok(changed) = String::from_utf8(token) {
            prop_assert!(take(&changed, &keys, &sent).is_err());
        }
    }

    #[test]
    fn matching_is_the_same_from_either_side(one in subject(), other in subject()) {
        prop_assert_eq!(one.matches(&other), other.matches(&one));
        prop_assert!(one.matches(&one));
    }

    #[test]
    fn a_subject_is_read_as_it_was_written(subject in subject()) {
        prop_assert_eq!(Subject::from_json(&subject.to_json()), Ok(subject));
    }
}

/// Every bit of one token, one after the other.
#[test]
fn no_bit_of_a_token_is_left_to_chance() {
    use crate::material::{HEADER, claims, sign, take_token};
    let token = sign(HEADER, claims(&serde_json::json!({})).to_string().as_bytes());
    assert!(take_token(&token, |expected| expected).is_ok());
    let keys = key_set(&[public(&signer(Algorithm::EdDsa))]);
    let mut flipped = 0;
    for place in 0..token.len() {
        for bit in 0..8 {
            let mut bytes = token.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(glassbreak_signals::set::open(&changed, &keys).is_err(), "{place} {bit}");
            flipped += 1;
        }
    }
    assert_eq!(flipped, token.len() * 7, "every bit but the eighth, which no text has");
}
