//! What connectors tell, in words that are the same for every system.

use glassbreak_core::lifecycle::LifecycleKind;
use serde::Serialize;
use serde_json::Value;

use crate::Position;

/// What a connector does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// To tell who has recovery codes.
    Inventory,
    /// To revoke them.
    Revoke,
    /// To read what happened.
    Events,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The other system's version, where it tells it.
    pub version: Option<String>,
    /// What has to be changed there before everything works; empty if nothing.
    pub missing: Vec<Missing>,
}

/// Something that has to be changed at the other system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// What does not work without it.
    pub verb: Verb,
    /// What to do there.
    pub what: &'static str,
}

/// A page of who has recovery codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The sets on it, live and revoked.
    pub sets: Vec<HeldSet>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Position>,
    /// How far this page gets, in what the other system counts: sets or users.
    pub looked_at: u64,
    /// How many of these there are in all, where it tells.
    pub total: Option<u64>,
}

/// A set of recovery codes that another system keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldSet {
    /// Whose it is, as the other system names its users.
    pub subject: String,
    /// The user's id there, which stays when the name changes.
    pub subject_id: String,
    /// The set's id there.
    pub set: String,
    /// What the other system calls its kind: `paper`, `tan`, `recovery-authn-codes`.
    pub kind: String,
    /// How many codes are left.
    #[serde(flatten)]
    pub left: Left,
    /// When it was issued, RFC 3339; `None` where that is not known.
    pub issued_at: Option<String>,
    /// Whether its codes are accepted there.
    pub live: bool,
}

/// How many codes are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "left_is", content = "left", rename_all = "snake_case")]
pub enum Left {
    /// So many: the other system counts them.
    Exact(u32),
    /// So many if the sheet has the length that is configured: the other system counts only those
    /// that are used.
    Estimated(u32),
    /// It does not tell.
    Unknown,
}

/// What came of revoking a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RevokedSet {
    /// The set's id there.
    pub set: String,
    /// What the other system calls its kind.
    pub kind: String,
    /// What was done.
    pub done: WhatWasDone,
}

/// What was done to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatWasDone {
    /// It was live, and is revoked now. The other system keeps a record of it.
    Revoked,
    /// It was there, and is deleted now.
    Deleted,
    /// It was dead already. Nothing was done.
    AlreadyDead,
}

/// Some of what happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Events {
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Where to go on. To be kept once the events are dealt with.
    pub next: Position,
    /// Whether there is more to be read at once.
    pub more: bool,
    /// Whether the other system deleted events that were never read.
    pub lost: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Its number or id there.
    pub id: String,
    /// When, as the other system writes it. Not every one tells its time zone.
    pub at: String,
    /// What the other system calls it.
    pub action: String,
    /// Whom it is about, as the other system names its users; `None` if nobody.
    pub subject: Option<String>,
    /// The user's id there, where it tells one.
    pub subject_id: Option<String>,
    /// What it means for recovery codes; `None` if nothing (D1 to D9).
    pub lifecycle: Option<LifecycleKind>,
    /// All that was told of it. It may hold personal data, and is not for the log.
    pub whole: Value,
}
