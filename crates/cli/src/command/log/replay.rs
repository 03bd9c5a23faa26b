//! `glassbreak log replay`

use std::path::PathBuf;

use glassbreak_engine::replay::{Replay as Replayed, replay};
use serde_json::{Value, json};

use crate::args::Shared;
use crate::database::DatabaseArgs;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{fields, items, progress, table, text};

/// Arguments of `log replay`. The server at `--url` replays its own log unless `--offline` is
/// given.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// Replay the database itself: the file in the data directory, with no server running, or the
    /// one on PostgreSQL.
    #[arg(long)]
    offline: bool,

    /// The server's configuration, where it has one.
    #[arg(long, value_name = "FILE", requires = "offline")]
    config: Option<PathBuf>,

    #[command(flatten)]
    database: DatabaseArgs,
}

impl Replay {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = if self.offline {
            self.offline(shared)?
        } else {
            shared.connection.client()?.get("/v1/log/replay")?
        };
        shared.output().show(&answer, human)?;
        let good = items(&answer, "differences").is_empty();
        Ok(if good { Exit::Ok } else { Exit::VerificationFailed })
    }

    fn offline(&self, shared: &Shared) -> Result<Value, Failure> {
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::other)?;
        let bar = progress(Some(0), "entries");
        let replayed = runtime.block_on(async {
            let data_dir = &shared.connection.data_dir;
            let (postgres, config) = (self.database.postgres(), self.config.as_deref());
            let store =
                glassbreak_server::open_offline(data_dir, postgres.as_ref(), config).await?;
            let mut tell = |done: u64, total: u64| {
                bar.set_length(total);
                bar.set_position(done);
            };
            anyhow::Ok(replay(store.as_ref(), &mut tell).await?)
        });
        bar.finish_and_clear();
        Ok(as_json(&replayed?))
    }
}

fn as_json(replayed: &Replayed) -> Value {
    let ledger = &replayed.ledger;
    let differences = replayed.differences.iter().map(|difference| {
        json!({
            "table": difference.table,
            "row": difference.row,
            "log": difference.log,
            "found": difference.found,
        })
    });
    json!({
        "entries": replayed.entries,
        "ledger": {
            "issued": ledger.issued,
            "live": ledger.live,
            "used": ledger.used,
            "revoked": ledger.revoked,
            "expired": ledger.expired,
            "lapsed": ledger.lapsed,
            "disabled": ledger.disabled,
            "superseded": ledger.superseded,
        },
        "differences": differences.collect::<Vec<_>>(),
    })
}

fn human(answer: &Value) -> String {
    let ledger = answer.get("ledger").unwrap_or(&Value::Null);
    let figure = |name: &'static str| (name, text(ledger, name));
    let about = fields(&[
        ("entries", text(answer, "entries")),
        ("codes issued", text(ledger, "issued")),
        figure("live"),
        figure("used"),
        figure("revoked"),
        figure("expired"),
        figure("lapsed"),
        figure("disabled"),
        figure("superseded"),
    ]);
    let differences = items(answer, "differences");
    if differences.is_empty() {
        return format!("{about}\nThe tables are what the log says.");
    }
    let rows = differences.iter().map(|difference| {
        let told = |name| {
            let text = text(difference, name);
            if text.is_empty() { "nothing".to_owned() } else { text }
        };
        [told("table"), told("row"), told("log"), told("found")]
    });
    let rows = table(["table", "row", "the log says", "found"], rows.collect());
    format!("{about}\n{rows}\nThe tables are not what the log says.")
}
