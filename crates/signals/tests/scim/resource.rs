//! What is kept of a resource, and what is not.

use crate::{ENTERPRISE, GROUP, OURS, USER, ada, ada_body, broken, group_of, served, user};
use glassbreak_core::id::SubjectRef;
use glassbreak_core::subject::{Assurance, Channel, SubjectKind, Tier};
use glassbreak_signals::scim::{Group, Resource, ResourceType, User};
use serde_json::{Value, json};

#[test]
fn a_user_is_answered_with_what_is_kept_and_never_with_a_password() {
    let answer = ada().render(&served());
    let text = answer.to_string();
    for dropped in ["correct horse", "password", "familyName", "department"] {
        assert!(!text.contains(dropped), "{dropped}");
    }
    assert_eq!(answer["schemas"], json!([USER, ENTERPRISE, OURS]));
    assert_eq!(answer["id"], "u-ada");
    assert_eq!(answer["userName"], "Ada@example.org");
    assert_eq!(answer["groups"][0]["$ref"], "https://glass.example/scim/v2/Groups/g-1");
    let manager = &answer[ENTERPRISE]["manager"];
    assert_eq!(manager["$ref"], "https://glass.example/scim/v2/Users/u-charles");
    assert_eq!(
        answer["meta"],
        json!({
            "resourceType": "User",
            "created": "2023-11-14T22:13:20Z",
            "lastModified": "2023-11-14T22:23:20Z",
            "location": "https://glass.example/scim/v2/Users/u-ada",
            "version": "W/\"17\"",
        })
    );
    assert!(!format!("{:?} {:?}", ada(), User::read(&ada())).contains("example.org"));
}

#[test]
fn an_answer_sent_back_is_the_same_resource() {
    let answer = ada().render(&served());
    assert!(ada().replace(&answer).expect("a PUT") == ada());
    let group = group_of(&["u-1", "u-2"]);
    let answer = group.render(&served());
    assert_eq!(answer["members"][1]["$ref"], "https://glass.example/scim/v2/Users/u-2");
    assert!(answer.get("groups").is_none(), "groups are in no groups");
    assert!(group.replace(&answer).expect("a PUT") == group);
}

#[test]
fn names_have_no_case_and_values_have_one_form() {
    let odd = json!({
        "Schemas": [USER.to_uppercase()],
        "USERNAME": "ada",
        "Active": "FALSE",
        "eMails": {"VALUE": "ada@example.org", "Type": "work", "colour": "green"},
        "roles": ["engineer", "engineer", "", null],
        "displayName": "",
        "entitlements": [],
        "groups": [{"value": "g-admins"}],
        "id": "chosen by the client",
        ENTERPRISE.to_lowercase(): {"Manager": "u-charles"},
        format!("{OURS}:kind"): "Person",
        "favouriteColour": "green",
    });
    let expected = json!({
        "userName": "ada",
        "active": false,
        "emails": [{"value": "ada@example.org", "type": "work"}],
        "roles": [{"value": "engineer"}],
        ENTERPRISE: {"manager": {"value": "u-charles"}},
        OURS: {"kind": "person"},
    });
    assert_eq!(user(&odd).stored(), expected);
}

#[test]
fn bodies_that_are_no_resource_are_refused() {
    let with = |change: Value| {
        let mut body = json!({"schemas": [USER], "userName": "ada"});
        let members = body.as_object_mut().expect("an object");
        members.extend(change.as_object().expect("an object").clone());
        broken(Resource::create(ResourceType::User, &body))
    };
    let many: Vec<Value> = (0..257).map(|n| json!({"value": format!("role {n}")})).collect();
    for (change, rule) in [
        (json!({"schemas": [GROUP]}), "invalidSyntax"),
        (json!({"schemas": USER}), "invalidSyntax"),
        (json!({"username": "eve"}), "invalidSyntax"),
        (json!({"userName": null}), "invalidValue"),
        (json!({"userName": ""}), "invalidValue"),
        (json!({"userName": 7}), "invalidValue"),
        (json!({"userName": ".."}), "invalidValue"),
        (json!({"userName": "a\nb"}), "invalidValue"),
        (json!({"externalId": "a\u{200b}"}), "invalidValue"),
        (json!({"active": 1}), "invalidValue"),
        (json!({"emails": [{"type": "work"}]}), "invalidValue"),
        (json!({"emails": [{"value": "a@b.example", "Value": "c@d.example"}]}), "invalidValue"),
        (json!({"roles": many}), "invalidValue"),
        (json!({OURS: {"kind": "robot"}}), "invalidValue"),
        (json!({OURS: {"tier": "NO SUCH"}}), "invalidValue"),
        (json!({OURS: "privileged"}), "invalidValue"),
    ] {
        assert_eq!(with(change.clone()), rule, "{change}");
    }
    let group = |body: Value| broken(Resource::create(ResourceType::Group, &body));
    assert_eq!(group(json!({"schemas": [GROUP]})), "invalidValue");
    assert_eq!(group(json!({"schemas": [GROUP], "displayName": "x".repeat(257)})), "invalidValue");
    let nested = json!({"schemas": [GROUP], "displayName": "x", "members":
        [{"value": "g-2", "type": "Group"}]});
    assert_eq!(group(nested), "invalidValue");
    assert_eq!(group(json!("x")), "invalidSyntax");
}

