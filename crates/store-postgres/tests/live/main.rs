//! The store against servers of its own: several nodes, wrong settings, lost answers, crashes.

mod durability;
mod nodes;
#[path = "../../../store-sqlite/tests/common/world.rs"]
mod world;
