//! Codecs for what identity systems and SIEMs speak, and for nothing else: no connection is made
//! here, no file read and no clock asked. Whoever calls brings bytes, keys and the time.
//!
//! - [`set`]: security event tokens (RFC 8417) as the OpenID Shared Signals Framework has them, in
//!   and out: CAEP and RISC events, and who they are about (RFC 9493).
//! - [`scim`]: SCIM 2.0 resources, filters and patches (RFC 7643, RFC 7644).
//! - [`oidc`]: `OpenID` Connect, as whoever relies on a provider needs it (Core 1.0, RFC 9068).
//! - [`export`]: the log's entries as OCSF, RFC 5424 syslog and CEF, and Standard Webhooks.

pub mod export;
pub mod oidc;
pub mod scim;
pub mod set;
