//! The configuration: a TOML file laid over the defaults, and the environment over that; every name
//! checked.
//!
//! A section joins with a struct (`serde(deny_unknown_fields)`, `Default`) in a file below
//! `config/`, a field in [`Config`] and in `Rest`, its name in [`KNOWN`], and a block of TOML in
//! docs/CONFIGURATION.md, opened by `toml` with its defaults, or by `toml example` where it has
//! none. From there `config init`, `show`, `check`, the environment and the nearest names have
//! it; the tests of `template` say what is missing. What may change while the server runs is in
//! `reload`.

mod connectors;
pub(crate) mod destinations;
mod explain;
mod leaks;
mod nearest;
mod notices;
mod observe;
mod overrides;
mod pages;
mod scim;
mod self_service;
mod sheets;
pub(crate) mod signals;
mod template;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use glassbreak_anchor::AnchorConfig;
use glassbreak_channels::ChannelsConfig;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::code::Prefix;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::tlog::anchor::Anchor;
use glassbreak_engine::{Options, SourceLimit};
use serde::{Deserialize, Serialize};

use self::notices::NoticesConfig;
use crate::operators::{MachineConfig, OperatorsConfig};
use crate::tls::TlsConfig;

pub use connectors::{Connectors, connectors};
pub(crate) use explain::explain_file;
pub use explain::{Explained, Setting, explain};
pub(crate) use leaks::{GithubConfig, LeaksConfig};
pub(crate) use observe::{LogsConfig, MetricsConfig, TelemetryConfig};
pub(crate) use pages::PagesConfig;
pub(crate) use scim::ScimConfig;
pub(crate) use self_service::{SelfServiceConfig, SelfSessionConfig};
pub(crate) use sheets::SheetsConfig;
use signals::SignalsConfig;
pub use template::template;

/// What the file may hold. Everything has a default.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The prefix of codes: issuer and environment. Part of every derived key; it cannot be changed
    /// once the database exists.
    pub prefix: Prefix,
    /// The log's origin, a schema-less URL prefix without a trailing slash. Made from the root key
    /// unless named; it cannot be changed once the database exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Whether anyone may read the log's entries under `/tlog/`, and not only who has the scope
    /// `audit`. They hold no code and no name, but say why an attempt was refused.
    pub open_log_entries: bool,
    /// Read the root key from this environment variable and not from `root.key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_key_variable: Option<String>,
    /// The limit on redemptions from one source.
    pub source_limit: SourceLimitConfig,
    /// How the service calls itself in messages to people, and where they turn to.
    pub service: ServiceConfig,
    /// How messages travel. What is not named here does not go out.
    pub channels: ChannelsConfig,
    /// How people are told of what happens to their recovery credentials.
    pub notices: NoticesConfig,
    /// Whose passkeys sign approvals; without it nothing can be approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relying_party: Option<RelyingPartyConfig>,
    /// Where the newest checkpoint is kept outside the database, by a name for each place. A server
    /// whose database is behind one of them starts sealed.
    pub anchors: BTreeMap<String, AnchorConfig>,
    /// Where metrics are read.
    pub(crate) metrics: MetricsConfig,
    /// The OpenTelemetry collector.
    pub(crate) telemetry: TelemetryConfig,
    /// What the log tells.
    pub(crate) logs: LogsConfig,
    /// Where people sign in; nobody does without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operators: Option<OperatorsConfig>,
    /// TLS of the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConfig>,
    /// Programs that are known by their certificates, by name.
    pub machines: BTreeMap<String, MachineConfig>,
    /// What watches the log, and raises alerts.
    pub alerts: AlertsConfig,
    /// Who is told of what is in the log, by a name for each.
    pub destinations: destinations::DestinationsConfig,
    /// Whose security events we hear, and who hears ours (J2).
    pub signals: SignalsConfig,
    /// What an identity provider's words mean here.
    pub scim: ScimConfig,
    /// What is on printed sheets of codes.
    pub(crate) sheets: SheetsConfig,
    /// Who may report codes that leaked.
    pub leaks: leaks::LeaksConfig,
    /// The pages that people see.
    pub pages: pages::PagesConfig,
    /// What people do for themselves.
    pub(crate) self_service: SelfServiceConfig,
    /// Systems that keep recovery codes and know no standard, by a name for each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub connectors: Connectors,
    /// Tiers, throttle and lifecycle effects.
    #[serde(flatten)]
    pub settings: Settings,
}

/// What watches the log, and raises alerts (G3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertsConfig {
    /// Whether rules are evaluated at all.
    pub enabled: bool,
    /// A directory with rules, in place of those that come along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules_dir: Option<PathBuf>,
}

impl Default for AlertsConfig {
    fn default() -> Self {
        Self { enabled: true, rules_dir: None }
    }
}

/// The limit on redemptions from one source, per server process.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceLimitConfig {
    /// So many a second in the long run.
    pub per_second: NonZeroU32,
    /// So many at once.
    pub burst: NonZeroU32,
}

