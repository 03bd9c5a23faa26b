//! What happened, out of privacyIDEA's audit log.
//!
//! Entries have numbers that only grow, but the API finds them by page alone. So a [`Place`] is the
//! number of the last entry that was read, and how many entries stood up to it then. The page to
//! read is chosen so that this entry is on it: what follows it on the same page was never read, and
//! nothing lies between. If it is not where it was (old entries were deleted), it is searched for.

use glassbreak_core::lifecycle::LifecycleKind;
use serde_json::Value;

use super::session::Session;
use crate::http::Call;
use crate::{ConnectorError, Event, Events, Position};

/// The fewest entries that are asked for at once; at most twice as many are.
const PAGE: u64 = 500;

/// Where reading goes on: after the entry `number`, which was the `at`th one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    number: u64,
    at: u64,
}

/// A page of the audit log, oldest first.
struct Page {
    entries: Vec<Value>,
    /// How many there are in all.
    count: u64,
}

/// What is needed to make sense of entries.
pub(super) struct Reader<'a> {
    pub(super) session: &'a Session,
    pub(super) realm: &'a str,
    pub(super) is_recovery: &'a dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    /// Some of what happened after a place. Our own reading writes entries too; these are left
    /// out, or there would be no end of them.
    pub(super) fn read(&self, after: Option<&Position>) -> Result<Events, ConnectorError> {
        let begin = Place { number: 0, at: 0 };
        let place = after.map_or(Some(begin), parse).ok_or(ConnectorError::BadPosition)?;
        let mut lost = false;
        let (mut size, mut page) = window(place.at);
        let mut found = ask(self.session, page, size)?;
        let overlaps = |found: &Page| found.entries.iter().any(|e| number(e) == Some(place.number));
        if place.number > 0 && !overlaps(&found) {
            let at = search(self.session, place.number, found.count)?;
            (size, page) = window(at);
            found = ask(self.session, page, size)?;
            lost = !overlaps(&found);
        }
        let before = page.saturating_sub(1).saturating_mul(size);
        let mut next = place;
        let mut events = Vec::new();
        for (at, entry) in (before..).zip(&found.entries) {
            let number = number(entry).ok_or(ConnectorError::NotUnderstood("an entry's number"))?;
            if number > place.number && !self.is_our_reading(entry) {
                events.push(self.event(entry, number));
            }
            if number >= place.number {
                next = Place { number, at: at.saturating_add(1) };
            }
        }
        // Without a step forward there would be none the next time.
        let more = next != place && next.at < found.count;
        Ok(Events { events, next: print(next), more, lost })
    }

    fn is_our_reading(&self, entry: &Value) -> bool {
        let action = text(entry, "action");
        text(entry, "administrator") == self.session.username()
            && (action.starts_with("GET ") || action == "POST /auth")
    }

    fn event(&self, entry: &Value, number: u64) -> Event {
        let done = entry.get("success").and_then(Value::as_u64) == Some(1);
        // The log is about all realms, and names are a user's in its own realm only.
        let is_ours = text(entry, "realm").eq_ignore_ascii_case(self.realm);
        let subject = Some(text(entry, "user")).filter(|user| is_ours && !user.is_empty());
        let meant = meaning(text(entry, "action"), text(entry, "token_type"), self.is_recovery);
        Event {
            id: number.to_string(),
            at: text(entry, "date").to_owned(),
            action: text(entry, "action").to_owned(),
            subject: subject.map(str::to_owned),
            subject_id: None,
            lifecycle: meant.filter(|_| done && subject.is_some()),
            whole: entry.clone(),
        }
    }
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The place after everything.
pub(super) fn newest(session: &Session) -> Result<Position, ConnectorError> {
    let call = Call::get("/audit/".to_owned(), &[("sortorder", "desc"), ("page_size", "1")]);
    let page = open(&session.ask(call, super::AUDIT)?)?;
    let number = page.entries.first().and_then(number).unwrap_or_default();
    // If entries came meanwhile the count is off, and the next reading searches.
    Ok(print(Place { number, at: page.count }))
}

/// Page size and page such that the `at`th entry is on it, with as much after it as there can be.
fn window(at: u64) -> (u64, u64) {
    let Some(index) = at.checked_sub(1) else { return (PAGE, 1) };
    let after = |size: &u64| size.saturating_sub(index.checked_rem(*size).unwrap_or_default());
    let size = (PAGE..PAGE.saturating_mul(2)).max_by_key(after).unwrap_or(PAGE);
    (size, index.checked_div(size).unwrap_or_default().saturating_add(1))
}

