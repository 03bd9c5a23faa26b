//! Events of self-service: who was let in, by whom, and how. They change nothing.

use serde::{Deserialize, Serialize};

use crate::id::LinkId;
use crate::self_service::{Entrance, Purpose};
use crate::subject::Assurance;
use crate::time::Timestamp;

/// A link to self-service was made for the subject. What it is opened with is nowhere in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfServiceLinkMade {
    /// Which.
    pub link: LinkId,
    /// The assurance in which the person is, by the word of whoever asked for it.
    pub assurance: Assurance,
    /// What it is for.
    pub purposes: Vec<Purpose>,
    /// Until when it opens something, in milliseconds since the Unix epoch.
    pub until: Timestamp,
}

/// The subject came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfServiceEntered {
    /// How.
    #[serde(flatten)]
    pub entrance: Entrance,
    /// The assurance of the session.
    pub assurance: Assurance,
    /// What it is for.
    pub purposes: Vec<Purpose>,
}
