//! What follows from a change (STANDARDS 9, D4, D7, D8, N63B-IC-08).

use std::collections::BTreeSet;

use crate::{ENTERPRISE, OURS, USER, ada, group_of, patch, user};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::subject::{Channel, NotificationAddress, Tier};
use glassbreak_signals::scim::effect::{
    Change, Consequence, Inactive, Membership, ReferenceBy, Registration, RoleGroups, Rules,
    of_group, of_user,
};
use glassbreak_signals::scim::{Group, Resource, User};
use serde_json::{Value, json};

use Consequence::{Erase, Register, Report, TellFormer};

fn read(resource: &Resource) -> User {
    User::read(resource).expect("a user")
}

fn by(rules: &Rules, before: &Resource, operations: &Value) -> Vec<Consequence> {
    let after = before.patch(&patch(operations)).expect("a patch that is done");
    of_user(Change::Updated { before: &read(before), after: &read(&after) }, rules)
}

/// What follows, for Ada under the default rules.
fn follows(operations: &Value) -> Vec<Consequence> {
    by(&Rules::default(), &ada(), operations)
}

/// What follows without the registration, and the registration.
fn parted(all: Vec<Consequence>) -> (Vec<Consequence>, Option<Registration>) {
    let (mut others, mut registration) = (Vec::new(), None);
    for one in all {
        match one {
            Register(what) => assert!(registration.replace(what).is_none(), "one registration"),
            other => others.push(other),
        }
    }
    (others, registration)
}

fn left() -> Rules {
    Rules { inactive: Inactive::Left, ..Rules::default() }
}

#[test]
fn a_new_user_is_registered_with_what_it_says() {
    let created = of_user(Change::Created(&read(&ada())), &Rules::default());
    let (others, registration) = parted(created);
    let registration = registration.expect("a registration");
    assert!(others.is_empty());
    assert_eq!(registration.reference.as_str(), "Ada@example.org");
    assert_eq!((registration.formerly, registration.owner), (None, None));
    assert_eq!(registration.own, read(&ada()).own);
    assert_eq!(registration.addresses.len(), 3);
    let by_id = Rules { reference: ReferenceBy::ExternalId, ..Rules::default() };
    let (_, registration) = parted(of_user(Change::Created(&read(&ada())), &by_id));
    assert_eq!(registration.map(|what| what.reference.into()), Some("HR-4711".to_owned()));
}

#[test]
fn scim_01_an_account_that_is_not_active_is_disabled_or_has_left() {
    let (off, on) = (
        json!([{"op": "replace", "path": "active", "value": false}]),
        json!([{"op": "replace", "path": "active", "value": true}]),
    );
    let gone = ada().patch(&patch(&off)).expect("a patch");
    let disabled = LifecycleKind::AccountDisabled;
    assert_eq!(follows(&off), [Report(disabled)]);
    assert_eq!(by(&Rules::default(), &gone, &on), [Report(LifecycleKind::AccountEnabled)]);
    assert_eq!(by(&left(), &ada(), &off), [Report(LifecycleKind::SubjectLeft)]);
    let (others, registration) = parted(by(&left(), &gone, &on));
    assert!(others.is_empty() && registration.is_some(), "who comes back is registered anew");
    for rules in [Rules::default(), left()] {
        assert!(by(&rules, &ada(), &on).is_empty(), "nothing changed");
        assert!(by(&rules, &gone, &off).is_empty(), "nothing changed");
    }
    let new = of_user(Change::Created(&read(&gone)), &Rules::default());
    assert!(matches!(new.as_slice(), [Register(_), Report(kind)] if *kind == disabled));
    assert!(of_user(Change::Created(&read(&gone)), &left()).is_empty());
}

