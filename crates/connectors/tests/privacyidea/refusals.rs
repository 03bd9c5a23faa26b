//! What is told when it does not work.

use std::net::TcpListener;

use glassbreak_connectors::{ConnectorConfig, ConnectorError, Fault, Verb};

use crate::server::{Server, open};

#[test]
fn refusals_are_told_by_a_closed_list_and_repeat_nothing_j1() {
    let server = Server::start();
    let paper = server.enrol("paper", "anna", "people");

    let wrong = open(&server.config("glass"), "not the password");
    assert_eq!(wrong.check(), Err(ConnectorError::Credentials));
    assert_eq!(wrong.revoke("anna"), Err(ConnectorError::Credentials));

    let connector = server.connector();
    for unknown in ["nobody", "", " ", "*", "ann*"] {
        assert_eq!(connector.revoke(unknown), Err(ConnectorError::NoSuchSubject), "{unknown:?}");
    }

    // With a right less, what needs it says so, and the rest goes on.
    server.allow("glass", "tokenlist, auditlog");
    let missing = connector.check().unwrap().missing;
    assert_eq!(missing.iter().map(|missing| missing.verb).collect::<Vec<_>>(), [Verb::Revoke]);
    assert_eq!(connector.revoke("anna"), Err(ConnectorError::MissingRight("revoke")));
    assert_eq!(connector.inventory(None).unwrap().sets.len(), 1);
    assert!(server.accepts("anna", "people", &paper.codes[0]));
    server.allow("glass", "revoke");
    assert_eq!(connector.inventory(None), Err(ConnectorError::MissingRight("tokenlist")));
    assert_eq!(connector.events(None), Err(ConnectorError::MissingRight("auditlog")));
}

#[test]
fn a_system_that_is_not_there_or_not_trusted_is_told_as_such_j1() {
    let server = Server::start();
    let ConnectorConfig::PrivacyIdea(mut config) = server.config("glass") else { panic!() };
    let check = |config: &_| {
        open(&ConnectorConfig::PrivacyIdea(Clone::clone(config)), "glass has a password").check()
    };

    let ca_file = config.ca_file.take();
    assert_eq!(check(&config), Err(ConnectorError::Unreachable(Fault::Tls)));

    config.ca_file = ca_file;
    config.url = {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("https://{}", nobody.local_addr().unwrap())
    };
    assert_eq!(check(&config), Err(ConnectorError::Unreachable(Fault::Connection)));

    // Somebody who takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    config.url = format!("https://{}", silent.local_addr().unwrap());
    config.timeout = 1;
    assert_eq!(check(&config), Err(ConnectorError::Unreachable(Fault::Timeout)));
}