/// What messages to people say of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// Its name.
    pub name: String,
    /// Whom to tell if a message was not asked for (N63B-NO-07): an address or a telephone number.
    pub contact: String,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            name: "Account recovery".to_owned(),
            contact: "Your organisation's support desk".to_owned(),
        }
    }
}

/// Whose passkeys sign approvals, and on which pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingPartyConfig {
    /// The domain. It is for good: passkeys enrolled under one are useless under another.
    pub id: String,
    /// The pages on which approvals are given, as browsers write origins: `https://HOST`.
    pub origins: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        let limit = SourceLimit::default();
        Self {
            prefix: Prefix::default(),
            origin: None,
            open_log_entries: false,
            root_key_variable: None,
            source_limit: SourceLimitConfig { per_second: limit.per_second, burst: limit.burst },
            service: ServiceConfig::default(),
            channels: ChannelsConfig::default(),
            notices: NoticesConfig::default(),
            relying_party: None,
            anchors: BTreeMap::new(),
            metrics: MetricsConfig::default(),
            telemetry: TelemetryConfig::default(),
            logs: LogsConfig::default(),
            operators: None,
            tls: None,
            machines: BTreeMap::new(),
            alerts: AlertsConfig::default(),
            destinations: BTreeMap::new(),
            signals: SignalsConfig::default(),
            scim: ScimConfig::default(),
            sheets: SheetsConfig::default(),
            leaks: LeaksConfig::default(),
            pages: PagesConfig::default(),
            self_service: SelfServiceConfig::default(),
            connectors: BTreeMap::new(),
            settings: Settings::defaults(),
        }
    }
}

/// The names at the top.
const KNOWN: &[&str] = &[
    "prefix",
    "origin",
    "open_log_entries",
    "root_key_variable",
    "source_limit",
    "service",
    "channels",
    "relying_party",
    "anchors",
    "connectors",
    "leaks",
    "pages",
    "self_service",
    "scim",
    "sheets",
    "signals",
    "notices",
    "destinations",
    "alerts",
    "operators",
    "tls",
    "machines",
    "metrics",
    "telemetry",
    "logs",
    "tiers",
    "throttle",
    "lifecycle",
    "agents",
    "lowering",
];

/// Reads a configuration: `text` laid over the defaults, name by name.
///
/// # Errors
/// A text that is not TOML, a name that is not known, a value past a floor.
pub fn parse(text: &str) -> anyhow::Result<Config> {
    parse_with(text, &[])
}

/// The same with `variables` of the environment laid over the text.
fn parse_with(text: &str, variables: &[(String, String)]) -> anyhow::Result<Config> {
    let mut whole = Laid::over_defaults(text, variables)?.whole;
    // `flatten` cannot refuse unknown names; the names at the top are checked here.
    if let Some(unknown) = whole.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        let meant = nearest::nearest(unknown, KNOWN.iter().copied());
        let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        anyhow::bail!("`{unknown}` is not a setting; there are {}{meant}", KNOWN.join(", "));
    }
    let settings: Settings = ["tiers", "throttle", "lifecycle", "agents", "lowering"]
        .iter()
        .filter_map(|name| whole.remove_entry(*name))
        .collect::<toml::Table>()
        .try_into()
        .map_err(|error| does_not_hold(&error))?;
    let rest: Rest = whole.try_into().map_err(|error| does_not_hold(&error))?;
    let config = Config {
        prefix: rest.prefix,
        origin: rest.origin,
        open_log_entries: rest.open_log_entries,
        root_key_variable: rest.root_key_variable,
        source_limit: rest.source_limit,
        service: rest.service,
        channels: rest.channels,
        notices: rest.notices,
        relying_party: rest.relying_party,
        anchors: rest.anchors,
        metrics: rest.metrics,
        telemetry: rest.telemetry,
        logs: rest.logs,
        operators: rest.operators,
        tls: rest.tls,
        machines: rest.machines,
        alerts: rest.alerts,
        destinations: rest.destinations,
        signals: rest.signals,
        sheets: rest.sheets,
        leaks: rest.leaks,
        pages: rest.pages,
        self_service: rest.self_service,
        scim: rest.scim,
        connectors: rest.connectors,
        settings,
    };
    config.settings.validate()?;
    if let Some(operators) = &config.operators {
        operators.validate()?;
    }
    config.notices.validate()?;
    config.pages.validate()?;
    config.sheets.validate()?;
    config.self_service.validate()?;
    config.scim.validate(|tier| config.settings.tier(tier).is_some())?;
    Ok(config)
}

fn does_not_hold(error: &toml::de::Error) -> anyhow::Error {
    let told = nearest::told(&error.to_string());
    anyhow::Error::msg(told).context("the configuration does not hold together")
}

/// A file and the environment, laid over the defaults.
struct Laid {
    whole: toml::Table,
    /// What the file holds.
    file: toml::Table,
    /// The paths that the environment sets.
    environment: Vec<String>,
}

