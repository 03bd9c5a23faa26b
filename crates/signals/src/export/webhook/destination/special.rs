//! What an address is, if it is not one of a public machine (RFC 6890 and the registries of it).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::Network;

/// What an address is instead of public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Special {
    /// Nowhere: `0.0.0.0/8`, `::`. Many systems take it for this machine.
    Unspecified,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918).
    Private,
    /// The inside of a carrier (RFC 6598).
    CarrierNat,
    /// This link.
    LinkLocal,
    /// A private network of IPv6 (RFC 4193), or what came before it.
    UniqueLocal,
    /// Many machines.
    Multicast,
    /// Every machine of this link.
    Broadcast,
    /// For examples and measurements: nobody's.
    Documentation,
    /// Kept for protocols, or for later.
    Reserved,
    /// A service that gives a cloud's machines their credentials.
    Metadata,
    /// A way into another network whose end cannot be seen: 6to4, Teredo, IPv4-compatible.
    Tunnel,
}

impl Special {
    /// What `address` is; none if it is public. An address that carries another one, mapped or
    /// translated, is what that one is.
    pub fn of(address: IpAddr) -> Option<Self> {
        if METADATA.contains(&address) {
            return Some(Self::Metadata);
        }
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Whether a configuration can allow it. What is no single machine, and what hands out
    /// credentials, it cannot.
    pub const fn can_be_allowed(self) -> bool {
        match self {
            Self::Loopback
            | Self::Private
            | Self::CarrierNat
            | Self::LinkLocal
            | Self::UniqueLocal
            | Self::Documentation => true,
            Self::Unspecified
            | Self::Multicast
            | Self::Broadcast
            | Self::Reserved
            | Self::Metadata
            | Self::Tunnel => false,
        }
    }
}

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::CarrierNat => "inside a carrier",
            Self::LinkLocal => "link-local",
            Self::UniqueLocal => "unique local",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "for documentation or measurements",
            Self::Reserved => "reserved",
            Self::Metadata => "a cloud's metadata service",
            Self::Tunnel => "a tunnel",
        })
    }
}

/// Services that give out credentials to whoever asks from inside, some at public addresses.
const METADATA: [IpAddr; 10] = [
    // AWS, Azure, Google, OpenStack and most others; tasks and pods of AWS.
    v4(169, 254, 169, 254),
    v4(169, 254, 170, 2),
    v4(169, 254, 170, 23),
    // Alibaba, Oracle, Azure's host.
    v4(100, 100, 100, 200),
    v4(192, 0, 0, 192),
    v4(168, 63, 129, 16),
    // AWS and its pods, Google, and Scaleway, over IPv6.
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]),
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23]),
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]),
    v6([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42]),
];

const fn v4(a: u8, b: u8, c: u8, d: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

const fn v6(groups: [u16; 8]) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_segments(groups))
}

/// The first network that an address is in tells what it is.
const V4: &[(Network, Special)] = &[
    (Network::v4(0, 0, 0, 0, 8), Special::Unspecified),
    (Network::v4(10, 0, 0, 0, 8), Special::Private),
    (Network::v4(100, 64, 0, 0, 10), Special::CarrierNat),
    (Network::v4(127, 0, 0, 0, 8), Special::Loopback),
    (Network::v4(169, 254, 0, 0, 16), Special::LinkLocal),
    (Network::v4(172, 16, 0, 0, 12), Special::Private),
    (Network::v4(192, 0, 0, 0, 24), Special::Reserved),
    (Network::v4(192, 0, 2, 0, 24), Special::Documentation),
    (Network::v4(192, 88, 99, 0, 24), Special::Tunnel),
    (Network::v4(192, 168, 0, 0, 16), Special::Private),
    (Network::v4(198, 18, 0, 0, 15), Special::Documentation),
    (Network::v4(198, 51, 100, 0, 24), Special::Documentation),
    (Network::v4(203, 0, 113, 0, 24), Special::Documentation),
    (Network::v4(224, 0, 0, 0, 4), Special::Multicast),
    (Network::v4(255, 255, 255, 255, 32), Special::Broadcast),
    (Network::v4(240, 0, 0, 0, 4), Special::Reserved),
];

const V6: &[(Network, Special)] = &[
    // 64:ff9b:1::/48 is for translation inside of one's own network (RFC 8215).
    (Network::v6([0x64, 0xff9b, 1, 0], 48), Special::Private),
    // Protocols of the IETF, Teredo (2001::/32) and the likes of it.
    (Network::v6([0x2001, 0, 0, 0], 32), Special::Tunnel),
    (Network::v6([0x2001, 2, 0, 0], 48), Special::Documentation),
    (Network::v6([0x2001, 0, 0, 0], 23), Special::Reserved),
    (Network::v6([0x2001, 0xdb8, 0, 0], 32), Special::Documentation),
    (Network::v6([0x2002, 0, 0, 0], 16), Special::Tunnel),
    (Network::v6([0x3fff, 0, 0, 0], 20), Special::Documentation),
    (Network::v6([0xfc00, 0, 0, 0], 7), Special::UniqueLocal),
    (Network::v6([0xfe80, 0, 0, 0], 10), Special::LinkLocal),
    (Network::v6([0xfec0, 0, 0, 0], 10), Special::UniqueLocal),
    (Network::v6([0xff00, 0, 0, 0], 8), Special::Multicast),
];

/// All that is given out to public machines (RFC 4291 section 2.4).
const GLOBAL: Network = Network::v6([0x2000, 0, 0, 0], 3);
/// Translation to IPv4 (RFC 6052): what a resolver answers where there is no IPv4.
const TRANSLATED: Network = Network::v6([0x64, 0xff9b, 0, 0], 96);

fn of_v4(address: Ipv4Addr) -> Option<Special> {
    V4.iter().find(|(network, _)| network.contains(IpAddr::V4(address))).map(|(_, what)| *what)
}

fn of_v6(address: Ipv6Addr) -> Option<Special> {
    if address.is_unspecified() {
        return Some(Special::Unspecified);
    }
    if address.is_loopback() {
        return Some(Special::Loopback);
    }
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Special::of(IpAddr::V4(mapped));
    }
    let [.., a, b, c, d] = address.octets();
    if TRANSLATED.contains(IpAddr::V6(address)) {
        return Special::of(v4(a, b, c, d));
    }
    if address.segments().starts_with(&[0, 0, 0, 0, 0, 0]) {
        return Some(Special::Tunnel);
    }
    let found = V6.iter().find(|(network, _)| network.contains(IpAddr::V6(address)));
    let reserved = || (!GLOBAL.contains(IpAddr::V6(address))).then_some(Special::Reserved);
    found.map(|(_, what)| *what).or_else(reserved)
}
