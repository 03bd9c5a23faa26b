//! `[destinations]`: who is told of what is in the log (G3; docs/EXPORT.md).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use glassbreak_channels::{SecretSource, Variables};
use glassbreak_engine::Begin;
use glassbreak_outbound::message::{Body, Facility, MESSAGE_BYTES_DEFAULT, Settings};
use glassbreak_outbound::signed::Signer;
use glassbreak_outbound::signed::destination::{Allowed, Network};
use glassbreak_outbound::{
    Collector, CollectorSettings, Destination, Events, Pace, Tls, Transport, Webhook,
    WebhookSettings,
};
use serde::{Deserialize, Serialize};

/// Destinations by their names.
pub(crate) type DestinationsConfig = BTreeMap<String, DestinationConfig>;

/// How entries travel to one destination.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DestinationConfig {
    /// Signed webhooks, one for each entry.
    Webhook(WebhookDestination),
    /// Messages to a syslog collector.
    Syslog(SyslogDestination),
}

/// A receiver of Standard Webhooks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookDestination {
    /// Where to post, `https://...`.
    pub url: String,
    /// A file with the key, `whsec_...` or `whsk_...`. Several keys, one a line, while one replaces
    /// another: each signs (SW-05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The environment variable with the key, in place of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_variable: Option<String>,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Allows `http://`: what is sent is signed, and everybody on the way reads it.
    #[serde(default)]
    pub insecure: bool,
    /// Networks that may be reached although they are not public: `10.1.0.0/16` (SW-11).
    #[serde(default)]
    pub networks: Vec<String>,
    /// Ports besides 443 and 8443 (with `insecure`, 80 and 8080).
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Which events: names, or `code.*`. All of them if it is empty.
    #[serde(default)]
    pub events: Vec<String>,
    /// Where a new destination begins.
    #[serde(default)]
    pub begin: BeginConfig,
    /// The most seconds one attempt takes; 1 to 300 (SW-09).
    #[serde(default = "timeout_default")]
    pub timeout: u16,
    /// The most seconds between two attempts; 1 to 86400.
    #[serde(default = "retry_max_default")]
    pub retry_max: u32,
}

/// A syslog collector.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyslogDestination {
    /// Its name or address; also the name its certificate must have.
    pub host: String,
    /// Its port. Unless named: 6514 with TLS, 601 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Sends in the clear, without TLS: everybody on the way reads it, and can change it.
    #[serde(default)]
    pub insecure: bool,
    /// Certificates (PEM) to trust in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Our certificates (PEM), the own one first, where the collector asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_file: Option<PathBuf>,
    /// Its key (PEM), in a file that not everybody may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// What the text of a message is.
    #[serde(default)]
    pub text: TextConfig,
    /// The facility, 0 to 23.
    #[serde(default = "facility_default")]
    pub facility: u8,
    /// What messages say of the host they come from; nothing if it is empty.
    #[serde(default)]
    pub hostname: String,
    /// The private enterprise number of the structured data.
    #[serde(default = "enterprise_default")]
    pub enterprise: u32,
    /// The longest message in bytes; 2048 to 262144.
    #[serde(default = "message_bytes_default")]
    pub message_bytes_max: usize,
    /// Whether the collector closes its side of a connection once we have closed ours, which is how
    /// we know that it has read everything.
    #[serde(default = "confirms_default")]
    pub confirms: bool,
    /// Which events: names, or `code.*`. All of them if it is empty.
    #[serde(default)]
    pub events: Vec<String>,
    /// Where a new destination begins.
    #[serde(default)]
    pub begin: BeginConfig,
    /// The most seconds a batch takes; 1 to 300.
    #[serde(default = "timeout_default")]
    pub timeout: u16,
    /// The most seconds between two attempts; 1 to 86400.
    #[serde(default = "retry_max_default")]
    pub retry_max: u32,
}

/// Where a new destination begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeginConfig {
    /// With the first entry of the log.
    First,
    /// With what happens from now on.
    #[default]
    Now,
}

/// What the text of a message is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextConfig {
    /// OCSF in JSON.
    #[default]
    Ocsf,
    /// CEF.
    Cef,
}

const fn timeout_default() -> u16 {
    20
}

const fn retry_max_default() -> u32 {
    300
}

const fn facility_default() -> u8 {
    Facility::AUTHPRIV.code()
}

