//! `[connectors.NAME]`: systems that keep recovery codes and know no standard (J1).

use std::collections::BTreeMap;
use std::path::Path;

use glassbreak_connectors::ConnectorConfig;

use super::Config;

/// The connectors that are named, by their names.
pub type Connectors = BTreeMap<String, ConnectorConfig>;

/// The connectors of the configuration at `path`. Nobody is asked, and no credentials are read.
///
/// # Errors
/// A file that cannot be read, or that a server would not start with.
pub fn connectors(path: &Path) -> anyhow::Result<Connectors> {
    Ok(Config::load(Some(path))?.connectors)
}
