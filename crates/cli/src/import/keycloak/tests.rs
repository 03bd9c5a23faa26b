//! Exports, good and bad.

use glassbreak_engine::core::subject::{Assurance, SubjectKind};
use serde_json::{Value, json};

use super::*;
use crate::import::record::Record;

const EXAMPLE: &str = include_str!("../../../../../examples/keycloak-realm.json");

fn rules(privileged: &[&str], tiers: &[&str], by: SubjectBy) -> Rules {
    let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    Rules::new(&owned(privileged), &owned(tiers), by, "owner", "aal2").unwrap()
}

fn import(text: &str, rules: &Rules) -> Vec<(String, Result<Record, String>)> {
    let realm = context(text.as_bytes(), true).unwrap();
    let mut found = Vec::new();
    read(text.as_bytes(), &realm, rules, &mut |row| {
        found.push((row.place.to_string(), row.record.map_err(|error| error.to_string())));
        Ok(())
    })
    .unwrap();
    found
}

fn example(rules: &Rules) -> Vec<Record> {
    import(EXAMPLE, rules).into_iter().map(|(_, record)| record.unwrap()).collect()
}

fn named<'a>(records: &'a [Record], subject: &str) -> &'a Record {
    records.iter().find(|record| record.subject == subject).unwrap()
}

fn tier(records: &[Record], subject: &str) -> String {
    named(records, subject).tier.clone().unwrap().into()
}

#[test]
fn the_example_is_read_whole() {
    let records = example(&rules(&[], &[], SubjectBy::Username));
    assert_eq!(records.len(), 25);
    let disabled: Vec<_> =
        records.iter().filter(|r| !r.enabled).map(|r| r.subject.as_str()).collect();
    assert_eq!(disabled, ["george.okafor", "service-account-legacy-sync"]);
    let unverified: u64 = records.iter().map(|r| r.unverified_addresses).sum();
    assert_eq!(unverified, 2, "a mail address and a number");
    assert_eq!(named(&records, "aisha.khan").notification_addresses.len(), 2);
}

#[test]
fn a_role_counts_wherever_it_comes_from() {
    let records = example(&rules(&[], &[], SubjectBy::Username));
    let privileged = ["anna.berg", "mette.holm", "lena.fischer", "sofia.marino"];
    for record in records.iter().filter(|record| record.kind == SubjectKind::Person) {
        let expected =
            if privileged.contains(&record.subject.as_str()) { "privileged" } else { "standard" };
        assert_eq!(tier(&records, &record.subject), expected, "{}", record.subject);
    }
}

#[test]
fn service_accounts_are_services_with_owners() {
    let records = example(&rules(&[], &[], SubjectBy::Username));
    let owner = |client: &str| {
        let record = named(&records, &format!("service-account-{client}"));
        assert_eq!(record.kind, SubjectKind::Service);
        assert_eq!(String::from(record.tier.clone().unwrap()), "service");
        record.owner.clone().unwrap()
    };
    assert_eq!(owner("backup-runner"), "anna.berg");
    assert_eq!(owner("invoice-export"), "david.cohen", "told by the client, not its user");
    let by_id = example(&rules(&[], &[], SubjectBy::Id));
    let anna: Value = serde_json::from_str::<Value>(EXAMPLE).unwrap()["users"][0]["id"].clone();
    assert!(by_id.iter().any(|record| record.owner.as_deref() == anna.as_str()));
}

#[test]
fn credentials_tell_the_assurance() {
    let records = example(&rules(&[], &[], SubjectBy::Username));
    let assurance = |subject: &str| named(&records, subject).assurance;
    assert_eq!(assurance("anna.berg"), Assurance::Aal2);
    assert_eq!(assurance("bjorn.dahl"), Assurance::Aal1, "a password alone");
    assert_eq!(assurance("ivan.petrov"), Assurance::Aal1, "federated: nothing is known");
    let hardware = Rules::new(&[], &[], SubjectBy::Username, "owner", "aal3").unwrap();
    assert_eq!(named(&example(&hardware), "oskar.lind").assurance, Assurance::Aal3);
}

