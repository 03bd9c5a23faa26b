//! A transmitter's keys, from its JWKS (RFC 7517). What a key is for is settled here, once, from
//! the key alone; no header talks it into anything else.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::json::{self, Misfit, NotJson};
use super::refusal::Refusal;
use super::roca;

/// A way to sign that is accepted: one for each kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; what the interoperability profile wants (SET-11).
    Rs256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The name in `alg` (RFC 7518, RFC 8037).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of a name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Es256, Self::EdDsa].into_iter().find(|one| one.name() == name)
    }
}

/// Why a key is held and not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// `use` or `key_ops` says that it verifies nothing.
    #[error("it is not for signatures")]
    NotForSigning,
    /// Its `kty`, `crv` or `alg` is none of ours, or they contradict each other.
    #[error("its kind or algorithm is not accepted")]
    Kind,
    /// Too short, or known to be breakable.
    #[error("it is weak")]
    Weak,
    /// A member is missing or misspelt, or the point is on no curve.
    #[error("it is malformed")]
    Malformed,
}

/// Why a whole set is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetFault {
    /// Not a JSON object, or one with a member twice.
    #[error("the key set is {0}")]
    Json(#[from] NotJson),
    /// No `keys`, too many, or one that is no object.
    #[error("in the key set, {0}")]
    Member(#[from] Misfit),
    /// A private or symmetric key was published: whoever read the set can sign. Nothing in it is
    /// to be believed until the transmitter has changed its keys.
    #[error("the key set has a private key in it")]
    Private,
}

/// As many keys as a set may have.
const KEYS_MAX: usize = 64;

/// Members that only private and symmetric keys have (RFC 7518 section 6, RFC 8037).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A transmitter's keys. Keys of other kinds and uses may be among them (RFC 7517 section 5): they
/// are held by name, so that a token that names one is refused for the right reason.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    kid: Option<String>,
    key: Result<Key, KeyFault>,
}

/// A key that can be used.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

impl Key {
    /// Whether `signature` is this key's over `message`.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl KeySet {
    /// The keys that a JWKS document holds.
    ///
    /// # Errors
    /// [`KeySetFault`]. A single key that cannot be used is not an error here.
    pub fn parse(document: &[u8]) -> Result<Self, KeySetFault> {
        let members = json::object(document)?;
        let misfit = || Misfit::of("keys", "must be an array of at most 64 objects");
        let keys = members.get("keys").and_then(Value::as_array).ok_or_else(misfit)?;
        let objects: Option<Vec<_>> = keys.iter().map(Value::as_object).collect();
        let objects = objects.filter(|keys| keys.len() <= KEYS_MAX).ok_or_else(misfit)?;
        if objects.iter().any(|key| PRIVATE.iter().any(|name| key.contains_key(*name))) {
            return Err(KeySetFault::Private);
        }
        let held = |members: &Map<String, Value>| {
            let kid = json::text(members, "kid")?.map(str::to_owned);
            Ok(Held { kid, key: key(members) })
        };
        let keys = objects.into_iter().map(held).collect::<Result<_, Misfit>>()?;
        Ok(Self { keys })
    }

    /// The keys that cannot be used, by name, and why: for whoever connects the transmitter.
    pub fn unusable(&self) -> impl Iterator<Item = (Option<&str>, &KeyFault)> {
        let fault = |held: &'_ Held| held.key.as_ref().err().is_some();
        let unusable = self.keys.iter().filter(move |held| fault(held));
        unusable.filter_map(|held| Some((held.kid.as_deref(), held.key.as_ref().err()?)))
    }

    /// How many keys can be used.
    pub fn usable_count(&self) -> usize {
        self.keys.iter().filter(|held| held.key.is_ok()).count()
    }

    /// The key that a header means: the one of its `kid`; without a `kid`, the only one there is.
    pub(super) fn find(&self, kid: Option<&str>) -> Result<&Key, Refusal> {
        let fits = |held: &&Held| kid.is_none() || held.kid.as_deref() == kid;
        let mut found = self.keys.iter().filter(fits);
        let held = found.next().ok_or(Refusal::UnknownKey)?;
        // Names are the transmitter's to keep apart; a second one is not tried in turn.
        if found.next().is_some() {
            return Err(Refusal::AmbiguousKey);
        }
        held.key.as_ref().map_err(|fault| Refusal::Key(fault.clone()))
    }
}