/// How many of `count` entries have a number up to `wanted`: looked for by halves.
fn search(session: &Session, wanted: u64, count: u64) -> Result<u64, ConnectorError> {
    let (mut low, mut high) = (0_u64, count);
    while low < high {
        let middle = low.midpoint(high);
        let page = ask(session, middle.saturating_add(1), 1)?;
        match page.entries.first().and_then(number) {
            Some(number) if number <= wanted => low = middle.saturating_add(1),
            _ => high = middle,
        }
    }
    Ok(low)
}

fn ask(session: &Session, page: u64, size: u64) -> Result<Page, ConnectorError> {
    let (page, size) = (page.to_string(), size.to_string());
    let query = [("sortorder", "asc"), ("page", page.as_str()), ("page_size", size.as_str())];
    open(&session.ask(Call::get("/audit/".to_owned(), &query), super::AUDIT)?)
}

fn open(value: &Value) -> Result<Page, ConnectorError> {
    let entries = value.get("auditdata").and_then(Value::as_array);
    let count = value.get("count").and_then(Value::as_u64);
    match (entries, count) {
        (Some(entries), Some(count)) => Ok(Page { entries: entries.clone(), count }),
        _ => Err(ConnectorError::NotUnderstood("it is no page of the audit log")),
    }
}

fn number(entry: &Value) -> Option<u64> {
    entry.get("number").and_then(Value::as_u64)
}

fn parse(position: &Position) -> Option<Place> {
    let (number, at) = position.as_str().split_once('.')?;
    Some(Place { number: number.parse().ok()?, at: at.parse().ok()? })
}

fn print(place: Place) -> Position {
    Position::new(format!("{}.{}", place.number, place.at))
}

/// What an action that succeeded means for recovery codes kept elsewhere. What is done to a
/// recovery code itself means nothing: that would be our own revoking, seen from behind.
fn meaning(
    action: &str,
    token_type: &str,
    is_recovery: &dyn Fn(&str) -> bool,
) -> Option<LifecycleKind> {
    let (method, path) = action.split_once(' ')?;
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let kind = match (method, parts.next()?, parts.next().unwrap_or_default()) {
        ("POST", "token", "lost") => LifecycleKind::DeviceLost,
        (
            "POST",
            "token",
            "init" | "assign" | "unassign" | "enable" | "disable" | "revoke" | "copyuser",
        )
        | ("DELETE", "token", _) => LifecycleKind::MfaChanged,
        ("POST", "recover", "reset") => LifecycleKind::AccountReset,
        ("DELETE", "user", _) => LifecycleKind::SubjectLeft,
        _ => return None,
    };
    (!is_recovery(token_type)).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_is_asked_for_has_the_last_entry_that_was_read_on_it() {
        for at in 0..20_000 {
            let (size, page) = window(at);
            let (first, last) = ((page - 1) * size + 1, page * size);
            assert!((PAGE..2 * PAGE).contains(&size));
            if at > 0 {
                assert!((first..=last).contains(&at), "{at}");
                // And it is seldom the last one on it.
                assert!(last - at >= PAGE / 2 - 1, "{at}: {first} to {last}");
            }
        }
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place { number: 991, at: 17 };
        assert_eq!(parse(&print(place)), Some(place));
        for text in ["", "17", "a.b", "1.-2"] {
            assert_eq!(parse(&Position::new(text)), None, "{text}");
        }
    }

    #[test]
    fn actions_on_factors_have_a_meaning_and_actions_on_recovery_codes_have_none() {
        let is_recovery = |kind: &str| kind == "paper";
        for (action, kind, meant) in [
            ("POST /token/init", "totp", Some(LifecycleKind::MfaChanged)),
            ("POST /token/init", "paper", None),
            ("DELETE /token/<serial>", "totp", Some(LifecycleKind::MfaChanged)),
            ("POST /token/lost/<serial>", "totp", Some(LifecycleKind::DeviceLost)),
            ("POST /token/revoke/<serial>", "paper", None),
            ("DELETE /user/<resolvername>/<username>", "", Some(LifecycleKind::SubjectLeft)),
            ("GET /token/", "", None),
            ("nothing", "", None),
        ] {
            assert_eq!(meaning(action, kind, &is_recovery), meant, "{action} {kind}");
        }
    }
}
