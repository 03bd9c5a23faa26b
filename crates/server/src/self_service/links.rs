//! Links to self-service: a random value behind the `#` of a URL, and what it opens, kept here
//! under its digest until it is used or its time is up.

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::{LinkId, SubjectId};
use glassbreak_engine::core::self_service::Purpose;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, Error, Expected, Keep, Shelf};
use serde::{Deserialize, Serialize};

use crate::operators::Token;

/// The shelf.
const SHELF: &str = "self_service.links";

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    /// Its name in the log.
    pub(crate) link: LinkId,
    /// Whose.
    pub(crate) subject: SubjectId,
    /// The assurance in which the person is, by the word of whoever asked for it.
    pub(crate) assurance: Assurance,
    /// What for.
    pub(crate) purposes: Vec<Purpose>,
    /// When it was made.
    pub(crate) made_at: Timestamp,
    /// Until when.
    pub(crate) until: Timestamp,
}

/// One that is there, and the change that uses it up.
pub(crate) struct Found {
    /// What it opens.
    pub(crate) link: Link,
    /// Takes it away, unless somebody was faster.
    pub(crate) using_up: Keep,
}

/// The links.
#[derive(Clone)]
pub(crate) struct Links(Shelf);

fn key(token: &Token) -> String {
    Digest::of("glassbreak/self-service-link/v1", &[token.text().as_bytes()]).to_string()
}

impl Links {
    /// Those that `engine` keeps.
    pub(crate) fn new(engine: &Engine) -> Self {
        Self(engine.shelf(SHELF))
    }

    /// Keeps one.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn keep(&self, token: &Token, link: &Link) -> Result<(), Error> {
        let bytes = serde_json::to_vec(link).unwrap_or_default();
        self.0.put(&key(token), Expected::Nothing, bytes).await?;
        Ok(())
    }

    /// The one that a value opens, while its time lasts. To look for it changes nothing.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn find(&self, token: &Token, now: Timestamp) -> Result<Option<Found>, Error> {
        let key = key(token);
        let Some(kept) = self.0.get(&key).await? else { return Ok(None) };
        let link: Option<Link> = serde_json::from_slice(&kept.value).ok();
        Ok(link.filter(|link| link.until > now).map(|link| {
            let using_up = self.0.taking(key, Expected::Version(kept.version));
            Found { link, using_up }
        }))
    }

    /// Takes those away whose time is up.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn forget(&self, now: Timestamp) -> Result<(), Error> {
        super::forget(&self.0, |bytes| {
            serde_json::from_slice::<Link>(bytes).is_ok_and(|link| link.until > now)
        })
        .await
    }
}
