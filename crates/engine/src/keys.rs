//! Keys: one root key outside the database, and every other key derived from it.
//!
//! ```text
//! root key ──HKDF-SHA-256──> pepper, generation 1, 2, ...       (binds verifiers)
//!                            log signing, generation 1, 2, ...  (signs checkpoints)
//!                            grant signing, generation 1, 2, ... (signs recovery grants)
//!                            marks                              (pseudonyms, fingerprints)
//!                            repudiation                        (links in notices)
//!                            seal, pseudonym, for each purpose  (secrets and names beside the log)
//! ```
//!
//! The code prefix, which names issuer and environment, is part of every derivation: a test
//! installation's keys are no use in production (NHI8).

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::hash::Hash;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::hkdf;
use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::{PepperKey, Prefix};
use glassbreak_core::digest::{Digest, hex, unhex};
use glassbreak_core::id::ContainmentId;
use glassbreak_store::step::{Injected, Step, durably};
use glassbreak_tlog::{SigningKey, VerifierKey};
use zeroize::Zeroizing;

use crate::entropy::EntropySource;
use crate::grant::GrantKey;
use crate::sealed::Seal;

/// Why a key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The root key's file cannot be read or written.
    #[error("the root key file `{path}` cannot be {what}")]
    File {
        /// Where.
        path: PathBuf,
        /// Read or written.
        what: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than its owner may read the file.
    #[error("the root key file `{0}` can be read by others; run `chmod 600` on it")]
    TooOpen(PathBuf),
    /// The environment variable is not set.
    #[error("the environment variable `{0}` is not set")]
    Unset(String),
    /// The key's text is not 64 hexadecimal digits.
    #[error("a root key is 64 lower-case hexadecimal digits, and {0} holds something else")]
    Malformed(String),
    /// No randomness to make a key from.
    #[error("the operating system gave no randomness to make a root key from")]
    NoEntropy,
    /// A key could not be derived.
    #[error("a key could not be derived")]
    Derivation,
    /// The database was made under another root key.
    #[error("this database was made under another root key: {0}")]
    Foreign(String),
    /// A test made the step fail.
    #[error(transparent)]
    Injected(#[from] Injected),
}

/// The root key. Whoever has it and the database can test guesses; whoever has one of them cannot.
pub struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// A key from its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn parse(text: &str, place: impl FnOnce() -> String) -> Result<Self, KeyError> {
        let bytes = unhex(text.trim()).map(Zeroizing::new);
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        bytes.map(Self::from_bytes).ok_or_else(|| KeyError::Malformed(place()))
    }
}

/// Where a root key comes from: a file, the environment, or a key management service.
pub trait RootKeySource {
    /// The root key.
    fn root_key(&self) -> Result<RootKey, KeyError>;
}

/// A root key in a file of its own, mode 0600.
#[derive(Debug, Clone)]
pub struct KeyFile(pub PathBuf);

impl RootKeySource for KeyFile {
    fn root_key(&self) -> Result<RootKey, KeyError> {
        let failed = |source| KeyError::File { path: self.0.clone(), what: "read", source };
        let mut file = fs::File::open(&self.0).map_err(failed)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().map_err(failed)?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(KeyError::TooOpen(self.0.clone()));
            }
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(failed)?;
        RootKey::parse(&text, || format!("`{}`", self.0.display()))
    }
}

impl KeyFile {
    /// The key in the file; a new one, durably written first, if there is no file.
    pub fn root_key_or_new(&self, entropy: &dyn EntropySource) -> Result<RootKey, KeyError> {
        if self.0.exists() {
            return self.root_key();
        }
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut_slice()).map_err(|_| KeyError::NoEntropy)?;
        let text = Zeroizing::new(hex(bytes.as_slice()));
        durably(Step::RootKeyWrite, || {
            write_private(&self.0, text.as_bytes()).map_err(|source| KeyError::File {
                path: self.0.clone(),
                what: "written",
                source,
            })
        })?;
        self.root_key()
    }
}

