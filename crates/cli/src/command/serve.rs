//! `glassbreak serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use glassbreak_server::{LogFilter, Running, ServeOptions, start};
use serde_json::{Value, json};
use tracing::subscriber::set_global_default;
use tracing_subscriber::EnvFilter;

use crate::args::Shared;
use crate::database::DatabaseArgs;
use crate::exit::{Exit, Outcome};
use crate::output::fields;

/// Arguments of `serve`. Where the data is, `--data-dir` says.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,

    /// The configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// TLS ends at a proxy in front. Needed to listen on anything but this machine.
    #[arg(long)]
    behind_tls_proxy: bool,

    /// How logs are written, `json` or `text`; JSON with `--json`, and text without, unless named.
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    log_format: Option<LogFormat>,

    #[command(flatten)]
    database: DatabaseArgs,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// A JSON object a line (docs/OPERATIONS.md, "Logs").
    Json,
    /// For people.
    Text,
}

impl Serve {
    /// Runs it until it is interrupted or told to end.
    pub fn run(self, shared: &Shared) -> Outcome {
        let by_answers = if shared.json { LogFormat::Json } else { LogFormat::Text };
        let format = self.log_format.unwrap_or(by_answers);
        let log = trace("info", format == LogFormat::Json);
        let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
        runtime.block_on(async {
            let mut options = ServeOptions::new(shared.connection.data_dir.clone(), self.listen);
            options.config = self.config;
            options.behind_tls_proxy = self.behind_tls_proxy;
            options.postgres = self.database.postgres();
            options.log = log;
            let running = start(options).await?;
            let told = told_to_end();
            tell(&running, shared)?;
            running.run_until(told).await?;
            Ok(Exit::Ok)
        })
    }
}

/// Sends logs to standard error; `GLASSBREAK_LOG` says what of them. Where it does not, what it
/// gives is the way to say it later.
pub(crate) fn trace(default: &str, json: bool) -> Option<LogFilter> {
    let by_variable = EnvFilter::try_from_env("GLASSBREAK_LOG").ok();
    let is_said = by_variable.is_some();
    let filter = by_variable.unwrap_or_else(|| EnvFilter::new(default));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Not `try_init`: where tests bring more features of it along (loom does), that would also take
    // in what is written through the crate `log`, which a build that people run does not.
    // It fails only where somebody set up logging before; then that stays.
    if json {
        let logs = logs.json().flatten_event(true).with_span_list(false).with_filter_reloading();
        let handle = logs.reload_handle();
        drop(set_global_default(logs.finish()));
        (!is_said).then(|| LogFilter::new(move |level| set(level, |filter| handle.reload(filter))))
    } else {
        let logs = logs.with_ansi(false).with_filter_reloading();
        let handle = logs.reload_handle();
        drop(set_global_default(logs.finish()));
        (!is_said).then(|| LogFilter::new(move |level| set(level, |filter| handle.reload(filter))))
    }
}

fn set<E: std::fmt::Display>(
    level: &str,
    reload: impl FnOnce(EnvFilter) -> Result<(), E>,
) -> Result<(), String> {
    let filter = EnvFilter::try_new(level).map_err(|error| error.to_string())?;
    reload(filter).map_err(|error| error.to_string())
}

fn tell(running: &Running, shared: &Shared) -> Outcome {
    let shown = |path: &std::path::Path| path.display().to_string();
    let verifier_key = shown(running.verifier_key_file());
    let admin_key = running.admin_key_file().map(shown);
    let answer = json!({
        "url": format!("{}://{}", running.scheme(), running.addr()),
        "verifier_key_file": verifier_key,
        "new_admin_key_file": admin_key.clone().map_or(Value::Null, Value::String),
    });
    if shared.json {
        crate::output::print(&answer.to_string())?;
        return Ok(Exit::Ok);
    }
    let mut rows = vec![("listening on", format!("{}://{}", running.scheme(), running.addr()))];
    if let Some(file) = admin_key {
        rows.push(("first admin key, just made", file));
    }
    rows.push(("the log's verifier key", verifier_key));
    crate::output::print(&fields(&rows))?;
    Ok(Exit::Ok)
}

/// Ends when the process is interrupted or told to end. It listens from the call on, and not from
/// when it is first waited for: whoever reads where the server listens may tell it to end at once.
///
/// Needs to be called inside of the runtime.
pub(crate) fn told_to_end() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    async move {
        #[cfg(unix)]
        if let [Ok(mut interrupted), Ok(mut terminated)] = signals {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
        // Where signals cannot be had, only killing ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
