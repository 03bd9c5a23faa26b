//! The HTTP server: one operation, one file.
//!
//! A handler reads the request, calls the engine, and says what came of it. It cannot reach a
//! store, and it has no caller to act for unless an API key with the scope it names was presented
//! ([`access::Allowed`]).
//!
//! What is not here: decisions (`glassbreak-core`), the road they take (`glassbreak-engine`).

mod access;
mod app;
mod background;
mod backup;
mod body;
mod channels;
mod config;
mod courier;
mod database;
mod days;
mod destinations;
mod leak;
mod listen;
mod log;
mod metrics;
mod notice;
mod observe;
mod observing;
mod operation;
mod operators;
mod pages;
mod problem;
mod read;
mod reload;
mod revocation;
mod scim;
mod self_service;
mod serve;
mod shape;
mod sheet;
mod ssf;
mod telemetry;
mod tls;
mod watching;

pub use glassbreak_channels::check_address;

pub use app::{openapi_json, router};
pub use backup::{BackedUp, Restored, backup, restore};
pub use body::fuzz_body;
pub use config::destinations::fuzz_destinations;
pub use config::{
    Config, Connectors, Explained, Setting, connectors, explain as explain_config,
    parse as parse_config, template as config_template,
};
pub use courier::{Courier, Delivering, NotDelivered};
pub use database::Postgres;
pub use glassbreak_store_sqlite::BackupProgress;
pub use metrics::pages::{alert_rules, dashboard, page as metrics_page};
pub use operators::{
    MachineConfig, OidcConfig, OperatorsConfig, ReachConfig, RoleConfig, SessionConfig, SignedIn,
    TerminalSignIn,
};
pub use problem::catalogue;
pub use reload::LogFilter;
pub use serve::{Running, ServeOptions, open_offline, start};
pub use tls::TlsConfig;
pub use watching::rules_in;
