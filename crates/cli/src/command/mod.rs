//! One subcommand, one file, named by its verb.

pub mod address;
pub mod alert;
pub mod api_key;
pub mod backup;
pub mod bundle;
pub mod codes;
pub mod completions;
pub mod config;
pub mod connector;
pub mod contact;
pub mod containment;
pub mod destination;
pub mod exception;
pub mod health;
pub mod inventory;
pub mod keys;
pub mod leak;
pub mod lifecycle;
pub mod log;
pub mod notice;
pub mod operator;
pub mod overview;
pub mod page;
pub mod policy;
pub mod recovery;
pub mod redeem;
pub mod restore;
pub mod rules;
pub mod self_service;
pub mod serve;
pub mod sheet;
pub mod signal;
pub mod subject;

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

/// What a browser gave, out of a file.
pub(crate) fn json_file(path: &Path) -> anyhow::Result<Value> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
    serde_json::from_str(&text).with_context(|| format!("`{shown}` is not JSON"))
}
