//! Events by type: CAEP 1.0, RISC 1.0, and the two of a stream itself (SSF 8.1.4, 8.1.5).

mod caep;
mod context;
mod credential;
mod risc;
mod ssf;

use serde_json::{Map, Value};

use super::json::Misfit;
use super::subject::{Identifier, Subject};

pub use caep::{Assurance, Caep, Compliance, Direction, Principal, RiskChange, RiskLevel, Session};
pub use context::{Context, Initiator, Reasons};
pub use credential::{ChangeType, CredentialChange, CredentialType};
pub use risc::{DisabledReason, Risc};
pub use ssf::{Ssf, StreamStatus};

/// What CAEP event types begin with.
pub const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
/// What RISC event types begin with.
pub const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
/// What the event types of streams begin with.
pub const SSF: &str = "https://schemas.openid.net/secevent/ssf/event-type/";

/// Every event type that is read, as a receiver asks for them (`events_requested`).
pub fn types() -> impl Iterator<Item = String> {
    let caep = caep::NAMES.iter().map(|name| format!("{CAEP}{name}"));
    let risc = risc::NAMES.iter().map(|name| format!("{RISC}{name}"));
    caep.chain(risc)
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// CAEP: something about a session or a credential changed.
    Caep(Context, Caep),
    /// RISC: something happened to an account.
    Risc(Risc),
    /// A stream speaks of itself.
    Ssf(Ssf),
    /// Any other type: kept as it came.
    Unknown {
        /// The event's type.
        uri: String,
        /// The whole payload.
        payload: Map<String, Value>,
    },
}

impl Event {
    /// The event of a type, from its payload. Members that the type does not define are ignored
    /// (SET-10).
    ///
    /// # Errors
    /// [`Misfit`] if a type that is known has not what its definition wants.
    pub fn read(uri: &str, payload: &Map<String, Value>) -> Result<Self, Misfit> {
        let known = if let Some(name) = uri.strip_prefix(CAEP) {
            let context = || Context::read(payload);
            Caep::read(name, payload)?.map(|caep| Ok(Self::Caep(context()?, caep)))
        } else if let Some(name) = uri.strip_prefix(RISC) {
            Risc::read(name, payload)?.map(|risc| Ok(Self::Risc(risc)))
        } else if let Some(name) = uri.strip_prefix(SSF) {
            Ssf::read(name, payload)?.map(|ssf| Ok(Self::Ssf(ssf)))
        } else {
            None
        };
        known.unwrap_or_else(|| Ok(Self::Unknown { uri: uri.to_owned(), payload: payload.clone() }))
    }

    /// Its type.
    pub fn uri(&self) -> String {
        match self {
            Self::Caep(_, caep) => format!("{CAEP}{}", caep.name()),
            Self::Risc(risc) => format!("{RISC}{}", risc.name()),
            Self::Ssf(ssf) => format!("{SSF}{}", ssf.name()),
            Self::Unknown { uri, .. } => uri.clone(),
        }
    }

    /// Its payload. Times are written in whole seconds.
    pub fn payload(&self) -> Map<String, Value> {
        match self {
            Self::Caep(context, caep) => {
                let mut payload = caep.payload();
                context.write(&mut payload);
                payload
            }
            Self::Risc(risc) => risc.payload(),
            Self::Ssf(ssf) => ssf.payload(),
            Self::Unknown { payload, .. } => payload.clone(),
        }
    }

    /// Whether the event may be about such a subject: identifiers change for addresses and numbers
    /// alone (RISC 2.5, 2.6), and a stream is an opaque id (SSF 8.1.4.1, 8.1.5).
    ///
    /// # Errors
    /// [`Misfit`] if not.
    pub fn fits(&self, subject: &Subject) -> Result<(), Misfit> {
        match (self, subject) {
            (Self::Ssf(_), subject) if subject.opaque_id().is_none() => {
                Err(Misfit::of("sub_id", "must be the stream's id in the format `opaque`"))
            }
            (
                Self::Risc(Risc::IdentifierChanged { .. } | Risc::IdentifierRecycled),
                Subject::One(Identifier::Email(_) | Identifier::Phone(_)),
            ) => Ok(()),
            (Self::Risc(Risc::IdentifierChanged { .. } | Risc::IdentifierRecycled), _) => {
                Err(Misfit::of("sub_id", "must be the old address or telephone number"))
            }
            _ => Ok(()),
        }
    }
}
