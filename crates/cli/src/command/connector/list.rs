//! `glassbreak connector list`

use serde_json::json;

use super::Configured;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::table;

/// Arguments of `connector list`.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    configured: Configured,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let all = self.configured.all()?;
        let each = all.iter().map(|(name, config)| {
            let (kind, url, realm) = (config.kind(), config.url(), config.realm());
            json!({ "name": name, "kind": kind, "url": url, "realm": realm })
        });
        let answer = json!({ "connectors": each.collect::<Vec<_>>() });
        shared.output().show(&answer, |_| {
            let row = |(name, config): (&String, &glassbreak_connectors::ConnectorConfig)| {
                [name, config.kind(), config.url(), config.realm()].map(str::to_owned)
            };
            table(["name", "kind", "url", "realm"], all.iter().map(row).collect())
        })?;
        Ok(Exit::Ok)
    }
}
