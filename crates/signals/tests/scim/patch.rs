//! Patches: the operations of RFC 7644 section 3.5.2, and what Entra and Okta make of them.

use crate::{ENTERPRISE, OURS, PATCH, USER, ada, broken, group_of, patched, user};
use glassbreak_signals::scim::Patch;
use serde_json::{Value, json};

fn after(operations: &Value) -> Value {
    patched(&ada(), operations).unwrap_or_else(|error| panic!("{operations}: {error}"))
}

fn refused(operations: &Value) -> &'static str {
    broken(patched(&ada(), operations))
}

fn members(group: &Value) -> Vec<&str> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(|member| member["value"].as_str()).collect()
}

#[test]
fn add_gives_a_value_or_one_more_and_never_the_same_twice() {
    let added = after(&json!([{"op": "add", "path": "emails", "value":
        [{"value": "lab@example.org", "type": "other"}]}]));
    assert_eq!(added["emails"].as_array().map(Vec::len), Some(3));
    let same = json!([{"op": "add", "path": "emails", "value":
        {"value": "ADA@example.org", "type": "Work", "display": "Ada"}}]);
    let same = after(&same);
    assert_eq!(same["emails"].as_array().map(Vec::len), Some(2), "it is the same address");
    assert_eq!(same["emails"][0]["display"], "Ada", "with the part that is new");
    let plain = after(&json!([{"op": "add", "path": "displayName", "value": "A. L."}]));
    assert_eq!(plain["displayName"], "A. L.");
    let nothing = after(&json!([{"op": "add", "path": "displayName", "value": null}]));
    assert_eq!(nothing["displayName"], "Ada Lovelace");
    let whole = after(&json!([{"op": "add", "value":
        {"displayName": "A. L.", "roles": [{"value": "author"}]}}]));
    assert_eq!(whole["displayName"], "A. L.");
    assert_eq!(whole["roles"], json!([{"value": "engineer"}, {"value": "author"}]));
}

#[test]
fn a_value_that_is_made_primary_is_the_only_one() {
    let added = json!([{"op": "add", "path": "emails", "value":
        [{"value": "lab@example.org", "primary": true}]}]);
    let primary = |user: &Value| -> Vec<bool> {
        let emails = user["emails"].as_array().expect("emails");
        emails.iter().map(|email| email["primary"] == true).collect()
    };
    assert_eq!(primary(&after(&added)), [false, false, true]);
    let moved =
        json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]);
    assert_eq!(primary(&after(&moved)), [false, true]);
    for two in [
        json!([{"op": "replace", "path": "emails", "value": [
            {"value": "a@example.org", "primary": true},
            {"value": "b@example.org", "primary": "True"}]}]),
        json!([{"op": "replace", "path": "emails.primary", "value": true}]),
    ] {
        assert_eq!(refused(&two), "invalidValue");
    }
}

#[test]
fn replace_puts_values_in_the_place_of_others() {
    let all = after(&json!([{"op": "replace", "path": "emails", "value":
        [{"value": "one@example.org"}]}]));
    assert_eq!(all["emails"], json!([{"value": "one@example.org"}]));
    let one = after(&json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value":
        {"type": "work", "value": "new@example.org"}}]));
    assert_eq!(one["emails"][0], json!({"type": "work", "value": "new@example.org"}));
    assert_eq!(one["emails"][1]["value"], "ada@home.example");
    let part = after(&json!([{"op": "replace", "path":
        "emails[type eq \"work\" and primary eq true].value", "value": "new@example.org"}]));
    assert_eq!(part["emails"][0]["value"], "new@example.org");
    assert_eq!(part["emails"][0]["primary"], true, "the other parts stay");
    let several = after(&json!([{"op": "replace", "value":
        {"userName": "ada.l@example.org", "emails": [{"value": "one@example.org"}]}}]));
    assert_eq!(several["userName"], "ada.l@example.org");
    assert_eq!(several["emails"].as_array().map(Vec::len), Some(1));
    let absent = after(&json!([{"op": "replace", "path": "entitlements", "value":
        [{"value": "vault"}]}]));
    assert_eq!(absent["entitlements"], json!([{"value": "vault"}]), "it is added then");
    let emptied = after(&json!([{"op": "replace", "path": "emails", "value": []}]));
    assert!(emptied.get("emails").is_none(), "an empty list is no value");
}

