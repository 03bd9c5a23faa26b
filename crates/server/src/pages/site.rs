//! What all pages say of the installation.

use glassbreak_anchor::AnchorConfig;
use glassbreak_engine::tlog::VerifierKey;

use crate::config::{Config, ServiceConfig};
use crate::operators::named_url;

/// The installation, as people know it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// What the service calls itself.
    pub(crate) service: String,
    /// Whom to ask, where that is configured.
    pub(crate) contact: Option<String>,
    /// Whether operators sign in at an identity provider.
    pub(crate) has_provider: bool,
    /// Whether anyone may read the log's entries.
    pub(crate) open_entries: bool,
    /// Where codes are typed in: the whole address if it is configured.
    pub(crate) recover_at: String,
    /// The keys of the log's witnesses.
    pub(crate) witnesses: Vec<VerifierKey>,
}

impl Site {
    /// As configured.
    pub(crate) fn new(config: &Config) -> Self {
        let service = config.service.name.clone();
        let contact = Some(config.service.contact.clone());
        let contact = contact.filter(|contact| *contact != ServiceConfig::default().contact);
        let key = |anchor: &AnchorConfig| match anchor {
            AnchorConfig::Witness(witness) => VerifierKey::parse(&witness.vkey).ok(),
            _ => None,
        };
        Self {
            service,
            contact,
            recover_at: format!(
                "{}/recover",
                named_url(config).unwrap_or_default().trim_end_matches('/')
            ),
            has_provider: config.operators.is_some(),
            open_entries: config.open_log_entries,
            witnesses: config.anchors.values().filter_map(key).collect(),
        }
    }
}
