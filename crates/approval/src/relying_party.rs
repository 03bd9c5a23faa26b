//! Who asks for approvals, and what a browser is asked.

use aws_lc_rs::digest::{SHA256, digest as sha256};
use glassbreak_core::digest::Digest;
use serde_json::{Value, json};
use std::net::IpAddr;
use thiserror::Error;

use crate::base64url::Base64Url;
use crate::key::Algorithm;
use crate::registration::Credential;

/// How long the browser is asked to wait for the person, in milliseconds: five minutes.
pub const CEREMONY_MILLIS: u32 = 300_000;

/// The name that browsers show beside the id.
const NAME: &str = "Glassbreak";

/// A fresh random challenge for an enrolment. Approvals have none: theirs is the case's digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge(pub [u8; 32]);

/// The operator who enrols a passkey.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    /// An opaque id of 1 to 64 bytes that the authenticator keeps. No name, no address.
    pub handle: &'a [u8],
    /// What tells accounts apart on the operator's device, such as an address.
    pub name: &'a str,
    /// The person's name, shown on the operator's device.
    pub display_name: &'a str,
}

/// Whose passkeys these are, and on which pages they may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    id: String,
    id_hash: [u8; 32],
    origins: Vec<String>,
}

/// Why a relying party cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RelyingPartyFault {
    /// The id is not a domain name in lower case.
    #[error("`{0}` is not a domain name in lower case")]
    Id(String),
    /// No page could ever approve.
    #[error("no origin is given")]
    NoOrigin,
    /// Not `https://` and the id, or a name below the id, with or without a port.
    #[error("`{0}` is not an https origin at or below the relying party's id")]
    Origin(String),
}

impl RelyingParty {
    /// A relying party of a domain and of the pages at or below it: `https://HOST` or
    /// `https://HOST:PORT`, as browsers write origins. `http` is for `localhost` alone.
    ///
    /// The id is for good: passkeys enrolled under one id are useless under another.
    pub fn new<S: AsRef<str>>(id: &str, origins: &[S]) -> Result<Self, RelyingPartyFault> {
        if !is_domain(id) {
            return Err(RelyingPartyFault::Id(id.to_owned()));
        }
        let origins: Vec<String> = origins.iter().map(|o| o.as_ref().to_owned()).collect();
        if origins.is_empty() {
            return Err(RelyingPartyFault::NoOrigin);
        }
        if let Some(bad) = origins.iter().find(|origin| !is_origin_of(origin, id)) {
            return Err(RelyingPartyFault::Origin(bad.clone()));
        }
        Ok(Self { id: id.to_owned(), id_hash: sha256_of(id.as_bytes()), origins })
    }

    /// The domain.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The pages.
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    pub(crate) fn id_hash(&self) -> &[u8; 32] {
        &self.id_hash
    }

    pub(crate) fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|ours| ours == origin)
    }

    /// What a page gives to `PublicKeyCredential.parseCreationOptionsFromJSON` to enrol a passkey.
    /// `enrolled` are the operator's passkeys so far; the same device is not enrolled twice.
    ///
    /// No attestation is asked for: it would name the device's maker, and nothing here depends on
    /// it.
    pub fn register_options(
        &self,
        operator: &Operator<'_>,
        challenge: &Challenge,
        enrolled: &[Credential],
    ) -> Value {
        let kinds = Algorithm::ALL.map(|kind| json!({"type": "public-key", "alg": kind.cose()}));
        json!({
            "rp": {"id": self.id, "name": NAME},
            "user": {
                "id": Base64Url::from(operator.handle),
                "name": operator.name,
                "displayName": operator.display_name,
            },
            "challenge": Base64Url::from(&challenge.0[..]),
            "pubKeyCredParams": kinds,
            "timeout": CEREMONY_MILLIS,
            "excludeCredentials": descriptors(enrolled),
            "authenticatorSelection": {
                "residentKey": "discouraged",
                "requireResidentKey": false,
                "userVerification": "required",
            },
            "attestation": "none",
        })
    }

    /// What a page gives to `PublicKeyCredential.parseRequestOptionsFromJSON` to approve the case
    /// of this digest with one of an operator's passkeys.
    pub fn approve_options(&self, case: &Digest, enrolled: &[Credential]) -> Value {
        json!({
            "challenge": Base64Url::from(&case.0[..]),
            "rpId": self.id,
            "allowCredentials": descriptors(enrolled),
            "userVerification": "required",
            "timeout": CEREMONY_MILLIS,
        })
    }
}

/// SHA-256, plain: how `WebAuthn` hashes.
pub(crate) fn sha256_of(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(sha256(&SHA256, bytes).as_ref());
    hash
}

fn descriptors(credentials: &[Credential]) -> Vec<Value> {
    let of = |credential: &Credential| {
        let (id, transports) = (&credential.id, &credential.transports);
        json!({"type": "public-key", "id": id, "transports": transports})
    };
    credentials.iter().map(of).collect()
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let hyphen = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && !hyphen && label.bytes().all(allowed)
    };
    text.len() <= 253 && text.split('.').all(label) && text.parse::<IpAddr>().is_err()
}

fn is_origin_of(origin: &str, id: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let at_or_below =
        |host: &str| host == id || host.strip_suffix(id).is_some_and(|above| above.ends_with('.'));
    // Browsers leave the scheme's own port out, so an origin with it would never match.
    let own = if scheme == "https" { 443 } else { 80 };
    let is_port = |port: &str| {
        let spelled = port.parse::<u16>().ok().filter(|number| number.to_string() == port);
        spelled.is_some_and(|number| number != 0 && number != own)
    };
    let local = host == "localhost" || host.ends_with(".localhost");
    (scheme == "https" || (scheme == "http" && local))
        && is_domain(host)
        && at_or_below(host)
        && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relying_party_is_a_domain_and_pages_at_or_below_it() {
        for (id, origin) in [
            ("glass.example", "https://glass.example"),
            ("glass.example", "https://desk.glass.example:8443"),
            ("localhost", "http://localhost:8080"),
            ("localhost", "https://localhost"),
        ] {
            assert!(RelyingParty::new(id, &[origin]).is_ok(), "{id} {origin}");
        }
        for id in
            ["", "Glass.example", "127.0.0.1", "glass..example", "a b", "glass.example:1", "-a"]
        {
            let origins = [format!("https://{id}")];
            let fault = RelyingPartyFault::Id(id.to_owned());
            assert_eq!(RelyingParty::new(id, &origins), Err(fault));
        }
        for origin in [
            "http://glass.example",
            "https://glass.example/",
            "https://glass.example:443",
            "https://glass.example:0443",
            "https://glass.example:",
            "https://badglass.example",
            "https://example",
            "https://glass.example.evil.example",
            "https://glass.example@evil.example",
            "glass.example",
            "null",
        ] {
            let fault = RelyingPartyFault::Origin(origin.to_owned());
            assert_eq!(RelyingParty::new("glass.example", &[origin]), Err(fault));
        }
        let none: [&str; 0] = [];
        assert_eq!(RelyingParty::new("glass.example", &none), Err(RelyingPartyFault::NoOrigin));
    }
}
