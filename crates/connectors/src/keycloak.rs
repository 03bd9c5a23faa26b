//! Keycloak: its recovery authentication codes, through the admin REST API.
//!
//! Tested against recordings of the published API alone (docs/CONNECTORS.md): Keycloak is in no
//! package registry.

mod events;
mod session;

use serde_json::Value;
use ureq::http::Method;
use zeroize::Zeroizing;

use crate::http::{Call, Http, escaped};
use crate::{
    Checked, Connector, ConnectorError, Events, Held, HeldSet, Left, Missing, Position, RevokedSet,
    Verb, WhatWasDone,
};
use session::Session;

/// The kind of credential that is a set of recovery codes.
const RECOVERY_CODES: &str = "recovery-authn-codes";

/// How many users are looked at for a page; for each, one more request is made.
const USERS_PAGE: u64 = 50;

/// A realm of a Keycloak server.
#[derive(Debug)]
pub struct Keycloak {
    session: Session,
}

impl Keycloak {
    pub(crate) fn new(realm: &str, client: &str, secret: Zeroizing<String>, http: Http) -> Self {
        Self { session: Session::new(realm, client, secret, http) }
    }

    /// The credentials of a user that are recovery codes.
    fn sets(&self, user: &str) -> Result<Vec<Value>, ConnectorError> {
        let path = format!("/users/{}/credentials", escaped(user));
        let answer = self.session.ask(Call::get(path, &[]), "view-users")?;
        // The user was deleted between the look and the call.
        if answer.status == 404 {
            return Ok(Vec::new());
        }
        let ours = list(&answer.json)?.iter().filter(|credential| {
            credential.get("type").and_then(Value::as_str) == Some(RECOVERY_CODES)
        });
        Ok(ours.cloned().collect())
    }

    fn users(&self, query: &[(&'static str, &str)]) -> Result<Vec<User>, ConnectorError> {
        let answer = self.session.ask(Call::get("/users".to_owned(), query), "view-users")?;
        list(&answer.json)?.iter().map(user).collect()
    }

    fn delete(&self, user: &str, set: &str) -> Result<WhatWasDone, ConnectorError> {
        let path = format!("/users/{}/credentials/{}", escaped(user), escaped(set));
        let call = Call { method: Method::DELETE, ..Call::get(path, &[]) };
        match self.session.ask(call, "manage-users")?.status {
            404 => Ok(WhatWasDone::AlreadyDead),
            _ => Ok(WhatWasDone::Deleted),
        }
    }
}

impl Connector for Keycloak {
    fn check(&self) -> Result<Checked, ConnectorError> {
        let rights = self.session.sign_in()?;
        // A role that includes others is told with them: `realm-admin` too.
        let lacks = |right: &str| !rights.iter().any(|allowed| allowed == right);
        let mut missing = Vec::new();
        for (verb, right, what) in [
            (Verb::Inventory, "view-users", "give the service account the role `view-users`"),
            (Verb::Revoke, "manage-users", "give the service account the role `manage-users`"),
            (Verb::Events, "view-events", "give the service account the role `view-events`"),
        ] {
            if lacks(right) {
                missing.push(Missing { verb, what });
            }
        }
        if !lacks("view-events") {
            let call = Call::get("/events/config".to_owned(), &[]);
            let config = self.session.ask(call, "view-events")?.json;
            for (name, what) in [
                ("eventsEnabled", "save user events (Realm settings, Events)"),
                ("adminEventsEnabled", "save admin events (Realm settings, Events)"),
            ] {
                if config.get(name) != Some(&Value::Bool(true)) {
                    missing.push(Missing { verb: Verb::Events, what });
                }
            }
        }
        // Only administrators of the master realm are told the version.
        Ok(Checked { version: None, missing })
    }

    fn inventory(&self, from: Option<&Position>) -> Result<Held, ConnectorError> {
        let first = from.map_or(Some(0_u64), |from| from.as_str().parse().ok());
        let first = first.ok_or(ConnectorError::BadPosition)?;
        let (at, max) = (first.to_string(), USERS_PAGE.to_string());
        let query =
            [("briefRepresentation", "true"), ("first", at.as_str()), ("max", max.as_str())];
        let users = self.users(&query)?;
        let mut sets = Vec::new();
        for user in &users {
            for set in self.sets(&user.id)? {
                sets.push(held(user, &set)?);
            }
        }
        let total = self.session.ask(Call::get("/users/count".to_owned(), &[]), "view-users")?;
        let looked_at = first.saturating_add(u64::try_from(users.len()).unwrap_or(u64::MAX));
        let full = looked_at.saturating_sub(first) >= USERS_PAGE;
        Ok(Held {
            sets,
            next: full.then(|| Position::new(looked_at.to_string())),
            looked_at,
            total: total.json.as_u64(),
        })
    }

    fn revoke(&self, subject: &str) -> Result<Vec<RevokedSet>, ConnectorError> {
        if subject.trim().is_empty() {
            return Err(ConnectorError::NoSuchSubject);
        }
        let query = [("username", subject), ("exact", "true"), ("briefRepresentation", "true")];
        let users = self.users(&query)?;
        // Keycloak keeps user names in small letters. A filter that was not understood there must
        // not cost anybody else a credential.
        let user = users.iter().find(|user| user.name.eq_ignore_ascii_case(subject));
        let user = user.ok_or(ConnectorError::NoSuchSubject)?;
        let mut revoked = Vec::new();
        for credential in self.sets(&user.id)? {
            let set = text(&credential, "id")?;
            let done = self.delete(&user.id, &set)?;
            revoked.push(RevokedSet { set, kind: RECOVERY_CODES.to_owned(), done });
        }
        Ok(revoked)
    }

    fn events(&self, after: Option<&Position>) -> Result<Events, ConnectorError> {
        events::read(&self.session, after)
    }

    fn newest(&self) -> Result<Position, ConnectorError> {
        events::newest(&self.session)
    }
}

/// What matters here of a user.
struct User {
    id: String,
    name: String,
    enabled: bool,
}

fn user(value: &Value) -> Result<User, ConnectorError> {
    Ok(User {
        id: text(value, "id")?,
        name: text(value, "username")?,
        enabled: value.get("enabled") != Some(&Value::Bool(false)),
    })
}

fn held(user: &User, credential: &Value) -> Result<HeldSet, ConnectorError> {
    let issued_at = credential.get("createdDate").and_then(Value::as_i64);
    Ok(HeldSet {
        subject: user.name.clone(),
        subject_id: user.id.clone(),
        set: text(credential, "id")?,
        kind: RECOVERY_CODES.to_owned(),
        left: left(credential),
        issued_at: issued_at.map(events::instant),
        live: user.enabled,
    })
}

/// How many codes are left. Keycloak keeps it as JSON in a text; its name changed with versions.
fn left(credential: &Value) -> Left {
    let data = credential.get("credentialData").and_then(Value::as_str);
    let data = data.and_then(|data| serde_json::from_str::<Value>(data).ok());
    let count = data.as_ref().and_then(|data| {
        data.get("remainingCodes").or_else(|| data.get("remaining")).and_then(Value::as_u64)
    });
    count.map_or(Left::Unknown, |count| Left::Exact(u32::try_from(count).unwrap_or(u32::MAX)))
}

fn list(value: &Value) -> Result<&[Value], ConnectorError> {
    value.as_array().map(Vec::as_slice).ok_or(ConnectorError::NotUnderstood("it is no list"))
}

fn text(value: &Value, name: &str) -> Result<String, ConnectorError> {
    let text = value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or(ConnectorError::NotUnderstood("it lacks an id or a name"))
}
