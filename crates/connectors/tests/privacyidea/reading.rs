//! What happened, read in pieces.

use glassbreak_connectors::{Connector, Event, Position};
use glassbreak_core::lifecycle::LifecycleKind;

use crate::server::Server;

/// Everything after a position.
fn drain(connector: &dyn Connector, mut after: Option<Position>) -> (Vec<Event>, Position) {
    let mut all = Vec::new();
    loop {
        let read = connector.events(after.as_ref()).unwrap();
        assert!(!read.lost);
        all.extend(read.events);
        after = Some(read.next.clone());
        if !read.more {
            return (all, read.next);
        }
    }
}

#[test]
fn what_happens_to_factors_is_told_with_its_meaning_and_only_once_j1() {
    let server = Server::start();
    let connector = server.connector();
    let before = connector.newest().unwrap();
    assert_eq!(drain(&*connector, Some(before.clone())).0, []);

    let paper = server.enrol("paper", "anna", "people");
    let totp = server.enrol("totp", "ben", "people");
    let others = server.enrol("totp", "anna", "others");
    assert!(server.accepts("anna", "people", &paper.codes[0]));
    connector.revoke("anna").unwrap();
    server.post(&format!("/token/lost/{}", totp.serial), &serde_json::json!({}));
    server.delete_token(&others.serial);
    server.delete_token(&totp.serial);

    let (events, next) = drain(&*connector, Some(before));
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.action.as_str(), event.subject.as_deref(), event.lifecycle))
        .collect();
    assert_eq!(
        told,
        [
            ("POST /token/init", Some("anna"), None),
            ("POST /token/init", Some("ben"), Some(LifecycleKind::MfaChanged)),
            ("POST /token/init", None, None),
            ("POST /validate/check", Some("anna"), None),
            ("POST /token/revoke/<serial>", Some("anna"), None),
            ("POST /token/lost/<serial>", Some("ben"), Some(LifecycleKind::DeviceLost)),
            ("DELETE /token/<serial>", None, None),
            ("DELETE /token/<serial>", Some("ben"), Some(LifecycleKind::MfaChanged)),
        ]
    );
    // All that was told is kept, also where it means nothing.
    assert!(events.iter().all(|event| event.whole["number"].as_u64() == event.id.parse().ok()));
    assert_eq!(drain(&*connector, Some(next)).0, []);
}

#[test]
fn a_long_audit_log_is_read_without_gaps_also_when_its_beginning_is_deleted_meanwhile_j1() {
    const MADE: usize = 2700;
    let mut server = Server::start_with(&["--audit", &MADE.to_string()]);
    let connector = server.connector();
    let made = |events: &[Event]| -> Vec<usize> {
        let numbers = events
            .iter()
            .filter_map(|event| event.whole["info"].as_str()?.strip_prefix("made ")?.parse().ok());
        numbers.collect()
    };
    let first = connector.events(None).unwrap();
    assert!(first.more && first.events.len() < MADE);
    let mut all = made(&first.events);

    // The entries move to other pages; none of those that were not read is among the deleted.
    server.rotate(200);
    let (rest, _) = drain(&*connector, Some(first.next.clone()));
    all.extend(made(&rest));
    assert_eq!(all, (0..MADE).collect::<Vec<_>>());

    // Now some are that were not read: that is told, and reading goes on with what is left.
    server.rotate(1001);
    let read = connector.events(Some(&first.next)).unwrap();
    assert!(read.lost);
    assert_eq!(made(&read.events).first(), Some(&1000));
}
