//! Sessions of browsers: a random value in a cookie, and what is known of it here under its digest.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::core::code::EntropyFailed;
use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::time::{Seconds, Timestamp};

use glassbreak_engine::{Engine, EntropySource, Error, Expected, Shelf, SystemEntropy};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::config::{OperatorsConfig, SessionConfig};
use super::roles::Claimed;
use crate::background::Stopped;

/// How often a call is noted: an idle time is told to this.
const NOTED_EVERY: Seconds = Seconds(30);
/// How often those that have ended are taken away.
const FORGOTTEN_EVERY: Duration = Duration::from_mins(10);
/// How many are looked at at a time.
const PAGE: usize = 500;
/// The shelf.
const SHELF: &str = "sessions";

/// Who signed in with a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub(crate) enum Holder {
    /// A person, at the identity provider.
    Operator {
        /// Who. The name is not kept: it is the directory's to forget.
        operator: SubjectId,
        /// What the provider said of them when they signed in.
        claimed: Claimed,
    },
    /// Whoever had this API key, by its public id. What the key may do is looked up each time.
    Key {
        /// The id.
        id: String,
    },
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Whose.
    pub(crate) holder: Holder,
    /// The configuration it was made under ([`terms`]).
    under: Digest,
    /// When it ends at the latest.
    ends_at: Timestamp,
    /// The last call, as it was noted.
    seen_at: Timestamp,
}

impl Session {
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What `bytes` gave; of another version maybe, and then it has ended.
    fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// When it ends if nothing more is called.
    pub(crate) fn until(&self, config: SessionConfig) -> Timestamp {
        self.ends_at.min(self.seen_at.plus(config.idle))
    }
}

/// What a sign-in rests on: who says who somebody is, how they had to sign in, what their claims
/// mean, and how long that lasts. What was made under other terms is not what these would make.
fn terms(config: &OperatorsConfig) -> Digest {
    let OperatorsConfig { oidc, roles, reach, session, .. } = config;
    let who = (&oidc.issuer, &oidc.client_id, &oidc.subject_claim, &oidc.acr_values);
    let all = serde_json::json!([who, roles, reach, session]).to_string();
    Digest::of("glassbreak/session-terms/v1", &[all.as_bytes()])
}

/// What a sign-in with a key rests on.
fn terms_of_keys(config: SessionConfig) -> Digest {
    let all = serde_json::json!(config).to_string();
    Digest::of("glassbreak/session-terms-of-keys/v1", &[all.as_bytes()])
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

    /// Its place on the shelf: whoever reads the database cannot sign in with what is there.
    fn key(&self) -> String {
        Digest::of("glassbreak/session/v1", &[self.0.as_slice()]).to_string()
    }
}

/// The sessions: beside the log, on a shelf, so that they outlive a restart and every server of an
/// installation knows them.
#[derive(Clone)]
pub(crate) struct Sessions {
    config: SessionConfig,
    /// What holds now for people, if they sign in at a provider.
    of_people: Option<Digest>,
    /// What holds now for keys, if they are taken.
    of_keys: Option<Digest>,
    engine: Engine,
}

impl Sessions {
    /// Those that `engine` keeps: of people where `operators` is configured, and of keys where
    /// these are taken in browsers.
    pub(crate) fn new(
        operators: Option<&OperatorsConfig>,
        takes_keys: bool,
        engine: Engine,
    ) -> Self {
        let config = operators.map(|config| config.session).unwrap_or_default();
        let of_keys = takes_keys.then(|| terms_of_keys(config));
        Self { config, of_people: operators.map(terms), of_keys, engine }
    }

    /// The terms that a holder's session is under now; none, and there are no such sessions.
    const fn terms(&self, holder: &Holder) -> Option<Digest> {
        match holder {
            Holder::Operator { .. } => self.of_people,
            Holder::Key { .. } => self.of_keys,
        }
    }

    /// Whether it goes on: it is not over, and the configuration is the one it was made under. A
    /// role that is mapped no longer, or a stronger `acr_values`, does not wait for its end.
    fn goes_on(&self, session: &Session, now: Timestamp) -> bool {
        Some(session.under) == self.terms(&session.holder) && session.until(self.config) > now
    }

    /// How long they last.
    pub(crate) const fn config(&self) -> SessionConfig {
        self.config
    }

    fn shelf(&self) -> Shelf {
        self.engine.shelf(SHELF)
    }

