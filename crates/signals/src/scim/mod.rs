//! SCIM 2.0 for a service provider: resources, filters and patches (RFC 7643, RFC 7644).
