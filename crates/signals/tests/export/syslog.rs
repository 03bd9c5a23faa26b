//! RFC 5424 messages in the frames of RFC 6587 and RFC 5425.

use glassbreak_core::time::Timestamp;
use glassbreak_signals::export::ocsf::Severity;
use glassbreak_signals::export::syslog::{
    Body, Facility, InvalidSetting, MessageError, Settings, Syslog, frame,
};
use serde_json::Value;

use crate::support::{entries, entry, event, golden, lines};
use crate::syslog_reader::{frames, read};

fn settings() -> Settings {
    Settings {
        hostname: "siem-src.example.com".to_owned(),
        procid: "4711".to_owned(),
        ..Settings::default()
    }
}

fn syslog() -> Syslog {
    Syslog::new(settings()).unwrap()
}

fn written(body: Body) -> String {
    lines(|_, event| String::from_utf8(syslog().message(event, body).unwrap()).unwrap())
}

#[test]
fn every_kind_of_entry_is_the_message_that_was_agreed_on_g3() {
    golden("syslog.txt", &written(Body::Cef));
    // The same head, before what `golden/ocsf.jsonl` has.
    let heads = written(Body::Ocsf).lines().zip(written(Body::Cef).lines()).all(|(ocsf, cef)| {
        let head = ocsf.split_once(" {\"activity_id\"").unwrap().0;
        cef.split_once(" CEF:0|").unwrap().0 == head
    });
    assert!(heads);
    let example = entry("code.accepted");
    let example = syslog().message(&event(&example, 126), Body::Ocsf).unwrap();
    golden("syslog-ocsf.txt", &(String::from_utf8(example).unwrap() + "\n"));
}

#[test]
fn a_strict_reader_reads_back_what_every_kind_of_entry_was_written_as() {
    for (index, entry) in entries() {
        let event = event(&entry, index);
        let message = read(&syslog().message(&event, Body::Ocsf).unwrap()).unwrap();
        assert_eq!(message.facility, 10, "authpriv");
        assert_eq!(message.timestamp, Some(format!("2026-11-22T09:{}Z", clock(entry.at))));
        assert_eq!(message.hostname.as_deref(), Some("siem-src.example.com"));
        assert_eq!(message.app_name.as_deref(), Some("glassbreak"));
        assert_eq!(message.procid.as_deref(), Some("4711"));
        assert_eq!(message.msgid.as_deref(), Some(entry.happened.name()));
        let text: Value = serde_json::from_str(&message.text).unwrap();
        assert_eq!(text, serde_json::to_value(&event).unwrap());
        let [(origin, _), (own, params)] = &message.data[..] else { panic!("{message:?}") };
        assert_eq!((origin.as_str(), own.as_str()), ("origin", "glassbreak@32473"));
        let told = |name: &str| params.iter().find(|(key, _)| key == name).map(|it| it.1.as_str());
        assert_eq!(told("id"), Some(entry.id.to_string().as_str()));
        assert_eq!(told("index"), Some(index.to_string().as_str()));
        assert_eq!(told("leaf"), Some(event.unmapped.leaf_hash.as_str()));
        assert_eq!(told("subject"), event.concerns());
        assert_eq!(told("recovery"), event.metadata.correlation_uid.as_deref());
    }
}

