//! SCIM: what an identity provider sends, or whoever has its key.

use glassbreak_signals::scim::effect::{Change, Rules, of_group, of_user};
use glassbreak_signals::scim::{
    Filter, Group, Lookup, Matcher, Patch, PatchPath, Projection, Resource, ResourceType, Served,
    User, Version,
};
use serde_json::{Value, json};

/// A filter, a path of a patch, and a list of attributes.
pub fn scim_filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Filter::parse(text) {
        Ok(filter) => matched(&filter),
        Err(error) => assert!(error.at <= text.len(), "a place outside of the text"),
    }
    if let Ok(path) = text.parse::<PatchPath>() {
        let printed = path.to_string();
        let again = printed.parse::<PatchPath>();
        assert!(printed.len() > Filter::BYTES_MAX || again == Ok(path), "it reads as another path");
    }
    for projection in [Projection::read(Some(text), None), Projection::read(None, Some(text))] {
        let Ok(projection) = projection else { continue };
        let shown = projection.apply(ResourceType::User, user().render(&served()));
        assert_eq!(shown.get("id"), Some(&json!("u-ada")), "the id is always returned");
    }
}

fn matched(filter: &Filter) {
    let printed = filter.to_string();
    if printed.len() <= Filter::BYTES_MAX {
        assert_eq!(Filter::parse(&printed).as_ref(), Ok(filter), "it reads as another filter");
    }
    for resource in [user(), group()] {
        let rendered = resource.render(&served());
        let Ok(matcher) = Matcher::new(filter.clone(), resource.kind()) else { continue };
        if !matcher.matches(&rendered) {
            continue;
        }
        let is = |name: &str, text: &str, exact: bool| {
            let there = rendered.get(name).and_then(Value::as_str).unwrap_or_default();
            if exact { there == text } else { there.to_lowercase() == text.to_lowercase() }
        };
        let found = match filter.lookup(resource.kind()) {
            Lookup::Id(text) => is("id", &text, true),
            Lookup::ExternalId(text) => is("externalId", &text, true),
            Lookup::UserName(text) => is("userName", &text, false),
            Lookup::GroupName(text) => is("displayName", &text, false),
            Lookup::Scan => true,
        };
        assert!(found, "the filter matches what its look-up does not find");
    }
}

/// The body of a `PATCH`, or of a `POST`.
pub fn scim_patch(data: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    for kind in ResourceType::ALL {
        if let Ok(resource) = Resource::create(*kind, &body) {
            kept(&resource);
            let before = if *kind == ResourceType::User { user() } else { group() };
            follows(&before, &resource);
        }
    }
    let Ok(patch) = Patch::parse(&body) else { return };
    for before in [user(), group()] {
        let untouched = before.clone();
        let after = before.patch(&patch);
        assert!(before == untouched, "a patch changed what it was given");
        if let Ok(after) = after {
            kept(&after);
            follows(&before, &after);
        }
    }
}

/// A resource is in the form in which it is stored and answered.
fn kept(resource: &Resource) {
    let stored = Resource::restore(resource.kind(), &resource.stored());
    assert!(stored.as_ref() == Ok(resource), "it is not read as it was stored");
    let answered = resource.replace(&resource.render(&served()));
    assert!(answered.as_ref() == Ok(resource), "what was answered is another resource");
    assert!(!resource.stored().to_string().to_lowercase().contains("\"password\":"));
}

fn follows(before: &Resource, after: &Resource) {
    let rules = Rules::default();
    if let (Ok(before), Ok(after)) = (User::read(before), User::read(after)) {
        let nothing = of_user(Change::Updated { before: &after, after: &after }, &rules);
        assert!(nothing.is_empty(), "something follows from no change");
        drop(of_user(Change::Updated { before: &before, after: &after }, &rules));
    }
    if let (Ok(before), Ok(after)) = (Group::read(before), Group::read(after)) {
        let all = of_group(Change::Updated { before: &before, after: &after }, &rules);
        let same_name = before.name == after.name;
        let stayed = |id: &String| before.members.contains(id) && after.members.contains(id);
        assert!(!same_name || !all.iter().any(|one| stayed(&one.member)), "who stayed is told of");
    }
}

fn user() -> Resource {
    let enterprise = glassbreak_signals::scim::ENTERPRISE_USER;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "externalId": "7", "displayName": "Ada", "active": true,
        "emails": [{"value": "ada@example.org", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home"}],
        "roles": ["engineer"],
        enterprise: {"manager": {"value": "u-charles"}},
    });
    Resource::create(ResourceType::User, &body).unwrap_or_else(|error| unreachable!("{error}"))
}

fn group() -> Resource {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Engineers", "members": ["u-ada", "u-bob"],
    });
    Resource::create(ResourceType::Group, &body).unwrap_or_else(|error| unreachable!("{error}"))
}

fn served() -> Served {
    Served {
        id: "u-ada".to_owned(),
        base: "https://glass.example/scim/v2".to_owned(),
        created: glassbreak_core::time::Timestamp::default(),
        modified: glassbreak_core::time::Timestamp::default(),
        version: Version(1),
        groups: Vec::new(),
    }
}
