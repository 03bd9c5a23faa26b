//! What tests and benches share: a server process of their own, an HTTP client, seeded randomness, a
//! clock that can be set. A development dependency only.

pub mod http;
pub mod server;
