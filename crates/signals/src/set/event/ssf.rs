//! What a stream says of itself.

use serde_json::{Map, Value};

use crate::set::json::{Misfit, text};

/// An event about the stream it comes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ssf {
    /// `verification`: delivery works (SSF 8.1.4.1).
    Verification {
        /// What the receiver asked with; nothing if it did not ask.
        state: Option<String>,
    },
    /// `stream-updated`: the transmitter changed the stream's status (SSF 8.1.5).
    StreamUpdated {
        /// The new status.
        status: StreamStatus,
        /// Why.
        reason: Option<String>,
    },
}

/// A stream's status (SSF-06).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamStatus {
    /// Events are sent.
    Enabled,
    /// Events are held back and kept.
    Paused,
    /// Events are neither sent nor kept.
    Disabled,
}

impl StreamStatus {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// The status in a member that has to be there.
    pub(in crate::set) fn read(members: &Map<String, Value>) -> Result<Self, Misfit> {
        let named = text(members, "status")?;
        let all = [Self::Enabled, Self::Paused, Self::Disabled];
        let found = all.into_iter().find(|one| Some(one.name()) == named);
        found.ok_or_else(|| Misfit::of("status", "must be `enabled`, `paused` or `disabled`"))
    }
}

impl Ssf {
    pub(super) fn read(name: &str, payload: &Map<String, Value>) -> Result<Option<Self>, Misfit> {
        let owned = |name: &str| Ok::<_, Misfit>(text(payload, name)?.map(str::to_owned));
        Ok(match name {
            "verification" => Some(Self::Verification { state: owned("state")? }),
            "stream-updated" => Some(Self::StreamUpdated {
                status: StreamStatus::read(payload)?,
                reason: owned("reason")?,
            }),
            _ => None,
        })
    }

    /// The end of its type.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Verification { .. } => "verification",
            Self::StreamUpdated { .. } => "stream-updated",
        }
    }

    pub(super) fn payload(&self) -> Map<String, Value> {
        let mut payload = Map::new();
        let mut put = |name: &str, value: &str| payload.insert(name.to_owned(), value.into());
        match self {
            Self::Verification { state: Some(state) } => {
                put("state", state);
            }
            Self::Verification { state: None } => {}
            Self::StreamUpdated { status, reason } => {
                put("status", status.name());
                if let Some(reason) = reason {
                    put("reason", reason);
                }
            }
        }
        payload
    }
}