/// Writes a file that only its owner may read, whole or not at all, and durably.
pub fn write_private(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    // The name is durable only with its folder.
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// A root key in an environment variable.
#[derive(Debug, Clone)]
pub struct EnvironmentVariable(pub String);

impl RootKeySource for EnvironmentVariable {
    fn root_key(&self) -> Result<RootKey, KeyError> {
        let text = std::env::var(&self.0).map_err(|_| KeyError::Unset(self.0.clone()))?;
        RootKey::parse(&Zeroizing::new(text), || format!("`{}`", self.0))
    }
}

/// The keys derived from a root key, each made when first asked for.
pub(crate) struct KeyRing {
    root: RootKey,
    prefix: Prefix,
    origin: String,
    peppers: RwLock<HashMap<u32, Arc<PepperKey>>>,
    grants: RwLock<HashMap<u32, Arc<GrantKey>>>,
    logs: RwLock<HashMap<LogName, Arc<SigningKey>>>,
    log_verifiers: RwLock<HashMap<LogName, Arc<VerifierKey>>>,
}

/// A key of the log: its generation, and the restore since which the log has its name.
type LogName = (u32, Option<ContainmentId>);

impl KeyRing {
    pub(crate) fn new(
        root: RootKey,
        prefix: Prefix,
        origin: Option<String>,
    ) -> Result<Self, KeyError> {
        let mut ring = Self {
            root,
            prefix,
            origin: String::new(),
            peppers: RwLock::default(),
            grants: RwLock::default(),
            logs: RwLock::default(),
            log_verifiers: RwLock::default(),
        };
        ring.origin = if let Some(origin) = origin {
            origin
        } else {
            let id = ring.derive("log-origin", 1)?;
            let (id, _) = id.split_at(4);
            format!("glassbreak.local/{}", hex(id))
        };
        Ok(ring)
    }

    /// The log's origin, the name of its signing key as long as the database was never restored.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) const fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    pub(crate) fn pepper(&self, generation: u32) -> Result<Arc<PepperKey>, KeyError> {
        once(&self.peppers, generation, || {
            let bytes = self.derive(KeyPurpose::Pepper.name(), generation)?;
            Ok(PepperKey::new(&bytes))
        })
    }

    pub(crate) fn grant_signing(&self, generation: u32) -> Result<Arc<GrantKey>, KeyError> {
        once(&self.grants, generation, || {
            GrantKey::from_seed(&*self.derive(KeyPurpose::GrantSigning.name(), generation)?)
        })
    }

    /// The log's key. A log that goes on after its database was `restored` has another name and
    /// another key: what the old one signed, nobody may sign differently (CP-01).
    pub(crate) fn log_signing(
        &self,
        generation: u32,
        restored: Option<ContainmentId>,
    ) -> Result<Arc<SigningKey>, KeyError> {
        once(&self.logs, (generation, restored), || self.log_key(generation, restored))
    }

    /// What verifies that key's signatures. Of the generations that only verify, an anchor's offer
    /// asks for many and often; nothing else of them is kept.
    pub(crate) fn log_verifier(
        &self,
        generation: u32,
        restored: Option<ContainmentId>,
    ) -> Result<Arc<VerifierKey>, KeyError> {
        once(&self.log_verifiers, (generation, restored), || {
            Ok(self.log_key(generation, restored)?.verifier_key().clone())
        })
    }

    fn log_key(
        &self,
        generation: u32,
        restored: Option<ContainmentId>,
    ) -> Result<SigningKey, KeyError> {
        let purpose = KeyPurpose::LogSigning.name();
        let (purpose, name) = match restored {
            None => (purpose.to_owned(), self.origin.clone()),
            Some(id) => (format!("{purpose}/{id}"), format!("{}/{id}", self.origin)),
        };
        let seed = self.derive(&purpose, generation)?;
        SigningKey::from_seed(&name, &seed).map_err(|_| KeyError::Derivation)
    }

    /// The key of pseudonyms and fingerprints. It has one generation: it must not forget.
    pub(crate) fn marks(&self) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        self.derive("marks", 1)
    }

    /// The key of the links in notices. It has one generation: links end by their time.
    pub(crate) fn repudiation(&self) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        self.derive("repudiation", 1)
    }

    /// The key that seals secrets beside the log for one purpose.
    pub(crate) fn sealing(&self, purpose: &str) -> Result<Seal, KeyError> {
        Seal::new(&*self.derive(&format!("seal/{purpose}"), 1)?, purpose)
    }

    /// A keyed digest of `parts`.
    pub(crate) fn pseudonym(&self, purpose: &str, parts: &[&[u8]]) -> Result<Digest, KeyError> {
        let key = self.derive(&format!("pseudonym/{purpose}"), 1)?;
        let keyed: Vec<&[u8]> = std::iter::once(key.as_slice()).chain(parts.to_vec()).collect();
        Ok(Digest::of("glassbreak/pseudonym/v1", &keyed))
    }

    fn derive(&self, purpose: &str, generation: u32) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"glassbreak/keys/v1");
        let generation = generation.to_be_bytes();
        let info = [purpose.as_bytes(), b"/", self.prefix.as_str().as_bytes(), b"/", &generation];
        let mut bytes = Zeroizing::new([0; 32]);
        salt.extract(self.root.0.as_slice())
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(bytes.as_mut_slice()))
            .map_err(|_| KeyError::Derivation)?;
        Ok(bytes)
    }
}

/// The key of that name, made when first asked for.
fn once<N: Copy + Eq + Hash, K>(
    known: &RwLock<HashMap<N, Arc<K>>>,
    name: N,
    make: impl FnOnce() -> Result<K, KeyError>,
) -> Result<Arc<K>, KeyError> {
    if let Some(key) = known.read().unwrap_or_else(PoisonError::into_inner).get(&name) {
        return Ok(Arc::clone(key));
    }
    let key = Arc::new(make()?);
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    Ok(Arc::clone(known.entry(name).or_insert(key)))
}
