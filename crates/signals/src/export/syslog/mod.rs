//! Syslog as RFC 5424 has it, framed for TCP (RFC 6587, octet counting) and TLS (RFC 5425), which
//! frame alike.
//!
//! ```text
//! <85>1 2026-11-22T09:30:00.000Z host glassbreak - code.accepted [origin ..][glassbreak@1 ..] {}
//! ```
//!
//! A message is one line whatever is in it: JSON goes out in ASCII, and in the other parts control
//! characters become spaces. Non-transparent framing (RFC 6587 section 3.4.2) is not written: it
//! cannot tell the end of a message from a line end inside of one.

mod settings;

use glassbreak_core::time::Timestamp;
use serde::Serialize;

use super::cef;
use super::ocsf::{Event, Severity};

pub use settings::{
    Facility, InvalidSetting, MESSAGE_BYTES_DEFAULT, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MIN, Settings,
};

/// What the text of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body {
    /// The event as OCSF, in JSON.
    #[default]
    Ocsf,
    /// The event as CEF:0.
    Cef,
}

/// An event that has no room in a message, not even without its entry.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Too long for the limit that is set.
    #[error("a message of {bytes} bytes is longer than the limit of {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// It has no form in JSON.
    #[error("the event cannot be written as JSON")]
    NotJson(#[source] serde_json::Error),
}

/// Writes messages. What it says of the sender is checked once, when it is made.
#[derive(Debug, Clone)]
pub struct Syslog {
    settings: Settings,
}

impl Syslog {
    /// A writer with these settings.
    ///
    /// # Errors
    /// [`InvalidSetting`] names the one that RFC 5424 does not allow.
    pub fn new(settings: Settings) -> Result<Self, InvalidSetting> {
        settings.check()?;
        Ok(Self { settings })
    }

    /// One message, without framing. Where it would be too long, the entry stays behind: the log
    /// has it, under the id, the index and the leaf hash that are told.
    ///
    /// # Errors
    /// [`MessageError`] if it is too long even so.
    pub fn message(&self, event: &Event<'_>, body: Body) -> Result<Vec<u8>, MessageError> {
        let limit = self.settings.message_bytes_max;
        let mut message = self.write(event, body)?;
        if message.len() > limit && body == Body::Ocsf {
            message = self.write(&event.without_entry(), body)?;
        }
        let bytes = message.len();
        if bytes > limit { Err(MessageError::TooLong { bytes, limit }) } else { Ok(message) }
    }

    fn write(&self, event: &Event<'_>, body: Body) -> Result<Vec<u8>, MessageError> {
        let Settings { facility, hostname, app_name, procid, .. } = &self.settings;
        let pri = u16::from(facility.code()) * 8 + u16::from(severity(event.severity));
        let time = timestamp(Timestamp::from_millis(event.time));
        let [hostname, app_name, procid] = [hostname, app_name, procid].map(|it| or_nil(it));
        let msgid = event.metadata.event_code;
        let mut line = format!("<{pri}>1 {time} {hostname} {app_name} {procid} {msgid} ");
        self.push_data(&mut line, event);
        line.push(' ');
        match body {
            Body::Ocsf => line.push_str(&ascii_json(event).map_err(MessageError::NotJson)?),
            Body::Cef => {
                let text = cef::line(event);
                if !text.is_ascii() {
                    // MSG-UTF8 (RFC 5424 section 6.4) begins with the mark.
                    line.push('\u{feff}');
                }
                line.push_str(&text);
            }
        }
        Ok(line.into_bytes())
    }

    /// What a receiver can sort by without reading the text.
    fn push_data(&self, line: &mut String, event: &Event<'_>) {
        let enterprise = self.settings.enterprise;
        let product = &event.metadata.product;
        let number = enterprise.to_string();
        push_element(
            line,
            "origin",
            &[
                ("enterpriseId", &number),
                ("software", product.name),
                ("swVersion", &product.version),
            ],
        );
        let index = event.unmapped.index.to_string();
        let type_uid = event.type_uid.to_string();
        let mut known = vec![
            ("log", event.metadata.log_name.as_str()),
            ("index", &index),
            ("id", &event.metadata.uid),
            ("leaf", &event.unmapped.leaf_hash),
            ("type", &type_uid),
        ];
        known.extend(event.concerns().map(|subject| ("subject", subject)));
        let recovery = event.metadata.correlation_uid.as_deref();
        known.extend(recovery.map(|recovery| ("recovery", recovery)));
        push_element(line, &format!("glassbreak@{enterprise}"), &known);
    }
}

/// `message` as one frame: its length in bytes, a space, and itself (RFC 6587 section 3.4.1,
/// RFC 5425 section 4.3). Over TCP and over TLS alike.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = format!("{} ", message.len()).into_bytes();
    frame.extend_from_slice(message);
    frame
}

/// The severity of RFC 5424: from 6 (informational) up to 1 (alert).
const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 6,
        Severity::Low => 5,
        Severity::Medium => 4,
        Severity::High => 2,
        Severity::Critical => 1,
    }
}

/// RFC 3339 with milliseconds; nothing said where the moment has no year of four digits.
fn timestamp(at: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(at.millis()) {
        Ok(moment) => format!("{moment:.3}"),
        Err(_) => "-".to_owned(),
    }
}

/// The field, or NILVALUE where it is empty.
const fn or_nil(field: &str) -> &str {
    if field.is_empty() { "-" } else { field }
}

fn push_element(line: &mut String, id: &str, params: &[(&str, &str)]) {
    line.push('[');
    line.push_str(id);
    for (name, value) in params {
        line.push(' ');
        line.push_str(name);
        line.push_str("=\"");
        for c in value.chars() {
            match c {
                '"' | '\\' | ']' => line.extend(['\\', c]),
                c => line.push(cef::printable(c)),
            }
        }
        line.push('"');
    }
    line.push(']');
}

/// JSON in visible ASCII: what is not is in strings, and is escaped there. So a message needs no
/// mark for UTF-8, which many receivers take for a part of the text.
fn ascii_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let json = serde_json::to_string(value)?;
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            ascii.push(c);
        } else {
            let mut room = [0; 2];
            let units = c.encode_utf16(&mut room).iter();
            ascii.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
    }
    Ok(ascii)
}
