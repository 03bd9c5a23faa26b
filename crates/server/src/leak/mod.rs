//! Reports of codes that were found where they must not be (B5, REG-26).
//!
//! Two roads: a list from anyone who may revoke, or from anyone at all where that is configured,
//! answered blindly; and GitHub's secret scanning, which proves who it is by a signature and is
//! told which of its findings were ours.

pub(crate) mod github;
mod keys;
pub(crate) mod report;

use std::sync::Arc;

use crate::config::LeaksConfig;
use keys::Keys;

/// Who may report, as it is configured.
#[derive(Clone)]
pub(crate) struct Reporters {
    open: bool,
    github: Option<Arc<Keys>>,
}

impl Reporters {
    /// As configured.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(config: &LeaksConfig) -> anyhow::Result<Self> {
        let github = config.github.as_ref().map(Keys::open).transpose()?.map(Arc::new);
        Ok(Self { open: config.open, github })
    }
}
