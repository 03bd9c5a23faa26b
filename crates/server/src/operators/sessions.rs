//! Sessions of browsers: a random value in a cookie, and what is known of it here under its digest.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::core::code::EntropyFailed;
use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{EntropySource, SystemEntropy};
use zeroize::Zeroizing;

use super::config::SessionConfig;
use super::roles::Claimed;

/// How often a call is noted: an idle time is told to this.
const NOTED_EVERY: Seconds = Seconds(30);
/// The most sessions that are kept. Each took a sign-in at the provider.
const SESSIONS_MAX: usize = 100_000;

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Whose. The name is not kept: it is the directory's to forget.
    pub(crate) operator: SubjectId,
    /// What the provider said of them when they signed in.
    pub(crate) claimed: Claimed,
    /// When it ends at the latest.
    ends_at: Timestamp,
    /// The last call, as it was noted.
    seen_at: Timestamp,
}

impl Session {
    /// When it ends if nothing more is called.
    pub(crate) fn until(&self, config: SessionConfig) -> Timestamp {
        self.ends_at.min(self.seen_at.plus(config.idle))
    }
}

/// The value in the cookie: 256 random bits (ASVS 7.2.3).
pub(crate) struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// Without randomness.
    pub(crate) fn draw(entropy: &SystemEntropy) -> Result<Self, EntropyFailed> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// The one that a text spells.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).ok()?)))
    }

    /// Its spelling.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// A value that only its holder can tell, for a purpose: base64url of 256 bits.
    pub(crate) fn derived(&self, label: &str, more: &str) -> Zeroizing<String> {
        let digest = Digest::of(label, &[self.0.as_slice(), more.as_bytes()]);
        Zeroizing::new(URL_SAFE_NO_PAD.encode(digest.0))
    }

    fn digest(&self) -> Digest {
        Digest::of("glassbreak/session/v1", &[self.0.as_slice()])
    }
}

/// The sessions of this process. They end with it, and people sign in again.
pub(crate) struct Sessions {
    config: SessionConfig,
    kept: Mutex<BTreeMap<Digest, Session>>,
}

impl Sessions {
    /// None yet.
    pub(crate) const fn new(config: SessionConfig) -> Self {
        Self { config, kept: Mutex::new(BTreeMap::new()) }
    }

    /// How long they last.
    pub(crate) const fn config(&self) -> SessionConfig {
        self.config
    }

    /// Begins one.
    pub(crate) fn begin(
        &self,
        token: &Token,
        operator: SubjectId,
        claimed: Claimed,
        now: Timestamp,
    ) {
        let ends_at = now.plus(self.config.lifetime);
        let session = Session { operator, claimed, ends_at, seen_at: now };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SESSIONS_MAX {
            kept.retain(|_, session| session.until(self.config) > now);
        }
        if kept.len() >= SESSIONS_MAX {
            let first = kept.iter().min_by_key(|(_, session)| session.seen_at);
            let first = first.map(|(digest, _)| *digest);
            first.and_then(|first| kept.remove(&first));
        }
        kept.insert(token.digest(), session);
    }

    /// One that goes on at `now`; noted as a call of it.
    pub(crate) fn seen(&self, token: &Token, now: Timestamp) -> Option<Session> {
        let digest = token.digest();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let session = kept.get_mut(&digest)?;
        if session.until(self.config) <= now {
            kept.remove(&digest);
            return None;
        }
        if session.seen_at.plus(NOTED_EVERY) <= now {
            session.seen_at = now;
        }
        Some(session.clone())
    }

    /// Ends one; whether there was one.
    pub(crate) fn end(&self, token: &Token) -> bool {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(&token.digest()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use glassbreak_engine::core::id::SubjectId;

    use super::*;

    #[test]
    fn a_session_ends_when_it_is_idle_and_at_its_end_whatever_is_called() {
        let config = SessionConfig { lifetime: Seconds(1000), idle: Seconds(300) };
        let sessions = Sessions::new(config);
        let (token, other) = (Token(Zeroizing::new([7; 32])), Token(Zeroizing::new([8; 32])));
        let began = Timestamp::from_millis(1_700_000_000_000);
        let at = |seconds| began.plus(Seconds(seconds));
        let operator = SubjectId::new(began, [1; 10]);
        let begin = || sessions.begin(&token, operator, Claimed::default(), began);
        begin();
        assert!(sessions.seen(&other, at(1)).is_none());
        assert!(sessions.seen(&token, at(299)).is_some());
        assert!(sessions.seen(&token, at(598)).is_some());
        assert!(sessions.seen(&token, at(897)).is_some());
        assert!(sessions.seen(&token, at(1000)).is_none(), "its end");
        assert!(sessions.seen(&token, at(897)).is_none(), "gone for good");
        begin();
        assert!(sessions.seen(&token, at(300)).is_none(), "idle");
        begin();
        assert!(sessions.end(&token) && !sessions.end(&token));
        assert!(sessions.seen(&token, at(1)).is_none());
    }

    #[test]
    fn a_token_is_spelled_in_one_way() {
        let token = Token(Zeroizing::new([0xfb; 32]));
        let text = token.text();
        assert_eq!(Token::parse(&text).unwrap().digest(), token.digest());
        for wrong in ["", "AA", &format!("{}=", *text), &text[1..]] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }
}
