//! The store against servers of its own: several nodes, wrong settings, lost answers, crashes, TLS.

mod durability;
mod engines;
mod migrations;
mod nodes;
mod replaced;
mod tls;
#[path = "../../../store-sqlite/tests/common/world.rs"]
mod world;
