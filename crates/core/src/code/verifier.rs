//! What is stored in a code's place, and how a typed code is held against it.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::{constant_time, hmac, pbkdf2};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::format::Code;
use super::hex;
use super::profile::Profile;
use super::scheme::{Scheme, SchemeRefused};

/// Bytes of a pepper key.
pub const PEPPER_BYTES: usize = 32;
/// Bytes of a salt (N63B-HS-02 asks for 4).
pub const SALT_BYTES: usize = 16;
/// Bytes of a verifier's MAC.
pub const MAC_BYTES: usize = 32;

/// What the HMAC of a keyed verifier begins with.
const KEYED_DOMAIN: &str = "glassbreak/verifier/v1/keyed";
/// What the password of Argon2id and PBKDF2 begins with.
const STRETCH_DOMAIN: &str = "glassbreak/verifier/v1/stretch";
/// What the HMAC over Argon2id's output begins with.
const ARGON2ID_DOMAIN: &[u8] = b"glassbreak/verifier/v1/argon2id\0";
/// What the HMAC over PBKDF2's output begins with.
const PBKDF2_DOMAIN: &[u8] = b"glassbreak/verifier/v1/pbkdf2\0";
/// Output of Argon2id, in bytes.
const ARGON2ID_OUT_BYTES: usize = 32;
/// Output of PBKDF2-HMAC-SHA-512, in bytes: its native length, at no more cost (N63B-HS-05).
const PBKDF2_OUT_BYTES: usize = 64;

/// The key of the keyed hash over every verifier, known to the verifier only and kept apart from
/// the database (N63B-HS-07, -08). Wiped when dropped; not printable.
pub struct PepperKey(Box<Zeroizing<[u8; PEPPER_BYTES]>>);

impl PepperKey {
    /// Takes 32 bytes from the key provider. The caller wipes its own copy.
    pub fn new(bytes: &[u8; PEPPER_BYTES]) -> Self {
        Self(Box::new(Zeroizing::new(*bytes)))
    }

    fn mac(&self, domain: &[u8], message: &[u8]) -> Zeroizing<[u8; MAC_BYTES]> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        let mut context = hmac::Context::with_key(&key);
        context.update(domain);
        context.update(message);
        let mut mac = Zeroizing::new([0; MAC_BYTES]);
        for (to, from) in mac.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        mac
    }
}

/// The 128-bit salt of one stretched verifier. Not secret; drawn by
/// [`draw_salt`](super::draw_salt), one per code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(#[serde(with = "hex")] [u8; SALT_BYTES]);

impl Salt {
    /// A salt read back from storage.
    pub const fn new(bytes: [u8; SALT_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; SALT_BYTES] {
        &self.0
    }
}

/// What is stored in a code's place.
///
/// Serialised (MAC and salt in lower-case hex) it goes into storage only, never into a reply or a
/// public log entry. Comparing takes the same time wherever two MACs differ.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct StoredVerifier {
    scheme: Scheme,
    key_generation: u32,
    salt: Option<Salt>,
    mac: [u8; MAC_BYTES],
}

impl StoredVerifier {
    /// A verifier read back from storage.
    ///
    /// # Errors
    ///
    /// [`StoredVerifierRefused`] if the parts cannot belong together: a damaged row.
    pub fn from_parts(
        scheme: Scheme,
        key_generation: u32,
        salt: Option<Salt>,
        mac: [u8; MAC_BYTES],
    ) -> Result<Self, StoredVerifierRefused> {
        if scheme.validate().is_err() || scheme.is_stretched() != salt.is_some() {
            return Err(StoredVerifierRefused);
        }
        Ok(Self { scheme, key_generation, salt, mac })
    }

    /// The scheme and its costs.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The generation of the pepper key it was made under.
    pub const fn key_generation(&self) -> u32 {
        self.key_generation
    }

    /// The salt, which stretched verifiers have and keyed ones have not.
    pub const fn salt(&self) -> Option<&Salt> {
        self.salt.as_ref()
    }

    /// The MAC, for storing and for the unique index over keyed verifiers.
    pub const fn mac(&self) -> &[u8; MAC_BYTES] {
        &self.mac
    }

