//! The calls that only look.

pub(crate) mod health;
pub(crate) mod inventory;
pub(crate) mod log_entries;
pub(crate) mod subject;
