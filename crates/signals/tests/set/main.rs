//! Security event tokens through the public API, as the server uses it.
// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

mod claims;
mod effects;
mod examples;
mod keys;
mod material;
mod properties;
mod streams;
mod subjects;
mod tokens;
mod vectors;
mod writing;
