//! What has gone wrong with backup codes elsewhere, tried on a server process of ours over HTTP:
//! the regression list (REG) of the reliability paper, one test or more for each row that concerns
//! what exists. Where a row needs a fault that no client can cause, the test embeds the engine.
//!
//! Rows over several server processes run on one process and SQLite here, and over engines on one
//! store that stand for processes. They run over processes when PostgreSQL comes.

#![cfg(test)]

#[path = "regression/calls.rs"]
mod calls;
#[path = "regression/common.rs"]
mod common;
#[path = "regression/embedded.rs"]
mod embedded;
#[path = "regression/encodings.rs"]
mod encodings;
#[path = "regression/endpoints.rs"]
mod endpoints;
#[path = "regression/postbox.rs"]
mod postbox;

#[path = "regression/access.rs"]
mod access;
#[path = "regression/answers.rs"]
mod answers;
#[path = "regression/at_rest.rs"]
mod at_rest;
#[path = "regression/bundles.rs"]
mod bundles;
#[path = "regression/conflicts.rs"]
mod conflicts;
#[path = "regression/floors.rs"]
mod floors;
#[path = "regression/foreign_clients.rs"]
mod foreign_clients;
#[path = "regression/guessing.rs"]
mod guessing;
#[path = "regression/leaks.rs"]
mod leaks;
#[path = "regression/methods.rs"]
mod methods;
#[path = "regression/notices.rs"]
mod notices;
#[path = "regression/overviews.rs"]
mod overviews;
#[path = "regression/own_name.rs"]
mod own_name;
#[path = "regression/passkeys.rs"]
mod passkeys;
#[path = "regression/recovery.rs"]
mod recovery;
#[path = "regression/repudiation.rs"]
mod repudiation;
#[path = "regression/reuse.rs"]
mod reuse;
#[path = "regression/scim.rs"]
mod scim;
#[path = "regression/scim_misuse.rs"]
mod scim_misuse;
#[path = "regression/scim_races.rs"]
mod scim_races;
#[path = "regression/sheets.rs"]
mod sheets;
#[path = "regression/strangers.rs"]
mod strangers;
#[path = "regression/swap.rs"]
mod swap;