/// Minutes, seconds and milliseconds of the hour that the entries are from.
fn clock(at: Timestamp) -> String {
    let millis = at.millis().rem_euclid(3_600_000);
    format!("{:02}:{:02}.{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000)
}

#[test]
fn a_message_of_cef_is_the_line_itself_and_is_marked_where_it_is_not_ascii() {
    let entry = entry("code.refused");
    let mut event = event(&entry, 0);
    let message = read(&syslog().message(&event, Body::Cef).unwrap()).unwrap();
    assert_eq!(message.text, glassbreak_signals::export::cef::line(&event));
    assert!(!message.marked);
    event.status_detail = Some("größer".to_owned());
    let message = read(&syslog().message(&event, Body::Cef).unwrap()).unwrap();
    assert!(message.marked && message.text.contains("reason=größer"));
    // JSON needs no mark: it is ASCII.
    let message = read(&syslog().message(&event, Body::Ocsf).unwrap()).unwrap();
    assert!(!message.marked && message.text.contains("gr\\u00f6\\u00dfer"));
}

#[test]
fn each_severity_has_its_number_and_the_facility_is_the_one_configured() {
    let entry = entry("code.accepted");
    let mut event = event(&entry, 0);
    let facility = Facility::try_from(23).unwrap();
    let syslog = Syslog::new(Settings { facility, ..settings() }).unwrap();
    for (severity, number) in [
        (Severity::Informational, 6),
        (Severity::Low, 5),
        (Severity::Medium, 4),
        (Severity::High, 2),
        (Severity::Critical, 1),
    ] {
        event.severity = severity;
        let message = read(&syslog.message(&event, Body::Ocsf).unwrap()).unwrap();
        assert_eq!((message.facility, message.severity), (23, number));
    }
}

#[test]
fn what_is_not_told_is_a_nilvalue() {
    let nothing = Settings { app_name: String::new(), ..Settings::default() };
    let entry = entry("code.accepted");
    let message = Syslog::new(nothing).unwrap().message(&event(&entry, 0), Body::Ocsf).unwrap();
    let message = read(&message).unwrap();
    assert_eq!((message.hostname, message.app_name, message.procid), (None, None, None));
    let mut late = event(&entry, 0);
    late.time = i64::MAX;
    let message = syslog().message(&late, Body::Ocsf).unwrap();
    assert_eq!(read(&message).unwrap().timestamp, None, "a year of more than four digits");
}

#[test]
fn frames_are_counted_in_bytes_and_come_apart_again() {
    let mut messages: Vec<Vec<u8>> = entries()
        .iter()
        .map(|(index, entry)| syslog().message(&event(entry, *index), Body::Ocsf).unwrap())
        .collect();
    messages.push("<13>1 - - - - - - \u{feff}größer\nzwei".as_bytes().to_vec());
    let stream: Vec<u8> = messages.iter().flat_map(|message| frame(message)).collect();
    assert_eq!(frames(&stream).unwrap(), messages);
    assert_eq!(frame("ö".as_bytes()), [b"2 ", "ö".as_bytes()].concat());
}

#[test]
fn a_message_that_is_too_long_leaves_the_entry_in_the_log() {
    let mut long = entry("code_set.issued");
    let ruling = long.decision.as_mut().unwrap();
    ruling.reasons = (0..400).map(|number| format!("a-rule-with-a-long-name-{number}")).collect();
    let event = event(&long, 0);
    let message = syslog().message(&event, Body::Ocsf).unwrap();
    assert!(message.len() <= 8192);
    let text: Value = serde_json::from_str(&read(&message).unwrap().text).unwrap();
    assert_eq!(text, serde_json::to_value(event.without_entry()).unwrap());
    let roomy = Syslog::new(Settings { message_bytes_max: 65_536, ..settings() }).unwrap();
    assert!(roomy.message(&event, Body::Ocsf).unwrap().len() > 8192, "whole where there is room");
    let mut endless = event.clone();
    endless.metadata.log_name = "x".repeat(9000);
    for body in [Body::Ocsf, Body::Cef] {
        let refused = syslog().message(&endless, body).unwrap_err();
        assert!(matches!(refused, MessageError::TooLong { limit: 8192, .. }), "{refused}");
    }
}

#[test]
fn settings_that_the_rfc_does_not_allow_are_refused_by_name() {
    let refused = |change: &dyn Fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        Syslog::new(settings).unwrap_err()
    };
    for bad in ["a b", "a\nb", "hö", "\u{7f}"] {
        assert_eq!(refused(&|it| it.hostname = bad.to_owned()), InvalidSetting::Hostname);
        assert_eq!(refused(&|it| it.app_name = bad.to_owned()), InvalidSetting::AppName);
        assert_eq!(refused(&|it| it.procid = bad.to_owned()), InvalidSetting::Procid);
    }
    assert_eq!(refused(&|it| it.hostname = "h".repeat(256)), InvalidSetting::Hostname);
    assert_eq!(refused(&|it| it.app_name = "a".repeat(49)), InvalidSetting::AppName);
    assert_eq!(refused(&|it| it.procid = "p".repeat(129)), InvalidSetting::Procid);
    assert_eq!(refused(&|it| it.enterprise = 0), InvalidSetting::Enterprise);
    assert_eq!(refused(&|it| it.message_bytes_max = 2047), InvalidSetting::MessageBytes);
    assert_eq!(refused(&|it| it.message_bytes_max = 262_145), InvalidSetting::MessageBytes);
    assert_eq!(Facility::try_from(24).unwrap_err(), InvalidSetting::Facility);
    assert_eq!(Facility::try_from(13).unwrap(), Facility::AUDIT);
}
