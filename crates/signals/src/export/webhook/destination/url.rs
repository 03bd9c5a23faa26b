//! A URL, read so narrowly that no two readers can disagree about where it leads.
//!
//! What browsers forgive is refused here: backslashes, control characters, users, fragments,
//! percent signs in names, and addresses in other spellings than the usual one (`0x7f.1`, `127.1`,
//! `2130706433`), which some systems take for this machine and others for a name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 2048;

/// How a place is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Over TLS.
    Https,
    /// In the clear.
    Http,
}

/// Who is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedUrl {
    /// Too long.
    #[error("it is longer than 2048 bytes")]
    TooLong,
    /// A character that has no place in a URL, or that readers take differently.
    #[error("it has a character that is not allowed there")]
    Character,
    /// Another scheme, or none.
    #[error("it begins with neither `https://` nor `http://`")]
    Scheme,
    /// A user or a password, which end up in logs.
    #[error("it names a user; sign in by the signature instead")]
    User,
    /// No name, and no address in its usual spelling.
    #[error("its host is neither a name nor an address in its usual spelling")]
    Host,
    /// Not a port.
    #[error("its port is not a number from 1 to 65535")]
    Port,
}

/// The parts of a URL.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) scheme: Scheme,
    pub(super) host: Host,
    pub(super) port: Option<u16>,
    pub(super) target: String,
}

pub(super) fn parse(text: &str) -> Result<Parts, MalformedUrl> {
    if text.len() > URL_BYTES_MAX {
        return Err(MalformedUrl::TooLong);
    }
    let forbidden = |byte: u8| !byte.is_ascii_graphic() || b"\\#\"<>^`{|}".contains(&byte);
    if text.bytes().any(forbidden) {
        return Err(MalformedUrl::Character);
    }
    let (scheme, rest) = text.split_once("://").ok_or(MalformedUrl::Scheme)?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        _ => return Err(MalformedUrl::Scheme),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or(MalformedUrl::Host)?;
    if authority.contains('@') {
        return Err(MalformedUrl::User);
    }
    let (host, port) = split(authority)?;
    let target = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Parts { scheme, host: read_host(host)?, port: port.map(read_port).transpose()?, target })
}

/// Host and port. The colons of an IPv6 address are inside of its brackets.
fn split(authority: &str) -> Result<(&str, Option<&str>), MalformedUrl> {
    if !authority.starts_with('[') {
        return Ok(match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        });
    }
    let close = authority.find(']').ok_or(MalformedUrl::Host)?;
    let (host, rest) = authority.split_at_checked(close + 1).ok_or(MalformedUrl::Host)?;
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(MalformedUrl::Host),
    }
}

fn read_port(text: &str) -> Result<u16, MalformedUrl> {
    let port: u16 = text.parse().map_err(|_| MalformedUrl::Port)?;
    // One spelling: no sign, no leading zero.
    if port == 0 || port.to_string() != text { Err(MalformedUrl::Port) } else { Ok(port) }
}

fn read_host(text: &str) -> Result<Host, MalformedUrl> {
    if let Some(inner) = text.strip_prefix('[') {
        let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<Ipv6Addr>().ok());
        return address.map(|it| Host::Address(IpAddr::V6(it))).ok_or(MalformedUrl::Host);
    }
    // `name.` is the same name, and would pass for another one in a list.
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = last
        .strip_prefix("0x")
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number || is_hexadecimal {
        // Whoever ends in a number is an address to all systems, and in this spelling the same.
        let address: Ipv4Addr = name.parse().map_err(|_| MalformedUrl::Host)?;
        return Ok(Host::Address(IpAddr::V4(address)));
    }
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let dashed = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && !dashed && label.bytes().all(plain)
    };
    if name.len() > 253 || !name.split('.').all(label) {
        return Err(MalformedUrl::Host);
    }
    Ok(Host::Name(name))
}
