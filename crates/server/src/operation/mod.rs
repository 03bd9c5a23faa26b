//! The calls that change something: one file each, named by its verb.

pub(crate) mod api_keys;
pub(crate) mod appoint;
pub(crate) mod approve;
pub(crate) mod approve_exception;
pub(crate) mod cancel;
pub(crate) mod complete;
pub(crate) mod confirm;
pub(crate) mod gather;
pub(crate) mod issue;
pub(crate) mod load_policy;
pub(crate) mod open;
pub(crate) mod passkey;
pub(crate) mod redeem;
pub(crate) mod register;
pub(crate) mod report;
pub(crate) mod request_exception;
pub(crate) mod review;
pub(crate) mod revoke;
pub(crate) mod rotate_key;
pub(crate) mod send;
pub(crate) mod withdraw_exception;
