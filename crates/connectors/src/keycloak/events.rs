//! What happened, out of the user events and the admin events of a realm.
//!
//! Both are lists in order of time, in milliseconds, which more than one event may share. So a
//! place in one is a millisecond, and marks of the events of that millisecond that were told.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::time::Timestamp;
use serde_json::Value;

use super::RECOVERY_CODES;
use super::session::Session;
use crate::http::Call;
use crate::{ConnectorError, Event, Events, Position};

/// How many events are asked for at once.
const PAGE: u64 = 100;
/// How many bytes of a digest mark an event.
const MARK_LEN: usize = 9;
/// The most pages of events of one millisecond that are gone through.
const PAGES_MAX: u64 = 100;

/// One of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    /// What users did.
    User,
    /// What administrators did.
    Admin,
}

impl List {
    const fn path(self) -> &'static str {
        match self {
            Self::User => "/events",
            Self::Admin => "/admin-events",
        }
    }
}

/// A place in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    millis: i64,
    /// Marks of the events of this millisecond that were told.
    told: Vec<String>,
}

/// Some of what happened after a place in both lists.
pub(super) fn read(session: &Session, after: Option<&Position>) -> Result<Events, ConnectorError> {
    let [user, admin] = match after {
        None => Default::default(),
        Some(after) => parse(after).ok_or(ConnectorError::BadPosition)?,
    };
    let (mut found, user, more_user) = read_list(session, List::User, user)?;
    let (admin_found, admin, more_admin) = read_list(session, List::Admin, admin)?;
    found.extend(admin_found);
    found.sort_by_key(|(millis, _)| *millis);
    Ok(Events {
        events: found.into_iter().map(|(_, event)| event).collect(),
        next: print(&[user, admin]),
        more: more_user || more_admin,
        // Keycloak does not tell what it deleted.
        lost: false,
    })
}

/// The place after everything.
pub(super) fn newest(session: &Session) -> Result<Position, ConnectorError> {
    let newest = |list: List| -> Result<Place, ConnectorError> {
        let query = [("direction", "desc"), ("max", "1")];
        let events = ask(session, list, &query)?;
        let Some(newest) = events.first() else { return Ok(Place::default()) };
        Ok(Place { millis: millis(newest)?, told: vec![mark(newest)] })
    };
    Ok(print(&[newest(List::User)?, newest(List::Admin)?]))
}

type Found = (Vec<(i64, Event)>, Place, bool);

fn read_list(session: &Session, list: List, mut place: Place) -> Result<Found, ConnectorError> {
    let from = place.millis.to_string();
    for page in 0..PAGES_MAX {
        let first = page.saturating_mul(PAGE).to_string();
        let max = PAGE.to_string();
        let query = [
            ("dateFrom", from.as_str()),
            ("direction", "asc"),
            ("first", first.as_str()),
            ("max", max.as_str()),
        ];
        let events = ask(session, list, &query)?;
        let full = u64::try_from(events.len()).unwrap_or(u64::MAX) >= PAGE;
        let mut found = Vec::new();
        for event in &events {
            let (at, mark) = (millis(event)?, mark(event));
            // An older Keycloak does not know this order, and gives the newest first.
            if at < place.millis {
                return Err(ConnectorError::NotUnderstood("events that are not in order of time"));
            }
            if at > place.millis {
                place = Place { millis: at, told: Vec::new() };
            }
            if !place.told.contains(&mark) {
                place.told.push(mark);
                found.push((at, list.event(event, at)));
            }
        }
        // A page of events that were all told: there are more of that millisecond than a page has.
        if !found.is_empty() || !full {
            return Ok((found, place, full));
        }
    }
    Err(ConnectorError::NotUnderstood("too many events at one time"))
}

