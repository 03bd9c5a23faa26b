//! The `glassbreak` command.
fn main() {}