/// One key (RFC 7517 section 4).
pub(super) fn key(members: &Map<String, Value>) -> Result<Key, KeyFault> {
    is_for_signing(members)?;
    let text = |name: &str| json::text(members, name).map_err(|_| KeyFault::Malformed);
    let (algorithm, crv) = match text("kty")? {
        Some("RSA") => (Algorithm::Rs256, None),
        Some("EC") => (Algorithm::Es256, Some("P-256")),
        Some("OKP") => (Algorithm::EdDsa, Some("Ed25519")),
        Some(_) => return Err(KeyFault::Kind),
        None => return Err(KeyFault::Malformed),
    };
    if text("crv")? != crv || text("alg")?.is_some_and(|alg| alg != algorithm.name()) {
        return Err(KeyFault::Kind);
    }
    let bytes = |name: &str| {
        let text = text(name)?.ok_or(KeyFault::Malformed)?;
        URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyFault::Malformed)
    };
    let parsed = match algorithm {
        Algorithm::Rs256 => rsa(bytes("n")?, bytes("e")?)?,
        Algorithm::Es256 => p256(&bytes("x")?, &bytes("y")?)?,
        Algorithm::EdDsa => ed25519(&bytes("x")?)?,
    };
    Ok(Key { algorithm, parsed })
}

/// `use` and `key_ops`, where they are there, must allow to verify (RFC 7517 4.2, 4.3).
fn is_for_signing(members: &Map<String, Value>) -> Result<(), KeyFault> {
    let usage = json::text(members, "use").map_err(|_| KeyFault::Malformed)?;
    let ops = json::texts(members, "key_ops").map_err(|_| KeyFault::Malformed)?;
    if let Some(ops) = &ops {
        let mut distinct = ops.clone();
        distinct.sort();
        distinct.dedup();
        if distinct.len() != ops.len() {
            return Err(KeyFault::Malformed);
        }
    }
    let verifies = ops.is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if usage.is_none_or(|usage| usage == "sig") && verifies {
        Ok(())
    } else {
        Err(KeyFault::NotForSigning)
    }
}

fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<ParsedPublicKey, KeyFault> {
    let (Some(first), Some(last)) = (n.first(), n.last()) else { return Err(KeyFault::Malformed) };
    // Fewest octets (RFC 7518 6.3.1.1): one number has one spelling.
    if *first == 0 || e.first().is_none_or(|first| *first == 0) {
        return Err(KeyFault::Malformed);
    }
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    // FIPS 186-5 wants an odd exponent above 2^16; what is longer than 64 bits only costs time.
    let exponent = e.iter().take(9).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    let exponent_fits = e.len() <= 8 && exponent > 65_536 && exponent % 2 == 1;
    if !(2048..=8192).contains(&bits) || last % 2 == 0 || !exponent_fits || roca::is_marked(&n) {
        return Err(KeyFault::Weak);
    }
    let components = RsaPublicKeyComponents { n, e };
    let parsed = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
    parsed.map_err(|_| KeyFault::Malformed)
}

fn p256(x: &[u8], y: &[u8]) -> Result<ParsedPublicKey, KeyFault> {
    if x.len() != 32 || y.len() != 32 {
        return Err(KeyFault::Malformed);
    }
    let point = [&[4], x, y].concat();
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyFault::Malformed)
}

fn ed25519(x: &[u8]) -> Result<ParsedPublicKey, KeyFault> {
    let Ok(mut y) = <[u8; 32]>::try_from(x) else { return Err(KeyFault::Malformed) };
    y[31] &= 0x7f;
    if SMALL_ORDER.contains(&y) {
        return Err(KeyFault::Weak);
    }
    ParsedPublicKey::new(&ED25519, x).map_err(|_| KeyFault::Malformed)
}

/// The points of small order on edwards25519, without their sign: under such a key one signature
/// fits many messages.
const SMALL_ORDER: [[u8; 32]; 7] = [
    edge(0, 0, 0),
    edge(1, 0, 0),
    edge(0xec, 0xff, 0x7f),
    edge(0xed, 0xff, 0x7f),
    edge(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// A coordinate near 0 or near the field's prime: its first byte, those between, its last.
const fn edge(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}
