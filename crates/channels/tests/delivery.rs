//! Delivery to real servers: a mail server and a gateway, each a process of its own, over real
//! sockets and real TLS (issue 3 part 5, A4, F4, N63B-IC-01 to -08).

#![cfg(test)]

#[path = "delivery/certificates.rs"]
mod certificates;
#[path = "delivery/fixture.rs"]
mod fixture;
#[path = "delivery/planted.rs"]
mod planted;
#[path = "delivery/server.rs"]
mod server;
#[path = "delivery/settings.rs"]
mod settings;
#[path = "delivery/smtp.rs"]
mod smtp;
#[path = "delivery/smtp_tls.rs"]
mod smtp_tls;
#[path = "delivery/webhook.rs"]
mod webhook;
