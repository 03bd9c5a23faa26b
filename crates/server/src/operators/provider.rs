//! The identity provider: its description and keys, kept for a while, and its tokens.

use std::sync::Arc;

use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_signals::oidc::{
    Claims, Expected, Kind, Provider as Description, TokenRefusal, location, receive,
};
use glassbreak_signals::set::KeySet;
use tokio::sync::{Mutex, MutexGuard, RwLock};

use super::fetch::Fetch;

/// How old keys may be before they are fetched again: a key that the provider took back is refused
/// after that.
const AGE_MAX: Seconds = Seconds::minutes(10);
/// How old they may be while the provider gives no answer.
const AGE_MAX_ALONE: Seconds = Seconds::hours(1);
/// How many fetches there may be at once, and how often one more: a caller decides which `kid` a
/// token names, and must not decide how often the provider is asked.
const FETCHES: u32 = 5;
const FETCH_EVERY: Seconds = Seconds(10);
/// How far the provider's clock may be off.
const SKEW: Seconds = Seconds(30);

/// What was fetched.
pub(crate) struct Known {
    /// The description.
    pub(crate) description: Description,
    keys: KeySet,
    fetched_at: Timestamp,
}

/// Why nobody could tell about a token.
#[derive(Debug)]
pub(crate) enum Unverified {
    /// The token is refused.
    Refused(TokenRefusal),
    /// The provider gave no answer, so nothing is accepted (ASVS-16.5.3).
    NoAnswer,
}

/// The identity provider.
pub(crate) struct Provider {
    issuer: String,
    fetch: Fetch,
    known: RwLock<Option<Arc<Known>>>,
    allowance: Mutex<Allowance>,
}

/// How many fetches are left.
struct Allowance {
    left: u32,
    counted_at: Timestamp,
}

impl Allowance {
    fn take(&mut self, now: Timestamp) -> bool {
        let earned = now.seconds_from(self.counted_at) / u64::from(FETCH_EVERY.0);
        if earned > 0 {
            let earned = u32::try_from(earned).unwrap_or(FETCHES);
            self.left = self.left.saturating_add(earned).min(FETCHES);
            self.counted_at = now;
        }
        let some_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some_left
    }
}

impl Provider {
    /// One that was not asked yet.
    pub(crate) fn new(issuer: String, fetch: Fetch) -> Self {
        let allowance = Allowance { left: FETCHES, counted_at: Timestamp::from_millis(0) };
        Self { issuer, fetch, known: RwLock::new(None), allowance: Mutex::new(allowance) }
    }

    /// Its description and keys.
    ///
    /// # Errors
    /// If they are not known, or too old, and it gives no answer.
    pub(crate) async fn known(&self, now: Timestamp) -> Result<Arc<Known>, Unverified> {
        let known = self.known.read().await.clone();
        let age = known.as_ref().map(|known| now.seconds_from(known.fetched_at));
        match (known, age) {
            (Some(known), Some(age)) if age < u64::from(AGE_MAX.0) => Ok(known),
            (known, age) => {
                let alone = age.is_some_and(|age| age < u64::from(AGE_MAX_ALONE.0));
                // Where the old ones still do, one caller waits for the provider and no other.
                let allowance = if alone {
                    self.allowance.try_lock().ok()
                } else {
                    Some(self.allowance.lock().await)
                };
                let fresh = match allowance {
                    Some(allowance) => self.newer_than(known.as_ref(), now, allowance).await,
                    None => None,
                };
                fresh.or_else(|| known.filter(|_| alone)).ok_or(Unverified::NoAnswer)
            }
        }
    }

    /// Fetches again, unless somebody else did meanwhile or did so too often.
    /// The allowance is held meanwhile: whoever waits for it finds what the first one brought.
    async fn newer_than(
        &self,
        old: Option<&Arc<Known>>,
        now: Timestamp,
        mut allowance: MutexGuard<'_, Allowance>,
    ) -> Option<Arc<Known>> {
        let known = self.known.read().await.clone();
        if let Some(newer) = known.filter(|known| old.is_none_or(|old| !Arc::ptr_eq(old, known))) {
            return Some(newer);
        }
        if !allowance.take(now) {
            tracing::warn!(issuer = %self.issuer, "the identity provider is asked too often");
            return None;
        }
        match self.fetched(now).await {
            Ok(fetched) => {
                let fetched = Arc::new(fetched);
                *self.known.write().await = Some(Arc::clone(&fetched));
                Some(fetched)
            }
            Err(error) => {
                let issuer = &self.issuer;
                tracing::error!(%issuer, %error, "the provider's keys cannot be fetched");
                None
            }
        }
    }

    async fn fetched(&self, now: Timestamp) -> Result<Known, String> {
        let place = location(&self.issuer).ok_or("the issuer is no URL")?;
        let description = self.fetch.get(&place).await?;
        let description = Description::parse(&description, &self.issuer)?;
        let keys = self.fetch.get(&description.jwks_uri).await?;
        let keys = KeySet::parse(&keys).map_err(|fault| fault.to_string())?;
        if keys.usable_count() == 0 {
            return Err("none of its keys is for RS256, ES256 or EdDSA".to_owned());
        }
        Ok(Known { description, keys, fetched_at: now })
    }

    /// The claims of a token of this provider.
    ///
    /// # Errors
    /// [`Unverified`].
    pub(crate) async fn receive(
        &self,
        token: &str,
        kind: Kind<'_>,
        now: Timestamp,
    ) -> Result<Claims, Unverified> {
        let expected = Expected { issuer: &self.issuer, kind, now, skew: SKEW };
        let known = self.known(now).await?;
        let received = match receive(token, &known.keys, &expected) {
            Err(refused) if refused.is_of_an_unknown_key() => {
                let allowance = self.allowance.lock().await;
                match self.newer_than(Some(&known), now, allowance).await {
                    Some(newer) => receive(token, &newer.keys, &expected),
                    None => Err(refused),
                }
            }
            received => received,
        };
        received.map_err(Unverified::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_cannot_have_the_provider_asked_at_will() {
        let mut allowance = Allowance { left: FETCHES, counted_at: Timestamp::from_millis(0) };
        let now = Timestamp::from_millis(1_000_000);
        assert!((0..FETCHES).all(|_| allowance.take(now)));
        assert!(!allowance.take(now));
        assert!(!allowance.take(now.plus(Seconds(FETCH_EVERY.0 - 1))));
        assert!(allowance.take(now.plus(FETCH_EVERY)));
        assert!(!allowance.take(now.plus(FETCH_EVERY)));
    }
}