fn ask(
    session: &Session,
    list: List,
    query: &[(&'static str, &str)],
) -> Result<Vec<Value>, ConnectorError> {
    let answer = session.ask(Call::get(list.path().to_owned(), query), "view-events")?;
    super::list(&answer.json).map(<[Value]>::to_vec)
}

fn millis(event: &Value) -> Result<i64, ConnectorError> {
    let time = event.get("time").and_then(Value::as_i64);
    time.ok_or(ConnectorError::NotUnderstood("an event without a time"))
}

/// Milliseconds since the Unix epoch, as RFC 3339.
pub(super) fn instant(millis: i64) -> String {
    Timestamp::from_millis(millis).to_string()
}

fn mark(event: &Value) -> String {
    let digest = digest(&SHA256, event.to_string().as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref().get(..MARK_LEN).unwrap_or_default())
}

/// `MILLIS[,MARK]...;MILLIS[,MARK]...`
fn print(places: &[Place; 2]) -> Position {
    let each = places.each_ref().map(|place| {
        let mut text = place.millis.to_string();
        place.told.iter().for_each(|mark| text.extend([",", mark]));
        text
    });
    Position::new(each.join(";"))
}

fn parse(position: &Position) -> Option<[Place; 2]> {
    let place = |text: &str| {
        let mut parts = text.split(',');
        let millis = parts.next()?.parse().ok().filter(|millis| *millis >= 0)?;
        Some(Place { millis, told: parts.map(str::to_owned).collect() })
    };
    let (user, admin) = position.as_str().split_once(';')?;
    Some([place(user)?, place(admin)?])
}

impl List {
    fn event(self, event: &Value, at: i64) -> Event {
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let filled = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
        let done = text("/error").is_empty();
        let (action, subject, subject_id, lifecycle) = match self {
            Self::User => {
                let meant = meaning_of_users(text("/type"), text("/details/credential_type"));
                let name = filled(text("/details/username"));
                (text("/type").to_owned(), name, filled(text("/userId")), meant)
            }
            Self::Admin => {
                let (operation, path) = (text("/operationType"), text("/resourcePath"));
                let meant = meaning_of_admins(operation, path, text("/representation"));
                let user = path.strip_prefix("users/").and_then(|path| path.split('/').next());
                let action = format!("{operation} {}", text("/resourceType"));
                (action, None, user.and_then(filled), meant)
            }
        };
        Event {
            id: filled(text("/id")).unwrap_or_else(|| mark(event)),
            at: instant(at),
            action,
            subject,
            subject_id,
            lifecycle: lifecycle.filter(|_| done),
            whole: event.clone(),
        }
    }
}

/// What a user's own deed means. A change to the recovery codes themselves means nothing.
fn meaning_of_users(kind: &str, credential: &str) -> Option<LifecycleKind> {
    Some(match (kind, credential) {
        // A password is no second factor.
        ("UPDATE_CREDENTIAL" | "REMOVE_CREDENTIAL", RECOVERY_CODES | "password" | "") => {
            return None;
        }
        ("UPDATE_CREDENTIAL" | "REMOVE_CREDENTIAL" | "UPDATE_TOTP" | "REMOVE_TOTP", _) => {
            LifecycleKind::MfaChanged
        }
        ("RESET_PASSWORD", _) => LifecycleKind::AccountReset,
        ("DELETE_ACCOUNT", _) => LifecycleKind::SubjectLeft,
        ("USER_DISABLED_BY_PERMANENT_LOCKOUT", _) => LifecycleKind::AccountDisabled,
        _ => return None,
    })
}

/// What an administrator's deed means. Which credential was deleted is not told, and it may have
/// been us: that means nothing. Neither does an account that is enabled, as every change to the
/// user's name says that too.
fn meaning_of_admins(operation: &str, path: &str, representation: &str) -> Option<LifecycleKind> {
    let mut parts = path.strip_prefix("users/")?.split('/').skip(1);
    Some(match (operation, parts.next(), parts.next()) {
        ("DELETE", None, _) => LifecycleKind::SubjectLeft,
        ("UPDATE", None, _) => {
            let user: Value = serde_json::from_str(representation).ok()?;
            let disabled = user.get("enabled") == Some(&Value::Bool(false));
            return disabled.then_some(LifecycleKind::AccountDisabled);
        }
        (_, Some("reset-password"), _) => LifecycleKind::AccountReset,
        ("CREATE" | "DELETE", Some("role-mappings"), _) => LifecycleKind::PrivilegesChanged,
        ("CREATE" | "DELETE", Some("groups"), _) => LifecycleKind::RoleChanged,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place { millis: 12, told: vec!["a-_".to_owned(), "b".to_owned()] };
        let places = [place, Place::default()];
        assert_eq!(print(&places).as_str(), "12,a-_,b;0");
        assert_eq!(parse(&print(&places)), Some(places));
        for text in ["", "12", "x;0", "-1;0"] {
            assert_eq!(parse(&Position::new(text)), None, "{text}");
        }
    }

    #[test]
    fn what_is_done_to_recovery_codes_means_nothing_and_to_other_factors_something() {
        for (kind, credential, meant) in [
            ("UPDATE_CREDENTIAL", "otp", Some(LifecycleKind::MfaChanged)),
            ("REMOVE_CREDENTIAL", "webauthn", Some(LifecycleKind::MfaChanged)),
            ("UPDATE_CREDENTIAL", RECOVERY_CODES, None),
            ("UPDATE_CREDENTIAL", "password", None),
            ("REMOVE_TOTP", "", Some(LifecycleKind::MfaChanged)),
            ("RESET_PASSWORD", "", Some(LifecycleKind::AccountReset)),
            ("LOGIN", "", None),
        ] {
            assert_eq!(meaning_of_users(kind, credential), meant, "{kind} {credential}");
        }
        for (operation, path, representation, meant) in [
            ("DELETE", "users/7", "", Some(LifecycleKind::SubjectLeft)),
            ("UPDATE", "users/7", r#"{"enabled":false}"#, Some(LifecycleKind::AccountDisabled)),
            ("UPDATE", "users/7", r#"{"enabled":true}"#, None),
            ("UPDATE", "users/7", "", None),
            ("ACTION", "users/7/reset-password", "", Some(LifecycleKind::AccountReset)),
            ("DELETE", "users/7/credentials/9", "", None),
            ("CREATE", "users/7/role-mappings/realm", "", Some(LifecycleKind::PrivilegesChanged)),
            ("CREATE", "users/7/groups/3", "", Some(LifecycleKind::RoleChanged)),
            ("DELETE", "clients/7", "", None),
        ] {
            assert_eq!(meaning_of_admins(operation, path, representation), meant, "{path}");
        }
    }
}
