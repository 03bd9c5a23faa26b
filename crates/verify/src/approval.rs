//! Approvals of support cases, checked again by an outsider: did this operator's passkey sign the
//! digest of exactly this case?
//!
//! An approval in the log is a `WebAuthn` assertion whose challenge is the SHA-256 digest of the
//! case. [`check`] needs that digest, which the auditor makes anew from the case's canonical JSON;
//! the operator's public key from the event of the enrolment; and the relying party's id and
//! origins, which the auditor knows and does not take from the log.
//!
//! What a good signature does not say: that the operator was entitled to approve (policy), that one
//! credential was counted once (the log tells), and that the person saw the case as it was.

use aws_lc_rs::digest::{SHA256, digest as sha256};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;

/// The length of authenticator data that brings nothing but itself.
const AUTHENTICATOR_DATA_BYTES: usize = 37;
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const ATTESTED_CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// An approval as the log has it. Every member is base64url without padding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedApproval {
    /// Which credential signed.
    pub credential_id: String,
    /// What the authenticator says.
    pub authenticator_data: String,
    /// What the browser says.
    pub client_data_json: String,
    /// Over the authenticator data, and then the SHA-256 of the client data.
    pub signature: String,
}

/// An operator's public key as the event of the enrolment has it; members that are not needed are
/// left alone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ApproverKey {
    /// The credential's id: base64url without padding.
    pub id: String,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
    /// DER of the X.509 `SubjectPublicKeyInfo`: base64url without padding.
    pub public_key: String,
}

/// How a credential signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256, in ASN.1.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA PKCS #1 v1.5 with SHA-256, 2048 bits and more.
    #[serde(rename = "RS256")]
    Rs256,
}

/// The first thing found wrong with an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ApprovalFault {
    /// A part does not have the form it must have.
    #[error("`{0}` is malformed")]
    Malformed(&'static str),
    /// Signed by another credential than the key is of.
    #[error("the approval is of another credential")]
    WrongCredential,
    /// Not an assertion at all.
    #[error("what was signed is not an assertion")]
    WrongType,
    /// Over another digest: of another case, or of another state of this one.
    #[error("what was signed is another case, another state of this case, or another word on it")]
    WrongCase,
    /// Made on another page.
    #[error("the approval was made on a page of another origin")]
    ForeignOrigin,
    /// Made inside of a foreign page.
    #[error("the approval was made inside of a foreign page")]
    CrossOrigin,
    /// Made for another relying party.
    #[error("the approval was made for another relying party")]
    ForeignRelyingParty,
    /// The authenticator saw nobody.
    #[error("the authenticator did not see a person")]
    UserNotPresent,
    /// The authenticator asked for neither PIN nor biometric.
    #[error("the authenticator did not verify the person")]
    UserNotVerified,
    /// The signature does not hold under this key; or the key cannot be read.
    #[error("the signature does not hold")]
    BadSignature,
}

impl ApprovalFault {
    /// A stable name of what was found.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::WrongCredential => "wrong_credential",
            Self::WrongType => "wrong_type",
            Self::WrongCase => "wrong_case",
            Self::ForeignOrigin => "foreign_origin",
            Self::CrossOrigin => "cross_origin",
            Self::ForeignRelyingParty => "foreign_relying_party",
            Self::UserNotPresent => "user_not_present",
            Self::UserNotVerified => "user_not_verified",
            Self::BadSignature => "bad_signature",
        }
    }
}

/// `clientDataJSON`, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

/// Checks that the owner of `key`, verified by the authenticator, approved the case of this digest
/// on one of the `origins` of the relying party `rp_id`.
///
/// # Errors
/// The first [`ApprovalFault`] found.
pub fn check<S: AsRef<str>>(
    digest: &[u8; 32],
    key: &ApproverKey,
    approval: &SignedApproval,
    rp_id: &str,
    origins: &[S],
) -> Result<(), ApprovalFault> {
    if bytes(&approval.credential_id, "credential_id")? != bytes(&key.id, "id")? {
        return Err(ApprovalFault::WrongCredential);
    }
    let client_data = bytes(&approval.client_data_json, "client_data_json")?;
    check_client_data(&client_data, digest, origins)?;
    let mut signed = bytes(&approval.authenticator_data, "authenticator_data")?;
    check_authenticator_data(&signed, rp_id)?;
    signed.extend_from_slice(sha256(&SHA256, &client_data).as_ref());
    let signature = bytes(&approval.signature, "signature")?;
    let public_key = bytes(&key.public_key, "public_key")?;
    UnparsedPublicKey::new(key.algorithm.verifying(), public_key)
        .verify(&signed, &signature)
        .map_err(|_| ApprovalFault::BadSignature)
}

fn check_client_data<S: AsRef<str>>(
    json: &[u8],
    digest: &[u8; 32],
    origins: &[S],
) -> Result<(), ApprovalFault> {
    let said = serde_json::from_slice::<ClientData>(json);
    let said = said.map_err(|_| ApprovalFault::Malformed("client_data_json"))?;
    if said.r#type != "webauthn.get" {
        return Err(ApprovalFault::WrongType);
    }
    if bytes(&said.challenge, "client_data_json")? != digest {
        return Err(ApprovalFault::WrongCase);
    }
    if !origins.iter().any(|origin| origin.as_ref() == said.origin) {
        return Err(ApprovalFault::ForeignOrigin);
    }
    if said.cross_origin || said.top_origin.is_some() {
        return Err(ApprovalFault::CrossOrigin);
    }
    Ok(())
}

/// The layout: 32 bytes of SHA-256 of the relying party's id, a byte of flags, a counter of four
/// bytes, and then extensions if a flag says so. What extensions say does not matter here.
fn check_authenticator_data(data: &[u8], rp_id: &str) -> Result<(), ApprovalFault> {
    const FORM: ApprovalFault = ApprovalFault::Malformed("authenticator_data");
    let (relying_party, rest) = data.split_first_chunk::<32>().ok_or(FORM)?;
    let flags = *rest.first().ok_or(FORM)?;
    let has = |flag: u8| flags & flag != 0;
    let longer = data.len() > AUTHENTICATOR_DATA_BYTES;
    if data.len() < AUTHENTICATOR_DATA_BYTES
        || longer != has(EXTENSIONS)
        || has(ATTESTED_CREDENTIAL)
    {
        return Err(FORM);
    }
    if relying_party != sha256(&SHA256, rp_id.as_bytes()).as_ref() {
        return Err(ApprovalFault::ForeignRelyingParty);
    }
    if !has(USER_PRESENT) {
        return Err(ApprovalFault::UserNotPresent);
    }
    if !has(USER_VERIFIED) {
        return Err(ApprovalFault::UserNotVerified);
    }
    Ok(())
}

fn bytes(text: &str, what: &'static str) -> Result<Vec<u8>, ApprovalFault> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| ApprovalFault::Malformed(what))
}

impl SignatureAlgorithm {
    fn verifying(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_ASN1,
            Self::EdDsa => &ED25519,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

#[cfg(test)]
mod tests;
