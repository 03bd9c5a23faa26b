//! Where a webhook may go (SW-11).

use std::net::{IpAddr, SocketAddr};

use glassbreak_signals::export::webhook::destination::{
    Allowed, Destination, Forbidden, Host, MalformedUrl, Network, Scheme, Special,
};
use proptest::prelude::*;

fn address(text: &str) -> IpAddr {
    text.parse().expect(text)
}

fn parse(text: &str) -> Result<Destination, Forbidden> {
    Destination::parse(text, &Allowed::default())
}

fn networks(list: &[&str]) -> Allowed {
    let networks = list.iter().map(|network| network.parse().expect(network)).collect();
    Allowed { networks, ..Allowed::default() }
}

#[test]
fn an_address_that_is_not_public_is_known_for_what_it_is_sw_11() {
    use Special as S;
    for (what, list) in [
        (S::Unspecified, &["0.0.0.0", "0.255.255.255", "::", "::ffff:0.0.0.0"][..]),
        (S::Loopback, &["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"]),
        (S::Loopback, &["64:ff9b::7f00:1", "64:ff9b::127.8.8.8"]),
        (S::Private, &["10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.255"]),
        (S::Private, &["192.168.0.1", "::ffff:10.1.2.3", "64:ff9b::192.168.1.1", "64:ff9b:1::1"]),
        (S::CarrierNat, &["100.64.0.0", "100.127.255.255", "::ffff:100.64.1.1"]),
        (S::LinkLocal, &["169.254.0.1", "169.254.255.255", "fe80::1", "febf::1"]),
        (S::UniqueLocal, &["fc00::1", "fdff::1", "fec0::1"]),
        (S::Multicast, &["224.0.0.1", "239.255.255.255", "ff02::1", "::ffff:224.0.0.251"]),
        (S::Broadcast, &["255.255.255.255"]),
        (S::Reserved, &["240.0.0.1", "255.255.255.254", "192.0.0.1", "2001:10::1", "2001:20::1"]),
        (S::Reserved, &["100::1", "4000::1", "5f00::1", "8000::1", "64:ff9b:2::1", "fbff::1"]),
        (S::Documentation, &["192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1"]),
        (S::Documentation, &["198.18.0.1", "198.19.255.255", "3fff::1", "2001:2::1"]),
        (S::Tunnel, &["2002::1", "2002:7f00:1::", "2001::1", "2001:0:7f00:1::", "192.88.99.1"]),
        (S::Tunnel, &["::127.0.0.1", "::8.8.8.8", "::2"]),
        (S::Metadata, &["169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200"]),
        (S::Metadata, &["192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23"]),
        (S::Metadata, &["fd20:ce::254", "fd00:42::42", "::ffff:169.254.169.254"]),
        (S::Metadata, &["64:ff9b::169.254.169.254", "::ffff:168.63.129.16"]),
    ] {
        for text in list {
            assert_eq!(Special::of(address(text)), Some(what), "{text}");
            let here = parse("https://hooks.example.com/").unwrap();
            let refused = here.admit(&[address(text)], &Allowed::default());
            let address = address(text);
            assert_eq!(refused, Err(Forbidden::Address { address, special: what }));
        }
    }
}

#[test]
fn what_lies_right_beside_a_special_network_is_public() {
    for text in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "8.8.8.8",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "168.63.129.15",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2600::1",
        "2a00:1450::1",
        "3ffe::1",
        "3fff:1000::1",
    ] {
        assert_eq!(Special::of(address(text)), None, "{text}");
    }
}

#[test]
fn one_address_that_is_not_public_forbids_them_all_sw_11() {
    let here = parse("https://hooks.example.com/in").unwrap();
    let (good, bad) = (address("93.184.216.34"), address("10.0.0.1"));
    let connect = vec![SocketAddr::new(good, 443), SocketAddr::new(address("2600::1"), 443)];
    assert_eq!(here.admit(&[good, address("2600::1")], &Allowed::default()), Ok(connect));
    for list in [[good, bad], [bad, good]] {
        let special = Special::Private;
        let refused = Err(Forbidden::Address { address: bad, special });
        assert_eq!(here.admit(&list, &Allowed::default()), refused);
    }
    assert_eq!(here.admit(&[], &Allowed::default()), Err(Forbidden::NoAddress));
}

