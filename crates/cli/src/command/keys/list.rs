//! `glassbreak keys list`

use anyhow::Context;
use serde_json::{Value, json};

use crate::args::Shared;
use crate::database::DatabaseArgs;
use crate::exit::{Exit, Failure, Outcome};

/// Arguments of `keys list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Read the database itself: the file in the data directory, with no server running, or the one
    /// on PostgreSQL.
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = if self.offline {
            self.offline(shared)?
        } else {
            shared.connection.client()?.get("/v1/keys")?
        };
        shared.output().show(&answer, super::human)?;
        Ok(Exit::Ok)
    }

    fn offline(&self, shared: &Shared) -> Result<Value, Failure> {
        let data_dir = &shared.connection.data_dir;
        let postgres = self.database.postgres();
        let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
        let state = runtime.block_on(async {
            let store = glassbreak_server::open_offline(data_dir, postgres.as_ref(), None).await?;
            anyhow::Ok(store.dump().await?)
        })?;
        let keys = state.keys.iter().map(
            |(purpose, generation)| json!({ "purpose": purpose.name(), "generation": generation }),
        );
        let file = data_dir.join("log.vkey");
        let text = std::fs::read_to_string(&file);
        let text = text.with_context(|| format!("cannot read `{}`", file.display()))?;
        Ok(json!({
            "keys": keys.collect::<Vec<_>>(),
            "verifier_keys": text.lines().collect::<Vec<_>>(),
        }))
    }
}
