//! A set issued: one row, its codes in it.

use glassbreak_core::code_set::Issued;
use glassbreak_core::event::Aside;
use glassbreak_core::id::SetId;
use glassbreak_core::time::Timestamp;
use uuid::Uuid;

use crate::failure::Failure;
use crate::project::{json, name};
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// A set to write down.
pub(crate) struct Issue<'a> {
    /// Its id.
    pub(crate) set: SetId,
    /// Whose it is.
    pub(crate) subject: Uuid,
    /// What it is issued as.
    pub(crate) issued: &'a Issued,
    /// By when it is to be confirmed, if it is.
    pub(crate) confirm_by: Option<Timestamp>,
    /// When.
    pub(crate) at: Timestamp,
}

impl Issue<'_> {
    /// The statement, given the verifiers and how many events of the decision come after.
    pub(crate) fn call(&self, aside: &Aside, left: i64) -> Result<Call, Failure> {
        let Self { set, subject, issued, confirm_by, at } = self;
        let Aside::Verifiers(verifiers) = aside else {
            return Err(damaged("came without its verifiers"));
        };
        let alike = verifiers.iter().all(|verifier| {
            verifier.scheme() == issued.scheme && verifier.key_generation() == issued.key_generation
        });
        // The set's row holds scheme and generation for all its codes, and salts for all or none.
        if !alike || verifiers.len() != usize::from(issued.count) {
            return Err(damaged("came with verifiers that are not its own"));
        }
        let (state, state_at, due_at) = match confirm_by {
            Some(by) => ("offered", *by, issued.expires_at.min(*by)),
            None => ("active", *at, issued.expires_at),
        };
        Ok(call(Sql::SetIssue)
            .with(set.0)
            .with(*subject)
            .with(name(&issued.kind)?)
            .with(name(&issued.profile)?)
            .with(json(&issued.scheme)?)
            .with(i64::from(issued.key_generation))
            .with(i64::from(issued.count))
            .with(name(&issued.reason)?)
            .with(name(&issued.session_assurance)?)
            .with(issued.custody.as_ref().map(name).transpose()?)
            .with(issued.verifiers.0.to_vec())
            .with(at.millis())
            .with(issued.expires_at.millis())
            .with(state)
            .with(state_at.millis())
            .with(due_at.millis())
            .with(left)
            .with(rows::packed(verifiers)))
    }
}

fn damaged(what: &str) -> Failure {
    Failure::Corrupt(format!("a code set {what}"))
}
