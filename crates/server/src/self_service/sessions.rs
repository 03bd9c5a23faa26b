//! Sessions of people who look after their own recovery. They are worth nothing at the API and on
//! the pages of operators: another cookie, another shelf, another type.

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::{RecoveryId, SubjectId};
use glassbreak_engine::core::self_service::{Entrance, Purpose};
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{Engine, Error, Expected, Keep, Shelf};
use serde::{Deserialize, Serialize};

use crate::config::SelfSessionConfig;
use crate::operators::Token;

/// The shelf.
const SHELF: &str = "self_service.sessions";
/// How often a page is noted: an idle time is told to this.
const NOTED_EVERY: Seconds = Seconds(30);

/// Somebody who came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Who. The name is not kept: it is the directory's to forget.
    pub(crate) subject: SubjectId,
    /// How strongly they showed who they are.
    pub(crate) assurance: Assurance,
    /// When they did.
    pub(crate) authenticated_at: Timestamp,
    /// What they came for.
    pub(crate) purposes: Vec<Purpose>,
    /// How they came in.
    pub(crate) entrance: Entrance,
    /// The recovery that a code opened in this browser, whichever way they came in since.
    pub(crate) recovery: Option<RecoveryId>,
    /// Whether the provider vouches for a factor: how they signed in there is in the configuration.
    pub(crate) is_vouched_for: bool,
    /// When it ends at the latest.
    pub(crate) ends_at: Timestamp,
    /// The last page, as it was noted.
    pub(crate) seen_at: Timestamp,
}

impl Session {
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Whether it is to report a loss and for nothing else.
    pub(crate) fn only_reports(&self) -> bool {
        self.purposes == [Purpose::Report]
    }

    /// When it ends if no page is looked at any more. In a window people are elsewhere, at the
    /// identity provider, and come back: there it is the window's end alone.
    pub(crate) fn until(&self, config: SelfSessionConfig) -> Timestamp {
        if self.came_by_code() || self.recovery.is_some() {
            self.ends_at
        } else {
            self.ends_at.min(self.seen_at.plus(config.idle))
        }
    }

    /// Whether a code let them in.
    pub(crate) const fn came_by_code(&self) -> bool {
        matches!(self.entrance, Entrance::Code { .. })
    }
}

/// The sessions.
#[derive(Clone)]
pub(crate) struct Sessions {
    config: SelfSessionConfig,
    shelf: Shelf,
}

fn key(token: &Token) -> String {
    Digest::of("glassbreak/self-service-session/v1", &[token.text().as_bytes()]).to_string()
}

impl Sessions {
    /// Those that `engine` keeps.
    pub(crate) fn new(config: SelfSessionConfig, engine: &Engine) -> Self {
        Self { config, shelf: engine.shelf(SHELF) }
    }

    /// How long they last.
    pub(crate) const fn config(&self) -> SelfSessionConfig {
        self.config
    }

    /// The change that begins one, for [`Engine::keep`].
    pub(crate) fn beginning(&self, token: &Token, session: &Session) -> Keep {
        self.shelf.putting(key(token), Expected::Nothing, session.bytes())
    }

    /// One that goes on; noted as a page of it.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn seen(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        let key = key(token);
        let Some(kept) = self.shelf.get(&key).await? else { return Ok(None) };
        let here = Expected::Version(kept.version);
        let session = Session::read(&kept.value).filter(|it| it.until(self.config) > now);
        let Some(session) = session else {
            self.shelf.take(&key, here).await?;
            return Ok(None);
        };
        if session.seen_at.plus(NOTED_EVERY) > now {
            return Ok(Some(session));
        }
        let session = Session { seen_at: now, ..session };
        // On the version that was read: one that was ended meanwhile does not come back.
        let noted = self.shelf.put(&key, here, session.bytes()).await?;
        let goes_on = noted || self.shelf.get(&key).await?.is_some();
        Ok(goes_on.then_some(session))
    }

    /// Ends one.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn end(&self, token: &Token) -> Result<(), Error> {
        self.shelf.take(&key(token), Expected::Anything).await?;
        Ok(())
    }

    /// Takes those away that have ended.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn forget(&self, now: Timestamp) -> Result<(), Error> {
        super::forget(&self.shelf, |bytes| {
            Session::read(bytes).is_some_and(|session| session.until(self.config) > now)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_it_is_idle_and_at_its_end_whatever_is_looked_at() {
        let config = SelfSessionConfig { lifetime: Seconds(900), idle: Seconds(600) };
        let began = Timestamp::from_millis(1_700_000_000_000);
        let at = |seconds| began.plus(Seconds(seconds));
        let session = |seen_at| Session {
            subject: SubjectId::new(began, [1; 10]),
            assurance: Assurance::Aal2,
            authenticated_at: began,
            purposes: Purpose::ALL.to_vec(),
            entrance: Entrance::Provider {},
            recovery: None,
            is_vouched_for: true,
            ends_at: at(900),
            seen_at,
        };
        assert_eq!(session(at(0)).until(config), at(600));
        assert_eq!(session(at(500)).until(config), at(900));
        assert_eq!(Session::read(&session(at(5)).bytes()), Some(session(at(5))));
        assert_eq!(Session::read(b"{}"), None);
    }
}
