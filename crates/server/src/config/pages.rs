//! `[pages]`: what people see in a browser.

use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::operators::origin;

/// The pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagesConfig {
    /// Whether there are pages at all: the console, the support desk and self-service.
    pub enabled: bool,
    /// Where browsers find this server: `https://HOST[:PORT]`, without a path. As in `[operators]`
    /// unless named here; on a server of this machine alone, `http://localhost` and its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Whether operators sign in to the console with an API key. Unless said, where no identity
    /// provider is configured and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_sign_in: Option<bool>,
}

impl Default for PagesConfig {
    fn default() -> Self {
        Self { enabled: true, public_url: None, key_sign_in: None }
    }
}

impl PagesConfig {
    /// Checks what can be checked without asking anybody.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        let url = self.public_url.as_deref();
        if url.is_some_and(|url| origin(url).is_none_or(|origin| origin != url)) {
            bail!("`pages.public_url` is `https://HOST[:PORT]`: no path, small letters");
        }
        Ok(())
    }
}
