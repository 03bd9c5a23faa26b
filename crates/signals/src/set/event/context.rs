//! What any CAEP event may say of itself (CAEP section 2).

use std::collections::BTreeMap;

use glassbreak_core::time::Timestamp;
use serde_json::{Map, Value};

use crate::set::json::{Misfit, inner, moment, seconds, text};

/// Texts by language (BCP 47).
pub type Reasons = BTreeMap<String, String>;

/// When, by whom and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// When it happened.
    pub event_timestamp: Option<Timestamp>,
    /// Who began it.
    pub initiating_entity: Option<Initiator>,
    /// Why, for administrators; empty if nothing was said.
    pub reason_admin: Reasons,
    /// Why, for the person; empty if nothing was said.
    pub reason_user: Reasons,
}

/// Who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiator {
    /// An administrator.
    Admin,
    /// The person.
    User,
    /// A policy.
    Policy,
    /// The system.
    System,
}

impl Initiator {
    const ALL: [Self; 4] = [Self::Admin, Self::User, Self::Policy, Self::System];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Policy => "policy",
            Self::System => "system",
        }
    }
}

impl Context {
    pub(super) fn read(payload: &Map<String, Value>) -> Result<Self, Misfit> {
        let initiator = text(payload, "initiating_entity")?.map(|name| {
            let found = Initiator::ALL.into_iter().find(|one| one.name() == name);
            let wants = "must be `admin`, `user`, `policy` or `system`";
            found.ok_or_else(|| Misfit::of("initiating_entity", wants))
        });
        Ok(Self {
            event_timestamp: moment(payload, "event_timestamp")?,
            initiating_entity: initiator.transpose()?,
            reason_admin: reasons(payload, "reason_admin")?,
            reason_user: reasons(payload, "reason_user")?,
        })
    }

    pub(super) fn write(&self, payload: &mut Map<String, Value>) {
        let mut put = |name: &str, value: Value| payload.insert(name.to_owned(), value);
        if let Some(at) = self.event_timestamp {
            put("event_timestamp", seconds(at));
        }
        if let Some(initiator) = self.initiating_entity {
            put("initiating_entity", initiator.name().into());
        }
        for (name, reasons) in
            [("reason_admin", &self.reason_admin), ("reason_user", &self.reason_user)]
        {
            if !reasons.is_empty() {
                let texts = reasons.iter().map(|(tag, text)| (tag.clone(), text.clone().into()));
                put(name, Value::Object(texts.collect()));
            }
        }
    }
}

/// An object of at least one language and its text.
fn reasons(payload: &Map<String, Value>, name: &str) -> Result<Reasons, Misfit> {
    let misfit = || Misfit::of(name, "must be an object of texts by language, and not be empty");
    let Some(members) = inner(payload, name)? else { return Ok(Reasons::new()) };
    let text = |(tag, value): (&String, &Value)| Some((tag.clone(), value.as_str()?.to_owned()));
    let found: Option<Reasons> = members.iter().map(text).collect();
    found.filter(|reasons| !reasons.is_empty()).ok_or_else(misfit)
}
