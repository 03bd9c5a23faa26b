//! `glassbreak serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use glassbreak_server::{Running, ServeOptions, start};
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

    #[command(flatten)]
    database: DatabaseArgs,
}

impl Serve {
    /// Runs it until it is interrupted or told to end. With `--json`, logs are JSON too.
    pub fn run(self, shared: &Shared) -> Outcome {
        trace("info", shared.json);
        let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
        runtime.block_on(async {
            let mut options = ServeOptions::new(shared.connection.data_dir.clone(), self.listen);
            options.config = self.config;
            options.behind_tls_proxy = self.behind_tls_proxy;
            options.postgres = self.database.postgres();
            let running = start(options).await?;
            let told = told_to_end();
            tell(&running, shared)?;
            running.run_until(told).await?;
            Ok(Exit::Ok)
        })
    }
}

/// Sends logs to standard error; `GLASSBREAK_LOG` says what of them.
pub(crate) fn trace(default: &str, json: bool) {
    let filter = EnvFilter::try_from_env("GLASSBREAK_LOG");
    let filter = filter.unwrap_or_else(|_| EnvFilter::new(default));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Not `try_init`: where tests bring more features of it along (loom does), that would also take
    // in what is written through the crate `log`, which a build that people run does not.
    // It fails only where somebody set up logging before; then that stays.
    drop(if json {
        set_global_default(logs.json().finish())
    } else {
        set_global_default(logs.with_ansi(false).finish())
    });
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
