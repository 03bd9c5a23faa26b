//! CEF:0, for older SIEMs.

use glassbreak_signals::export::cef;
use glassbreak_signals::export::ocsf::Severity;

use crate::cef_reader::read;
use crate::support::{entries, entry, event, golden, lines};

#[test]
fn every_kind_of_entry_is_the_line_that_was_agreed_on_g3() {
    golden("cef.txt", &lines(|_, event| cef::line(event)));
}

#[test]
fn a_strict_reader_reads_back_what_every_kind_of_entry_was_written_as() {
    for (index, entry) in entries() {
        let event = event(&entry, index);
        let read = read(&cef::line(&event)).unwrap();
        let severity = read.head[5].parse::<u8>().unwrap();
        assert!(severity <= 10);
        assert_eq!(
            read.head[..5],
            ["Glassbreak", "Glassbreak", "0.1.0", entry.happened.name(), event.message]
        );
        assert_eq!(read.extension["externalId"], entry.id.to_string());
        assert_eq!(read.extension["rt"], entry.at.millis().to_string());
        assert_eq!(read.extension["cn1"], index.to_string());
        assert_eq!(read.extension["cs3"], event.unmapped.leaf_hash);
        assert_eq!(read.extension.get("duid").map(String::as_str), event.concerns());
        // A custom field says what it is.
        for key in read.extension.keys().filter(|key| key.starts_with("cs") && key.len() == 3) {
            assert!(read.extension.contains_key(&format!("{key}Label")), "{key}");
        }
    }
}

#[test]
fn severities_are_in_the_bands_of_the_format() {
    let mut event_of = entry("code.accepted");
    event_of.subject = None;
    let mut event = event(&event_of, 0);
    for (severity, written) in [
        (Severity::Informational, "1"),
        (Severity::Low, "3"),
        (Severity::Medium, "5"),
        (Severity::High, "8"),
        (Severity::Critical, "10"),
    ] {
        event.severity = severity;
        assert_eq!(read(&cef::line(&event)).unwrap().head[5], written);
    }
}

#[test]
fn what_the_format_gives_a_meaning_to_is_escaped_where_it_has_one() {
    let entry = entry("code.refused");
    let mut event = event(&entry, 0);
    event.metadata.product.version = r"1|2\3=4".to_owned();
    event.status_detail = Some("a|b\\c=d\ne\rf\tg".to_owned());
    let line = cef::line(&event);
    assert!(line.contains(r"|1\|2\\3=4|"), "{line}");
    assert!(line.contains(r" reason=a|b\\c\=d\ne\rf g "), "{line}");
}