    /// Whether the candidate was made by the same code: same scheme and costs, key generation and
    /// salt, and the same MAC, compared in constant time.
    pub fn matches(&self, candidate: &CandidateMac) -> bool {
        self.scheme == candidate.scheme
            && self.key_generation == candidate.key_generation
            && self.salt == candidate.salt
            && constant_time::verify_slices_are_equal(&self.mac, candidate.mac.as_slice()).is_ok()
    }
}

impl PartialEq for StoredVerifier {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.key_generation == other.key_generation
            && self.salt == other.salt
            && constant_time::verify_slices_are_equal(&self.mac, &other.mac).is_ok()
    }
}

impl Eq for StoredVerifier {}

impl fmt::Debug for StoredVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredVerifier")
            .field("scheme", &self.scheme)
            .field("key_generation", &self.key_generation)
            .finish_non_exhaustive()
    }
}

/// The stored form of a [`StoredVerifier`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    scheme: Scheme,
    key_generation: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<Salt>,
    #[serde(with = "hex")]
    mac: [u8; MAC_BYTES],
}

impl TryFrom<Parts> for StoredVerifier {
    type Error = StoredVerifierRefused;

    fn try_from(parts: Parts) -> Result<Self, StoredVerifierRefused> {
        Self::from_parts(parts.scheme, parts.key_generation, parts.salt, parts.mac)
    }
}

impl From<StoredVerifier> for Parts {
    fn from(verifier: StoredVerifier) -> Self {
        let StoredVerifier { scheme, key_generation, salt, mac } = verifier;
        Self { scheme, key_generation, salt, mac }
    }
}

/// The parts of a stored verifier contradict each other, or its costs are out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored verifier is damaged: scheme, costs and salt do not fit each other")]
pub struct StoredVerifierRefused;

/// The MAC of a typed code under one scheme, generation and salt.
///
/// Opaque: it is held against a [`StoredVerifier`] or, if keyed, looked up. It cannot be printed,
/// copied, compared or serialised, and is wiped when dropped.
///
/// ```compile_fail
/// fn show(mac: &glassbreak_core::code::CandidateMac) { format!("{mac:?}"); }
/// ```
/// ```compile_fail
/// fn same(mac: &glassbreak_core::code::CandidateMac) -> bool { *mac == *mac }
/// ```
/// ```compile_fail
/// fn show(key: &glassbreak_core::code::PepperKey) { format!("{key:?}"); }
/// ```
pub struct CandidateMac {
    scheme: Scheme,
    key_generation: u32,
    salt: Option<Salt>,
    mac: Zeroizing<[u8; MAC_BYTES]>,
}

impl CandidateMac {
    /// The MAC by which a leaked code is found without its owner; none for stretched schemes.
    pub fn lookup_key(&self) -> Option<&[u8; MAC_BYTES]> {
        if self.scheme.is_stretched() { None } else { Some(&self.mac) }
    }
}

/// Makes the verifier to store for a new code.
///
/// Stretched schemes take the milliseconds and the memory that they name; keyed takes microseconds.
///
/// # Errors
///
/// [`DeriveError`] if the scheme may not be used for the code, its costs are out of range, the salt
/// does not fit the scheme, or memory is short.
pub fn derive(
    scheme: Scheme,
    key_generation: u32,
    pepper: &PepperKey,
    salt: Option<Salt>,
    code: &Code,
) -> Result<StoredVerifier, DeriveError> {
    let candidate = candidate_mac(scheme, key_generation, pepper, salt, code)?;
    Ok(StoredVerifier { scheme, key_generation, salt, mac: *candidate.mac })
}

/// Computes the MAC of a typed code, as [`derive`] would, to hold it against a stored verifier of
/// that scheme, generation and salt.
///
/// # Errors
///
/// As [`derive`].
pub fn candidate_mac(
    scheme: Scheme,
    key_generation: u32,
    pepper: &PepperKey,
    salt: Option<Salt>,
    code: &Code,
) -> Result<CandidateMac, DeriveError> {
    scheme.validate()?;
    if !scheme.allowed_for(code.profile()) {
        return Err(DeriveError::NotForProfile(code.profile()));
    }
    let mac = match (scheme, &salt) {
        (Scheme::Keyed, None) => pepper.mac(&[], &code.message(KEYED_DOMAIN)),
        (Scheme::Keyed, Some(_)) => return Err(DeriveError::SaltUnexpected),
        (Scheme::Argon2id { memory_kib, passes, lanes }, Some(salt)) => {
            let out = argon2id(memory_kib, passes, lanes, salt, &code.message(STRETCH_DOMAIN))?;
            pepper.mac(ARGON2ID_DOMAIN, out.as_slice())
        }
        (Scheme::Pbkdf2 { iterations }, Some(salt)) => {
            let out = pbkdf2(iterations, salt, &code.message(STRETCH_DOMAIN))?;
            pepper.mac(PBKDF2_DOMAIN, out.as_slice())
        }
        (Scheme::Argon2id { .. } | Scheme::Pbkdf2 { .. }, None) => {
            return Err(DeriveError::SaltMissing);
        }
    };
    Ok(CandidateMac { scheme, key_generation, salt, mac })
}

