//! Lists, projections, versions, errors and the documents about the service.

use std::collections::BTreeSet;

use crate::{ENTERPRISE, OURS, USER, ada, broken, group_of, served};
use glassbreak_signals::scim::{
    ListQuery, Lookup, MEDIA_TYPE, Page, Preconditions, Projection, RawQuery, ResourceType,
    ScimError, ScimType, Verdict, Version, index_key, list_response, resource_types, schemas,
    service_provider_config,
};
use serde_json::{Value, json};

const BASE: &str = "https://glass.example/scim/v2";

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn shown(attributes: Option<&str>, excluded: Option<&str>) -> Value {
    let projection = Projection::read(attributes, excluded).expect("a projection");
    projection.apply(ResourceType::User, ada().render(&served()))
}

#[test]
fn a_projection_shows_what_was_asked_for_and_what_is_always_returned() {
    let few = shown(Some("USERNAME, emails.value,meta.version, favouriteColour"), None);
    assert_eq!(names(&few), BTreeSet::from(["schemas", "id", "userName", "emails", "meta"]));
    assert_eq!(few["emails"], json!([{"value": "ada@example.org"}, {"value": "ada@home.example"}]));
    assert_eq!(few["meta"], json!({"version": "W/\"17\""}));
    let two = shown(Some("emails.value,emails.type"), None);
    assert_eq!(two["emails"][1], json!({"value": "ada@home.example", "type": "home"}));
    let extension = shown(Some(&format!("{OURS}:tier,{ENTERPRISE}")), None);
    assert_eq!(extension[OURS], json!({"tier": "privileged"}));
    assert_eq!(extension[ENTERPRISE]["manager"]["value"], "u-charles");
    assert!(extension.get("userName").is_none());
    let most = shown(None, Some(&format!("id,schemas,emails,phoneNumbers,meta.created,{OURS}")));
    assert!(most.get("emails").is_none() && most.get(OURS).is_none());
    assert!(most["meta"].get("created").is_none() && most["meta"].get("version").is_some());
    assert_eq!(most["id"], "u-ada", "it is always returned");
    assert_eq!(shown(None, Some(" ")), ada().render(&served()));
}

#[test]
fn entra_reads_groups_without_their_members() {
    let projection = Projection::read(None, Some("members")).expect("a projection");
    let shown = projection.apply(ResourceType::Group, group_of(&["u-1"]).render(&served()));
    assert!(shown.get("members").is_none() && shown.get("displayName").is_some());
}

#[test]
fn a_query_is_read_from_parameters_and_from_a_body_alike() {
    let raw: RawQuery = serde_json::from_value(json!({
        "filter": "userName eq \"ada\"", "attributes": "userName,emails", "startIndex": "3",
        "count": "5", "sortBy": "userName",
    }))
    .expect("parameters");
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"ada\"", "attributes": ["userName", "emails"], "startIndex": 3,
        "count": 5, "sortOrder": "ascending",
    });
    assert!(RawQuery::search(&body).expect("a search") == raw);
    assert_eq!(format!("{raw:?}"), "RawQuery(..)");
    let query = ListQuery::read(ResourceType::User, &raw).expect("a query");
    assert_eq!(query.lookup, Lookup::UserName(index_key("ADA")));
    assert!(query.matcher.is_some());
    assert_eq!(query.page, Page { start_index: 3, count: 5 });
    let all = ListQuery::read(ResourceType::User, &RawQuery::default()).expect("a query");
    assert_eq!((all.lookup, all.matcher.is_none()), (Lookup::Scan, true));
    assert_eq!(all.projection, Projection::All);
    for no_search in [json!([]), json!({}), json!({"schemas": [USER]})] {
        assert_eq!(broken(RawQuery::search(&no_search)), "invalidSyntax");
    }
}

#[test]
fn queries_that_cannot_be_read_are_refused() {
    let read = |change: fn(&mut RawQuery, String), text: &str| {
        let mut raw = RawQuery::default();
        change(&mut raw, text.to_owned());
        broken(ListQuery::read(ResourceType::User, &raw))
    };
    assert_eq!(read(|raw, text| raw.filter = Some(text), "userName"), "invalidFilter");
    assert_eq!(read(|raw, text| raw.filter = Some(text), "active gt true"), "invalidFilter");
    assert_eq!(read(|raw, text| raw.attributes = Some(text), "a,,b"), "invalidPath");
    assert_eq!(read(|raw, text| raw.attributes = Some(text), &vec!["a"; 65].join(",")), "tooMany");
    assert_eq!(read(|raw, text| raw.count = Some(text), "many"), "invalidValue");
    assert_eq!(read(|raw, text| raw.start_index = Some(text), "1.5"), "invalidValue");
    assert_eq!(broken(Projection::read(Some("id"), Some("meta"))), "invalidValue");
}

#[test]
fn pages_are_counted_from_one_and_bounded() {
    let page = |start, count| Page::read(start, count).expect("a page");
    assert_eq!(page(None, None), Page { start_index: 1, count: Page::COUNT_MAX });
    assert_eq!(page(Some("-3"), Some("-1")), Page { start_index: 1, count: 0 });
    assert_eq!(page(Some("0"), Some("9999")), Page { start_index: 1, count: Page::COUNT_MAX });
    assert_eq!(page(Some("11"), Some("10")).skipped(), 10);
    let list = list_response(vec![ada().render(&served())], 12, page(Some("12"), Some("10")));
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let numbers = ["totalResults", "startIndex", "itemsPerPage"].map(|name| list[name].clone());
    assert_eq!(numbers, [json!(12), json!(12), json!(1)]);
    assert_eq!(list["Resources"][0]["userName"], "Ada@example.org");
}

