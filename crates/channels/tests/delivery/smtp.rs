//! Mail, delivered to a real server; without TLS, which has its own tests.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use glassbreak_channels::{
    Cause, CodePurpose, DeliveryError, Fault, InvalidMessage, Message, Purpose, Router, SecretText,
};
use glassbreak_core::subject::Channel;
use glassbreak_core::time::Seconds;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::fixture::{
    CODE, ID, address, code_to, deliver, deliver_at, notice, now, router, service,
};
use crate::server::Server;

fn to_port(port: u16, more: &str) -> Router {
    router(&format!(
        "[email]\nkind = 'smtp'\nhost = '127.0.0.1'\nport = {port}\ntls = 'none'\n\
         from = 'Grüne Bank <recovery@bank.example>'\ntimeout = 1\n{more}"
    ))
}

fn header<'a>(mail: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = mail["headers"].as_array().expect("headers");
    let named = headers.iter().filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().expect("a text")).collect()
}

#[test]
fn a_mail_is_exactly_what_was_asked_for_n63b_ic_01() {
    let server = Server::start("smtp.py", &[]);
    let message = code_to(Channel::Email, "ada@example.com");
    assert_eq!(message.purpose(), Purpose::RecoveryCode);
    let receipt = deliver(&to_port(server.port, ""), &message).expect("delivered");
    assert_eq!(receipt.status, 250);
    let mail = server.next();
    assert_eq!(mail["mail_from"], "recovery@bank.example");
    assert_eq!(mail["rcpt_tos"], json!(["ada@example.com"]));
    assert_eq!(header(&mail, "From"), ["Grüne Bank <recovery@bank.example>"]);
    assert_eq!(header(&mail, "To"), ["ada@example.com"]);
    assert_eq!(header(&mail, "Subject"), ["Your recovery code for Grüne Bank"]);
    assert_eq!(header(&mail, "Message-ID"), [format!("<{ID}@bank.example>")]);
    assert_eq!(header(&mail, "Date"), ["Sun, 22 Nov 2026 09:30:15 +0000"]);
    assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
    assert_eq!(header(&mail, "Content-Type"), ["text/plain; charset=\"utf-8\""]);
    assert_eq!(
        mail["text"].as_str().expect("a text").replace("\r\n", "\n"),
        format!(
            "Somebody asked to recover access to an account at Grüne Bank. The recovery code is\n\n    {CODE}\n\n\
             It works once, until 09:40 UTC on 22 November 2026.\n\
             Type it only where you asked for it. Nobody at Grüne Bank will ask you for it:\n\
             do not read it out to anyone, and do not forward it.\n\n\
             If you did not ask for it, somebody else did. Please tell us: +1 202 555 0100\n"
        )
    );
    let raw = mail["raw"].as_str().expect("the wire");
    let (head, _) = raw.split_once("\r\n\r\n").expect("headers and a text");
    assert!(!head.contains(CODE), "{head}");
    assert!(raw.is_ascii() && raw.lines().all(|line| line.len() <= 78), "{raw}");
    server.has_nothing_more();
}

/// A mail to a recovery contact, good until `lives` after it was written.
fn to_contact(purpose: CodePurpose, lives: Seconds) -> Result<Message, InvalidMessage> {
    let to = address(Channel::Email, "bert@example.net");
    let code = SecretText::new(Zeroizing::new(CODE.to_owned()));
    Message::code(ID, to, service(), purpose, code, now(), now().plus(lives))
}

#[test]
fn a_recovery_contact_is_told_whom_to_give_the_code_n63b_rc_02() {
    let server = Server::start("smtp.py", &[]);
    let two_days = Seconds::days(2);
    for (purpose, name, subject, told) in [
        (
            CodePurpose::ContactConfirmation,
            Purpose::AddressConfirmation,
            "Confirm this address for Grüne Bank",
            "somebody you know named you as a recovery contact",
        ),
        (
            CodePurpose::ContactRecovery,
            Purpose::RecoveryCode,
            "A recovery code of somebody you know, for Grüne Bank",
            "somebody who named you as a recovery contact asks to get back in",
        ),
    ] {
        let message = to_contact(purpose, two_days).expect("a day more than by mail");
        assert_eq!(message.purpose(), name);
        deliver(&to_port(server.port, ""), &message).expect("delivered");
        let mail = server.next();
        assert_eq!(mail["rcpt_tos"], json!(["bert@example.net"]));
        assert_eq!(header(&mail, "Subject"), [subject]);
        let text = mail["text"].as_str().expect("a text").replace("\r\n", "\n");
        assert!(text.contains(told) && text.contains(&format!("\n    {CODE}\n")), "{text}");
        assert!(text.contains("Give it to that person alone"), "{text}");
        let longer = to_contact(purpose, Seconds(two_days.0 + 1)).expect_err("too long");
        assert_eq!(longer, InvalidMessage::Lifetime(two_days));
    }
    let own = to_contact(CodePurpose::AddressConfirmation, two_days).expect_err("a day");
    assert_eq!(own, InvalidMessage::Lifetime(Seconds::days(1)), "N63B-IC-04");
    server.has_nothing_more();
}

