//! CEF:0, the Common Event Format, for older SIEMs: one event on one line.
//!
//! ```text
//! CEF:0|vendor|product|version|event|message|severity|key=value key=value ...
//! ```
//!
//! In the head `\` and `|` are escaped, in values `\`, `=` and line ends. Other control characters
//! become spaces: the format has no way to write them, and terminals act on them.

use super::ocsf::{Event, Severity};

/// Writes `event` on one line, without an end of line.
pub fn line(event: &Event<'_>) -> String {
    let product = &event.metadata.product;
    let severity = severity(event.severity).to_string();
    let head = [
        product.vendor_name,
        product.name,
        &product.version,
        event.metadata.event_code,
        event.message,
        &severity,
    ];
    let mut line = String::from("CEF:0");
    for field in head {
        line.push('|');
        push_head(&mut line, field);
    }
    line.push('|');
    let mut gap = "";
    for (key, value) in extension(event) {
        line.push_str(gap);
        line.push_str(key);
        line.push('=');
        push_value(&mut line, &value);
        gap = " ";
    }
    line
}

/// 0 to 10: up to 3 is low, up to 6 medium, up to 8 high, and more very high.
const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 3,
        Severity::Medium => 5,
        Severity::High => 8,
        Severity::Critical => 10,
    }
}

/// Keys of the CEF dictionary, in a fixed order. What it has no key for is in custom strings.
fn extension(event: &Event<'_>) -> Vec<(&'static str, String)> {
    let actor = event.actor.as_ref();
    let person = actor.and_then(|actor| actor.user.as_ref());
    let managed = event.entity.as_ref().and_then(|entity| entity.uid.clone());
    let set = event.observables.iter().find(|it| it.name == "unmapped.entry.data.set");
    let managed = managed.or_else(|| set.map(|set| set.value.clone()));
    let source = event.observables.iter().find(|it| it.name == "unmapped.entry.data.source");
    let custom = [
        ("cs1", "cs1Label", "recovery", event.metadata.correlation_uid.clone()),
        ("cs2", "cs2Label", "entity", managed),
        ("cs3", "cs3Label", "leafHash", Some(event.unmapped.leaf_hash.clone())),
        ("cs4", "cs4Label", "logName", Some(event.metadata.log_name.clone())),
        ("cs5", "cs5Label", "sourcePseudonym", source.map(|source| source.value.clone())),
        ("cs6", "cs6Label", "apiKey", actor.and_then(|actor| actor.app_uid.clone())),
        ("cn1", "cn1Label", "logIndex", Some(event.unmapped.index.to_string())),
    ];
    let known = [
        ("rt", Some(event.time.to_string())),
        ("externalId", Some(event.metadata.uid.clone())),
        ("deviceExternalId", Some(event.metadata.log_provider.clone())),
        ("cat", Some(event.class_name.to_owned())),
        ("act", Some(event.activity_name.to_owned())),
        ("outcome", outcome(event)),
        ("reason", event.status_detail.clone()),
        ("duid", event.concerns().map(str::to_owned)),
        ("suid", person.map(|person| person.uid.clone())),
        ("sourceServiceName", actor.map(|actor| actor.app_name.to_owned())),
    ];
    let known = known.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let custom = custom
        .into_iter()
        .filter_map(|(key, label, name, value)| Some([(key, value?), (label, name.to_owned())]));
    known.chain(custom.flatten()).collect()
}

/// `success` or `failure`. A finding is neither.
fn outcome(event: &Event<'_>) -> Option<String> {
    let is_finding = event.finding_info.is_some();
    (!is_finding).then(|| event.status.to_ascii_lowercase())
}

/// A field of the head. An end of line cannot be written there: it becomes a space.
fn push_head(line: &mut String, field: &str) {
    for c in field.chars() {
        match c {
            '\\' | '|' => line.extend(['\\', c]),
            c => line.push(printable(c)),
        }
    }
}

/// A value of the extension.
fn push_value(line: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' | '=' => line.extend(['\\', c]),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            c => line.push(printable(c)),
        }
    }
}

/// The character itself, or a space where it would end a line or act on a terminal.
pub(super) fn printable(c: char) -> char {
    let ends_lines = matches!(c, '\u{2028}' | '\u{2029}');
    if c.is_control() || ends_lines { ' ' } else { c }
}