#[test]
fn remove_takes_all_some_or_a_part() {
    assert!(after(&json!([{"op": "remove", "path": "emails"}])).get("emails").is_none());
    let one = after(&json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]));
    assert_eq!(one["emails"].as_array().map(Vec::len), Some(1));
    let part = after(&json!([{"op": "remove", "path": "emails[type eq \"work\"].primary"}]));
    assert_eq!(part["emails"][0], json!({"value": "ada@example.org", "type": "work"}));
    let value = after(&json!([{"op": "remove", "path": "emails[type eq \"work\"].value"}]));
    assert_eq!(value["emails"].as_array().map(Vec::len), Some(1), "no address without a value");
    let manager = format!("{ENTERPRISE}:manager");
    assert!(after(&json!([{"op": "remove", "path": manager}])).get(ENTERPRISE).is_none());
    assert!(after(&json!([{"op": "remove", "path": ENTERPRISE}])).get(ENTERPRISE).is_none());
    let twice = json!([{"op": "remove", "path": "emails[type eq \"home\"]"},
        {"op": "remove", "path": "emails[type eq \"home\"]"}]);
    assert_eq!(after(&twice)["emails"].as_array().map(Vec::len), Some(1), "a retry is no error");
}

#[test]
fn what_is_read_only_required_or_immutable_is_kept() {
    for operations in [
        json!([{"op": "replace", "path": "id", "value": "u-eve"}]),
        json!([{"op": "add", "path": "groups", "value": [{"value": "g-admins"}]}]),
        json!([{"op": "remove", "path": "meta.version"}]),
        json!([{"op": "remove", "path": "userName"}]),
        json!([{"op": "replace", "path": "userName", "value": null}]),
        json!([{"op": "replace", "path": "userName", "value": ""}]),
        json!([{"op": "add", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "C"}]),
    ] {
        assert_eq!(refused(&operations), "mutability", "{operations}");
    }
    let group = group_of(&["u-1", "u-2"]);
    let other =
        json!([{"op": "replace", "path": "members[value eq \"u-1\"].value", "value": "u-3"}]);
    assert_eq!(broken(patched(&group, &other)), "mutability");
    let whole = json!([{"op": "replace", "path": "members[value eq \"u-1\"]", "value":
        {"value": "u-3"}}]);
    assert_eq!(broken(patched(&group, &whole)), "mutability");
    let nameless = json!([{"op": "remove", "path": "displayName"}]);
    assert_eq!(broken(patched(&group, &nameless)), "mutability");
}