#[test]
fn recovery_closes_once_a_registration_is_not_refused_and_opens_after_all() {
    let off = json!([{"op": "replace", "value": {"active": false, "userName": "ada.l"}}]);
    let off = follows(&off);
    assert!(matches!(off.as_slice(), [Register(_), Report(LifecycleKind::AccountDisabled)]));
    let gone = ada().patch(&patch(&json!([{"op": "replace", "path": "active", "value": false}])));
    let gone = gone.expect("a patch");
    let on = json!([{"op": "replace", "value":
        {"active": true, "userName": "ada.l", "roles": [{"value": "author"}]}}]);
    let on = by(&Rules::default(), &gone, &on);
    let order = [Report(LifecycleKind::RoleChanged), Report(LifecycleKind::AccountEnabled)];
    assert!(matches!(on.as_slice(), [Register(_), rest @ ..] if rest == order));
}

#[test]
fn d7_who_left_is_not_registered_by_a_change_of_its_name() {
    let off = json!([{"op": "replace", "value": {"active": false, "userName": "ada.l"}}]);
    assert_eq!(by(&left(), &ada(), &off), [Report(LifecycleKind::SubjectLeft)]);
    let gone = ada().patch(&patch(&off)).expect("a patch");
    let renamed = json!([{"op": "replace", "path": "userName", "value": "ada"}]);
    assert!(by(&left(), &gone, &renamed).is_empty());
}

#[test]
fn scim_04_a_deleted_user_has_left_and_is_erased() {
    for rules in [Rules::default(), left()] {
        let deleted = of_user(Change::Deleted(&read(&ada())), &rules);
        assert_eq!(deleted, [Report(LifecycleKind::SubjectLeft), Erase]);
    }
}

#[test]
fn d4_a_change_of_roles_or_entitlements_is_reported() {
    let gained = json!([{"op": "add", "path": "roles", "value": [{"value": "admin"}]}]);
    assert_eq!(follows(&gained), [Report(LifecycleKind::RoleChanged)]);
    let lost = json!([{"op": "remove", "path": "roles[value eq \"engineer\"]"}]);
    assert_eq!(follows(&lost), [Report(LifecycleKind::RoleChanged)]);
    let entitled = json!([{"op": "add", "path": "entitlements", "value": "vault"}]);
    assert_eq!(follows(&entitled), [Report(LifecycleKind::PrivilegesChanged)]);
    let shown = json!([{"op": "replace", "path": "roles", "value":
        [{"value": "engineer", "display": "Engineer", "primary": true}]}]);
    assert!(follows(&shown).is_empty(), "it is the same role");
    let tier = json!([{"op": "replace", "path": format!("{OURS}:tier"), "value": "standard"}]);
    let (others, registration) = parted(follows(&tier));
    assert!(others.is_empty(), "the registration has that effect by itself");
    let tier = registration.and_then(|what| what.own.tier);
    assert_eq!(tier.as_ref().map(Tier::as_str), Some("standard"));
}

#[test]
fn d8_a_service_gets_another_owner_and_a_person_another_manager() {
    let manager =
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": "u-2"}]);
    assert!(follows(&manager).is_empty(), "nothing of a person's recovery is its manager's");
    let body = json!({"schemas": [USER], "userName": "ci", OURS: {"kind": "service"},
        ENTERPRISE: {"manager": "u-1"}});
    let service = user(&body);
    let (others, registration) = parted(by(&Rules::default(), &service, &manager));
    assert!(others.is_empty(), "the registration has that effect by itself");
    assert_eq!(registration.and_then(|what| what.owner).as_deref(), Some("u-2"));
    let owner = json!([{"op": "add", "path": format!("{OURS}:owner"), "value": "u-3"}]);
    let (_, registration) = parted(by(&Rules::default(), &service, &owner));
    assert_eq!(registration.and_then(|what| what.owner).as_deref(), Some("u-3"));
    let same = json!([{"op": "add", "path": format!("{OURS}:owner"), "value": "u-1"}]);
    let (_, registration) = parted(by(&Rules::default(), &service, &same));
    assert_eq!(registration.and_then(|what| what.owner).as_deref(), Some("u-1"));
}

