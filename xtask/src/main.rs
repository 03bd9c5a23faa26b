//! Development tasks: `cargo xtask test|bench|generate|layers`.
fn main() {}
