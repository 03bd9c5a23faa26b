//! `[leaks]`: who may report codes that were found somewhere.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Who may report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaksConfig {
    /// Whether anyone may report codes, and not only who has the scope `revoke`: a code in
    /// somebody's hands is reason enough to end it. The answer tells nothing.
    #[serde(default)]
    pub open: bool,
    /// Reports of GitHub's secret scanning, as its partner programme sends them. Refused unless
    /// this is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github: Option<GithubConfig>,
}

/// How GitHub's reports are verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// Where the keys are that sign them. https, or http on this machine.
    pub keys_url: String,
    /// Trust these certificates in place of the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}