/// Blocks of stretches that are done, for those to come: memory that was just given back has to be
/// found and cleared anew, and an allocator that keeps it for each thread keeps a lot. There are
/// never more than were stretched at once. The next stretch overwrites them; if none comes,
/// [`wipe_spare`] does.
static SPARE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());
/// Larger memories are given back: 64 MiB.
const SPARE_BLOCKS_MAX: usize = 1 << 16;

fn spare() -> MutexGuard<'static, Vec<Vec<Block>>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wipes what stretches have left in the memory they share. Whoever stretches calls this when
/// nobody waits to: a wipe takes an eighth of the time of a stretch, and the next one overwrites
/// all of it.
pub fn wipe_spare() {
    let mut spares = std::mem::take(&mut *spare());
    for block in spares.iter_mut().flatten() {
        AsMut::<[u64]>::as_mut(block).zeroize();
    }
    spare().append(&mut spares);
}

/// Argon2id over memory of our own, so that shortage is an error and the memory can be wiped.
fn argon2id(
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: &Salt,
    message: &[u8],
) -> Result<Zeroizing<[u8; ARGON2ID_OUT_BYTES]>, DeriveError> {
    let params = Params::new(memory_kib, passes, lanes, Some(ARGON2ID_OUT_BYTES))
        .map_err(|_| SchemeRefused::TooCostly)?;
    let block_count = params.block_count();
    let mut blocks = spare().pop().unwrap_or_default();
    let more = block_count.saturating_sub(blocks.len());
    blocks.try_reserve_exact(more).map_err(|_| DeriveError::OutOfMemory)?;
    blocks.resize(block_count, Block::new());
    let mut out = Zeroizing::new([0; ARGON2ID_OUT_BYTES]);
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(message, salt.as_bytes(), out.as_mut_slice(), &mut blocks);
    if block_count > SPARE_BLOCKS_MAX {
        for block in &mut blocks {
            AsMut::<[u64]>::as_mut(block).zeroize();
        }
    } else {
        spare().push(blocks);
    }
    done.map_err(|_| SchemeRefused::TooCostly)?;
    Ok(out)
}

fn pbkdf2(
    iterations: u32,
    salt: &Salt,
    message: &[u8],
) -> Result<Zeroizing<[u8; PBKDF2_OUT_BYTES]>, DeriveError> {
    let iterations = NonZeroU32::new(iterations).ok_or(SchemeRefused::TooCheap)?;
    let mut out = Zeroizing::new([0; PBKDF2_OUT_BYTES]);
    let sha512 = pbkdf2::PBKDF2_HMAC_SHA512;
    pbkdf2::derive(sha512, iterations, salt.as_bytes(), message, out.as_mut_slice());
    Ok(out)
}

/// Why no verifier was computed. Nothing of the code is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The costs are out of range.
    #[error(transparent)]
    Scheme(#[from] SchemeRefused),
    /// The scheme needs a code with more entropy (N63B-LS-09).
    #[error("codes of fewer than 112 bits need a stretched verifier, and `{}` codes have fewer", .0.name())]
    NotForProfile(Profile),
    /// A stretched scheme without a salt.
    #[error("a stretched verifier needs a salt")]
    SaltMissing,
    /// A keyed scheme with a salt, which would prevent the look-up of leaked codes.
    #[error("a keyed verifier has no salt")]
    SaltUnexpected,
    /// The memory that the scheme asks for is not there.
    #[error("not enough memory to compute the verifier")]
    OutOfMemory,
}
