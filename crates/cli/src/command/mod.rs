//! One subcommand, one file, named by its verb.

pub mod address;
pub mod api_key;
pub mod bundle;
pub mod codes;
pub mod completions;
pub mod config;
pub mod contact;
pub mod exception;
pub mod inventory;
pub mod keys;
pub mod lifecycle;
pub mod log;
pub mod operator;
pub mod policy;
pub mod recovery;
pub mod redeem;
pub mod serve;
pub mod subject;
