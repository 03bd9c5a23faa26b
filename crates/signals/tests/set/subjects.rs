//! Who an event is about.

use glassbreak_signals::set::Subject;
use glassbreak_signals::set::subject::Identifier;
use serde_json::{Value, json};

fn read(value: &Value) -> Option<Subject> {
    Subject::from_json(value.as_object().unwrap()).ok()
}

/// One of each simple format.
fn simple() -> Vec<Value> {
    vec![
        json!({ "format": "account", "uri": "acct:jane@example.com" }),
        json!({ "format": "email", "email": "jane@example.com" }),
        json!({ "format": "iss_sub", "iss": "https://idp.example.com/", "sub": "7" }),
        json!({ "format": "opaque", "id": "11112222333344445555" }),
        json!({ "format": "phone_number", "phone_number": "+12065550100" }),
        json!({ "format": "did", "url": "did:example:123456/did/url/path" }),
        json!({ "format": "uri", "uri": "urn:uuid:4e851e98-83c4-4743-a5da-150ecb53042f" }),
        json!({ "format": "jwt_id", "iss": "https://idp.example.com/", "jti": "B70B" }),
        json!({ "format": "saml_assertion_id", "issuer": "https://idp/", "assertion_id": "_8e" }),
        json!({ "format": "ip-addresses", "ip-addresses": ["10.29.37.75", "2001:db8::1"] }),
        json!({ "format": "scim", "uri": "/Users/44f6", "externalId": "jdoe", "id": "44f6" }),
    ]
}

#[test]
fn every_simple_format_reads_as_it_is_written() {
    for value in simple() {
        let subject = read(&value).unwrap_or_else(|| panic!("{value}"));
        assert_eq!(Value::from(subject.to_json()), value);
        let Subject::One(identifier) = &subject else { panic!("{value}") };
        assert_eq!(value["format"], identifier.format());
        assert_eq!(subject.principals(), std::slice::from_ref(identifier));
    }
}

#[test]
fn members_are_there_not_empty_and_no_others() {
    for value in simple() {
        let more = |name: &str, other: Value| {
            let mut changed = value.clone();
            changed[name] = other;
            changed
        };
        assert_eq!(read(&more("comment", json!("x"))), None, "not described");
        assert_eq!(read(&more("format", json!("Email"))), None, "not known");
        assert_eq!(read(&more("format", json!(null))), None);
        for name in value.as_object().unwrap().keys().filter(|name| *name != "format") {
            for wrong in [json!(""), json!(null), json!([]), json!(7), json!({})] {
                assert_eq!(read(&more(name, wrong.clone())), None, "{name}: {wrong}");
            }
            if name != "externalId" && name != "id" || value["format"] == "opaque" {
                let mut without = value.clone();
                without.as_object_mut().unwrap().remove(name);
                assert_eq!(read(&without), None, "{without}");
            }
        }
    }
    assert!(read(&json!({ "format": "scim", "uri": "/Users/44f6" })).is_some());
    assert_eq!(read(&json!({})), None);
}

#[test]
fn what_a_format_promises_is_checked() {
    for (format, member, wrong) in [
        ("account", "uri", "jane@example.com"),
        ("account", "uri", "acct:@example.com"),
        ("email", "email", "jane"),
        ("email", "email", "@example.com"),
        ("email", "email", "jane@"),
        ("email", "email", "jane@example..com"),
        ("email", "email", "jane doe@example.com"),
        ("email", "email", "jane@doe@example.com"),
        ("phone_number", "phone_number", "12065550100"),
        ("phone_number", "phone_number", "+0206555010"),
        ("phone_number", "phone_number", "+1206555010012345"),
        ("phone_number", "phone_number", "+1-206-555"),
        ("did", "url", "example:123456"),
        ("did", "url", "did:example:"),
        ("uri", "uri", "no scheme: x"),
        ("uri", "uri", ":x"),
        ("ip-addresses", "ip-addresses", "10.0.0.1"),
    ] {
        assert_eq!(read(&json!({ "format": format, member: wrong })), None, "{wrong}");
    }
    assert_eq!(read(&json!({ "format": "ip-addresses", "ip-addresses": ["10.0.0.256"] })), None);
}