const fn enterprise_default() -> u32 {
    32473
}

const fn message_bytes_default() -> usize {
    MESSAGE_BYTES_DEFAULT
}

const fn confirms_default() -> bool {
    true
}

/// The destinations that are named. Files and variables are read now; nobody is asked yet.
///
/// # Errors
/// The first setting that cannot be, by its name.
pub(crate) fn open(
    config: &DestinationsConfig,
    variables: Variables<'_>,
) -> anyhow::Result<Vec<Destination>> {
    let opened = config.iter().map(|(name, config)| {
        destination(name, config, variables).with_context(|| format!("`destinations.{name}`"))
    });
    opened.collect()
}

fn destination(
    name: &str,
    config: &DestinationConfig,
    variables: Variables<'_>,
) -> anyhow::Result<Destination> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    anyhow::ensure!(
        (1..=64).contains(&name.len()) && name.chars().all(plain),
        "a name is 1 to 64 lower-case letters, digits, `-` and `_`"
    );
    let (transport, events, begin, retry_max) = match config {
        DestinationConfig::Webhook(it) => {
            let webhook = Transport::Webhook(Box::new(webhook(it, variables)?));
            (webhook, &it.events, it.begin, it.retry_max)
        }
        DestinationConfig::Syslog(it) => {
            let collector = Transport::Syslog(Box::new(collector(it)?));
            (collector, &it.events, it.begin, it.retry_max)
        }
    };
    anyhow::ensure!((1..=86_400).contains(&retry_max), "`retry_max` is 1 to 86400 seconds");
    let most = Duration::from_secs(retry_max.into());
    let begin = match begin {
        BeginConfig::First => Begin::First,
        BeginConfig::Now => Begin::Now,
    };
    Ok(Destination {
        name: name.to_owned(),
        transport,
        events: Events::of(events).context("`events`")?,
        begin,
        pace: Pace { most, ..Pace::default() },
    })
}

fn webhook(config: &WebhookDestination, variables: Variables<'_>) -> anyhow::Result<Webhook> {
    let source = SecretSource {
        names: ("secret_file", "secret_variable"),
        file: config.secret_file.as_deref(),
        variable: config.secret_variable.as_deref(),
    };
    let secret =
        source.read(variables).map_err(|(name, problem)| anyhow::anyhow!("`{name}`: {problem}"))?;
    let secret = secret.context("webhooks are signed: set `secret_file` or `secret_variable`")?;
    let signer = Signer::parse(&secret).context("the secret; one key a line")?;
    let networks: Result<Vec<Network>, _> = config.networks.iter().map(|it| it.parse()).collect();
    let networks = networks.context("`networks`")?;
    let allowed = Allowed { http: config.insecure, ports: config.ports.clone(), networks };
    let settings = WebhookSettings {
        url: config.url.clone(),
        allowed,
        signer,
        tls: tls(config.ca_file.as_deref(), None)?,
        timeout: timeout(config.timeout)?,
    };
    Webhook::new(settings).context("`url`")
}

fn collector(config: &SyslogDestination) -> anyhow::Result<Collector> {
    let identity = match (&config.certificate_file, &config.key_file) {
        (Some(certificate), Some(key)) => Some((read(certificate)?, private_key(key)?)),
        (None, None) => None,
        _ => anyhow::bail!("`certificate_file` and `key_file` belong together"),
    };
    let tls = if config.insecure {
        anyhow::ensure!(
            identity.is_none() && config.ca_file.is_none(),
            "there are no certificates without TLS: leave `insecure` or the files out"
        );
        None
    } else {
        let identity = identity.as_ref().map(|(chain, key)| (&chain[..], key.as_bytes()));
        Some(tls(config.ca_file.as_deref(), identity)?)
    };
    let body = match config.text {
        TextConfig::Ocsf => Body::Ocsf,
        TextConfig::Cef => Body::Cef,
    };
    let settings = Settings {
        facility: Facility::try_from(config.facility)?,
        hostname: config.hostname.clone(),
        enterprise: config.enterprise,
        message_bytes_max: config.message_bytes_max,
        ..Settings::default()
    };
    let port = config.port.unwrap_or(if config.insecure { 601 } else { 6514 });
    let (host, confirms, timeout) =
        (config.host.clone(), config.confirms, timeout(config.timeout)?);
    anyhow::ensure!(!host.is_empty() && port > 0, "`host` is a name or an address, `port` a port");
    Ok(Collector::new(CollectorSettings { host, port, tls, settings, body, confirms, timeout })?)
}