#[test]
fn tiers_and_roles_can_be_told() {
    let rules =
        rules(&["erp:approver"], &["/logistics=drivers", "hr:partner=people"], SubjectBy::Username);
    let records = example(&rules);
    assert_eq!(tier(&records, "aisha.khan"), "drivers");
    assert_eq!(tier(&records, "femke.devries"), "people");
    assert_eq!(tier(&records, "david.cohen"), "privileged");
    assert_eq!(tier(&records, "anna.berg"), "standard");
    assert!(Rules::new(&[], &["x".to_owned()], SubjectBy::Id, "owner", "aal2").is_err());
    assert!(Rules::new(&[], &["x=Y".to_owned()], SubjectBy::Id, "owner", "aal2").is_err());
}

#[test]
fn an_application_s_own_admin_is_not_privileged() {
    let text = json!({ "realm": "r", "users": [
        { "username": "a", "clientRoles": { "shop": ["admin"] } },
        { "username": "b", "clientRoles": { "other-realm": ["manage-users"] } },
        { "username": "c", "realmRoles": ["admin"] },
    ]});
    let rows = import(&text.to_string(), &rules(&[], &[], SubjectBy::Username));
    let tiers: Vec<String> =
        rows.into_iter().map(|(_, r)| r.unwrap().tier.unwrap().into()).collect();
    assert_eq!(tiers, ["standard", "privileged", "privileged"]);
}

#[test]
fn roles_that_contain_each_other_end() {
    let text = json!({ "realm": "r",
        "users": [{ "username": "a", "realmRoles": ["x"] }],
        "roles": { "realm": [
            { "name": "x", "composite": true, "composites": { "realm": ["y"] } },
            { "name": "y", "composite": true, "composites": { "realm": ["x", "admin"] } },
        ]},
    });
    let rows = import(&text.to_string(), &rules(&[], &[], SubjectBy::Username));
    assert_eq!(String::from(rows[0].1.clone().unwrap().tier.unwrap()), "privileged");
}

#[test]
fn one_bad_user_spoils_nothing_else() {
    let text = json!({ "realm": "r", "users": [
        { "username": "a" },
        { "username": 7 },
        { "email": "x@example.org" },
        "nobody",
        { "username": "" },
        { "username": "b", "groups": null, "attributes": null },
        { "username": "sa", "serviceAccountClientId": "c", "attributes": { "owner": ["sa"] } },
    ]});
    let rows = import(&text.to_string(), &rules(&[], &[], SubjectBy::Username));
    let bad: Vec<&str> =
        rows.iter().filter(|(_, r)| r.is_err()).map(|(place, _)| place.as_str()).collect();
    assert_eq!(bad, ["users[1]", "users[2]", "users[3]", "users[4]", "users[6]"]);
}

#[test]
fn clients_whose_users_were_left_out_are_services_too() {
    let text = json!({ "realm": "r", "clients": [
        { "clientId": "CI", "serviceAccountsEnabled": true, "attributes": { "owner": "a" } },
        { "clientId": "shop", "serviceAccountsEnabled": false },
    ], "users": [{ "username": "a" }]});
    let rows = import(&text.to_string(), &rules(&[], &[], SubjectBy::Username));
    assert_eq!(rows.len(), 2);
    let service = rows[1].1.as_ref().unwrap();
    assert_eq!(
        (service.subject.as_str(), service.owner.as_deref()),
        ("service-account-ci", Some("a"))
    );
    assert_eq!(rows[1].0, "clients[0]");
}

#[test]
fn what_is_no_export_is_refused() {
    for text in ["", "[]", "{}", "{\"users\":[", "7", "{\"users\":{}}", "{\"realm\":\"r\"} x"] {
        assert!(context(text.as_bytes(), false).is_err(), "{text}");
    }
}