#[test]
fn n63b_ic_08_a_changed_address_is_registered_unconfirmed_and_the_former_one_told() {
    let moved = json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value":
        "ada@new.example"}]);
    let (others, registration) = parted(follows(&moved));
    let former = |address: &str| {
        let (channel, address) = (Channel::Email, address.to_owned());
        TellFormer(NotificationAddress { channel, address, verified: false })
    };
    assert_eq!(others, [former("ada@example.org")]);
    let addresses = registration.expect("a registration").addresses;
    let new = addresses.iter().find(|to| to.address == "ada@new.example").expect("the new one");
    assert!(!new.verified);
    let none = parted(follows(&json!([{"op": "remove", "path": "emails"}]))).0;
    assert_eq!(none, [former("ada@example.org"), former("ada@home.example")]);
}

#[test]
fn a_changed_name_is_the_same_subject_under_another_reference() {
    let renamed = json!([{"op": "replace", "path": "userName", "value": "ada.l@example.org"}]);
    let (others, registration) = parted(follows(&renamed));
    let registration = registration.expect("a registration");
    assert!(others.is_empty());
    assert_eq!(registration.reference.as_str(), "ada.l@example.org");
    let formerly = registration.formerly.map(String::from);
    assert_eq!(formerly.as_deref(), Some("Ada@example.org"));
    let by_id = Rules { reference: ReferenceBy::ExternalId, ..Rules::default() };
    assert!(by(&by_id, &ada(), &renamed).is_empty(), "the reference outlives the name");
    let shown = json!([{"op": "replace", "path": "displayName", "value": "A. L."}]);
    assert!(follows(&shown).is_empty(), "no part of a subject");
}

fn group(resource: &Resource) -> Group {
    Group::read(resource).expect("a group")
}

fn membership(member: &str, leaves: Option<&str>, joins: Option<&str>, role: bool) -> Membership {
    let name = |name: Option<&str>| name.map(str::to_owned);
    let report = role.then_some(LifecycleKind::RoleChanged);
    Membership { member: member.to_owned(), joins: name(joins), leaves: name(leaves), report }
}

#[test]
fn d4_who_joins_or_leaves_a_group_has_another_role() {
    let (before, after) = (group_of(&["u-1", "u-2"]), group_of(&["u-2", "u-3"]));
    let (before, after) = (group(&before), group(&after));
    let change = Change::Updated { before: &before, after: &after };
    let name = Some("Engineers");
    let expected = [membership("u-1", name, None, true), membership("u-3", None, name, true)];
    assert_eq!(of_group(change, &Rules::default()), expected);
    let names = BTreeSet::from(["Admins".to_owned()]);
    let only = Rules { role_groups: RoleGroups::Only(names), ..Rules::default() };
    let expected = [membership("u-1", name, None, false), membership("u-3", None, name, false)];
    assert_eq!(of_group(change, &only), expected, "the groups are told, and no role changed");
    let created = of_group(Change::Created(&before), &Rules::default());
    let joined = |id| membership(id, None, name, true);
    assert_eq!(created, [joined("u-1"), joined("u-2")]);
    let deleted = of_group(Change::Deleted(&before), &Rules::default());
    let gone = |id| membership(id, name, None, true);
    assert_eq!(deleted, [gone("u-1"), gone("u-2")]);
    let same = Change::Updated { before: &before, after: &before };
    assert!(of_group(same, &Rules::default()).is_empty());
}

#[test]
fn a_group_under_another_name_is_the_same_role_unless_its_name_makes_it_one() {
    let before = group_of(&["u-1"]);
    let renamed = json!([{"op": "replace", "path": "displayName", "value": "Admins"}]);
    let after = before.patch(&patch(&renamed)).expect("a patch");
    let (before, after) = (group(&before), group(&after));
    let change = Change::Updated { before: &before, after: &after };
    let moved = |role| membership("u-1", Some("Engineers"), Some("Admins"), role);
    assert_eq!(of_group(change, &Rules::default()), [moved(false)]);
    let names = BTreeSet::from(["Admins".to_owned()]);
    let only = Rules { role_groups: RoleGroups::Only(names), ..Rules::default() };
    assert_eq!(of_group(change, &only), [moved(true)]);
}
