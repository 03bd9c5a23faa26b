//! Tokens of our own, signed.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::time::Seconds;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Map, Value};

use super::TOKEN_TYPE;
use super::claims::{Expected, Set, read};
use super::event::{Caep, Event};
use super::json::seconds;
use super::keys::{Algorithm, KeyFault, key};
use super::refusal::Refusal;

/// Which rules a token is written by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// SSF 1.0.
    Ssf,
    /// The CAEP interoperability profile besides: RS256 (SET-11), and `reason_admin` on
    /// `session-revoked` and `credential-change`.
    CaepInterop,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The key signs in another way, or is weak.
    #[error("the signing key cannot be used")]
    Key(#[source] KeyFault),
    /// The key is not what it was said to be.
    #[error("the signing key cannot be read")]
    Unreadable,
    /// The signature could not be made.
    #[error("the token cannot be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
    /// We would not take it ourselves.
    #[error("the claims are unfit")]
    Claims(#[source] Refusal),
    /// The profile wants RS256.
    #[error("the interoperability profile wants RS256")]
    Algorithm,
    /// The profile wants a reason.
    #[error("the interoperability profile wants a `reason_admin`")]
    Reason,
}

impl Set {
    /// The claims as an object. Times are whole seconds. A single audience is a text.
    pub fn to_json(&self) -> Map<String, Value> {
        let aud: Value = match self.aud.as_slice() {
            [one] => one.as_str().into(),
            several => several.into(),
        };
        let event = Map::from_iter([(self.event.uri(), self.event.payload().into())]);
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", self.iss.as_str().into());
        put("aud", aud);
        put("iat", seconds(self.iat));
        put("jti", self.jti.as_str().into());
        put("sub_id", self.subject.to_json().into());
        put("events", event.into());
        if let Some(txn) = &self.txn {
            put("txn", txn.as_str().into());
        }
        if let Some(toe) = self.toe {
            put("toe", seconds(toe));
        }
        claims
    }
}

/// A key that signs our tokens, with the name it is published under.
#[derive(Debug)]
pub struct Signer {
    algorithm: Algorithm,
    kid: String,
    key: EncodingKey,
    public: Map<String, Value>,
}

impl Signer {
    /// A key that signs by `algorithm`, published as `kid`.
    ///
    /// # Errors
    /// [`Unfit::Unreadable`] if it is a key for something else, [`Unfit::Key`] if it is one that we
    /// would not verify with: an RSA key below 2048 bits (SET-11).
    pub fn new(algorithm: Algorithm, kid: &str, signing: EncodingKey) -> Result<Self, Unfit> {
        let mut public = public(algorithm, signing.as_bytes()).ok_or(Unfit::Unreadable)?;
        for (name, value) in [("kid", kid), ("use", "sig"), ("alg", algorithm.name())] {
            public.insert(name.to_owned(), value.into());
        }
        key(&public).map_err(Unfit::Key)?;
        Ok(Self { algorithm, kid: kid.to_owned(), key: signing, public })
    }

    /// The public key, as a member of `keys` in the JWKS that `jwks_uri` names.
    pub fn public_jwk(&self) -> &Map<String, Value> {
        &self.public
    }

    /// A token that says this.
    ///
    /// # Errors
    /// [`Unfit`]: what we would refuse from others, we do not send; and the profile's rules.
    pub fn sign(&self, set: &Set, profile: Profile) -> Result<String, Unfit> {
        let claims = set.to_json();
        let expected = Expected {
            issuer: &set.iss,
            audiences: &set.aud,
            critical_members: &[],
            now: set.iat,
            skew: Seconds(0),
            age_max: None,
        };
        read(&claims, &expected).map_err(Unfit::Claims)?;
        self.keeps_to(profile, &set.event)?;
        let header = Header {
            typ: Some(TOKEN_TYPE.to_owned()),
            kid: Some(self.kid.clone()),
            ..Header::new(self.algorithm.of_library())
        };
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(Unfit::Signing)
    }

    fn keeps_to(&self, profile: Profile, event: &Event) -> Result<(), Unfit> {
        if profile == Profile::Ssf {
            return Ok(());
        }
        if self.algorithm != Algorithm::Rs256 {
            return Err(Unfit::Algorithm);
        }
        match event {
            Event::Caep(context, Caep::SessionRevoked | Caep::CredentialChange(_))
                if context.reason_admin.values().all(String::is_empty) =>
            {
                Err(Unfit::Reason)
            }
            _ => Ok(()),
        }
    }
}

/// The public half of a private key in DER, as a JWK without its name. The library's own reads only
/// one of the encodings that it signs with.
fn public(algorithm: Algorithm, der: &[u8]) -> Option<Map<String, Value>> {
    let members = match algorithm {
        Algorithm::Rs256 => {
            let pair = RsaKeyPair::from_der(der).ok()?;
            let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
            let (n, e) = (encoded(&public.n), encoded(&public.e));
            vec![("kty", "RSA".to_owned()), ("n", n), ("e", e)]
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?;
            // A point as SEC 1 writes it uncompressed: 4, then two coordinates.
            let (x, y) = pair.public_key().as_ref().strip_prefix(&[4])?.split_at_checked(32)?;
            let crv = ("crv", "P-256".to_owned());
            vec![("kty", "EC".to_owned()), crv, ("x", encoded(x)), ("y", encoded(y))]
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(der).ok()?;
            let crv = ("crv", "Ed25519".to_owned());
            vec![("kty", "OKP".to_owned()), crv, ("x", encoded(pair.public_key().as_ref()))]
        }
    };
    Some(members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Algorithm {
    const fn of_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}