    /// Begins one, if there are sessions of such holders.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn begin(&self, token: &Token, holder: Holder) -> Result<(), Error> {
        let Some(under) = self.terms(&holder) else { return Ok(()) };
        let seen_at = self.engine.now();
        let ends_at = seen_at.plus(self.config.lifetime);
        let session = Session { holder, under, ends_at, seen_at };
        self.shelf().put(&token.key(), Expected::Nothing, session.bytes()).await?;
        Ok(())
    }

    /// One that goes on; noted as a call of it.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn seen(&self, token: &Token) -> Result<Option<Session>, Error> {
        let (now, place, key) = (self.engine.now(), self.shelf(), token.key());
        let Some(kept) = place.get(&key).await? else { return Ok(None) };
        let here = Expected::Version(kept.version);
        let session = Session::read(&kept.value).filter(|it| self.goes_on(it, now));
        let Some(session) = session else {
            place.take(&key, here).await?;
            return Ok(None);
        };
        if session.seen_at.plus(NOTED_EVERY) > now {
            return Ok(Some(session));
        }
        let session = Session { seen_at: now, ..session };
        // On the version that was read: a session that was ended meanwhile does not come back.
        if place.put(&key, here, session.bytes()).await? || place.get(&key).await?.is_some() {
            return Ok(Some(session));
        }
        Ok(None)
    }

    /// Ends one.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn end(&self, token: &Token) -> Result<(), Error> {
        self.shelf().take(&token.key(), Expected::Anything).await?;
        Ok(())
    }

    /// Takes those away that have ended, now and then.
    pub(crate) async fn forget_the_ended(self, mut stopped: Stopped) {
        while stopped.sleep(FORGOTTEN_EVERY).await {
            if let Err(error) = self.forget().await {
                tracing::warn!(%error, "sessions that have ended are still kept");
            }
        }
    }

    async fn forget(&self) -> Result<(), Error> {
        let (now, place) = (self.engine.now(), self.shelf());
        let mut after: Option<String> = None;
        loop {
            let page = place.list("", after.as_deref(), PAGE).await?;
            for kept in &page {
                let goes_on = Session::read(&kept.value).is_some_and(|it| self.goes_on(&it, now));
                if !goes_on {
                    place.take(&kept.key, Expected::Version(kept.version)).await?;
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.key.clone()),
                _ => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use glassbreak_engine::core::settings::Settings;
    use glassbreak_engine::store::memory::MemoryStore;
    use glassbreak_engine::{Options, RootKey};

    use super::*;
    use crate::operators::ReachConfig;

    fn holder(operator: SubjectId) -> Holder {
        Holder::Operator { operator, claimed: Claimed::default() }
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_at_its_end_whatever_is_called() {
        let config = SessionConfig { lifetime: Seconds(1000), idle: Seconds(300) };
        let began = Timestamp::from_millis(1_700_000_000_000);
        let at = |seconds| began.plus(Seconds(seconds));
        let operator = SubjectId::new(began, [1; 10]);
        let (under, ends_at) = (Digest([1; 32]), at(1000));
        let session = |seen_at| Session { holder: holder(operator), under, ends_at, seen_at };
        assert_eq!(session(at(0)).until(config), at(300));
        assert_eq!(session(at(600)).until(config), at(900));
        assert_eq!(session(at(900)).until(config), at(1000));
        let kept = session(at(5));
        assert_eq!(Session::read(&kept.bytes()), Some(kept));
        assert_eq!(Session::read(b"{}"), None);
    }

    type Change = fn(&mut OperatorsConfig);

    #[tokio::test]
    async fn asvs_7_4_a_session_ends_when_what_it_rests_on_is_configured_otherwise() {
        let (store, root) = (Arc::new(MemoryStore::new()), RootKey::from_bytes([7; 32]));
        let engine = Engine::open(store, root, Options::new(Settings::defaults())).await.unwrap();
        let before: OperatorsConfig = toml::from_str(
            "[oidc]\nissuer = \"https://id\"\nclient_id = \"us\"\n\
             [[roles]]\nclaim = \"groups\"\nvalue = \"desk\"\nrole = \"desk\"\n",
        )
        .unwrap();
        let changes: [(&str, Change); 8] = [
            ("issuer", |it| it.oidc.issuer = "https://other".to_owned()),
            ("client_id", |it| it.oidc.client_id = "others".to_owned()),
            ("subject_claim", |it| it.oidc.subject_claim = "email".to_owned()),
            ("acr_values", |it| it.oidc.acr_values.push("phr".to_owned())),
            ("roles", |it| it.roles.clear()),
            ("reach", |it| {
                let (claim, value, groups) = ("groups".to_owned(), "emea".to_owned(), Vec::new());
                it.reach.push(ReachConfig { claim, value, groups, everybody: true });
            }),
            ("lifetime", |it| it.session.lifetime = Seconds(300)),
            ("idle", |it| it.session.idle = Seconds(60)),
        ];
        let operator = SubjectId::new(engine.now(), [1; 10]);
        for (what, change) in changes {
            let token = Token::draw(&SystemEntropy::default()).unwrap();
            let sessions = Sessions::new(Some(&before), false, engine.clone());
            sessions.begin(&token, holder(operator)).await.unwrap();
            // A server that starts again, and one with another secret or more time to answer.
            let mut same = before.clone();
            (same.oidc.timeout, same.oidc.client_secret_variable) = (3, Some("SECRET".to_owned()));
            let same = Sessions::new(Some(&same), false, engine.clone());
            same.forget().await.unwrap();
            assert!(same.seen(&token).await.unwrap().is_some(), "{what}");
            let mut after = before.clone();
            change(&mut after);
            let after = Sessions::new(Some(&after), false, engine.clone());
            assert_eq!(after.seen(&token).await.unwrap(), None, "{what}");
            assert_eq!(same.seen(&token).await.unwrap(), None, "{what}: it does not come back");
            // One that is not seen again is taken away.
            sessions.begin(&token, holder(operator)).await.unwrap();
            after.forget().await.unwrap();
            assert_eq!(same.seen(&token).await.unwrap(), None, "{what}");
        }
    }

    #[test]
    fn a_token_is_spelled_in_one_way() {
        let token = Token(Zeroizing::new([0xfb; 32]));
        let text = token.text();
        assert_eq!(Token::parse(&text).unwrap().key(), token.key());
        assert!(!token.key().contains(&*text));
        for wrong in ["", "AA", &format!("{}=", *text), &text[1..]] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }
}
