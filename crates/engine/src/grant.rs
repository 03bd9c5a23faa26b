//! The grant: what a satisfied recovery yields. A JWT (RFC 7519) signed with `EdDSA`, good for one
//! thing, for minutes, for one subject (C4).

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::access::KeyPurpose;
use glassbreak_core::digest::hex;
use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::Denial;
use glassbreak_core::recovery::{Obligation, Window};
use glassbreak_core::snapshot::SnapshotQuery;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::engine::{Engine, signing};
use crate::error::Error;
use crate::keys::KeyError;
use crate::operation::of_subject;

/// The token's type (RFC 8725 section 3.11): nothing else may be taken for a grant, or the reverse.
pub const TOKEN_TYPE: &str = "glassbreak-grant+jwt";

/// What a grant says.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    /// The log's origin.
    iss: &'a str,
    /// Whose recovery: the caller's own name for the subject.
    sub: &'a str,
    /// The grant's id.
    jti: String,
    /// Seconds since the Unix epoch.
    iat: i64,
    exp: i64,
    /// The one thing it is good for.
    purpose: &'static str,
    recovery_id: String,
    obligations: &'a [Obligation],
}

/// A key of the set that verifies grants (RFC 7517, RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: &'static str,
    /// `Ed25519`.
    pub crv: &'static str,
    /// `EdDSA`.
    pub alg: &'static str,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The key's id, as the token's header names it.
    pub kid: String,
    /// The public key, base64url.
    pub x: String,
}

/// One generation of the key that signs grants.
pub(crate) struct GrantKey {
    kid: String,
    public: Vec<u8>,
    signing: EncodingKey,
}

impl GrantKey {
    /// The key of a seed.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Derivation)?;
        let public = pair.public_key().as_ref().to_vec();
        let pkcs8 = pair.to_pkcs8().map_err(|_| KeyError::Derivation)?;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &public);
        let kid = hex(digest.as_ref().split_at(8).0);
        Ok(Self { kid, public, signing: EncodingKey::from_ed_der(pkcs8.as_ref()) })
    }

    fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: self.kid.clone(),
            x: URL_SAFE_NO_PAD.encode(&self.public),
        }
    }
}

impl Engine {
    /// The token of a window, with the obligations that are left, signed with the key in use. While
    /// neither changes, the same window gives the same token.
    ///
    /// # Errors
    /// [`Error::Key`] if its key cannot be derived; `contained` while recovery is switched off, and
    /// `recovery_state` where that has ended the recovery (I1).
    pub async fn grant(&self, subject: &SubjectRef, window: &Window) -> Result<String, Error> {
        self.not_contained(subject, window).await?;
        let keys = self.parts.store.load(&SnapshotQuery::default()).await?.keys;
        let generation = keys.get(&KeyPurpose::GrantSigning).copied().unwrap_or(1);
        let key = self.parts.keys.grant_signing(generation)?;
        let (since, _) = window.grant.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
        let claims = Claims {
            iss: self.parts.keys.origin(),
            sub: subject.as_str(),
            jti: window.grant.to_string(),
            iat: i64::try_from(since).unwrap_or(i64::MAX),
            exp: window.ends_at.millis().div_euclid(1000),
            purpose: "reenrol",
            recovery_id: window.recovery.to_string(),
            obligations: &window.obligations,
        };
        let header = Header {
            typ: Some(TOKEN_TYPE.to_owned()),
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &key.signing)
            .map_err(|error| Error::Grant(error.to_string()))
    }

    /// Whether a window is in force still: one that a containment covers, or has ended, is not.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn window_stands(
        &self,
        subject: &SubjectRef,
        window: &Window,
    ) -> Result<bool, Error> {
        match self.not_contained(subject, window).await {
            Ok(()) => Ok(true),
            Err(Error::Denied(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A containment ends a window at once, also where nobody has written that down yet.
    async fn not_contained(&self, subject: &SubjectRef, window: &Window) -> Result<(), Error> {
        if self.parts.store.containments().await?.held.is_empty() {
            return Ok(());
        }
        let snapshot = self.parts.store.load(&of_subject(&self.parts.marks, subject)).await?;
        let hold = snapshot.hold();
        if let Some(denial) = hold.contained() {
            return Err(denial.into());
        }
        let mut recoveries = snapshot.recoveries.iter().map(|held| &held.recovery);
        let found = recoveries.find(|recovery| recovery.id == window.recovery);
        if found.is_none_or(|recovery| hold.ends(recovery.opened_at).is_some()) {
            let (state, wants) = ("cancelled", "a containment has ended it; open another one");
            return Err(Denial::RecoveryState { state, wants }.into());
        }
        Ok(())
    }

    /// The keys that verify grants: those of the newest generations.
    pub async fn grant_keys(&self) -> Result<Vec<Jwk>, Error> {
        let keys = self.parts.store.load(&SnapshotQuery::default()).await?.keys;
        let newest = keys.get(&KeyPurpose::GrantSigning).copied().unwrap_or(1);
        signing(newest)
            .map(|generation| Ok(self.parts.keys.grant_signing(generation)?.jwk()))
            .collect()
    }
}
