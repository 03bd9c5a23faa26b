//! Whatever is written into what we export, a message stays one message and reads back the same.

use glassbreak_core::event::{Actor, Entry, Happened};
use glassbreak_signals::export::ocsf::Event;
use glassbreak_signals::export::syslog::{Body, MESSAGE_BYTES_MAX, Settings, Syslog, frame};
use glassbreak_signals::export::{Origin, cef};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::entry;
use crate::{cef_reader, syslog_reader};

/// Texts with much of what the formats give a meaning to.
fn text() -> impl Strategy<Value = String> {
    let sharp = prop::sample::select(vec![
        '|',
        '\\',
        '=',
        '\n',
        '\r',
        '"',
        ']',
        '[',
        ' ',
        '\0',
        '\t',
        '\u{7f}',
        '\u{85}',
        '\u{2028}',
        '\u{2029}',
        '\u{feff}',
        'ö',
        '\u{1f513}',
        'n',
        'r',
        'a',
        '0',
    ]);
    prop::collection::vec(prop_oneof![3 => sharp, 1 => any::<char>()], 0..40)
        .prop_map(String::from_iter)
}

/// An entry whose free texts are these.
fn entry_of(name: &str, id: &str) -> Entry {
    let mut entry = entry("policy.loaded");
    let Happened::PolicyLoaded { version, .. } = &mut entry.happened else { unreachable!() };
    name.clone_into(version);
    entry.actor = Actor::ApiKey { id: id.to_owned() };
    entry
}

fn origin_of(version: String, installation: String, log: String) -> Origin {
    Origin { version, installation, log }
}

/// What becomes of what cannot be written.
fn plain(text: &str) -> String {
    let bad = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if bad(c) { ' ' } else { c }).collect()
}

/// The same in a value of CEF, which has a way to write line ends.
fn plain_value(text: &str) -> String {
    let bad = |c: char| {
        (c.is_control() && c != '\n' && c != '\r') || matches!(c, '\u{2028}' | '\u{2029}')
    };
    text.chars().map(|c| if bad(c) { ' ' } else { c }).collect()
}

fn syslog() -> Syslog {
    let room = Settings { message_bytes_max: MESSAGE_BYTES_MAX, ..Settings::default() };
    Syslog::new(room).unwrap()
}

proptest! {
    #[test]
    fn a_syslog_message_is_one_line_and_reads_back_the_same(
        (name, id, version, installation, log) in (text(), text(), text(), text(), text()),
    ) {
        let entry = entry_of(&name, &id);
        let origin = origin_of(version.clone(), installation, log.clone());
        let event = Event::of(&entry, 7, &origin).unwrap();
        for body in [Body::Ocsf, Body::Cef] {
            let bytes = syslog().message(&event, body).unwrap();
            let whole = std::str::from_utf8(&bytes).unwrap();
            prop_assert!(!whole.chars().any(char::is_control), "{whole:?}");
            let message = syslog_reader::read(&bytes).map_err(TestCaseError::fail)?;
            let params = |number: usize| message.data[number].1.clone();
            prop_assert!(params(0).contains(&("swVersion".to_owned(), plain(&version))));
            prop_assert!(params(1).contains(&("log".to_owned(), plain(&log))));
            match body {
                Body::Ocsf => {
                    let read: Value = serde_json::from_str(&message.text).unwrap();
                    prop_assert_eq!(read, serde_json::to_value(&event).unwrap());
                }
                Body::Cef => prop_assert_eq!(message.text, cef::line(&event)),
            }
            let frame = frame(&bytes);
            prop_assert_eq!(syslog_reader::frames(&frame).unwrap(), vec![bytes.as_slice()]);
        }
    }

    #[test]
    fn a_line_of_cef_is_one_line_and_reads_back_the_same(
        (name, id, version, installation, log) in (text(), text(), text(), text(), text()),
    ) {
        let entry = entry_of(&name, &id);
        let origin = origin_of(version.clone(), installation.clone(), log.clone());
        let line = cef::line(&Event::of(&entry, 7, &origin).unwrap());
        prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        let read = cef_reader::read(&line).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&read.head[2], &plain(&version));
        prop_assert_eq!(&read.extension["cs6"], &plain_value(&id));
        prop_assert_eq!(&read.extension["deviceExternalId"], &plain_value(&installation));
        prop_assert_eq!(&read.extension["cs4"], &plain_value(&log));
        prop_assert_eq!(&read.extension["cn1"], "7");
    }
}
