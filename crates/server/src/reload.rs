//! Reading the configuration again while the server runs (`SIGHUP`).
//!
//! What changes at once is what no decision rests on: how messages travel and what they say of the
//! service, the limit on sources, and what is logged. Tiers, throttle and lifecycle decide, and
//! some of them are built into keys and policies: they wait for a restart, and the log names each.
//! Notices wait too: codes travel by the new channels at once, and notices by those of the start.
//!
//! A reload is whole or nothing: all that is new is made ready first, and only then put in place.
//! It is no event: the settings that a decision rests on are not among it.

use std::path::PathBuf;
use std::sync::Arc;

use glassbreak_engine::{Engine, SourceLimit};
use tokio::sync::watch;

use crate::channels::ByChannel;
use crate::config::Config;

/// Sets what is logged; an error names what is wrong with the filter.
type SetFilter = dyn Fn(&str) -> Result<(), String> + Send + Sync;

/// The way to say what is logged while the server runs.
#[derive(Clone)]
pub struct LogFilter(Arc<SetFilter>);

impl LogFilter {
    /// One that is set by this.
    pub fn new(set: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(set))
    }

    /// Logs from `level` on.
    ///
    /// # Errors
    /// A level that is none.
    pub(crate) fn set(&self, level: &str) -> anyhow::Result<()> {
        (self.0)(level).map_err(|why| anyhow::anyhow!("`logs.level`: {why}"))
    }
}

impl std::fmt::Debug for LogFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogFilter(..)")
    }
}

/// What a reload changes. All else waits for a restart.
const AT_ONCE: [&str; 4] = ["channels", "logs", "service", "source_limit"];

/// What of that notices read at a start only.
const FOR_NOTICES: [&str; 2] = ["channels", "service"];

/// Hears the signal. From when it is made on: whoever reads where the server listens may send one
/// at once.
pub(crate) struct Asked(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

impl Asked {
    /// Listens. Needs to be called inside of the runtime.
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        if signal.is_err() {
            tracing::warn!("SIGHUP cannot be heard; the configuration is read at a start only");
        }
        Self(signal.ok())
    }

    /// There is no such signal.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> Self {
        Self()
    }

    /// Waits for the next.
    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Reads the configuration again.
pub(crate) struct Reloader {
    /// When to.
    pub(crate) asked: Asked,
    /// The file, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// What is in force.
    pub(crate) config: Config,
    /// How the log is told what to say, if it is.
    pub(crate) log: Option<LogFilter>,
    /// Where the limit on sources is.
    pub(crate) engine: Engine,
    /// Where the channels are.
    pub(crate) courier: Arc<ByChannel>,
}

impl Reloader {
    /// Reads again at each signal, until `stopped`.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = self.asked.next() => self.reload(),
                _ = stopped.changed() => return,
            }
        }
    }

    fn reload(&mut self) {
        match self.apply() {
            Ok(waiting) if waiting.is_empty() => tracing::info!("the configuration was reloaded"),
            Ok(waiting) => tracing::warn!(
                settings = waiting.join(", "),
                "the configuration was reloaded; these settings wait for a restart"
            ),
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the configuration was not reloaded; all stays as it was"
            ),
        }
    }

    /// Puts the new configuration in place; names what waits for a restart.
    fn apply(&mut self) -> anyhow::Result<Vec<String>> {
        let new = Config::load(self.file.as_deref())?;
        let waiting = changed(&self.config, &new)?;
        let messages = ByChannel::messages(&new)?;
        // The one step besides that can fail, and so the first.
        if let Some(log) = &self.log {
            log.set(&new.logs.level)?;
        }
        self.courier.replace(messages);
        let (old, limit) = (self.config.source_limit, new.source_limit);
        if (old.per_second, old.burst) != (limit.per_second, limit.burst) {
            let limit = SourceLimit { per_second: limit.per_second, burst: limit.burst };
            self.engine.limit_sources(limit);
        }
        // What waits stays named until it is in force: so do those two, where notices run.
        if !self.config.notices.enabled {
            self.config.channels = new.channels;
            self.config.service = new.service;
        }
        self.config.source_limit = new.source_limit;
        self.config.logs = new.logs;
        Ok(waiting)
    }
}

/// The settings at the top that differ and do not change at once, or not for all.
fn changed(old: &Config, new: &Config) -> anyhow::Result<Vec<String>> {
    let tells = old.notices.enabled;
    let (old, new) = (toml::Table::try_from(old)?, toml::Table::try_from(new)?);
    // Without a channel before and after, nobody is told anyway.
    let has_channel = |config: &toml::Table| {
        let channels = config.get("channels").and_then(toml::Value::as_table);
        channels.is_some_and(|channels| !channels.is_empty())
    };
    let tells = tells && (has_channel(&old) || has_channel(&new));
    let names = old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name));
    let names = names.filter_map(|name| match name.as_str() {
        name if tells && FOR_NOTICES.contains(&name) => Some(format!("{name} (of notices)")),
        name => (!AT_ONCE.contains(&name)).then(|| name.to_owned()),
    });
    let names: std::collections::BTreeSet<String> = names.collect();
    Ok(names.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_restart_is_named() {
        let old = Config::default();
        let text = "prefix = \"gbt\"\n[logs]\nlevel = \"debug\"\n[service]\nname = \"x\"\n\
                    [tiers.standard]\ncount = 8\n[relying_party]\nid = \"a.example\"\norigins = []\n";
        let new = crate::config::parse(text).unwrap();
        assert_eq!(changed(&old, &new).unwrap(), ["prefix", "relying_party", "tiers"]);
        assert!(changed(&old, &old).unwrap().is_empty());
    }

    #[test]
    fn notices_wait_for_a_restart_with_channels_and_service_and_it_is_said() {
        let with = |host: &str, enabled: bool| {
            let text = format!(
                "[service]\nname = \"{host}\"\n[notices]\nenabled = {enabled}\n\
                 [channels.email]\nkind = \"smtp\"\nhost = \"{host}\"\nfrom = \"a@a.example\"\n"
            );
            crate::config::parse(&text).unwrap()
        };
        let wait = ["channels (of notices)", "service (of notices)"];
        assert_eq!(changed(&with("a", true), &with("b", true)).unwrap(), wait);
        // A first channel starts them, and that is at a start.
        let none = crate::config::parse("[service]\nname = \"b\"\n").unwrap();
        assert_eq!(changed(&none, &with("b", true)).unwrap(), ["channels (of notices)"]);
        assert!(changed(&with("a", false), &with("b", false)).unwrap().is_empty());
    }
}