#[test]
fn scim_05_every_refusal_has_its_type() {
    for (operations, rule) in [
        (
            json!([{"op": "replace", "path": "emails[type eq \"fax\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"fax\"]", "value": {"value": "x"}}]),
            "noTarget",
        ),
        (
            json!([{"op": "add", "path": "emails[type ne \"work\" and type ne \"home\"].value", "value": "x"}]),
            "noTarget",
        ),
        (json!([{"op": "add", "path": "entitlements.display", "value": "x"}]), "noTarget"),
        (json!([{"op": "add", "path": "favouriteColour", "value": "x"}]), "invalidPath"),
        (json!([{"op": "add", "path": "emails.favourite", "value": "x"}]), "invalidPath"),
        (
            json!([{"op": "add", "path": "urn:example:2.0:User:userName", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "displayName[value eq \"x\"]", "value": "x"}]),
            "invalidPath",
        ),
        (json!([{"op": "remove", "path": "emails[primary gt true]"}]), "invalidFilter"),
        (json!([{"op": "add", "path": "active", "value": "perhaps"}]), "invalidValue"),
        (json!([{"op": "add", "path": "displayName", "value": ["x"]}]), "invalidValue"),
        (json!([{"op": "add", "path": "displayName", "value": "x".repeat(1025)}]), "invalidValue"),
        (json!([{"op": "add", "path": "emails", "value": [{"type": "work"}]}]), "invalidValue"),
        (json!([{"op": "add", "path": "emails", "value": 3}]), "invalidValue"),
        (json!([{"op": "add", "value": "x"}]), "invalidValue"),
        (json!([{"op": "replace", "path": ENTERPRISE, "value": "x"}]), "invalidValue"),
        (
            json!([{"op": "add", "path": format!("{OURS}:assurance"), "value": "aal9"}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": format!("{OURS}:tier"), "value": "Top Secret"}]),
            "invalidValue",
        ),
        (json!([{"op": "add", "path": "userName", "value": " ada"}]), "invalidValue"),
    ] {
        assert_eq!(refused(&operations), rule, "{operations}");
    }
}

#[test]
fn scim_03_what_is_no_patch_is_refused() {
    let parse = |body: Value| broken(Patch::parse(&body));
    let message = |operations: Value| json!({"schemas": [PATCH], "Operations": operations});
    assert_eq!(parse(json!([])), "invalidSyntax");
    assert_eq!(parse(json!({"Operations": [{"op": "add", "value": {}}]})), "invalidSyntax");
    assert_eq!(parse(json!({"schemas": [USER], "Operations": [{}]})), "invalidSyntax");
    assert_eq!(parse(message(json!([]))), "invalidSyntax");
    assert_eq!(parse(message(json!(["add"]))), "invalidSyntax");
    assert_eq!(parse(message(json!([{"op": "move", "path": "a"}]))), "invalidSyntax");
    assert_eq!(parse(message(json!([{"op": "remove"}]))), "noTarget");
    assert_eq!(parse(message(json!([{"op": "add", "path": "userName"}]))), "invalidValue");
    assert_eq!(parse(message(json!([{"op": "add", "path": "a[", "value": 1}]))), "invalidPath");
    assert_eq!(parse(message(json!([{"op": "add", "path": 1, "value": 1}]))), "invalidPath");
    let one = json!({"op": "remove", "path": "emails"});
    let many = |count: usize| json!({"schemas": [PATCH], "Operations": vec![one.clone(); count]});
    assert!(Patch::parse(&many(Patch::OPERATIONS_MAX)).is_ok());
    assert_eq!(parse(many(Patch::OPERATIONS_MAX + 1)), "tooMany");
}

#[test]
fn scim_02_a_patch_is_done_as_a_whole_or_not_at_all() {
    let before = ada();
    let operations = json!([
        {"op": "replace", "path": "active", "value": false},
        {"op": "remove", "path": "emails"},
        {"op": "remove", "path": "userName"},
    ]);
    let error = before.patch(&crate::patch(&operations)).expect_err("a refusal");
    assert_eq!(error.to_string(), "Operations[2]: `userName` is required");
    assert!(before == ada(), "the resource is as it was");
}

#[test]
fn entra_is_understood() {
    let off = after(&json!([{"op": "Replace", "path": "active", "value": "False"}]));
    assert_eq!(off["active"], false);
    let lower = Patch::parse(&json!({"schemas": [PATCH], "operations":
        [{"OP": "Replace", "Path": "active", "Value": false}]}));
    assert!(lower.is_ok(), "names of members have no case");
    // Attributes that are not kept do not spoil what comes with them.
    let mixed = after(&json!([
        {"op": "Add", "path": "name.givenName", "value": "Augusta"},
        {"op": "Add", "path": "addresses[type eq \"work\"].postalCode", "value": "10115"},
        {"op": "Replace", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7"},
        {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "u-mary"},
    ]));
    assert_eq!(mixed[ENTERPRISE], json!({"manager": {"value": "u-mary"}}));
    assert!(mixed.get("name").is_none() && mixed.get("addresses").is_none());
    let cleared = after(&json!([{"op": "Replace", "path": format!("{ENTERPRISE}:manager"),
        "value": ""}]));
    assert!(cleared.get(ENTERPRISE).is_none());
    // Without a path, names are paths.
    let dotted = after(&json!([{"op": "replace", "value": {
        "displayName": "A. L.",
        "name.givenName": "Augusta",
        "emails[type eq \"work\"].value": "augusta@example.org",
        format!("{ENTERPRISE}:manager"): "u-mary",
        format!("{OURS}:tier"): "standard",
        "favouriteColour": "green",
    }}]));
    assert_eq!(dotted["emails"][0]["value"], "augusta@example.org");
    assert_eq!(dotted[ENTERPRISE]["manager"]["value"], "u-mary");
    assert_eq!(dotted[OURS]["tier"], "standard");
    // An addition to what a filter does not find makes it.
    let bare = user(&json!({"schemas": [USER], "userName": "bob"}));
    let made =
        json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "b@example.org"}]);
    let made = patched(&bare, &made).expect("it is made");
    assert_eq!(made["emails"], json!([{"type": "work", "value": "b@example.org"}]));
}

