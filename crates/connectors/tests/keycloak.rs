//! The Keycloak connector against recordings of its published admin REST API, which a small HTTP
//! server plays back. It was never run against a Keycloak (issue 5 part 4, J1; docs/CONNECTORS.md).

#![cfg(test)]
#[path = "keycloak/player.rs"]
mod player;
#[path = "keycloak/told.rs"]
mod told;
