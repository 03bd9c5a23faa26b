//! What a rule tells.

use glassbreak_core::event::AlertLevel;
use serde::Serialize;

use crate::path::moment;
use crate::rule::Rule;

/// Something people should hear of, and why. It holds ids and figures out of entries, so no
/// personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// The rule's name.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// How much it matters.
    pub level: AlertLevel,
    /// The subject it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The index of the entry at which it was raised.
    pub index: u64,
    /// The moment of that entry, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Why, in sentences with figures.
    pub reasons: Vec<String>,
    /// The ids of the entries that made it; the one at which it was raised is the last.
    pub entries: Vec<String>,
}

/// An entry as alerts are made of it.
pub(crate) struct Seat<'a> {
    pub(crate) index: u64,
    pub(crate) at: i64,
    pub(crate) id: &'a str,
}

/// What is known of the rule's memory where it may have gaps.
#[derive(Clone, Copy, Default)]
pub(crate) struct Gaps {
    pub(crate) forgotten: u64,
    pub(crate) since: Option<i64>,
}

impl Gaps {
    /// The gaps in sentences, so that nobody takes a figure for more than it is.
    pub(crate) fn told(self) -> impl Iterator<Item = String> {
        let Self { forgotten, since } = self;
        let plural = if forgotten == 1 { "group was" } else { "groups were" };
        let forgotten = (forgotten > 0)
            .then(|| format!("{forgotten} {plural} forgotten for want of room: more may be true."));
        let since = since.map(|since| format!("Nothing is known from before {}.", moment(since)));
        forgotten.into_iter().chain(since)
    }
}

impl Alert {
    pub(crate) fn new(rule: &Rule, seat: &Seat<'_>, subject: Option<String>) -> Self {
        Self {
            rule: rule.name.clone(),
            title: rule.title.clone(),
            level: rule.level,
            subject,
            index: seat.index,
            at: seat.at,
            reasons: Vec::new(),
            entries: vec![seat.id.to_owned()],
        }
    }
}
