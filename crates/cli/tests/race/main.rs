//! What holds however requests race (RELIABILITY goals 1, 2 and 3; issue 2, "What must hold";
//! REG-01, REG-02, REG-06, REG-14).
//!
//! - [`same_code`]: each code fired by many clients at once, over HTTP, at one server on SQLite and
//!   at three on one PostgreSQL database: one acceptance each.
//! - [`matrix`]: redeem against everything else that can happen, 12 pairs of 1,000 trials, each
//!   history checked for linearizability; [`planted`] shows that the check finds what it looks for.
//! - [`unknown`]: the connection is cut anywhere in a redemption; the retry tells what happened.
//! - [`load`]: a mixed load, for which the servers must not grow.
//! - [`absent`]: a caller that went away leaves nothing behind that nobody looks after; nor does
//!   an engine that is [closed](closing).
//! - [`first_start`]: servers that start at once on one new database.
//!
//! `GLASSBREAK_SEED` runs the same plan again; `GLASSBREAK_SOAK_MINUTES` goes on for so long.

#![cfg(test)]

mod absent;
mod audit;
#[path = "../soak/books.rs"]
mod books;
mod closing;
mod first_start;
mod load;
mod matrix;
mod model;
mod planted;
mod random;
#[path = "../soak/run.rs"]
mod run;
mod same_code;
mod server;
#[path = "../soak/servers.rs"]
mod servers;
mod unknown;
mod world;