#[test]
fn a_retry_is_the_same_mail() {
    let server = Server::start("smtp.py", &[]);
    let (router, message) = (to_port(server.port, ""), code_to(Channel::Email, "ada@example.com"));
    deliver(&router, &message).expect("delivered");
    deliver_at(&router, &message, now().plus(Seconds(300))).expect("delivered again");
    assert_eq!(server.next()["raw"], server.next()["raw"]);
}

#[test]
fn a_notice_arrives_too_n63b_no_02() {
    let server = Server::start("smtp.py", &[]);
    let to = address(Channel::Email, "ada@example.com");
    let text = "A recovery code was used.\n.\nThe line above is a dot.";
    let message = Message::notice(ID, to, service(), notice(text), now()).expect("a notice");
    deliver(&to_port(server.port, ""), &message).expect("delivered");
    let mail = server.next();
    let told = mail["text"].as_str().expect("a text").replace("\r\n", "\n");
    assert_eq!(told.trim_end(), text);
    let subject = ["Subject", "Einmal benachrichtigt: ä"];
    assert!(mail["headers"].as_array().expect("headers").contains(&subject.into()), "{mail}");
}

#[test]
fn what_the_server_says_decides_between_refused_and_unavailable() {
    let server = Server::start("smtp.py", &[]);
    let router = to_port(server.port, "");
    let unavailable = |fault| DeliveryError::Unavailable { fault, retry_after: None };
    let fault = |cause, status| Fault { cause, status: Some(status) };
    for (to, expected) in [
        ("nobody", DeliveryError::Refused(fault(Cause::RecipientRefused, 550))),
        ("later", unavailable(fault(Cause::TryLater, 451))),
        ("gone", unavailable(Fault { cause: Cause::NotUnderstood, status: None })),
        ("spam", DeliveryError::Refused(fault(Cause::MessageRefused, 554))),
        ("full", unavailable(fault(Cause::TryLater, 452))),
    ] {
        let message = code_to(Channel::Email, &format!("{to}@example.com"));
        let error = deliver(&router, &message).expect_err(to);
        let lost = unavailable(Fault { cause: Cause::ConnectionLost, status: None });
        assert!(error == expected || (to == "gone" && error == lost), "{to}: {error:?}");
    }
}

#[test]
fn a_sender_that_may_not_send_is_the_set_ups_fault() {
    let server = Server::start("smtp.py", &[]);
    let router = router(&format!(
        "[email]\nkind = 'smtp'\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\nfrom = 'banned@bank.example'\n",
        server.port
    ));
    let error = deliver(&router, &code_to(Channel::Email, "ada@example.com")).expect_err("banned");
    assert_eq!((error.outcome(), error.code()), ("unavailable", "sender_refused"));
}

#[test]
fn a_server_that_is_down_or_says_nothing_is_unavailable_within_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let message = code_to(Channel::Email, "ada@example.com");
    let started = Instant::now();
    let error = deliver(&to_port(port, ""), &message).expect_err("it says nothing");
    assert_eq!((error.outcome(), error.code()), ("unavailable", "timeout"));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    drop(listener);
    let error = deliver(&to_port(port, ""), &message).expect_err("it is down");
    assert_eq!((error.outcome(), error.code()), ("unavailable", "not_reached"));
}

#[test]
fn silence_after_the_text_was_sent_is_doubt() {
    let server = Server::start("smtp.py", &[]);
    let router = to_port(server.port, "");
    for (to, code) in [("cut", "connection_lost"), ("hang", "timeout")] {
        let message = code_to(Channel::Email, &format!("{to}@example.com"));
        let error = deliver(&router, &message).expect_err(to);
        assert_eq!((error.outcome(), error.code()), ("unknown", code), "{to}");
        // The server had the whole of it: "unavailable" would have been a lie.
        assert!(server.next()["text"].as_str().expect("a text").contains(CODE));
    }
}

#[test]
fn an_address_beyond_ascii_goes_where_the_server_can_take_it() {
    let message = code_to(Channel::Email, "jörg@example.com");
    let plain = Server::start("smtp.py", &[]);
    let error = deliver(&to_port(plain.port, ""), &message).expect_err("no SMTPUTF8");
    assert_eq!((error.outcome(), error.code()), ("refused", "address_not_supported"));
    plain.has_nothing_more();
    let server = Server::start("smtp.py", &["--utf8"]);
    deliver(&to_port(server.port, ""), &message).expect("delivered");
    assert_eq!(server.next()["rcpt_tos"], json!(["jörg@example.com"]));
}

#[test]
fn a_code_that_has_expired_is_not_sent() {
    let server = Server::start("smtp.py", &[]);
    let message = code_to(Channel::Email, "ada@example.com");
    let late = now().plus(Seconds::minutes(10));
    let error = deliver_at(&to_port(server.port, ""), &message, late).expect_err("too late");
    assert_eq!((error.outcome(), error.code()), ("refused", "expired"));
    server.has_nothing_more();
}