#[test]
fn a_network_of_ones_own_can_be_allowed_and_credentials_of_a_cloud_cannot() {
    let here = parse("https://hooks.internal.example/").unwrap();
    let all = networks(&["0.0.0.0/0", "::/0"]);
    let can = ["127.0.0.1", "10.1.2.3", "100.64.0.1", "169.254.1.1", "fd12::1", "fe80::1", "::1"];
    for text in can {
        assert!(here.admit(&[address(text)], &all).is_ok(), "{text}");
    }
    let never = [
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "169.254.169.254",
        "fd00:ec2::254",
        "168.63.129.16",
        "2002:0a00:1::",
        "::10.0.0.1",
        "240.0.0.1",
        "::ffff:169.254.169.254",
    ];
    for text in never {
        assert!(here.admit(&[address(text)], &all).is_err(), "{text}");
    }
    let one = networks(&["10.1.0.0/16", "fd12::/16"]);
    assert!(here.admit(&[address("10.1.255.255"), address("fd12:1::1")], &one).is_ok());
    for text in ["10.2.0.0", "10.0.255.255", "fd13::1", "::ffff:10.1.0.1", "64:ff9b::10.1.0.1"] {
        assert!(here.admit(&[address(text)], &one).is_err(), "{text}");
    }
    // An address in the URL itself goes the same way.
    assert!(parse("https://10.1.0.1/").is_err());
    let inside = Destination::parse("https://10.1.0.1/", &one).unwrap();
    let connect = vec![SocketAddr::new(address("10.1.0.1"), 443)];
    assert_eq!(inside.admit(&[address("93.184.216.34")], &one), Ok(connect));
    assert!(inside.admit(&[], &Allowed::default()).is_err(), "by the rules of now");
}

#[test]
fn a_url_is_read_as_it_is_meant() {
    let here = parse("HTTPS://Hooks.Example.COM.:8443/a/b?c=d").unwrap();
    assert_eq!(here.host(), &Host::Name("hooks.example.com".to_owned()));
    assert_eq!((here.scheme(), here.port()), (Scheme::Https, 8443));
    assert_eq!(here.target(), "/a/b?c=d");
    for (text, target) in [
        ("https://hooks.example.com", "/"),
        ("https://hooks.example.com/", "/"),
        ("https://hooks.example.com?a=b", "/?a=b"),
        ("https://hooks.example.com/%2e%2e/x", "/%2e%2e/x"),
    ] {
        let here = parse(text).unwrap();
        assert_eq!((here.target(), here.port()), (target, 443), "{text}");
    }
    let six = parse("https://[2600::1]:443/").unwrap();
    assert_eq!(six.host(), &Host::Address(address("2600::1")));
    assert_eq!(six.host().to_string(), "[2600::1]");
}

#[test]
fn a_url_that_readers_disagree_about_is_refused_sw_11() {
    use MalformedUrl as M;
    let long = format!("https://hooks.example.com/{}", "x".repeat(2048));
    let label = format!("https://{}.example/", "x".repeat(64));
    for (text, wrong) in [
        ("", M::Scheme),
        ("hooks.example.com", M::Scheme),
        ("ftp://hooks.example.com/", M::Scheme),
        ("file:///etc/passwd", M::Scheme),
        ("https:hooks.example.com", M::Scheme),
        (" https://hooks.example.com/", M::Character),
        ("https://hooks.example.com/a b", M::Character),
        ("https://hooks.example.com/\r\nHost: x", M::Character),
        ("https://hooks.example.com\\@127.0.0.1/", M::Character),
        ("https://hooks.example.com/#x", M::Character),
        ("https://exämple.com/", M::Character),
        ("https://user@hooks.example.com/", M::User),
        ("https://user:word@hooks.example.com/", M::User),
        ("https://hooks.example.com:443@127.0.0.1/", M::User),
        ("https:///x", M::Host),
        ("https://./", M::Host),
        ("https://a..b/", M::Host),
        ("https://-a.example/", M::Host),
        ("https://a%2eexample/", M::Host),
        ("https://127.1/", M::Host),
        ("https://2130706433/", M::Host),
        ("https://0x7f.0.0.1/", M::Host),
        ("https://0x7f000001/", M::Host),
        ("https://127.0.0.0x1/", M::Host),
        ("https://0177.0.0.1/", M::Host),
        ("https://127.0.0.01/", M::Host),
        ("https://1.2.3.4.5/", M::Host),
        ("https://256.0.0.1/", M::Host),
        ("https://[::1/", M::Host),
        ("https://[::1]x/", M::Host),
        ("https://[fe80::1%25eth0]/", M::Host),
        ("https://[127.0.0.1]/", M::Host),
        ("https://::1/", M::Host),
        ("https://hooks.example.com:/", M::Port),
        ("https://hooks.example.com:0/", M::Port),
        ("https://hooks.example.com:0443/", M::Port),
        ("https://hooks.example.com:+443/", M::Port),
        ("https://hooks.example.com:65536/", M::Port),
        ("https://hooks.example.com:443:443/", M::Port),
        (long.as_str(), M::TooLong),
        (label.as_str(), M::Host),
    ] {
        assert_eq!(parse(text), Err(Forbidden::Malformed(wrong)), "{text}");
    }
}