#[test]
fn a_put_keeps_nothing_that_it_does_not_name() {
    let small = json!({"schemas": [USER], "userName": "ada"});
    assert_eq!(ada().replace(&small).expect("a PUT").stored(), json!({"userName": "ada"}));
    assert_eq!(broken(ada().replace(&json!({"schemas": [USER]}))), "invalidValue");
}

#[test]
fn a_user_is_read_as_a_subject() {
    let subject = User::read(&ada()).expect("a user");
    assert_eq!(subject.user_name.as_str(), "Ada@example.org");
    assert_eq!(subject.external_id.as_ref().map(SubjectRef::as_str), Some("HR-4711"));
    assert!(subject.active);
    let addresses: Vec<_> =
        subject.addresses.iter().map(|to| (to.channel, to.address.as_str())).collect();
    assert_eq!(
        addresses,
        [
            (Channel::Email, "ada@example.org"),
            (Channel::Email, "ada@home.example"),
            (Channel::Sms, "+49305550142"),
        ]
    );
    assert!(subject.addresses.iter().all(|to| !to.verified), "N63B-IC-08: nobody confirmed them");
    assert_eq!(subject.own.tier.as_ref().map(Tier::as_str), Some("privileged"));
    assert_eq!(subject.own.assurance, Some(Assurance::Aal2));
    assert_eq!((subject.own.kind, subject.own.ial), (None, None), "it was not told");
    assert_eq!(subject.manager.as_deref(), Some("u-charles"));
    assert_eq!(subject.owner(), None, "a person answers for itself");
    assert_eq!(broken(Group::read(&ada())), "invalidValue");
    assert_eq!(broken(User::read(&group_of(&[]))), "invalidValue");
}

#[test]
fn a_service_has_the_owner_it_names_or_its_manager() {
    let service = |own: Value| {
        let body = json!({"schemas": [USER], "userName": "ci", OURS: own,
            ENTERPRISE: {"manager": "u-manager"}});
        User::read(&user(&body)).expect("a user")
    };
    let named = service(json!({"kind": "service", "owner": "u-owner"}));
    assert_eq!((named.own.kind, named.owner()), (Some(SubjectKind::Service), Some("u-owner")));
    assert_eq!(service(json!({"kind": "agent"})).owner(), Some("u-manager"));
    assert_eq!(service(json!({"kind": "person", "owner": "u-owner"})).owner(), None);
}

#[test]
fn telephone_numbers_count_where_the_country_is_told() {
    let of = |number: &str, kind: &str| {
        let mut body = ada_body();
        body["emails"] = Value::Null;
        body["phoneNumbers"] = json!([{"value": number, "type": kind}]);
        let subject = User::read(&user(&body)).expect("a user");
        subject.addresses.into_iter().next().map(|to| (to.channel, to.address))
    };
    let voice = |number: &str| Some((Channel::Voice, number.to_owned()));
    assert_eq!(of("+49 (30) 555-0142", "work"), voice("+49305550142"));
    assert_eq!(of("+49305550142", "mobile"), Some((Channel::Sms, "+49305550142".to_owned())));
    for nowhere in ["030 555 0142", "+0305550142", "+49", "+49305550142;ext=7", "call me"] {
        assert_eq!(of(nowhere, "work"), None, "{nowhere}");
    }
    assert_eq!(of("+49305550142", "fax"), None);
}
