//! What runs beside a server for whoever watches over it: the listener of the metrics, the sending
//! of metrics to the collector, and the signal to read the configuration again.

use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use glassbreak_engine::Engine;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::listen::{self, Peers};
use crate::metrics;
use crate::observe::{self, Observed};
use crate::reload::Reloader;
use crate::telemetry::Telemetry;

/// What is made ready before the server listens.
pub(crate) struct Observing {
    observed: Arc<Observed>,
    metrics: Option<TcpListener>,
}

/// The same, running.
pub(crate) struct Underway {
    observed: Arc<Observed>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Observing {
    /// Listens for who reads the metrics, and starts the way to the collector.
    ///
    /// # Errors
    /// With the setting that is wrong, or the address that is taken.
    pub(crate) async fn prepare(config: &Config) -> anyhow::Result<Self> {
        let metrics = match config.metrics.listen {
            None => None,
            Some(addr) => {
                let bound = TcpListener::bind(addr).await;
                Some(
                    bound
                        .with_context(|| format!("`metrics.listen`: cannot listen on `{addr}`"))?,
                )
            }
        };
        let observed = Arc::new(Observed::new(Telemetry::start(&config.telemetry)?)?);
        Ok(Self { observed, metrics })
    }

    /// The server's router, with its requests seen; and what runs beside it.
    pub(crate) fn start(
        self,
        router: Router,
        engine: &Engine,
        reloader: Reloader,
    ) -> (Router, Underway) {
        let Self { observed, metrics } = self;
        observed.began(engine.now());
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        if let Some(listener) = metrics {
            let router = observe::metrics_alone(engine.clone(), Arc::clone(&observed));
            let stop = until(stopped.clone());
            tasks.spawn(listen::serve(listener, router, None, Peers::Proxies, stop));
        }
        if observed.telemetry().is_some_and(|telemetry| telemetry.metrics_every().is_some()) {
            tasks.spawn(tell(engine.clone(), Arc::clone(&observed), stopped.clone()));
        }
        tasks.spawn(reloader.run(stopped));
        let router = observe::around(router, engine.clone(), Arc::clone(&observed));
        (router, Underway { observed, stop, tasks })
    }
}

impl Underway {
    /// Ends what runs beside the server, and sends what is left for the collector.
    pub(crate) async fn stop(self) {
        let Self { observed, stop, tasks } = self;
        stop.send_replace(true);
        tasks.join_all().await;
        // It is not one thread of the runtime that waits for the collector.
        let closing = tokio::task::spawn_blocking(move || {
            if let Some(telemetry) = observed.telemetry() {
                telemetry.close();
            }
        });
        if closing.await.is_err() {
            tracing::error!("the last spans were not sent");
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error says that nobody is there to stop it any more.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// Sends the metrics every so often.
async fn tell(engine: Engine, observed: Arc<Observed>, stopped: watch::Receiver<bool>) {
    let Some((telemetry, every)) = observed
        .telemetry()
        .and_then(|telemetry| telemetry.metrics_every().map(|every| (telemetry, every)))
    else {
        return;
    };
    let started = engine.now();
    let mut stop = std::pin::pin!(until(stopped));
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = &mut stop => return,
        }
        let families = metrics::gather(&engine, observed.http(), observed.own()).await;
        telemetry.metrics(&families, started, engine.now());
    }
}
