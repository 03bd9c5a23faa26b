//! Mail over TLS and with a login: what is trusted, and what is not.

use std::path::Path;

use glassbreak_channels::{DeliveryError, Router};
use glassbreak_core::subject::Channel;
use serde_json::Value;

use crate::certificates::Certificates;
use crate::fixture::{CODE, PASSWORD, code_to, deliver, folder, router};
use crate::server::Server;

fn to_server(port: u16, tls: &str, ca_file: &Path, more: &str) -> Router {
    router(&format!(
        "[email]\nkind = 'smtp'\nhost = 'localhost'\nport = {port}\ntls = '{tls}'\n\
         from = 'recovery@bank.example'\ntimeout = 10\nca_file = '{}'\n{more}",
        ca_file.display()
    ))
}

fn send(router: &Router) -> Result<(), DeliveryError> {
    deliver(router, &code_to(Channel::Email, "ada@example.com")).map(drop)
}

#[test]
fn mail_goes_over_tls_from_the_first_byte_or_by_starttls() {
    let folder = folder("tls");
    let trusted = Certificates::new(&folder, "trusted", "localhost");
    for (tls, argument) in [("implicit", "--implicit-tls"), ("starttls", "--starttls")] {
        let server = Server::start("smtp.py", &[argument, &trusted.server]);
        send(&to_server(server.port, tls, &trusted.ca_file, "")).expect(tls);
        let mail = server.next();
        assert!(mail["text"].as_str().expect("a text").contains(CODE));
        // The server tells of STARTTLS alone; to the other socket nothing but TLS can speak.
        assert_eq!(mail["tls"], Value::Bool(tls == "starttls"));
    }
}

#[test]
fn a_certificate_of_another_authority_or_for_another_name_is_refused() {
    let folder = folder("wrong-certificate");
    let trusted = Certificates::new(&folder, "trusted", "localhost");
    let stranger = Certificates::new(&folder, "stranger", "localhost");
    let misnamed = Certificates::new(&folder, "misnamed", "other.example");
    for (tls, argument) in [("implicit", "--implicit-tls"), ("starttls", "--starttls")] {
        for (shown, ca_file) in
            [(&stranger.server, &trusted.ca_file), (&misnamed.server, &misnamed.ca_file)]
        {
            let server = Server::start("smtp.py", &[argument, shown]);
            let error = send(&to_server(server.port, tls, ca_file, "")).expect_err(tls);
            assert_eq!((error.outcome(), error.code()), ("unavailable", "tls_failed"), "{tls}");
            server.has_nothing_more();
        }
    }
}

#[test]
fn without_starttls_on_offer_nothing_is_sent() {
    let folder = folder("no-starttls");
    let trusted = Certificates::new(&folder, "trusted", "localhost");
    let server = Server::start("smtp.py", &[]);
    let error = send(&to_server(server.port, "starttls", &trusted.ca_file, ""));
    assert_eq!(error.expect_err("no STARTTLS").code(), "no_starttls");
    server.has_nothing_more();
}

#[test]
fn lines_slipped_in_before_tls_are_not_taken_for_answers() {
    let folder = folder("slipped-in");
    let trusted = Certificates::new(&folder, "trusted", "localhost");
    let server = Server::start("smtp.py", &["--slip-lines-in", &trusted.server]);
    let error = send(&to_server(server.port, "starttls", &trusted.ca_file, ""));
    assert_eq!(error.expect_err("slipped in").code(), "tls_failed");
    assert_eq!(server.next()["went_on"], Value::Null);
}

#[test]
fn a_login_is_shown_to_a_server_that_asks_and_a_wrong_one_is_the_set_ups_fault() {
    let folder = folder("login");
    let trusted = Certificates::new(&folder, "trusted", "localhost");
    let login = |name: &str| format!("username = '{name}'\npassword_variable = 'TEST_PASSWORD'\n");
    let asks = format!("glassbreak:{PASSWORD}");
    for (tls, argument) in [("implicit", "--implicit-tls"), ("starttls", "--starttls")] {
        let server = Server::start("smtp.py", &[argument, &trusted.server, "--login", &asks]);
        let with = |more: &str| to_server(server.port, tls, &trusted.ca_file, more);
        send(&with(&login("glassbreak"))).expect(tls);
        assert_eq!(server.next()["login"], "glassbreak");
        let error = send(&with(&login("somebody"))).expect_err("a wrong login");
        assert_eq!((error.outcome(), error.code()), ("unavailable", "login_refused"), "{tls}");
        let error = send(&with("")).expect_err("no login");
        assert_eq!((error.outcome(), error.code()), ("unavailable", "sender_refused"), "{tls}");
        server.has_nothing_more();
    }
    let open = Server::start("smtp.py", &["--implicit-tls", &trusted.server, "--no-login"]);
    let router = to_server(open.port, "implicit", &trusted.ca_file, &login("glassbreak"));
    assert_eq!(send(&router).expect_err("no AUTH on offer").code(), "no_login");
}
