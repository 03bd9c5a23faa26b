//! Who has codes, and what revoking takes and leaves.

use glassbreak_connectors::{Held, HeldSet, Left, RevokedSet, WhatWasDone};
use glassbreak_core::time::Timestamp;

use crate::server::Server;

fn set<'a>(held: &'a Held, serial: &str) -> &'a HeldSet {
    held.sets.iter().find(|set| set.set == serial).unwrap_or_else(|| panic!("{serial}: {held:?}"))
}

#[test]
fn revoking_takes_the_codes_and_leaves_the_other_factors_and_everybody_else_j1() {
    let server = Server::start();
    let connector = server.connector();
    let checked = connector.check().unwrap();
    assert_eq!((checked.version.as_deref(), checked.missing), (Some("3.14"), Vec::new()));

    let paper = server.enrol("paper", "anna", "people");
    let tan = server.enrol("tan", "anna", "people");
    let bens = server.enrol("tan", "ben", "people");
    let other_annas = server.enrol("tan", "anna", "others");
    let phone = server.enrol("totp", "anna", "people");

    let held = connector.inventory(None).unwrap();
    assert_eq!((held.sets.len(), held.total, &held.next), (3, Some(3), &None));
    assert_eq!(set(&held, &paper.serial).left, Left::Estimated(100));
    assert_eq!(set(&held, &tan.serial).left, Left::Exact(5));
    assert_eq!(set(&held, &bens.serial).subject, "ben");
    for ours in &held.sets {
        let issued_at: Timestamp = ours.issued_at.as_ref().unwrap().parse().unwrap();
        assert!(issued_at.millis() > 1_700_000_000_000, "{ours:?}");
        assert!(ours.live, "{ours:?}");
    }

    // What is used is counted.
    assert!(server.accepts("anna", "people", &paper.codes[0]));
    assert!(server.accepts("anna", "people", &tan.codes[3]));
    let held = connector.inventory(None).unwrap();
    assert_eq!(set(&held, &paper.serial).left, Left::Estimated(99));
    assert_eq!(set(&held, &tan.serial).left, Left::Exact(4));
    assert!(server.accepts("anna", "people", &server.totp(&phone, 0)));

    let mut revoked = connector.revoke("anna").unwrap();
    revoked.sort_by(|one, other| one.kind.cmp(&other.kind));
    let told = |kind: &str, serial: &str, done| {
        let (kind, set) = (kind.to_owned(), serial.to_owned());
        RevokedSet { set, kind, done }
    };
    let both = |done| [told("paper", &paper.serial, done), told("tan", &tan.serial, done)];
    assert_eq!(revoked, both(WhatWasDone::Revoked));

    assert!(!server.accepts("anna", "people", &paper.codes[1]));
    assert!(!server.accepts("anna", "people", &tan.codes[1]));
    assert!(server.accepts("anna", "people", &server.totp(&phone, 1)), "her TOTP token works");
    assert!(server.accepts("ben", "people", &bens.codes[0]), "his codes work");
    assert!(server.accepts("anna", "others", &other_annas.codes[0]), "a namesake's codes work");

    let held = connector.inventory(None).unwrap();
    assert!(!set(&held, &paper.serial).live && !set(&held, &tan.serial).live);
    assert!(set(&held, &bens.serial).live);

    // Again: nothing is left to do.
    let mut again = connector.revoke("anna").unwrap();
    again.sort_by(|one, other| one.kind.cmp(&other.kind));
    assert_eq!(again, both(WhatWasDone::AlreadyDead));
}
