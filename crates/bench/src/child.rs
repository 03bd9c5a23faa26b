//! The servers that are measured: Glassbreak itself, axum alone, and axum in front of the bare
//! writer thread. Each is a process of its own with the runtime that `glassbreak serve` has.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use glassbreak_server::{Postgres, ServeOptions, start};
use glassbreak_testkit::server::TestServer;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::bare::{BareWriter, Statements};

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Glassbreak,
    Hello,
    Bare,
}

/// Starts a server as a child process on `data_dir`.
pub(crate) fn spawn(kind: Kind, data_dir: &Path) -> Result<TestServer> {
    start_child(
        data_dir,
        match kind {
            Kind::Glassbreak => &[],
            Kind::Hello => &["--hello"],
            Kind::Bare => &["--bare"],
        },
    )
}

/// Starts Glassbreak as a child process on a PostgreSQL database.
pub(crate) fn spawn_on(database: &str, data_dir: &Path) -> Result<TestServer> {
    start_child(data_dir, &["--database", database])
}

/// Starts Glassbreak as a child process with a configuration.
pub(crate) fn spawn_with(config: &Path, data_dir: &Path) -> Result<TestServer> {
    start_child(data_dir, &["--config", &config.display().to_string()])
}

fn start_child(data_dir: &Path, arguments: &[&str]) -> Result<TestServer> {
    let binary = std::env::current_exe().context("this binary has no path")?;
    TestServer::start(&binary.display().to_string(), data_dir, arguments, &[])
        .map_err(|error| anyhow::anyhow!("the server did not start: {error}"))
}

/// What the child does: serves until it is asked to stop.
pub(crate) async fn serve(
    kind: Kind,
    data_dir: &Path,
    listen: SocketAddr,
    config: Option<PathBuf>,
    database: Option<String>,
) -> Result<()> {
    let mut asked = signal(SignalKind::terminate())?;
    let shutdown = async move {
        asked.recv().await;
    };
    if kind == Kind::Glassbreak {
        let postgres = database.map(|address| Postgres { address, synchronous_standbys: 0 });
        let options = ServeOptions::new(data_dir.to_owned(), listen);
        let options = ServeOptions { postgres, config, ..options };
        let running = start(options).await?;
        say(running.addr());
        return running.run_until(shutdown).await;
    }
    let router: Router = match kind {
        Kind::Bare => {
            let writer = BareWriter::open(&data_dir.join("bare.db"), Statements::Redemption)?;
            Router::new().route("/", post(commit)).with_state(Arc::new(writer))
        }
        _ => Router::new().route("/", post(greet)),
    };
    let router = router.route("/healthz", get(async || "ok"));
    let listener = TcpListener::bind(listen).await?;
    say(listener.local_addr()?);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await?;
    Ok(())
}

/// The hello-world: a small JSON body in, a small JSON body out.
async fn greet(Json(body): Json<Value>) -> Json<Value> {
    Json(json!({ "hello": body.get("name") }))
}

/// The same with the statements of one redemption committed before the answer.
async fn commit(
    State(writer): State<Arc<BareWriter>>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let status = match writer.submit().await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(json!({ "hello": body.get("name") })))
}

/// The parent waits for this line.
fn say(addr: SocketAddr) {
    println!("listening on http://{addr}");
}
