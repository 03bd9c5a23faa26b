//! Machines: programs that the configuration knows by the certificate of their connection.

use std::collections::BTreeMap;

use anyhow::bail;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::{Caller, Reach};
use serde::{Deserialize, Serialize};

use super::identity::{Identity, Who};
use crate::tls::TlsConfig;

/// A machine, by its certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineConfig {
    /// A name in its certificate: a URI (`spiffe://..`), or a DNS name without a wildcard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san: Option<String>,
    /// The SHA-256 digest of its key (`SubjectPublicKeyInfo`), in place of a name: 64 hexadecimal
    /// digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_sha256: Option<String>,
    /// What it may do; at least one.
    pub scopes: Vec<Scope>,
    /// Whom it reaches: subjects in one of these groups. Everybody if there are none.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// Whose certificate a connection has, after it was verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its names: URIs, and DNS names in small letters.
    pub(crate) names: Vec<String>,
    /// The digest of its key, in hexadecimal.
    pub(crate) key_sha256: String,
}

/// The machines of the configuration.
pub(crate) struct Machines {
    known: BTreeMap<String, MachineConfig>,
}

impl Machines {
    /// Those that are named.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(
        config: &BTreeMap<String, MachineConfig>,
        tls: Option<&TlsConfig>,
    ) -> anyhow::Result<Self> {
        if !config.is_empty() && tls.is_none_or(|tls| tls.client_ca.is_none()) {
            bail!("`machines`: their certificates are asked for where `tls.client_ca` is set");
        }
        let mut seen = Vec::new();
        for (name, machine) in config {
            let one = match (&machine.san, &machine.key_sha256) {
                (Some(san), None) if !san.is_empty() && !san.contains('*') => san,
                (None, Some(key)) if is_digest(key) => key,
                _ => bail!(
                    "`machines.{name}`: name either `san` (a URI, or a DNS name without a \
                     wildcard) or `key_sha256` (64 hexadecimal digits)"
                ),
            };
            if seen.iter().any(|other: &String| other.eq_ignore_ascii_case(one)) {
                bail!("`machines.{name}`: another machine has the same certificate");
            }
            seen.push(one.clone());
            if machine.scopes.is_empty() {
                bail!("`machines.{name}.scopes`: name at least one");
            }
            if machine.scopes.contains(&Scope::Admin) && !machine.groups.is_empty() {
                bail!("`machines.{name}`: `admin` cannot be bound to groups");
            }
            if name.len() > 64
                || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            {
                bail!(
                    "`machines.{name}`: its name goes into the log; 64 letters, digits and `-_.`"
                );
            }
        }
        Ok(Self { known: config.clone() })
    }

    /// Who the holder of a certificate is.
    pub(crate) fn find(&self, peer: &Peer) -> Option<Identity> {
        let is = |machine: &MachineConfig| match (&machine.san, &machine.key_sha256) {
            (Some(san), _) if san.contains("://") => peer.names.contains(san),
            (Some(san), _) => peer.names.contains(&san.to_ascii_lowercase()),
            (None, Some(key)) => key.eq_ignore_ascii_case(&peer.key_sha256),
            (None, None) => false,
        };
        let (name, machine) = self.known.iter().find(|(_, machine)| is(machine))?;
        let caller = Caller::machine(name.clone());
        let caller = caller.reaching(Reach::of_groups(machine.groups.clone()));
        let who = Who::Machine { name: name.clone() };
        Some(Identity { caller, scopes: machine.scopes.clone(), who })
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}
