//! The body of a webhook: thin, as SW-07 would have it.

use glassbreak_core::event::Entry;
use serde::Serialize;

use crate::export::ocsf::{Class, Event};

/// The longest body, in bytes (SW-07).
pub const BODY_BYTES_MAX: usize = 20_000;

/// `{type, timestamp, data}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice<D> {
    /// The event's name, parts with dots between them.
    pub r#type: &'static str,
    /// When it happened, RFC 3339; the same for each attempt.
    pub timestamp: String,
    /// What is told of it.
    pub data: D,
}

/// What is told of an event: enough to ask for the rest. A body that was intercepted, or a receiver
/// that leaks, gives nothing away that opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thin {
    /// The entry's id.
    pub id: String,
    /// The log's name.
    pub log: String,
    /// Its index there: ask for it and for its receipt.
    pub index: u64,
    /// The hash of its leaf, hexadecimal.
    pub leaf_hash: String,
    /// The type of OCSF, for receivers that sort by it.
    pub type_uid: u32,
    /// How bad it is, 1 to 5.
    pub severity_id: u8,
    /// The subject's opaque id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<String>,
    /// Why, as a stable word of ours; not of codes that were tried, see [`Notice::of`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A body that cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Longer than [`BODY_BYTES_MAX`].
    #[error("a body of {0} bytes is longer than a webhook's may be")]
    TooLong(usize),
    /// It has no form in JSON.
    #[error("the body cannot be written as JSON")]
    NotJson(#[source] serde_json::Error),
}

impl Notice<Thin> {
    /// What is told of `entry`, which `event` was made of.
    ///
    /// Why a code was refused stays in the log: the caller of a redemption is not told, and may
    /// well be who listens here.
    pub fn of(entry: &Entry, event: &Event<'_>) -> Self {
        let is_attempt = event.class_uid == Class::Authentication.uid();
        let data = Thin {
            id: event.metadata.uid.clone(),
            log: event.metadata.log_name.clone(),
            index: event.unmapped.index,
            leaf_hash: event.unmapped.leaf_hash.clone(),
            type_uid: event.type_uid,
            severity_id: event.severity_id,
            subject: event.concerns().map(str::to_owned),
            recovery: event.metadata.correlation_uid.clone(),
            why: event.status_detail.clone().filter(|_| !is_attempt),
        };
        Self { r#type: event.metadata.event_code, timestamp: entry.at.to_string(), data }
    }
}

impl<D: Serialize> Notice<D> {
    /// The bytes to be signed and sent: the same for each attempt.
    ///
    /// # Errors
    /// [`BodyError`] if it is too long for a webhook.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BodyError> {
        let bytes = serde_json::to_vec(self).map_err(BodyError::NotJson)?;
        if bytes.len() > BODY_BYTES_MAX { Err(BodyError::TooLong(bytes.len())) } else { Ok(bytes) }
    }
}
