//! `[self_service]`: what people do for themselves, and how they come in.

use std::collections::BTreeMap;

use anyhow::bail;
use axum::http::HeaderName;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Seconds;
use serde::{Deserialize, Serialize};

use crate::operators::{OidcConfig, origin};

/// Self-service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SelfServiceConfig {
    /// Whether a code is used on `/recover`, by whoever comes there. Off, an application of yours
    /// asks for it.
    pub redeem: bool,
    /// Where a new authenticator is enrolled: the identity provider's page, which takes the grant
    /// as the field `grant` of a form. `https`, or `http` on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reenrol_url: Option<String>,
    /// Where people sign in to everything else, for a button on the pages that tell them to.
    /// `https`, or `http` on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_url: Option<String>,
    /// The identity provider where people sign in, and what it calls these pages. A client of its
    /// own: an operator's sign-in is none of a subject's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcConfig>,
    /// Which assurance an `acr` of the provider is. One that is not named is `aal1`.
    pub acr_assurance: BTreeMap<String, Assurance>,
    /// The header in which the proxy in front says where a request came from, for the limit on
    /// codes and enrolment links from one source (`source_limit`); its last value counts. Without
    /// it the address of the connection does, unless a proxy may have made that: behind one
    /// (`--behind-tls-proxy`), and from this machine, there is no such limit then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_header: Option<String>,
    /// How long somebody stays in.
    pub session: SelfSessionConfig,
}

/// How long somebody stays in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SelfSessionConfig {
    /// Seconds after coming in; 60 to 3600.
    pub lifetime: Seconds,
    /// Seconds after the last page; 60 to 3600.
    pub idle: Seconds,
}

impl Default for SelfSessionConfig {
    fn default() -> Self {
        Self { lifetime: Seconds::minutes(15), idle: Seconds::minutes(10) }
    }
}

impl SelfServiceConfig {
    /// Checks what can be checked without asking anybody.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn validate(&self) -> anyhow::Result<()> {
        if let Some(oidc) = &self.oidc {
            oidc.validate("self_service.oidc")?;
            if oidc.audience.is_some() || !oidc.clients.is_empty() || oidc.unmarked_tokens {
                bail!(
                    "`self_service.oidc`: people come with a browser and no token, so there is no \
                     `audience`, no `clients` and no `unmarked_tokens`"
                );
            }
        }
        if self.reenrol_url.as_deref().is_some_and(|url| origin(url).is_none()) {
            bail!("`self_service.reenrol_url` is `https://HOST/PATH`");
        }
        if self.sign_in_url.as_deref().is_some_and(|url| origin(url).is_none()) {
            bail!("`self_service.sign_in_url` is `https://HOST/PATH`");
        }
        let header = self.source_header.as_deref();
        if header.is_some_and(|name| HeaderName::from_bytes(name.as_bytes()).is_err()) {
            bail!("`self_service.source_header` is the name of an HTTP header");
        }
        let seconds = 60..=3600;
        let SelfSessionConfig { lifetime, idle } = self.session;
        if !seconds.contains(&lifetime.0) || !seconds.contains(&idle.0) {
            bail!(
                "`self_service.session`: `lifetime` and `idle` are 60 to 3600 seconds (ASVS 7.3)"
            );
        }
        Ok(())
    }

    /// The origin to which the grant is posted, for the pages' policy of what forms may go to.
    pub(crate) fn reenrol_origin(&self) -> Option<String> {
        self.reenrol_url.as_deref().and_then(origin)
    }
}
