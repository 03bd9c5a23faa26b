//! Security event tokens (RFC 8417, SSF 1.0): verified, read, and written.
