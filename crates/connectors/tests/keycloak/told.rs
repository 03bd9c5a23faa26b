//! What the connector asks Keycloak, and what it makes of the answers.

use std::time::Duration;

use glassbreak_connectors::{ConnectorError, Fault, Left, Position, Verb, WhatWasDone};
use glassbreak_core::lifecycle::LifecycleKind;

use crate::player::Player;

#[test]
fn who_has_codes_is_told_by_pages_and_a_token_that_ran_out_is_got_again_j1() {
    let player = Player::play("inventory");
    let first = player.connector.inventory(None).unwrap();
    let told: Vec<_> = first.sets.iter().map(|set| (&*set.subject, &*set.set, set.left)).collect();
    assert_eq!(told, [("anna", "r1", Left::Exact(11)), ("ben", "r2", Left::Exact(3))]);
    let live: Vec<_> = first.sets.iter().map(|set| set.live).collect();
    assert_eq!(live, [true, false], "whose account is disabled has no use of them");
    let issued_at = first.sets.first().and_then(|set| set.issued_at.as_deref());
    assert_eq!(issued_at, Some("2025-11-22T08:26:40Z"));
    assert_eq!((first.looked_at, first.total), (50, Some(51)));

    let last = player.connector.inventory(first.next.as_ref()).unwrap();
    let told: Vec<_> = last.sets.iter().map(|set| (&*set.subject, set.left)).collect();
    assert_eq!(told, [("zoe", Left::Unknown)], "a count that is not told is not guessed");
    assert_eq!((last.looked_at, last.next), (51, None));
    player.end();
}

#[test]
fn revoking_deletes_recovery_codes_and_asks_for_nothing_else_j1() {
    let player = Player::play("revoke");
    let revoked = player.connector.revoke("anna").unwrap();
    let told: Vec<_> = revoked.iter().map(|set| (&*set.set, set.done)).collect();
    assert_eq!(told, [("r1", WhatWasDone::Deleted), ("r4", WhatWasDone::AlreadyDead)]);
    assert_eq!(player.connector.revoke("anna"), Ok(Vec::new()));
    for unknown in ["x/y?z", "ann", " "] {
        assert_eq!(player.connector.revoke(unknown), Err(ConnectorError::NoSuchSubject));
    }
    player.end();
}

#[test]
fn what_happens_is_told_once_with_its_meaning_j1() {
    let player = Player::play("events");
    let read = player.connector.events(None).unwrap();
    let told: Vec<_> =
        read.events.iter().map(|event| (&*event.id, &*event.action, event.lifecycle)).collect();
    assert_eq!(
        told,
        [
            ("e1", "LOGIN", None),
            ("e2", "UPDATE_CREDENTIAL", Some(LifecycleKind::MfaChanged)),
            ("a1", "UPDATE USER", Some(LifecycleKind::AccountDisabled)),
            ("e3", "UPDATE_CREDENTIAL", None),
            ("e4", "REMOVE_CREDENTIAL", None),
            ("a2", "DELETE USER", Some(LifecycleKind::SubjectLeft)),
            ("a3", "UPDATE REALM", None),
        ]
    );
    let ben = "9d3c1f8e-17b4-4a11-8f0e-2f6f6f3f0a22";
    let disabled = read.events.iter().find(|event| event.id == "a1").unwrap();
    assert_eq!(disabled.subject_id.as_deref(), Some(ben));
    assert!(!read.more);

    let late = player.connector.events(Some(&read.next)).unwrap();
    let told: Vec<_> = late.events.iter().map(|event| &*event.id).collect();
    assert_eq!(told, ["e5"], "those of the same millisecond are known by their marks");

    let newest = player.connector.newest().unwrap();
    assert!(newest.as_str().starts_with("1763800000009,") && newest.as_str().ends_with(";0"));
    assert_eq!(
        player.connector.events(Some(&Position::new("17.2"))),
        Err(ConnectorError::BadPosition)
    );
    player.end();
}

#[test]
fn a_keycloak_that_cannot_sort_by_time_is_refused_j1() {
    let player = Player::play("old-events");
    let from = Position::new("1763800000000;0");
    assert_eq!(
        player.connector.events(Some(&from)),
        Err(ConnectorError::NotUnderstood("events that are not in order of time"))
    );
    player.end();
}

#[test]
fn a_check_tells_what_is_missing_j1() {
    let player = Player::play("check");
    let missing = player.connector.check().unwrap().missing;
    let told: Vec<_> = missing.iter().map(|missing| (missing.verb, missing.what)).collect();
    assert_eq!(told, [(Verb::Events, "save admin events (Realm settings, Events)")]);
    player.end();

    let player = Player::play("few-rights");
    assert_eq!(player.connector.revoke("anna"), Err(ConnectorError::MissingRight("manage-users")));
    let missing = player.connector.check().unwrap().missing;
    let told: Vec<_> = missing.iter().map(|missing| missing.verb).collect();
    assert_eq!(told, [Verb::Revoke, Verb::Events]);
    player.end();
}

#[test]
fn refusals_are_told_by_a_closed_list_and_repeat_nothing_j1() {
    let player = Player::play("refused");
    assert_eq!(player.connector.check(), Err(ConnectorError::Credentials));
    player.end();

    let player = Player::play("busy");
    let refusals = [
        ConnectorError::RateLimited { retry_after: Some(Duration::from_secs(17)) },
        ConnectorError::Unreachable(Fault::Failing(503)),
        ConnectorError::NotUnderstood("it is no list"),
        ConnectorError::NotUnderstood("it sends us elsewhere"),
    ];
    for refusal in refusals {
        assert_eq!(player.connector.inventory(None), Err(refusal));
    }
    player.end();
}