#[test]
fn preconditions_hold_a_request_to_a_version() {
    let held = |matches, none| Preconditions::read(matches, none).expect("preconditions");
    let status = |outcome: Result<(), ScimError>| outcome.err().map_or(204, |error| error.status());
    let now = Some(Version(17));
    for (matches, none, current, expected) in [
        (None, None, now, 204),
        (Some("W/\"17\""), None, now, 204),
        (Some("\"17\""), None, now, 204),
        (Some("W/\"16\", W/\"17\""), None, now, 204),
        (Some("*"), None, now, 204),
        (Some("W/\"16\""), None, now, 412),
        (Some("W/\"017\""), None, now, 412),
        (Some("*"), None, None, 412),
        (Some("W/\"17\""), None, None, 412),
        (None, Some("*"), now, 412),
        (None, Some("*"), None, 204),
        (None, Some("W/\"16\""), now, 204),
    ] {
        let outcome = status(held(matches, none).may_write(current));
        assert_eq!(outcome, expected, "{matches:?} {none:?} {current:?}");
    }
    let read = |matches, none| held(matches, none).on_read(Version(17));
    assert_eq!(read(None, Some("W/\"17\"")), Ok(Verdict::NotModified));
    assert_eq!(read(None, Some("W/\"16\"")), Ok(Verdict::Answer));
    assert_eq!(read(Some("W/\"16\""), None).map_err(|error| error.status()), Err(412));
    for malformed in ["17", "W/17", "\"17", "w/\"17\"", "\"1\"7\"", ""] {
        let error = Preconditions::read(Some(malformed), None).expect_err(malformed);
        assert_eq!((error.status(), error.scim_type()), (400, None));
    }
}

#[test]
fn scim_05_errors_have_the_body_of_the_standard() {
    let taken = ScimError::new(ScimType::Uniqueness, "`userName` is taken");
    assert_eq!(taken.status(), 409);
    assert_eq!(
        taken.body(),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "409",
            "scimType": "uniqueness",
            "detail": "`userName` is taken",
        })
    );
    let gone = ScimError::not_found().body();
    assert_eq!((gone["status"].as_str(), gone.get("scimType")), (Some("404"), None));
    for (kind, name, status) in [
        (ScimType::InvalidVers, "invalidVers", 400),
        (ScimType::Sensitive, "sensitive", 403),
        (ScimType::TooMany, "tooMany", 400),
    ] {
        assert_eq!((kind.name(), kind.status()), (name, status));
    }
}

#[test]
fn scim_06_the_service_describes_what_it_does() {
    let config = service_provider_config(BASE);
    for (feature, supported) in [
        ("patch", true),
        ("filter", true),
        ("etag", true),
        ("bulk", false),
        ("sort", false),
        ("changePassword", false),
    ] {
        assert_eq!(config[feature]["supported"], supported, "{feature}");
    }
    assert_eq!(config["filter"]["maxResults"], Page::COUNT_MAX);
    assert_eq!(config["meta"]["location"], format!("{BASE}/ServiceProviderConfig"));
    let types = resource_types(BASE);
    let endpoints: Vec<_> = types.iter().map(|kind| kind["endpoint"].as_str()).collect();
    assert_eq!(endpoints, [Some("/Users"), Some("/Groups")]);
    let schemas = schemas(BASE);
    let ids: BTreeSet<_> = schemas.iter().map(|schema| schema["id"].as_str()).collect();
    for kind in &types {
        let extensions = kind["schemaExtensions"].as_array().expect("a list").iter();
        let of = extensions.map(|extension| &extension["schema"]).chain([&kind["schema"]]);
        of.for_each(|id| assert!(ids.contains(&id.as_str()), "{id} is described"));
    }
    assert_eq!(ids.len(), 4);
    assert_eq!(MEDIA_TYPE, "application/scim+json");
}

#[test]
fn what_is_answered_is_what_the_schemas_describe() {
    let schemas = schemas(BASE);
    let by_id = |id: &str| schemas.iter().find(|schema| schema["id"] == id).expect("a schema");
    let attribute = |schema: &Value, name: &str| -> Option<Value> {
        let all = schema["attributes"].as_array().expect("attributes");
        all.iter().find(|attribute| attribute["name"] == name).cloned()
    };
    let answer = ada().render(&served());
    let common = ["schemas", "id", "externalId", "meta"];
    for (name, value) in answer.as_object().expect("an object") {
        if common.contains(&name.as_str()) {
            continue;
        }
        if name.starts_with("urn:") {
            for name in names(value) {
                assert!(attribute(by_id(name_of(&answer, value)), name).is_some(), "{name}");
            }
            continue;
        }
        let described = attribute(by_id(USER), name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(described["multiValued"], value.is_array(), "{name}");
        let parts: Vec<_> = described["subAttributes"].as_array().into_iter().flatten().collect();
        for part in value.as_array().into_iter().flatten().flat_map(names) {
            assert!(parts.iter().any(|described| described["name"] == part), "{name}.{part}");
        }
    }
    let user_name = attribute(by_id(USER), "userName").expect("described");
    assert_eq!(
        user_name,
        json!({
            "name": "userName", "type": "string", "multiValued": false, "required": true,
            "caseExact": false, "mutability": "readWrite", "returned": "default",
            "uniqueness": "server", "description": "The name that the subject signs in with.",
        })
    );
    let password = attribute(by_id(USER), "password");
    assert!(password.is_none(), "there are no passwords here");
}

fn name_of<'a>(answer: &'a Value, value: &Value) -> &'a str {
    let mut members = answer.as_object().expect("an object").iter();
    members.find(|(_, member)| *member == value).map(|(name, _)| name.as_str()).expect("a member")
}