#[test]
fn http_and_other_ports_only_where_they_are_allowed() {
    assert_eq!(parse("http://hooks.example.com/"), Err(Forbidden::Http));
    let open = Allowed { http: true, ports: vec![9000], ..Allowed::default() };
    let here = Destination::parse("http://hooks.example.com/", &open).unwrap();
    assert_eq!((here.scheme(), here.port()), (Scheme::Http, 80));
    assert!(Destination::parse("https://hooks.example.com:9000/", &open).is_ok());
    for (text, port) in [
        ("https://hooks.example.com:22/", 22),
        ("https://hooks.example.com:25/", 25),
        ("https://hooks.example.com:80/", 80),
        ("https://hooks.example.com:9000/", 9000),
    ] {
        assert_eq!(parse(text), Err(Forbidden::Port(port)), "{text}");
    }
    let refused = Destination::parse("http://hooks.example.com:443/", &open);
    assert_eq!(refused, Err(Forbidden::Port(443)));
}

#[test]
fn an_address_in_a_url_is_looked_at_at_once() {
    for text in [
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
    ] {
        assert!(matches!(parse(text), Err(Forbidden::Address { .. })), "{text}");
    }
}

#[test]
fn a_network_is_written_in_one_way() {
    for text in ["10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/32", "fd00::/8", "::/0", "::1/128"] {
        assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0.0/+8",
        "10.0.0.0/",
        "10/8",
        "x/8",
        "fd00::1/8",
        "fd00::/129",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8",
    ] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}

proptest! {
    /// No text makes the reader panic, and what it takes reads back as the same place.
    #[test]
    fn what_is_taken_reads_back_the_same(text in "(https?://)?[ -~]{0,60}") {
        let open = Allowed { http: true, ports: (1..=u16::MAX).collect(), ..Allowed::default() };
        if let Ok(here) = Destination::parse(&text, &open) {
            let scheme = if here.scheme() == Scheme::Https { "https" } else { "http" };
            let again = format!("{scheme}://{}:{}{}", here.host(), here.port(), here.target());
            prop_assert_eq!(Destination::parse(&again, &open), Ok(here));
        }
    }

    #[test]
    fn what_is_taken_for_a_network_reads_back_the_same(text in "[0-9a-f:./ +-]{0,40}|[^/]*/[^/]*") {
        if let Ok(network) = text.parse::<Network>() {
            prop_assert_eq!(network.to_string().parse(), Ok(network));
        }
    }

    /// An IPv4 address is what it is, however an IPv6 address carries it.
    #[test]
    fn an_address_inside_of_another_is_judged_by_itself(bits in any::<u32>()) {
        let four = IpAddr::from(bits.to_be_bytes());
        let [high, low] = [(bits >> 16) & 0xffff, bits & 0xffff];
        let mapped = address(&format!("::ffff:{high:x}:{low:x}"));
        let translated = address(&format!("64:ff9b::{high:x}:{low:x}"));
        prop_assert_eq!(Special::of(mapped), Special::of(four));
        prop_assert_eq!(Special::of(translated), Special::of(four));
    }

    /// A network has the addresses that share its bits, and no others.
    #[test]
    fn a_network_has_the_addresses_that_share_its_bits(
        (own, other) in any::<(u32, u32)>(),
        bits in 0_u32..=32,
    ) {
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        let own = own & mask;
        let written = format!("{}/{bits}", IpAddr::from(own.to_be_bytes()));
        let network: Network = written.parse().unwrap();
        prop_assert_eq!(network.contains(IpAddr::from(other.to_be_bytes())), other & mask == own);
        let inside = own | (other & !mask);
        prop_assert!(network.contains(IpAddr::from(inside.to_be_bytes())));
    }
}
