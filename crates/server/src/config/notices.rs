//! `[notices]`: how people are told of what happens to their recovery credentials.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The longest that a link may be good for, in days.
const LINK_DAYS_MAX: u16 = 30;
/// The longest that it is kept who was told, in days.
const KEEP_DAYS_MAX: u16 = 3650;

/// How people are told (N63B-NO-01). Notices go out on what `[channels]` names.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticesConfig {
    /// Whether they are. Switched off, nobody hears of a recovery, which NIST SP 800-63B-4 section
    /// 4.2.3 does not allow unless something else tells them.
    pub enabled: bool,
    /// Where people reach this server: `https://HOST`, or with a path. That of `[pages]` unless
    /// named; without either there is no link in a notice, and the notice says so (N63B-NO-07).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// The folder of the texts to use: `en`, `de`, or one below `templates_dir`.
    pub language: String,
    /// Texts that replace those that are built in, by `LANGUAGE/NAME.txt` below this folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates_dir: Option<PathBuf>,
    /// A time zone besides UTC in which times are told, as the IANA names it: `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How long the link in a notice is good for, in days: 1 to 30.
    pub link_days: u16,
    /// How long it is kept that a notice went out, or could not, in days: 1 to 3650.
    pub keep_days: u16,
}

impl Default for NoticesConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            public_url: None,
            language: "en".to_owned(),
            templates_dir: None,
            zone: None,
            link_days: 7,
            keep_days: 90,
        }
    }
}

impl NoticesConfig {
    /// Checks what can be checked without reading a file.
    ///
    /// # Errors
    /// The setting that cannot be, and what to do about it.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if !(1..=LINK_DAYS_MAX).contains(&self.link_days) {
            anyhow::bail!("`notices.link_days` is 1 to {LINK_DAYS_MAX}");
        }
        if !(1..=KEEP_DAYS_MAX).contains(&self.keep_days) {
            anyhow::bail!("`notices.keep_days` is 1 to {KEEP_DAYS_MAX}");
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.language.is_empty() || !self.language.chars().all(is_name) {
            anyhow::bail!("`notices.language` is the name of a folder: letters, digits and `-`");
        }
        if self.public_url.as_deref().is_some_and(|url| !is_page(url)) {
            anyhow::bail!(
                "`notices.public_url` is `https://HOST`, with a port or a path if need be, without \
                 a slash at its end; `http://` is for this machine alone"
            );
        }
        Ok(())
    }
}

/// Whether links can begin with `url`. Nothing that is not printable ASCII is in it, and nothing
/// that would end the path.
fn is_page(url: &str) -> bool {
    let (rest, anywhere) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let local = ["localhost", "127.0.0.1", "[::1]"];
    let is_local = |name: &str| {
        let after = authority.strip_prefix(name);
        after.is_some_and(|after| after.is_empty() || after.starts_with(':'))
    };
    let plain = |c: char| c.is_ascii_graphic() && !"?#@<>\"'\\".contains(c);
    !authority.is_empty()
        && !authority.starts_with(':')
        && rest.chars().all(plain)
        && !rest.ends_with('/')
        && url.len() <= 200
        && (anywhere || local.into_iter().any(is_local))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_an_address_that_can_be_followed() {
        for good in
            ["https://recover.example.com", "https://a.example:8443/x", "http://localhost:1"]
        {
            assert!(is_page(good), "{good}");
        }
        for bad in [
            "recover.example.com",
            "http://recover.example.com",
            "http://localhost.example.com",
            "https://",
            "https://:80",
            "https://a.example/",
            "https://a.example/#x",
            "https://me@a.example",
            "https://a.example/ö",
            "javascript:alert(1)",
        ] {
            assert!(!is_page(bad), "{bad}");
        }
    }
}
