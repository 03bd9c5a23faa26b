//! The calls that change something: one file each, named by its verb.

pub(crate) mod api_keys;
pub(crate) mod confirm;
pub(crate) mod issue;
pub(crate) mod redeem;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod revoke;
pub(crate) mod rotate_key;
