//! The log sent to who watches: one background task for each destination (G3).

use glassbreak_engine::{Engine, Error};
use glassbreak_outbound::{Described, Desk, Dispatcher, Origin};

use crate::background::Background;
use crate::config::Config;
use crate::config::destinations::open;

/// Opens the destinations of a configuration, and starts sending. What is returned answers
/// operators.
///
/// # Errors
/// With the setting that is wrong, or if the database gave no answer.
pub(crate) async fn begin(
    config: &Config,
    engine: &Engine,
    background: &mut Background,
) -> anyhow::Result<Desk> {
    let destinations = open(&config.destinations, &|name| std::env::var(name).ok())?;
    let known = destinations.iter().map(Described::from).collect();
    if !destinations.is_empty() {
        let origin = origin(engine).await?;
        for destination in destinations {
            // Before the first request: what a new one is told of begins here.
            let dispatcher = Dispatcher::open(engine, destination, origin.clone()).await?;
            background.spawn(|mut stopped| async move {
                // Left where it is: what was on its way is sent again after the next start.
                stopped.or(dispatcher.run()).await;
            });
        }
    }
    Ok(Desk::new(engine, known))
}

/// What is said of where entries come from.
async fn origin(engine: &Engine) -> Result<Origin, Error> {
    let keys = engine.verifier_keys().await?;
    let log = keys.first().map(|key| key.name().to_owned()).unwrap_or_default();
    Ok(Origin { version: env!("CARGO_PKG_VERSION").to_owned(), installation: log.clone(), log })
}