#[test]
fn an_address_and_a_number_are_compared_in_one_spelling() {
    let email = |text: &str| read(&json!({ "format": "email", "email": text }));
    assert_eq!(email("Jane.Doe@EXAMPLE.com"), email("jane.doe@example.com"));
    assert_ne!(email("jane.doe@example.com"), email("janedoe@example.com"));
    assert_ne!(email("jane+1@example.com"), email("jane@example.com"));
    let phone = |text: &str| read(&json!({ "format": "phone_number", "phone_number": text }));
    assert_eq!(phone("+1 206 555 0123"), phone("+12065550123"));
}

#[test]
fn aliases_are_not_nested_and_not_empty() {
    let aliases = |identifiers: Value| json!({ "format": "aliases", "identifiers": identifiers });
    let [one, two] = [simple().remove(1), simple().remove(4)];
    let subject = read(&aliases(json!([one, two, one]))).unwrap();
    assert_eq!(subject.principals().len(), 2, "one is there twice");
    assert_eq!(Value::from(subject.to_json()), aliases(json!([one, two])));
    for wrong in [json!([]), json!(null), json!([1]), json!([aliases(json!([one]))])] {
        assert_eq!(read(&aliases(wrong.clone())), None, "{wrong}");
    }
    let complex = json!({ "format": "complex", "user": one });
    assert_eq!(read(&aliases(json!([complex]))), None);
}

#[test]
fn a_complex_subject_is_its_user() {
    let [email, opaque] = [simple().remove(1), simple().remove(3)];
    let text = json!({ "format": "complex", "user": email, "device": opaque });
    let subject = read(&text).unwrap();
    assert_eq!(Value::from(subject.to_json()), text);
    assert!(matches!(subject.principals(), [Identifier::Email(_)]));
    let device = read(&json!({ "format": "complex", "device": opaque })).unwrap();
    assert!(device.principals().is_empty(), "a device has no codes");
    for wrong in [
        json!({ "format": "complex" }),
        json!({ "format": "complex", "user": "jane" }),
        json!({ "format": "complex", "user": {} }),
        json!({ "format": "complex", "user": text }),
        json!({ "format": "complex", "user": { "format": "email" } }),
    ] {
        assert_eq!(read(&wrong), None, "{wrong}");
    }
}

/// The three pairs of SSF 8.1.3.1, and what follows from its rules.
#[test]
fn ssf_08_subjects_match_as_ssf_says() {
    let complex = |members: Value| {
        let mut subject = members;
        subject["format"] = json!("complex");
        read(&subject).unwrap()
    };
    let email = json!({ "format": "email", "email": "jdoe@example.com" });
    let tenant = json!({ "format": "opaque", "id": "example-a38h4792-uw2" });
    let did = |id: &str| json!({ "format": "did", "url": format!("did:example:{id}") });
    let user = complex(json!({ "user": email }));
    let of_tenant = complex(json!({ "tenant": tenant }));
    let both = complex(json!({ "tenant": tenant, "user": email }));
    let ours = complex(json!({ "user": email, "group": did("123456") }));
    let theirs = complex(json!({ "user": email, "group": did("9999999") }));
    for (one, other, matches) in [
        (&of_tenant, &both, true),
        (&both, &user, true),
        (&ours, &theirs, false),
        (&user, &of_tenant, true),
        (&user, &read(&email).unwrap(), false),
        (&read(&email).unwrap(), &read(&email).unwrap(), true),
        (&read(&email).unwrap(), &read(&tenant).unwrap(), false),
    ] {
        assert_eq!(one.matches(other), matches, "{one:?} {other:?}");
        assert_eq!(other.matches(one), matches);
    }
}
