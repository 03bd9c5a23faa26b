//! The log for SIEMs: OCSF 1.8.0, RFC 5424 syslog, CEF, and Standard Webhooks that carry them.
