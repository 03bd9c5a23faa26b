//! What tests and benches share: a server process of their own, an HTTP client, seeded randomness,
//! a clock that can be set, a checker of histories, a passkey in software, a browser, and the
//! bodies of the fuzz targets. A development dependency only.
//!
//! It knows the engine, so tests *inside* `core`, `store` and `engine` (`#[cfg(test)]`) would meet
//! two copies of their own types; they use it from `tests/`.

pub mod axe;
pub mod browser;
mod clock;
pub mod collector;
mod entropy;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod http;
pub mod linear;
pub mod node;
pub mod passkey;
pub mod postgres;
pub mod python;
mod seed;
pub mod server;
mod target;

pub use clock::FakeClock;
pub use entropy::SeededEntropy;
pub use seed::{Seed, VARIABLE as SEED_VARIABLE, seed};
pub use target::target;
