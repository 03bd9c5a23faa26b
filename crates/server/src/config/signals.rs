//! `[signals]`: whose security events we hear, and who hears ours (J2). No secret is ever in here:
//! tokens are read from files or variables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[signals]`. Nothing is heard and nothing is told unless it is named here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalsConfig {
    /// The transmitters that we hear, by a name for each: small letters, digits, `-` and `_`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub receive: BTreeMap<String, ReceiveConfig>,
    /// What we tell, and whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmit: Option<TransmitConfig>,
}

/// A transmitter that we hear: it pushes to `/ssf/push/NAME`, or we poll it, or both.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiveConfig {
    /// Its name, the `iss` of its tokens, letter for letter (SET-07).
    pub issuer: String,
    /// Where its keys are; found through its description unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Our names for it: one of them has to be in `aud`.
    pub audience: Vec<String>,
    /// A file with the bearer token that it shows when it pushes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_token_file: Option<PathBuf>,
    /// The environment variable with that token, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_token_variable: Option<String>,
    /// Where to poll it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_url: Option<String>,
    /// A file with the bearer token that we show when we poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_token_file: Option<PathBuf>,
    /// The environment variable with that token, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_token_variable: Option<String>,
    /// Seconds between two polls that brought nothing; 1 to 3600.
    #[serde(default = "poll_interval_default")]
    pub poll_interval: u16,
    /// Whether a poll waits for events, if the transmitter lets it (RFC 8936 section 2.4).
    #[serde(default = "yes")]
    pub long_poll: bool,
    /// Which formats of subject name a subject here, and thereby how.
    #[serde(default = "subjects_default")]
    pub subjects: Vec<SubjectFormat>,
    /// Whose `sub` is our name for a subject, in `iss_sub`; the transmitter's unless named.
    #[serde(default)]
    pub subject_issuers: Vec<String>,
    /// Seconds by which the transmitter's clock may be ahead; at most 300.
    #[serde(default = "clock_skew_default")]
    pub clock_skew: u16,
    /// Seconds after which a token is too old, and until when each `jti` is remembered; an hour to
    /// 90 days.
    #[serde(default = "age_max_default")]
    pub age_max: u32,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Allows `http://` to another machine, where everybody on the way can change keys and events.
    #[serde(default)]
    pub insecure: bool,
}

/// A format of RFC 9493 that names a subject here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectFormat {
    /// `sub`, where `iss` is one that is accepted.
    IssSub,
    /// `id`.
    Opaque,
    /// What follows `acct:`.
    Account,
    /// The address, in small letters.
    Email,
    /// The number.
    PhoneNumber,
    /// The URL.
    Did,
    /// The URI.
    Uri,
    /// `externalId`, and `id` where there is none.
    Scim,
}

/// What we tell, and whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransmitConfig {
    /// Our name as a transmitter: an `https` URL without query (SSF 7.2).
    pub issuer: String,
    /// The URL under which others reach this server; `issuer` unless named. Its path is the
    /// proxy's to take away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Who may have a stream, by a name for each.
    #[serde(default)]
    pub receivers: BTreeMap<String, ReceiverConfig>,
}

/// A receiver of our events.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverConfig {
    /// Its names, the `aud` of its tokens.
    pub audience: Vec<String>,
    /// A file with the bearer token that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// The environment variable with that token, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_variable: Option<String>,
    /// Where it may have events pushed to; nowhere unless named.
    #[serde(default)]
    pub push_urls: Vec<String>,
    /// In which formats it may name subjects, and thereby how each names one here.
    #[serde(default = "subjects_default")]
    pub subjects: Vec<SubjectFormat>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Networks that may be pushed into although they are not public: `10.1.0.0/16`.
    #[serde(default)]
    pub networks: Vec<String>,
    /// Ports that may be pushed to besides 443 and 8443.
    #[serde(default)]
    pub ports: Vec<u16>,
}

const fn poll_interval_default() -> u16 {
    5
}

const fn yes() -> bool {
    true
}

fn subjects_default() -> Vec<SubjectFormat> {
    vec![SubjectFormat::IssSub]
}

const fn clock_skew_default() -> u16 {
    60
}

/// A week: a transmitter that was away for some days may deliver what it kept.
const fn age_max_default() -> u32 {
    7 * 24 * 3600
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_and_slips_are_told() {
        let text = "[signals.receive.idp]\nissuer = \"https://idp\"\naudience = [\"us\"]\n\
                    [signals.transmit]\nissuer = \"https://us\"\n";
        let signals = super::super::parse(text).unwrap().signals;
        let idp = signals.receive.get("idp").unwrap();
        assert_eq!((idp.clock_skew, idp.age_max, idp.long_poll), (60, 604_800, true));
        assert_eq!(idp.subjects, [SubjectFormat::IssSub]);
        assert!(signals.transmit.unwrap().receivers.is_empty());
        for (slip, part) in [
            ("[signals.receive.idp]\naudience = []\n", "issuer"),
            ("[signals.receive.idp]\nisuer = \"\"\n", "isuer"),
            ("[signals.transmit.receivers.x]\naudience = []\n", "issuer"),
            ("[signals.sent]\n", "sent"),
        ] {
            let error = format!("{:#}", super::super::parse(slip).unwrap_err());
            assert!(error.contains(part), "{slip}: {error}");
        }
    }
}
