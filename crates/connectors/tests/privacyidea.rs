//! The privacyIDEA connector against a real privacyIDEA server, which is installed and started here
//! (issue 5 part 4, J1).

#![cfg(test)]
#[path = "privacyidea/reading.rs"]
mod reading;
#[path = "privacyidea/refusals.rs"]
mod refusals;
#[path = "privacyidea/revoking.rs"]
mod revoking;
#[path = "privacyidea/server.rs"]
mod server;
