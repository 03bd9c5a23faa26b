//! The log for SIEMs: OCSF 1.8.0, RFC 5424 syslog, CEF, and Standard Webhooks that carry them (G3).
//!
//! An entry of the log has one road out: [`ocsf::Event::of`] says what it is in OCSF's words, and
//! [`syslog`] and [`cef`] write that down in another form, so that no two of them can tell a
//! different story. [`webhook`] signs what is sent, checks what is received, and says where it may
//! be sent to. docs/EXPORT.md has the table of what becomes of each event.
//!
//! No name, address or code is in an entry, and none is added here: a subject is its opaque id.

pub mod cef;
pub mod ocsf;
pub mod syslog;
pub mod webhook;

/// Where entries come from. What is said of each is the same for all entries of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The program's version, `0.1.0`.
    pub version: String,
    /// What people call the installation: `production`, a host, a tenant.
    pub installation: String,
    /// The log's name, as the first line of its checkpoints has it.
    pub log: String,
}

/// The vendor, as OCSF and CEF ask for one.
pub const VENDOR: &str = "Glassbreak";
/// The product.
pub const PRODUCT: &str = "Glassbreak";