fn tls(ca_file: Option<&Path>, identity: Option<(&[u8], &[u8])>) -> anyhow::Result<Tls> {
    let authorities = ca_file.map(read).transpose()?;
    Tls::new(authorities.as_deref(), identity).context("`ca_file`, `certificate_file`, `key_file`")
}

fn read(path: impl AsRef<Path>) -> anyhow::Result<Vec<u8>> {
    let path = path.as_ref();
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn private_key(path: &Path) -> anyhow::Result<zeroize::Zeroizing<String>> {
    let source = SecretSource { names: ("key_file", ""), file: Some(path), variable: None };
    let key = source.read(&|_| None).map_err(|(name, what)| anyhow::anyhow!("`{name}`: {what}"))?;
    key.context("`key_file`: there is nothing in it")
}

fn timeout(seconds: u16) -> anyhow::Result<Duration> {
    anyhow::ensure!((1..=300).contains(&seconds), "`timeout` is 1 to 300 seconds");
    Ok(Duration::from_secs(seconds.into()))
}

/// Opens the destinations of the configuration `text`, but for what they name on this machine; for
/// the fuzzer. Answers how many can be opened.
pub fn fuzz_destinations(text: &str) -> usize {
    let Ok(config) = super::parse(text) else { return 0 };
    let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let opened = config.destinations.into_iter().filter_map(|(name, mut config)| {
        match &mut config {
            DestinationConfig::Webhook(it) => (it.secret_file, it.ca_file) = (None, None),
            DestinationConfig::Syslog(it) => {
                (it.ca_file, it.certificate_file, it.key_file) = (None, None, None);
            }
        }
        destination(&name, &config, &|_| Some(secret.to_owned())).ok()
    });
    opened.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let config = super::super::parse(text).map(|config| config.destinations);
        let secret = |_: &str| Some("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned());
        let opened = config.and_then(|config| open(&config, &secret));
        match opened {
            Ok(opened) => {
                let told = opened.iter().map(|it| format!("{} {}", it.name, it.transport.to()));
                told.collect::<Vec<_>>().join(", ")
            }
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn what_can_be_is_opened_and_slips_are_told_g3() {
        let webhook = "[destinations.it]\nkind = \"webhook\"\nsecret_variable = \"S\"\n";
        let syslog = "[destinations.it]\nkind = \"syslog\"\nhost = \"logs.example\"\n";
        let hook = |rest: &str| format!("{webhook}{rest}");
        let log = |rest: &str| format!("{syslog}{rest}");
        let private = "url = \"http://127.0.0.1:80/\"\n";
        for (text, part) in [
            (hook("url = \"https://hooks.example/a?b\""), "it hooks.example:443"),
            (hook(private), "only https"),
            (hook(&format!("{private}insecure = true")), "not a public address"),
            (
                hook(&format!("{private}insecure = true\nnetworks = [\"127.0.0.0/8\"]")),
                "it 127.0.0.1:80",
            ),
            (hook("url = \"https://hooks.example:22/\""), "port 22"),
            (hook("url = \"https://hooks.example/\"\nevents = [\"code.acepted\"]"), "acepted"),
            (hook("url = \"https://hooks.example/\"\ntimeout = 0"), "`timeout`"),
            (hook("url = \"https://hooks.example/\"\nretry_max = 0"), "`retry_max`"),
            (hook("url = \"https://hooks.example/\"\nurls = 0"), "urls"),
            (webhook.replace("secret_variable = \"S\"", "url = \"https://h.example\""), "signed"),
            (log(""), "it logs.example:6514"),
            (log("insecure = true"), "it logs.example:601"),
            (log("insecure = true\nca_file = \"x\""), "without TLS"),
            (log("key_file = \"x\""), "belong together"),
            (log("facility = 24"), "facility"),
            (log("message_bytes_max = 10"), "2048"),
            (syslog.replace("[destinations.it]", "[destinations.\"a b\"]"), "a name is"),
        ] {
            let told = told(&text);
            assert!(told.contains(part), "{text}: {told}");
        }
    }
}
