//! What holds for every filter, path and patch.

use crate::{ENTERPRISE, OURS, ada, group_of, patch, served};
use glassbreak_signals::scim::{
    AttrPath, Filter, Literal, Matcher, Operator, PatchPath, Resource, ResourceType, Selection,
};
use proptest::prelude::*;
use serde_json::{Number, Value, json};

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("userName".to_owned()),
        Just("emails".to_owned()),
        Just("type".to_owned()),
        Just("not".to_owned()),
        Just("$ref".to_owned()),
        "[a-zA-Z][a-zA-Z0-9_-]{0,8}",
    ]
}

fn attr_path() -> impl Strategy<Value = AttrPath> {
    let schema = proptest::option::weighted(0.2, Just("urn:example:a:2.0:User".to_owned()));
    (schema, name(), proptest::option::of(name())).prop_map(|(schema, name, sub)| AttrPath {
        schema,
        name,
        sub,
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>().prop_filter_map("no number in JSON", |number| {
            Number::from_f64(number).map(Literal::Number)
        }),
        any::<String>().prop_map(Literal::Text),
    ]
}

fn term() -> impl Strategy<Value = Filter> {
    prop_oneof![
        attr_path().prop_map(Filter::Present),
        (attr_path(), proptest::sample::select(Operator::ALL), literal())
            .prop_map(|(path, operator, literal)| Filter::Compare(path, operator, literal)),
    ]
}

/// Filters of some depth; inside of brackets there are none.
fn joined(term: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    term.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            proptest::collection::vec(inner, 2..4).prop_map(Filter::Or),
        ]
    })
}

fn element() -> impl Strategy<Value = (AttrPath, Filter)> {
    let path = attr_path().prop_map(|path| AttrPath { sub: None, ..path });
    (path, joined(term()))
}

fn filter() -> impl Strategy<Value = Filter> {
    let within = element().prop_map(|(path, inner)| Filter::Element(path, Box::new(inner)));
    joined(prop_oneof![3 => term(), 1 => within])
}

/// Operations, of which about half can be done.
fn operation() -> impl Strategy<Value = Value> {
    let paths = [
        "active",
        "userName",
        "displayName",
        "emails",
        "emails[type eq \"work\"]",
        "roles",
        "emails[type eq \"home\"].value",
        "emails[primary eq true].type",
        "emails.primary",
        "groups",
        "id",
        "nonsense",
        "name.givenName",
        "roles[value sw \"a\"]",
    ];
    let own = [format!("{OURS}:tier"), format!("{ENTERPRISE}:manager"), OURS.to_owned()];
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).chain(own).collect();
    let values = proptest::sample::select(vec![
        json!(true),
        json!("False"),
        json!(null),
        json!(""),
        json!("ada@new.example"),
        json!({"value": "a"}),
        json!([{"value": "a", "primary": true}, {"value": "b"}]),
        json!([]),
        json!(7),
        json!({"tier": "standard"}),
        json!({"type": "work"}),
        json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]),
    ]);
    let verbs = proptest::sample::select(vec!["add", "remove", "replace"]);
    (verbs, proptest::sample::select(paths), values)
        .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

proptest! {
    #[test]
    fn a_filter_reads_as_it_is_printed(filter in filter()) {
        let printed = filter.to_string();
        if printed.len() <= Filter::BYTES_MAX {
            prop_assert_eq!(Filter::parse(&printed), Ok(filter), "{}", printed);
        }
    }

    #[test]
    fn a_path_reads_as_it_is_printed(
        (attribute, filter) in element(),
        sub in proptest::option::of(name()),
    ) {
        let path = PatchPath { attribute, selection: Some(Selection { filter, sub }) };
        let printed = path.to_string();
        if printed.len() <= Filter::BYTES_MAX {
            prop_assert_eq!(printed.parse::<PatchPath>(), Ok(path));
        }
    }

    #[test]
    fn any_text_is_read_or_refused_at_a_place_in_it(text in any::<String>()) {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.at <= text.len());
        }
        if let Err(error) = text.parse::<PatchPath>() {
            prop_assert!(error.at <= text.len());
        }
    }

    #[test]
    fn a_filter_or_its_opposite_matches(filter in filter()) {
        let opposite = Filter::Not(Box::new(filter.clone()));
        let one = Matcher::new(filter, ResourceType::User);
        let other = Matcher::new(opposite, ResourceType::User);
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            let ada = ada().render(&served());
            prop_assert!(one.matches(&ada) != other.matches(&ada));
        }
    }

    #[test]
    fn scim_02_a_patch_is_its_operations_one_after_the_other_or_nothing(
        operations in proptest::collection::vec(operation(), 1..6),
    ) {
        let before = ada();
        let at_once = before.patch(&patch(&operations.clone().into()));
        let mut step_by_step = Some(before.clone());
        for operation in operations {
            let next = |now: Resource| now.patch(&patch(&json!([operation]))).ok();
            step_by_step = step_by_step.and_then(next);
        }
        prop_assert!(before == ada(), "a patch changes nothing of what it is given");
        match (at_once, step_by_step) {
            (Ok(one), Some(other)) => {
                prop_assert_eq!(one.stored(), other.stored());
                let again = Resource::restore(ResourceType::User, &one.stored());
                prop_assert!(again.is_ok_and(|again| again == one));
                prop_assert!(one.stored()["userName"].is_string(), "what is required is there");
                let emails = one.stored()["emails"].clone();
                let emails = emails.as_array().into_iter().flatten();
                prop_assert!(emails.filter(|email| email["primary"] == true).count() <= 1);
            }
            // Refused by both; or a later operation mends what was no resource in between.
            (_, None) => {}
            (Err(error), Some(_)) => prop_assert!(false, "refused as a whole: {error}"),
        }
    }

    #[test]
    fn removing_what_was_added_leaves_what_was(id in "[a-z0-9-]{1,12}") {
        let members = group_of(&["U-1", "U-2"]);
        let there_and_back = json!([
            {"op": "add", "path": "members", "value": [{"value": id}]},
            {"op": "remove", "path": format!("members[value eq \"{id}\"]")},
        ]);
        let after = members.patch(&patch(&there_and_back)).expect("both are done");
        prop_assert!(after == members);
        let listed = json!([
            {"op": "add", "path": "members", "value": id},
            {"op": "remove", "path": "members", "value": [{"value": id}]},
        ]);
        prop_assert!(members.patch(&patch(&listed)).expect("both are done") == members);
    }

    #[test]
    fn adding_twice_is_adding_once(operation in operation()) {
        let mut operation = operation;
        operation["op"] = json!("add");
        let once = ada().patch(&patch(&json!([operation])));
        let twice = ada().patch(&patch(&json!([operation, operation])));
        prop_assert_eq!(once.is_ok(), twice.is_ok());
        if let (Ok(once), Ok(twice)) = (once, twice) {
            prop_assert!(once == twice);
        }
    }
}
