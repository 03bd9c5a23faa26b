//! Recovery bundles from the outside: A4, B3.
// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

mod combine;
mod common;
mod interop;
mod proof;
