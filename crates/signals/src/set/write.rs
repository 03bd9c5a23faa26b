//! Tokens of our own, signed.

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
    Encoding(#[source] jsonwebtoken::errors::Error),
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
    /// [`Unfit::Encoding`] if it is a key for something else, [`Unfit::Key`] if it is one that we
    /// would not verify with: an RSA key below 2048 bits (SET-11).
    pub fn new(algorithm: Algorithm, kid: &str, signing: EncodingKey) -> Result<Self, Unfit> {
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&signing, algorithm.of_library());
        let jwk = serde_json::to_value(jwk.map_err(Unfit::Encoding)?);
        let Ok(Value::Object(mut public)) = jwk else {
            return Err(Unfit::Key(KeyFault::Malformed));
        };
        for (name, value) in [("kid", kid), ("use", "sig"), ("alg", algorithm.name())] {
            public.insert(name.to_owned(), value.into());
        }
        let held = key(&public).map_err(Unfit::Key)?;
        if held.algorithm != algorithm {
            return Err(Unfit::Key(KeyFault::Kind));
        }
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
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(Unfit::Encoding)
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

impl Algorithm {
    const fn of_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}
