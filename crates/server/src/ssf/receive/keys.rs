//! A transmitter's keys: fetched, kept for an hour, and fetched anew when a token names one that is
//! not there.

use std::sync::Arc;

use anyhow::Context;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_signals::set::KeySet;
use glassbreak_signals::set::discovery::{self, Transmitter};
use tokio::sync::Mutex;

use crate::ssf::http::{Ask, Http};

/// How long keys are used before they are fetched anew: a key that is taken back works no longer.
const AGE_MAX: Seconds = Seconds::hours(1);
/// How long keys are used on while the transmitter does not give out any.
const STALE_MAX: Seconds = Seconds::hours(24);
/// How often they are fetched at most: whoever may push could have us ask without end.
const FETCH_EVERY: Seconds = Seconds(5);

/// A transmitter's keys.
pub(super) struct Keys {
    http: Http,
    issuer: String,
    jwks_uri: Option<String>,
    /// One fetches, the others wait for what it brings.
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    found: Option<Arc<Found>>,
    tried_at: Option<Timestamp>,
}

/// What was fetched.
pub(super) struct Found {
    /// The keys.
    pub(super) keys: KeySet,
    /// The members of complex subjects that have to be understood (SET-12).
    pub(super) critical: Vec<String>,
    /// When.
    pub(super) at: Timestamp,
}

impl Found {
    /// Whether they were fetched just now.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.at.plus(FETCH_EVERY)
    }
}

/// No keys to be had for now.
#[derive(Debug)]
pub(super) struct NoKeys;

impl Keys {
    /// Keys at `jwks_uri`, or where the issuer's description says.
    ///
    /// # Errors
    /// If there is neither, because the issuer is no `https` URL.
    pub(super) fn new(http: Http, issuer: &str, jwks_uri: Option<String>) -> anyhow::Result<Self> {
        if jwks_uri.is_none() {
            discovery::location(issuer)
                .context("`jwks_uri`: name it where the issuer is no https URL")?;
        }
        let cache = Mutex::default();
        Ok(Self { http, issuer: issuer.to_owned(), jwks_uri, cache })
    }

    /// The keys to try first.
    pub(super) async fn current(&self, now: Timestamp) -> Result<Arc<Found>, NoKeys> {
        let mut cache = self.cache.lock().await;
        if let Some(found) = cache.found.as_ref().filter(|found| now < found.at.plus(AGE_MAX)) {
            return Ok(Arc::clone(found));
        }
        self.fetch(&mut cache, now).await;
        let found = cache.found.clone().filter(|found| now < found.at.plus(STALE_MAX));
        found.ok_or(NoKeys)
    }

    /// Keys that are newer than those of `before`, after a token that these do not fit: keys
    /// rotate. `None` if nobody could look, so that nothing is to be said of the token yet.
    pub(super) async fn newer(&self, before: &Found, now: Timestamp) -> Option<Arc<Found>> {
        let mut cache = self.cache.lock().await;
        let is_newer = |found: &&Arc<Found>| found.at > before.at;
        if let Some(found) = cache.found.as_ref().filter(is_newer) {
            return Some(Arc::clone(found));
        }
        self.fetch(&mut cache, now).await;
        cache.found.clone().filter(|found| found.at > before.at)
    }

    async fn fetch(&self, cache: &mut Cache, now: Timestamp) {
        if cache.tried_at.is_some_and(|tried| now < tried.plus(FETCH_EVERY)) {
            return;
        }
        cache.tried_at = Some(now);
        match self.ask(now).await {
            Ok(found) => {
                for (kid, fault) in found.keys.unusable() {
                    let (issuer, kid) = (&self.issuer, kid.unwrap_or_default());
                    tracing::info!(issuer, kid, %fault, "a transmitter's key is not used");
                }
                cache.found = Some(Arc::new(found));
            }
            Err(why) => {
                let (issuer, why) = (&self.issuer, format!("{why:#}"));
                tracing::warn!(issuer, why, "a transmitter's keys could not be fetched");
            }
        }
    }

    async fn ask(&self, now: Timestamp) -> anyhow::Result<Found> {
        let (uri, critical) = if let Some(uri) = &self.jwks_uri {
            (uri.clone(), Vec::new())
        } else {
            let location = discovery::location(&self.issuer).context("the issuer is no URL")?;
            let described = Transmitter::parse(&self.get(location).await?, &self.issuer);
            let described = described.map_err(|what| anyhow::anyhow!("its description: {what}"))?;
            let uri = described.jwks_uri.context("its description names no `jwks_uri`")?;
            (uri, described.critical_subject_members)
        };
        let keys = KeySet::parse(&self.get(uri).await?)?;
        Ok(Found { keys, critical, at: now })
    }

    async fn get(&self, url: String) -> anyhow::Result<Vec<u8>> {
        let asked = self.http.ask(Ask { url, authorization: None, body: None }).await;
        let answer = asked.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        if answer.status != 200 {
            anyhow::bail!("it answered with status {}", answer.status);
        }
        Ok(answer.body)
    }
}
