//! SCIM 2.0 (RFC 7643, RFC 7644): an identity provider provisions Users and Groups, and recovery
//! credentials die with what they depend on. `docs/SCIM.md` tells what follows from what; the codec
//! and the table of consequences are in `glassbreak_signals::scim`.
//!
//! A change has three steps. What takes something away is done in the engine first, under names
//! made of the resource's id and version; then the resource is stored, under the condition that it
//! is as it was; then what gives something back is done. So a change that a crash cut off is done
//! by its retry, and nobody was told that an account is closed which is not.

mod answer;
mod asker;
mod effects;
mod groups;
mod lists;
mod routes;
mod shelves;
mod sweep;
mod users;

use std::sync::Arc;

use glassbreak_engine::Engine;
use glassbreak_signals::scim::effect::Rules;
use tokio::sync::{Mutex, MutexGuard};

use crate::config::ScimConfig;

pub(crate) use routes::router;

/// Where the routes are.
pub(crate) const BASE: &str = "/scim/v2";

/// The service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scim(Arc<Inner>);

struct Inner {
    engine: Engine,
    config: ScimConfig,
    rules: Rules,
    turn: Mutex<()>,
}

impl Scim {
    /// The service over an engine.
    pub(crate) fn new(engine: Engine, config: ScimConfig) -> Self {
        let rules = config.rules();
        Self(Arc::new(Inner { engine, config, rules, turn: Mutex::new(()) }))
    }

    fn engine(&self) -> &Engine {
        &self.0.engine
    }

    fn config(&self) -> &ScimConfig {
        &self.0.config
    }

    fn rules(&self) -> &Rules {
        &self.0.rules
    }

    /// Waits until this server changes no other resource. Between servers the versions of what is
    /// stored decide; here nobody has to do anything twice.
    async fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }
}
