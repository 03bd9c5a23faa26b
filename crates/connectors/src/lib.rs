//! Stands beside stacks that know no standard for recovery codes, and speaks to their admin APIs
//! (J1).
//!
//! A [`Connector`] tells who has recovery codes there, revokes them without touching the account or
//! its other factors, and reads what happened there. [`ConnectorConfig::open`] makes one out of its
//! settings. Two are built in: privacyIDEA and Keycloak.
//!
//! Every call blocks its thread, and speaks to the other system alone. What is not here: what
//! follows from what was read. That is the caller's.

mod config;
mod error;
mod http;
mod keycloak;
mod model;
mod position;
mod privacyidea;
mod secret_source;

pub use config::{ConfigError, ConnectorConfig, KeycloakConfig, PrivacyIdeaConfig, Variables};
pub use error::{ConnectorError, Fault};
pub use keycloak::Keycloak;
pub use model::{
    Checked, Event, Events, Held, HeldSet, Left, Missing, RevokedSet, Verb, WhatWasDone,
};
pub use position::Position;
pub use privacyidea::PrivacyIdea;

/// A system that keeps recovery codes, seen through its admin API (J1).
///
/// A subject is named as the other system names its users. Nothing here is ever tried again by
/// itself, but for a sign-in that has run out.
pub trait Connector: Send + Sync + std::fmt::Debug {
    /// Signs in, and finds out what the account may do. Changes nothing.
    ///
    /// # Errors
    /// Credentials that are refused, a system that is not reached or not understood.
    fn check(&self) -> Result<Checked, ConnectorError>;

    /// A page of who has recovery codes: `from` a position that the page before gave, or from the
    /// beginning. A page may be empty and not be the last.
    ///
    /// # Errors
    /// As [`Connector::check`], and a right that is missing.
    fn inventory(&self, from: Option<&Position>) -> Result<Held, ConnectorError>;

    /// Revokes all recovery codes of `subject` for good. The account and its other factors stay as
    /// they are. Idempotent: what is dead already is told as such.
    ///
    /// # Errors
    /// As [`Connector::inventory`], and a subject that is not known there. Some of the sets may be
    /// revoked by then; to call again finishes it.
    fn revoke(&self, subject: &str) -> Result<Vec<RevokedSet>, ConnectorError>;

    /// Some of what happened `after` a position, oldest first; from the beginning without one.
    /// Told at least once: a caller that keeps the position it is given misses nothing that the
    /// other system still has.
    ///
    /// # Errors
    /// As [`Connector::inventory`], and a position that is none of this connector's.
    fn events(&self, after: Option<&Position>) -> Result<Events, ConnectorError>;

    /// The position after everything that has happened so far.
    ///
    /// # Errors
    /// As [`Connector::inventory`].
    fn newest(&self) -> Result<Position, ConnectorError>;
}
