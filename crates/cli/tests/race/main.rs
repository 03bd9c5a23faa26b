//! What holds however requests race (RELIABILITY goals 1, 2 and 3; issue 2, "What must hold";
//! REG-01, REG-02, REG-06, REG-14).
//!
//! - [`same_code`]: 500 codes, each fired by 64 clients at once, over HTTP: one acceptance each.
//! - [`matrix`]: redeem against everything else that can happen, 12 pairs of 1,000 trials, each
//!   history checked for linearizability; [`planted`] shows that the check finds what it looks for.
//! - [`unknown`]: the connection is cut anywhere in a redemption; the retry tells what happened.
//! - [`two_servers`]: the same with two server processes on one PostgreSQL database.
//! - [`absent`]: a caller that went away leaves nothing behind that nobody looks after; nor does
//!   an engine that is [closed](closing).
//!
//! `GLASSBREAK_SEED` runs the same plan again; `GLASSBREAK_SOAK_MINUTES` goes on for so long.

#![cfg(test)]

mod absent;
mod audit;
mod closing;
mod matrix;
mod model;
mod planted;
mod random;
mod same_code;
mod server;
mod two_servers;
mod unknown;
mod world;
