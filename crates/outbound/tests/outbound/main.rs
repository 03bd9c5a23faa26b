//! Destinations that refuse, hang, are slow, cut half-way or fail, and come back: every entry of
//! the log arrives, in order, and what comes twice comes under the same id (G3, SW-01 to SW-11).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod collectors;
mod hooks;
mod letters;
mod peer;
mod receivers;
mod world;
