//! What several pages of the console say in the same way.

use glassbreak_engine::core::code_set::SetState;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::InventoryRow;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::pages::frame::Frame;
use crate::shape::word;

/// A word on a coloured ground. The word alone says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Badge {
    /// `good`, `care`, `harm`, or nothing.
    pub(super) class: &'static str,
    /// The word.
    pub(super) text: String,
}

impl Badge {
    #[expect(clippy::needless_pass_by_value, reason = "a phrase is made where it is said")]
    pub(super) fn new(class: &'static str, text: impl ToString) -> Self {
        Self { class, text: text.to_string() }
    }
}

/// Text as it goes into an address.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The title of a list: what it is narrowed to, then what it is a list of.
pub(super) fn title<'a>(of: &str, set: impl IntoIterator<Item = &'a str>) -> String {
    let set: Vec<&str> = set.into_iter().filter(|part| !part.is_empty()).collect();
    if set.is_empty() { of.to_owned() } else { format!("{} · {of}", set.join(", ")) }
}

/// The page of a subject.
pub(super) fn subject_page(subject: &SubjectRef) -> String {
    format!("/console/subjects/{}", encoded(subject.as_str()))
}

/// A path with what is set of a query.
pub(super) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let set = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> =
        set.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// A moment as programs read it, in `<time datetime>`.
pub(super) fn stamp(at: Timestamp) -> String {
    at.to_string()
}

/// The day of a moment, `2026-11-22`, as date fields have it.
pub(super) fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// How long ago, or how far ahead, in words.
pub(super) fn distance(f: &Frame, at: Timestamp, now: Timestamp) -> String {
    let millis = now.millis().saturating_sub(at.millis());
    let (kind, seconds) = if millis >= 0 {
        ("ago", millis / 1000)
    } else {
        ("ahead", millis.saturating_neg() / 1000)
    };
    let (unit, count) = match seconds {
        ..60 => ("moment", seconds),
        60..3_600 => ("minutes", seconds / 60),
        3_600..172_800 => ("hours", seconds / 3_600),
        _ => ("days", seconds / 86_400),
    };
    f.language.phrase(format!("{kind}-{unit}")).count("n", count).to_string()
}

/// The state of a set, as a badge.
pub(super) fn state_of_set(f: &Frame, state: &SetState) -> Badge {
    let class = match state {
        SetState::Active { .. } => "good",
        SetState::Offered { .. } => "care",
        SetState::Disabled { .. } => "harm",
        _ => "",
    };
    Badge::new(class, f.word("set-state", state.name()))
}

/// The state of a recovery, as a badge.
pub(super) fn state_of_recovery(f: &Frame, state: &str) -> Badge {
    let class = match state {
        "completed" => "good",
        "open" | "window" => "care",
        "refused" | "lapsed" => "harm",
        _ => "",
    };
    Badge::new(class, f.word("recovery-state", state))
}

/// A set in a table.
#[derive(Debug, Clone)]
pub(super) struct SetRow {
    pub(super) id: Uuid,
    /// What people tell it by: the end of its id.
    pub(super) short: String,
    pub(super) subject: Option<String>,
    pub(super) subject_page: String,
    pub(super) tier: String,
    pub(super) kind: String,
    pub(super) state: Badge,
    pub(super) is_live: bool,
    pub(super) unused: u8,
    pub(super) count: u8,
    pub(super) issued: String,
    pub(super) issued_stamp: String,
    pub(super) age: String,
    pub(super) expires: String,
    pub(super) custody: String,
    /// When the holder said so last.
    pub(super) custody_said: Option<String>,
    /// What is to be looked at.
    pub(super) marks: Vec<Badge>,
}

/// The end of an id: its beginning is the time, and many have the same.
pub(super) fn short(id: Uuid) -> String {
    let text = id.to_string();
    text.chars().skip(text.len().saturating_sub(8)).collect()
}

impl SetRow {
    /// A set as it stands now.
    pub(super) fn of(f: &Frame, row: &InventoryRow, now: Timestamp) -> Self {
        let set = &row.set;
        let is_live = set.state.is_live();
        let mut marks = Vec::new();
        if is_live && set.replace_by.is_some_and(|by| by <= now) {
            marks.push(Badge::new("harm", f.t("mark-overdue")));
        } else if is_live && set.replace_by.is_some() {
            marks.push(Badge::new("care", f.t("mark-replace")));
        }
        if is_live && set.issued.expires_at <= now {
            marks.push(Badge::new("harm", f.t("mark-expired")));
        }
        let custody = set.custody().map(|custody| f.word("custody", custody.name()));
        Self {
            id: set.id.0,
            short: short(set.id.0),
            subject: row.reference.as_ref().map(|name| name.as_str().to_owned()),
            subject_page: row.reference.as_ref().map(subject_page).unwrap_or_default(),
            tier: row.tier.as_str().to_owned(),
            kind: f.word("set-kind", word(&set.issued.kind)).to_string(),
            state: state_of_set(f, &set.state),
            is_live,
            unused: set.unused(),
            count: set.issued.count,
            issued: date(set.issued_at),
            issued_stamp: stamp(set.issued_at),
            age: distance(f, set.issued_at, now),
            expires: date(set.issued.expires_at),
            custody: custody
                .map_or_else(|| f.t("custody-unknown").to_string(), |it| it.to_string()),
            custody_said: set.custody_declared_at().map(date),
            marks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_what_is_set_and_says_it_as_it_is() {
        assert_eq!(with_query("/a", &[("b", ""), ("c", "")]), "/a");
        assert_eq!(
            with_query("/a", &[("b", "x&y=z"), ("c", ""), ("d", "1")]),
            "/a?b=x%26y%3Dz&d=1"
        );
    }

    #[test]
    fn a_day_ago_and_a_day_ahead_are_told_apart() {
        let f = Frame::new(&axum::http::Request::new(()).into_parts().0);
        let day = 24 * 60 * 60 * 1000;
        let at = |days: i64| Timestamp::from_millis((1_000 - days) * day);
        assert_eq!(distance(&f, at(3), at(0)), "3 days ago");
        assert_eq!(distance(&f, at(-3), at(0)), "in 3 days");
    }
}
