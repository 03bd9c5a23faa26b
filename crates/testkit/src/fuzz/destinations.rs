//! Where the log may be sent to: configurations of destinations, and URLs that lead elsewhere.

use std::net::IpAddr;

use glassbreak_signals::export::webhook::destination::{
    Allowed, Destination, Host, Network, Special,
};

/// A configuration with destinations, a URL, and a network.
pub fn destinations(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    glassbreak_server::fuzz_destinations(text);
    for line in text.lines().take(32) {
        url(line);
        if let Ok(network) = line.parse::<Network>() {
            assert_eq!(network.to_string().parse(), Ok(network), "a network has one spelling");
        }
    }
}

/// Whatever a URL looks like, nothing but public addresses are connected to (SW-11).
fn url(text: &str) {
    let closed = Allowed::default();
    let Ok(place) = Destination::parse(text, &closed) else { return };
    let elsewhere: Vec<IpAddr> = ["169.254.169.254", "127.0.0.1", "::1", "10.0.0.1", "fd00::1"]
        .iter()
        .filter_map(|address| address.parse().ok())
        .collect();
    if let Host::Address(address) = place.host() {
        assert!(Special::of(*address).is_none(), "{address} is not public");
        let admitted = place.admit(&elsewhere, &closed);
        let own = admitted.is_ok_and(|all| all.iter().all(|one| one.ip() == *address));
        assert!(own, "an address leads to itself alone");
    } else {
        for address in elsewhere {
            assert!(place.admit(&[address], &closed).is_err(), "{address} is not public");
        }
    }
    assert!(place.target().starts_with('/'), "a target is a path");
}
