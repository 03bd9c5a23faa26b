//! The calls that only look.

pub(crate) mod alerts;
pub(crate) mod bundle;
pub(crate) mod burden;
pub(crate) mod containments;
pub(crate) mod decisions;
pub(crate) mod destinations;
pub(crate) mod directory;
pub(crate) mod exceptions;
pub(crate) mod export;
pub(crate) mod health;
pub(crate) mod inventory;
pub(crate) mod jwks;
pub(crate) mod log_entries;
pub(crate) mod metrics;
pub(crate) mod notices;
pub(crate) mod operators;
pub(crate) mod overview;
pub(crate) mod recovery;
pub(crate) mod signals;
pub(crate) mod subject;
