//! The measures, one file each.

mod bulk;
pub(crate) mod compact;
pub(crate) mod containment;
pub(crate) mod issue;
pub(crate) mod memory;
pub(crate) mod pages;
pub(crate) mod peers;
pub(crate) mod policy;
pub(crate) mod postgres;
pub(crate) mod receipt;
pub(crate) mod refuse;
pub(crate) mod start;
pub(crate) mod strong;
pub(crate) mod subjects;
pub(crate) mod verify;
