//! What of the channels can be configured. No secret is ever in here.

use std::net::IpAddr;
use std::path::PathBuf;

use glassbreak_core::subject::Channel;
use serde::{Deserialize, Serialize};

/// `[channels]`: how messages travel, by channel. A channel that is not named delivers nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelsConfig {
    /// Electronic mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<DeliveryConfig>,
    /// Text messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<DeliveryConfig>,
    /// Telephone calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<DeliveryConfig>,
    /// Letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal: Option<DeliveryConfig>,
    /// Push messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<DeliveryConfig>,
}

impl ChannelsConfig {
    /// Each channel with its name as configuration spells it, and what is set up for it.
    pub(crate) fn each(&self) -> [(Channel, &'static str, Option<&DeliveryConfig>); 5] {
        [
            (Channel::Email, "email", self.email.as_ref()),
            (Channel::Sms, "sms", self.sms.as_ref()),
            (Channel::Voice, "voice", self.voice.as_ref()),
            (Channel::Postal, "postal", self.postal.as_ref()),
            (Channel::Push, "push", self.push.as_ref()),
        ]
    }

    /// The names of the channels whose messages everybody on the way can read: mail without TLS to
    /// another machine, which a configuration has to allow (`insecure`).
    pub fn in_the_clear(&self) -> impl Iterator<Item = &'static str> + '_ {
        let is_open = |delivery: &DeliveryConfig| match delivery {
            DeliveryConfig::Smtp(smtp) => smtp.tls == SmtpTls::None && !is_loopback(&smtp.host),
            DeliveryConfig::Webhook(_) => false,
        };
        let open = self.each().into_iter().filter(move |(.., it)| it.is_some_and(is_open));
        open.map(|(_, name, _)| name)
    }
}

/// How messages of one channel travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeliveryConfig {
    /// To a mail server. For `email` alone.
    Smtp(SmtpConfig),
    /// To a gateway that takes signed webhooks.
    Webhook(WebhookConfig),
}

/// A mail server that takes our mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its host name; also the name its certificate must have.
    pub host: String,
    /// Its port. Unless named: 465 with `implicit`, 587 with `starttls`, 25 with `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: SmtpTls,
    /// The sender: `recovery@example.com` or `Example Recovery <recovery@example.com>`.
    pub from: String,
    /// The login, if the server asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// A file with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The environment variable with the password, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_variable: Option<String>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Allows `tls = "none"` to another machine, where everybody on the way reads the codes.
    #[serde(default)]
    pub insecure: bool,
    /// The most seconds one attempt takes; 1 to 300.
    #[serde(default = "timeout_default")]
    pub timeout: u16,
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// TLS from the first byte (RFC 8314).
    #[default]
    Implicit,
    /// Plain at first, then STARTTLS or nothing at all.
    Starttls,
    /// Not at all.
    None,
}

/// A gateway that takes webhooks in the form of Standard Webhooks (SW-01 to SW-05).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where to post, `https://...`.
    pub url: String,
    /// A file with the secret, `whsec_...`. Two secrets, one a line, while one replaces the other:
    /// each signs (SW-05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The environment variable with the secret, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_variable: Option<String>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Allows `http://` to another machine, where everybody on the way reads the codes.
    #[serde(default)]
    pub insecure: bool,
    /// The most seconds one attempt takes; 1 to 300 (SW-09).
    #[serde(default = "timeout_default")]
    pub timeout: u16,
}

const fn timeout_default() -> u16 {
    20
}

/// A setting that cannot be, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: {problem}")]
pub struct ConfigError {
    /// The setting's full name: `channels.email.port`.
    pub setting: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// The name of a place in the configuration, to say where something is wrong.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a>(pub(crate) &'a str);

impl Place<'_> {
    /// An error at the setting `name`.
    pub(crate) fn wrong(self, name: &str, problem: impl Into<String>) -> ConfigError {
        ConfigError { setting: format!("{}.{name}", self.0), problem: problem.into() }
    }

    /// The time an attempt may take.
    pub(crate) fn timeout(self, seconds: u16) -> Result<std::time::Duration, ConfigError> {
        if (1..=300).contains(&seconds) {
            return Ok(std::time::Duration::from_secs(seconds.into()));
        }
        Err(self.wrong("timeout", "an attempt takes 1 to 300 seconds; choose from these"))
    }

    /// The bytes of a file with certificates.
    pub(crate) fn ca_file(self, path: &std::path::Path) -> Result<Vec<u8>, ConfigError> {
        std::fs::read(path).map_err(|error| {
            self.wrong("ca_file", format!("cannot read `{}`: {error}", path.display()))
        })
    }

    /// What is wrong with a file that holds no certificate.
    pub(crate) fn no_certificates(self, path: &std::path::Path) -> ConfigError {
        let problem =
            format!("there is no certificate in `{}`; it holds PEM certificates", path.display());
        self.wrong("ca_file", problem)
    }
}

/// Whether nothing that is sent to `host` leaves this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
