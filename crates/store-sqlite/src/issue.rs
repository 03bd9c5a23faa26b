//! A set issued: one row, its codes in it.

use glassbreak_core::code_set::Issued;
use glassbreak_core::event::Aside;
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::time::Timestamp;
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::project::{Projected, json, name, once};
use crate::{rows, sql};

/// A set to write down.
pub(crate) struct Issue<'a> {
    /// Its id.
    pub(crate) set: SetId,
    /// Whose it is.
    pub(crate) subject: SubjectId,
    /// What it is issued as.
    pub(crate) issued: &'a Issued,
    /// By when it is to be confirmed, if it is.
    pub(crate) confirm_by: Option<Timestamp>,
    /// When.
    pub(crate) at: Timestamp,
    /// The place of its entry.
    pub(crate) place: i64,
    /// Its verifiers.
    pub(crate) aside: &'a Aside,
}

pub(crate) fn issue(db: &Connection, issue: &Issue<'_>) -> Projected {
    let Issue { set, subject, issued, confirm_by, at, place, aside } = issue;
    let Aside::Verifiers(verifiers) = aside else {
        return Err(damaged("came without its verifiers").into());
    };
    let alike = verifiers.iter().all(|verifier| {
        verifier.scheme() == issued.scheme && verifier.key_generation() == issued.key_generation
    });
    // The set's row holds scheme and generation for all its codes, and salts for all or none.
    if !alike || verifiers.len() != usize::from(issued.count) {
        return Err(damaged("came with verifiers that are not its own").into());
    }
    let (state, state_at, due_at) = match confirm_by {
        Some(by) => ("offered", *by, issued.expires_at.min(*by)),
        None => ("active", *at, issued.expires_at),
    };
    let id = set.0.as_bytes();
    let row = params![
        id,
        subject.0.as_bytes(),
        name(&issued.kind)?,
        name(&issued.profile)?,
        json(&issued.scheme)?,
        issued.key_generation,
        issued.count,
        name(&issued.reason)?,
        name(&issued.session_assurance)?,
        issued.custody.as_ref().map(name).transpose()?,
        issued.verifiers.0,
        at.millis(),
        issued.expires_at.millis(),
        state,
        state_at.millis(),
        due_at.millis(),
        place,
        rows::packed(verifiers),
    ];
    once(db, sql::SET_ISSUE, row)
}

fn damaged(what: &str) -> Failure {
    Failure::Corrupt(format!("a code set {what}"))
}
