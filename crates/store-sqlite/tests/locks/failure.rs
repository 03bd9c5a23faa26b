//! In place of what can fail in the database: here nothing can.

/// Nothing of the kind.
#[derive(Debug)]
pub(crate) struct Failure;
