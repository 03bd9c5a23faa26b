//! Enrolments and approvals against a passkey in software that can misbehave (F3, REG-29).

// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

mod approve;
mod common;
mod enrol;
mod flips;
mod vectors;
