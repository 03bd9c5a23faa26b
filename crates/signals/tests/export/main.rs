//! The log for SIEMs: OCSF, syslog, CEF and webhooks, through the public API.
//!
//! `entries.jsonl` has one entry of every kind; `golden/` has what becomes of them. Golden files
//! and the table in docs/EXPORT.md are written anew with `GLASSBREAK_GOLDEN=write`.

// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

mod cef;
mod cef_reader;
mod destination;
mod hostile;
mod ocsf;
mod support;
mod syslog;
mod syslog_reader;
mod webhook;