impl Laid {
    fn over_defaults(text: &str, variables: &[(String, String)]) -> anyhow::Result<Self> {
        let file: toml::Table = text.parse().context("the configuration is not TOML")?;
        let mut whole = toml::Table::try_from(Config::default())?;
        lay_over(&mut whole, file.clone());
        let (over, environment) = overrides::table(variables, &whole)?;
        lay_over(&mut whole, over);
        Ok(Self { whole, file, environment })
    }
}

/// What is beside the settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    prefix: Prefix,
    origin: Option<String>,
    open_log_entries: bool,
    root_key_variable: Option<String>,
    source_limit: SourceLimitConfig,
    service: ServiceConfig,
    channels: ChannelsConfig,
    notices: NoticesConfig,
    relying_party: Option<RelyingPartyConfig>,
    anchors: BTreeMap<String, AnchorConfig>,
    metrics: MetricsConfig,
    telemetry: TelemetryConfig,
    logs: LogsConfig,
    operators: Option<OperatorsConfig>,
    tls: Option<TlsConfig>,
    machines: BTreeMap<String, MachineConfig>,
    alerts: AlertsConfig,
    destinations: destinations::DestinationsConfig,
    signals: SignalsConfig,
    scim: ScimConfig,
    sheets: SheetsConfig,
    leaks: LeaksConfig,
    pages: PagesConfig,
    self_service: SelfServiceConfig,
    #[serde(default)]
    connectors: Connectors,
}

/// Lays `over` on `under`: tables are merged, everything else is replaced. A tier that is new
/// starts from the standard one.
fn lay_over(under: &mut toml::Table, over: toml::Table) {
    let standard = under.get("tiers").and_then(|tiers| tiers.get("standard")).cloned();
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => {
                if let (true, Some(standard)) = (name == "tiers", &standard) {
                    for tier in over.keys() {
                        under.entry(tier.clone()).or_insert_with(|| standard.clone());
                    }
                }
                lay_over(under, over);
            }
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}

impl Config {
    /// Reads the file at `path`, if there is one, and the environment.
    pub(crate) fn load(path: Option<&Path>) -> anyhow::Result<Self> {
        let variables = overrides::of_process();
        let Some(path) = path else {
            return parse_with("", &variables).context("in the environment");
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration `{}`", path.display()))?;
        parse_with(&text, &variables).with_context(|| format!("in `{}`", path.display()))
    }

    /// The places that are named. None of them is asked yet.
    fn anchors(&self) -> anyhow::Result<Vec<Arc<dyn Anchor>>> {
        let opened = self.anchors.iter().map(|(name, config)| {
            let anchor = config.open(|name| std::env::var(name).ok());
            anchor.with_context(|| format!("`anchors.{name}`"))
        });
        opened.collect()
    }

    /// The engine's options, but for the policy. With `seen_as`, the origin that browsers see, a
    /// server of this machine alone has its own pages to approve on.
    ///
    /// # Errors
    /// A relying party that cannot be.
    pub(crate) fn options(&self, seen_as: Option<&str>) -> anyhow::Result<Options> {
        let limit = self.source_limit;
        let here = seen_as.filter(|origin| origin.starts_with("http://localhost:"));
        let relying_party = match (&self.relying_party, here) {
            (Some(ours), _) => Some(RelyingParty::new(&ours.id, &ours.origins)),
            (None, Some(origin)) => Some(RelyingParty::new("localhost", &[origin.to_owned()])),
            (None, None) => None,
        };
        let relying_party = relying_party.transpose().context("`relying_party`")?;
        Ok(Options {
            prefix: self.prefix,
            origin: self.origin.clone(),
            source_limit: SourceLimit { per_second: limit.per_second, burst: limit.burst },
            relying_party,
            anchors: self.anchors()?,
            ..Options::new(self.settings.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbreak_engine::core::subject::Tier;

    #[test]
    fn a_file_is_laid_over_the_defaults() {
        let text = "prefix = \"gbt\"\n[tiers.standard]\ncount = 8\n[tiers.contractor]\nlifetime = 86400\n\
                    [lifecycle]\nmfa_changed = \"replace\"\n";
        let config = parse(text).unwrap();
        let tier = |name: &str| {
            config.settings.tier(&Tier::try_from(name.to_owned()).unwrap()).unwrap().clone()
        };
        assert_eq!((tier("standard").count, tier("privileged").count), (8, 10));
        assert_eq!((tier("contractor").count, tier("contractor").lifetime.0), (10, 86400));
        assert_eq!(config.prefix, Prefix::test());
    }

    #[test]
    fn slips_are_told() {
        for (text, part) in [
            ("prefx = 1", "`prefx` is not a setting"),
            ("[tiers.standard]\ncuont = 8", "cuont"),
            ("[tiers.standard]\nlifetime = 0", "tiers.standard.lifetime"),
            ("[throttle]\ndisable_at = 1000", "N63B-TH-01"),
            ("not toml", "not TOML"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
