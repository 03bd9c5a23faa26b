//! How to reach a database: an address as PostgreSQL's own programs take it, and what of it is ours
//! to read, TLS.
//!
//! The driver knows neither `sslrootcert` nor the modes that check anybody, so those are taken out
//! of the address before it reads the rest.

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::OpenError;
use crate::tls::{Checked, Tls};

/// What an address says of TLS.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// `sslmode`.
    mode: Option<String>,
    /// `sslrootcert`: a file with the authorities that may sign.
    authorities: Option<String>,
    /// `sslcheck`, a word of ours: with `none` the operator wants nobody checked.
    check: Option<String>,
}

impl Said {
    /// Takes a setting that is about TLS; of another it says `false`.
    fn take(&mut self, name: &str, value: String) -> bool {
        let place = match name {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.authorities,
            "sslcheck" => &mut self.check,
            _ => return false,
        };
        *place = Some(value);
        true
    }
}

/// An address that was read.
#[derive(Debug)]
pub(crate) struct Address {
    /// For the driver; whether TLS is spoken at all is in it.
    pub(crate) config: Config,
    /// Whom it trusts.
    pub(crate) tls: Tls,
}

impl Address {
    /// Reads an address.
    pub(crate) fn read(address: &str) -> Result<Self, OpenError> {
        let mut said = Said::default();
        let rest = without(address, &mut said);
        let mut config: Config = rest.parse().map_err(OpenError::Address)?;
        let unchecked = |mode: &str| Err(OpenError::Unchecked(mode.to_owned()));
        let checked = match (said.mode.as_deref(), said.check.as_deref()) {
            (None, _) if is_here(&config) => None,
            (Some("disable"), _) => None,
            (None | Some("verify-full"), None) => Some(Checked::Whole),
            (Some("require"), Some("none")) => Some(Checked::Nobody),
            (mode, _) => return unchecked(mode.unwrap_or("verify-full&sslcheck=none")),
        };
        let authorities = said.authorities.as_deref();
        config.ssl_mode(if checked.is_some() { SslMode::Require } else { SslMode::Disable });
        Ok(Self { tls: Tls::new(checked.unwrap_or(Checked::Whole), authorities)?, config })
    }
}

/// Whether no other machine is spoken to. What travels to one is encrypted unless it is said.
fn is_here(config: &Config) -> bool {
    let here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    // An address that is given as a number goes before the name.
    config.get_hosts().iter().all(here)
        && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

/// The address without what it says of TLS.
fn without(address: &str, said: &mut Said) -> String {
    let mut schemes = ["postgres://", "postgresql://"].into_iter();
    match schemes.find_map(|scheme| address.strip_prefix(scheme)) {
        Some(rest) => url_without(address, rest, said),
        None => pairs_without(address, said),
    }
}

fn url_without(address: &str, rest: &str, said: &mut Said) -> String {
    // A password may hold a question mark; the driver looks for its end in the same way.
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    let Some((_, query)) = host.split_once('?') else { return address.to_owned() };
    let text = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            !said.take(&text(name), text(value))
        })
        .collect();
    let bare = address.strip_suffix(query).and_then(|bare| bare.strip_suffix('?'));
    let bare = bare.unwrap_or(address);
    if kept.is_empty() { bare.to_owned() } else { format!("{bare}?{}", kept.join("&")) }
}

/// `key=value` pairs; a value with blanks is in single quotes, and a backslash quotes a letter.
fn pairs_without(address: &str, said: &mut Said) -> String {
    let mut kept = String::new();
    let mut rest = address.trim_start();
    while let Some((name, behind)) = rest.split_once('=') {
        let behind = behind.trim_start();
        let (value, length) = value(behind);
        if !said.take(name.trim(), value) {
            let raw = behind.get(..length).unwrap_or(behind);
            kept.extend([name.trim(), "=", raw, " "]);
        }
        rest = behind.get(length..).unwrap_or("").trim_start();
    }
    // What is no pair is the driver's to complain about.
    kept.push_str(rest);
    kept
}

/// The value at the start of `text`, and how many bytes it takes there.
fn value(text: &str) -> (String, usize) {
    let quoted = text.starts_with('\'');
    let (mut value, mut escaped) = (String::new(), false);
    for (place, letter) in text.char_indices().skip(usize::from(quoted)) {
        let end = if quoted { letter == '\'' } else { letter.is_whitespace() };
        match letter {
            _ if escaped => {
                value.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            _ if end => return (value, place + usize::from(quoted)),
            _ => value.push(letter),
        }
    }
    (value, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Result<SslMode, OpenError> {
        Address::read(address).map(|address| address.config.get_ssl_mode())
    }

    #[test]
    fn what_leaves_this_machine_is_encrypted_and_checked_unless_it_is_said() {
        for (address, mode) in [
            ("postgres://gb@db.example/gb", SslMode::Require),
            ("postgres://gb@db.example/gb?sslmode=verify-full", SslMode::Require),
            ("postgres://gb@db.example/gb?sslmode=disable", SslMode::Disable),
            ("postgres://gb@db.example/gb?sslmode=require&sslcheck=none", SslMode::Require),
            ("postgres://gb@127.0.0.1/gb", SslMode::Disable),
            ("postgres://gb@localhost,db.example/gb", SslMode::Require),
            ("postgres:///gb?host=/run/postgresql", SslMode::Disable),
            ("host=db.example user=gb", SslMode::Require),
            ("host=db.example sslmode = 'disable' user=gb", SslMode::Disable),
            ("host=localhost hostaddr=192.0.2.1 user=gb", SslMode::Require),
        ] {
            assert!(matches!(read(address), Ok(found) if found == mode), "{address}");
        }
    }

    #[test]
    fn what_checks_nobody_is_refused_unless_it_is_said_twice() {
        for address in [
            "postgres://gb@db.example/gb?sslmode=require",
            "postgres://gb@db.example/gb?sslmode=prefer",
            "postgres://gb@db.example/gb?sslmode=verify-ca",
            "postgres://gb@db.example/gb?sslcheck=none",
            "host=db.example sslmode=require sslcheck=some",
        ] {
            assert!(matches!(read(address), Err(OpenError::Unchecked(_))), "{address}");
        }
    }

    #[test]
    fn the_rest_of_an_address_is_left_as_it_was() {
        let mut said = Said::default();
        let url = "postgres://gb:a?b@db.example/gb?sslmode=verify-full&target_session_attrs=any\
                   &sslrootcert=/etc/my%20ca.pem";
        let rest = "postgres://gb:a?b@db.example/gb?target_session_attrs=any";
        assert_eq!(without(url, &mut said), rest);
        assert_eq!(said.authorities.as_deref(), Some("/etc/my ca.pem"));
        let mut said = Said::default();
        let pairs = r"host=db.example sslrootcert='/etc/o\'s ca' password='a b\'c' user=gb";
        assert_eq!(without(pairs, &mut said), r"host=db.example password='a b\'c' user=gb ");
        assert_eq!(said.authorities.as_deref(), Some("/etc/o's ca"));
    }
}
