//! The keys that sign our tokens. An RSA key cannot be derived from the root key, so it is drawn
//! once and lies beside the log, sealed under the root key: every server on the database has it
//! (docs/decisions/0038).

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{Engine, Expected, Shelf};
use glassbreak_signals::set::{Profile, Set, Signer, Unfit, generate_rsa};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SHELF: &str = "ssf.keys";
const KEY: &str = "signing";
/// What the key is sealed for.
const PURPOSE: &str = "ssf/signing";
/// How long a key is published after another took its place: longer than receivers keep key sets.
const PUBLISHED_AFTER: Seconds = Seconds::days(7);
/// How long a server signs with what it has read.
const AGE_MAX: Seconds = Seconds(30);

/// The keys as they lie on the shelf, the newest first.
#[derive(Default, Serialize, Deserialize)]
struct Stored {
    keys: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    kid: String,
    made_at: Timestamp,
    /// When another took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_at: Option<Timestamp>,
    /// PKCS#8, sealed, in base64.
    sealed: String,
}

/// The keys.
pub(super) struct Signers {
    engine: Engine,
    shelf: Shelf,
    read: RwLock<Arc<Read>>,
}

/// The keys as they were read.
struct Read {
    at: Timestamp,
    newest: Signer,
    published: Value,
}

impl Signers {
    /// The keys of this database. Makes the first one.
    ///
    /// # Errors
    /// If they cannot be opened: they were sealed under another root key.
    pub(super) async fn open(engine: &Engine) -> anyhow::Result<Self> {
        let shelf = engine.shelf(SHELF);
        let stored = loop {
            if let Some(kept) = shelf.get(KEY).await? {
                break serde_json::from_slice(&kept.value)?;
            }
            let stored = Stored { keys: vec![drawn(engine).await?] };
            // Somebody else may be faster; then it is theirs that sign.
            shelf.put(KEY, Expected::Nothing, serde_json::to_vec(&stored)?).await?;
        };
        let read = read(engine, &stored).context("the keys that sign security event tokens")?;
        Ok(Self { engine: engine.clone(), shelf, read: RwLock::new(Arc::new(read)) })
    }

    /// Draws another key. It signs from now on, also on the other servers of the database, within
    /// half a minute.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(super) async fn rotate(&self) -> anyhow::Result<String> {
        let new = drawn(&self.engine).await?;
        let kid = new.kid.clone();
        let kept = self.shelf.get(KEY).await?.context("the keys are gone")?;
        let mut stored: Stored = serde_json::from_slice(&kept.value)?;
        let now = self.engine.now();
        if let Some(newest) = stored.keys.first_mut() {
            newest.replaced_at = Some(now);
        }
        let is_published =
            |key: &StoredKey| key.replaced_at.is_none_or(|at| now < at.plus(PUBLISHED_AFTER));
        stored.keys.retain(is_published);
        stored.keys.insert(0, new);
        let expected = Expected::Version(kept.version);
        if !self.shelf.put(KEY, expected, serde_json::to_vec(&stored)?).await? {
            anyhow::bail!("another server rotates the key just now");
        }
        self.put(read(&self.engine, &stored)?);
        Ok(kid)
    }

    /// The published keys, as a JWKS.
    pub(super) async fn jwks(&self) -> Value {
        self.current().await.published.clone()
    }

    /// A token that says this.
    ///
    /// # Errors
    /// [`Unfit`] if it is not one that we would take ourselves.
    pub(super) async fn sign(&self, set: &Set) -> Result<String, Unfit> {
        self.current().await.newest.sign(set, Profile::CaepInterop)
    }

    /// The keys; read anew now and then, since another server may have rotated them.
    async fn current(&self) -> Arc<Read> {
        let read_before = self.held();
        let now = self.engine.now();
        if now < read_before.at.plus(AGE_MAX) {
            return read_before;
        }
        let anew = async {
            let kept = self.shelf.get(KEY).await.ok()??;
            read(&self.engine, &serde_json::from_slice(&kept.value).ok()?).ok()
        };
        match anew.await {
            Some(anew) => {
                self.put(anew);
                self.held()
            }
            None => read_before,
        }
    }

    fn held(&self) -> Arc<Read> {
        Arc::clone(&self.read.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, read: Read) {
        *self.read.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
    }
}

async fn drawn(engine: &Engine) -> anyhow::Result<StoredKey> {
    // It takes its time, and not where everything else runs.
    let key = tokio::task::spawn_blocking(generate_rsa).await??;
    let made_at = engine.now();
    Ok(StoredKey {
        kid: format!("ssf-{}", made_at.millis()),
        made_at,
        replaced_at: None,
        sealed: STANDARD.encode(engine.seal(PURPOSE, &key)?),
    })
}

fn read(engine: &Engine, stored: &Stored) -> anyhow::Result<Read> {
    let open = |stored: &StoredKey| -> anyhow::Result<Signer> {
        let key = engine.unseal(PURPOSE, &STANDARD.decode(&stored.sealed)?)?;
        Ok(Signer::rs256(&stored.kid, &key)?)
    };
    let newest = open(stored.keys.first().context("there are none")?)?;
    let all = stored.keys.iter().map(|stored| Ok(json!(open(stored)?.public_jwk())));
    let all = all.collect::<anyhow::Result<Vec<Value>>>()?;
    Ok(Read { at: engine.now(), newest, published: json!({ "keys": all }) })
}
