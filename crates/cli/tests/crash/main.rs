//! What holds however the process, the disk or the machine breaks off (RELIABILITY goals 5 to
//! 8; issue 2, "Crash safety").
//!
//! - [`points`]: killed before and after every durable step there is, the first to the third time.
//! - [`points_on_postgresql`]: the same at each that the store on PostgreSQL takes.
//! - [`kills`]: killed at random under load, again and again on one database: a server on SQLite,
//!   one of two servers on PostgreSQL, and PostgreSQL itself.
//! - [`failover`]: the primary of three PostgreSQL hosts is killed or cut off, and another takes
//!   over (goal 8).
//! - [`disk`]: steps that fail, a file that may not grow, a disk that is full or read-only.
//!
//! Each drives a real server process with [`people`], who remember what they were told, and
//! compares that with what is there after the next start ([`check`]). `GLASSBREAK_SEED` runs the
//! same plan again; `GLASSBREAK_SOAK_MINUTES` goes on for so long.

#![cfg(test)]
#![cfg(feature = "failpoints")]

#[path = "../race/audit.rs"]
mod audit;
#[path = "../soak/books.rs"]
mod books;
mod check;
mod disk;
mod failover;
mod kills;
mod people;
mod person;
mod points;
mod points_on_postgresql;
mod process;
#[path = "../race/random.rs"]
mod random;
#[path = "../soak/run.rs"]
mod run;
mod sink;