#[test]
fn entra_removes_members_by_a_list_of_values() {
    let group = group_of(&["u-1", "u-2", "u-3"]);
    for listed in [json!([{"value": "u-1"}, {"value": "u-3"}]), json!(["u-1", "u-3"])] {
        let left = json!([{"op": "Remove", "path": "members", "value": listed}]);
        assert_eq!(members(&patched(&group, &left).expect("a removal")), ["u-2"]);
    }
    let one = json!([{"op": "remove", "path": "members", "value": {"value": "u-2"}}]);
    assert_eq!(members(&patched(&group, &one).expect("a removal")), ["u-1", "u-3"]);
    let nobody = json!([{"op": "remove", "path": "members", "value": []}]);
    assert_eq!(members(&patched(&group, &nobody).expect("none")).len(), 3, "not everybody");
    let all = json!([{"op": "remove", "path": "members"}]);
    assert!(patched(&group, &all).expect("all").get("members").is_none());
}

#[test]
fn okta_is_understood() {
    let off = after(&json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(off["active"], false);
    let group = group_of(&["u-1"]);
    let renamed = json!([{"op": "replace", "value": {"id": "g-1", "displayName": "Analysts"}}]);
    let renamed = patched(&group, &renamed).expect("the id is passed over");
    assert_eq!(renamed["displayName"], "Analysts");
    assert!(renamed.get("id").is_none());
    let both = json!([
        {"op": "remove", "path": "members[value eq \"u-1\"]"},
        {"op": "add", "path": "members", "value": [{"value": "u-2", "display": "two@example.org"}]},
    ]);
    assert_eq!(members(&patched(&group, &both).expect("a change")), ["u-2"]);
    let whole = json!([{"op": "replace", "path": "members", "value":
        [{"value": "u-4"}, {"value": "u-4", "type": "User"}, {"value": "u-5"}]}]);
    assert_eq!(members(&patched(&group, &whole).expect("a change")), ["u-4", "u-5"]);
}

#[test]
fn a_large_group_changes_in_one_patch() {
    let ids: Vec<Value> = (0..16_384).map(|id| json!({"value": format!("u-{id}")})).collect();
    let group = group_of(&[]);
    let filled = json!([{"op": "add", "path": "members", "value": ids}]);
    let filled = group.patch(&crate::patch(&filled)).expect("as many as there may be");
    let again =
        filled.patch(&crate::patch(&json!([{"op": "add", "path": "members", "value": ids}])));
    assert!(again.expect("nobody twice") == filled);
    let one = json!([{"op": "add", "path": "members", "value": [{"value": "one more"}]}]);
    assert_eq!(broken(filled.patch(&crate::patch(&one))), "invalidValue");
    // One member after the other, as some clients send it; and no more than that.
    let each: Vec<Value> = (0..256)
        .map(|id| json!({"op": "remove", "path": format!("members[value eq \"u-{id}\"]")}))
        .collect();
    let left = filled.patch(&crate::patch(&each.into())).expect("each is removed");
    assert_eq!(members(&left.stored()).len(), 16_384 - 256);
    let terms = vec!["value co \"x\""; 100].join(" and ");
    let long = json!({"op": "remove", "path": format!("members[{terms}]")});
    let error = filled.patch(&crate::patch(&json!([long, long, long]))).expect_err("too many");
    assert!(error.to_string().starts_with("Operations[2]: "), "{error}");
    assert_eq!(broken::<()>(Err(error)), "tooMany");
}
