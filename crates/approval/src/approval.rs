//! Approvals: an enrolled passkey has signed the digest of a case.

use glassbreak_core::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::authenticator_data::AuthenticatorData;
use crate::base64url::Base64Url;
use crate::client_data::{self, Due};
use crate::refused::Refused;
use crate::registration::{Backup, Credential};
use crate::relying_party::{RelyingParty, sha256_of};

/// An RSA signature of 4096 bits has 512 bytes; nothing taken here is longer.
const SIGNATURE_BYTES_MAX: usize = 512;

/// What the log keeps of an approval: all that anyone needs to check it, beside the digest of the
/// case and the recorded public key. Some 500 bytes; with RS256 some 900.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedApproval {
    /// Which credential signed.
    pub credential_id: Base64Url,
    /// What the authenticator says, signed.
    pub authenticator_data: Base64Url,
    /// What the browser says, signed by its hash. Its challenge is the digest of the case.
    pub client_data_json: Base64Url,
    /// Over `authenticator_data`, and then the SHA-256 of `client_data_json`.
    pub signature: Base64Url,
}

/// An approval that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// What to record.
    pub approval: SignedApproval,
    /// The signature counter now; to be kept in [`Credential::counter`].
    pub counter: u32,
    /// Whether the credential can leave its device now; to be kept in [`Credential::backup`].
    pub backup: Backup,
}

/// What `navigator.credentials.get` gave, as `toJSON()` spells it.
///
/// The `userHandle` is not read. It is unsigned, and which operator a credential belongs to is for
/// the caller's records to say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AssertionResponse {
    #[serde(rename = "rawId")]
    id: Base64Url,
    #[serde(rename = "type")]
    kind: String,
    response: AuthenticatorResponse,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct AuthenticatorResponse {
    #[serde(rename = "clientDataJSON")]
    client_data_json: Base64Url,
    #[serde(rename = "authenticatorData")]
    authenticator_data: Base64Url,
    signature: Base64Url,
}

impl AssertionResponse {
    /// Reads the JSON of a browser. Members that are not needed are left alone.
    pub fn parse(json: &[u8]) -> Result<Self, Refused> {
        let form = Refused::Malformed("not the JSON of an assertion");
        serde_json::from_slice(json).map_err(|_| form)
    }

    /// The credential that it claims to be of, by which the caller finds the [`Credential`].
    pub fn credential_id(&self) -> &Base64Url {
        &self.id
    }
}

impl RelyingParty {
    /// Takes the answer to [`RelyingParty::approve_options`]: is it an approval of exactly this
    /// case by exactly this credential, made on our page by a verified person (F3)?
    ///
    /// Whether the same was taken before is for the caller to know: one credential counts once for
    /// one digest.
    pub fn verify(
        &self,
        case: &Digest,
        response: &AssertionResponse,
        credential: &Credential,
    ) -> Result<Approved, Refused> {
        if response.kind != "public-key" {
            return Err(Refused::WrongType);
        }
        let approval = SignedApproval {
            credential_id: response.id.clone(),
            authenticator_data: response.response.authenticator_data.clone(),
            client_data_json: response.response.client_data_json.clone(),
            signature: response.response.signature.clone(),
        };
        let (counter, backup) = self.signed(case, &approval, credential)?;
        // Both 0: the authenticator does not count.
        if (counter, credential.counter) != (0, 0) && counter <= credential.counter {
            return Err(Refused::CounterBackwards);
        }
        Ok(Approved { approval, counter, backup })
    }

    /// Checks an approval out of the log again. All but the counter, which told of a copy at its
    /// time and has risen since.
    pub fn check(
        &self,
        case: &Digest,
        approval: &SignedApproval,
        credential: &Credential,
    ) -> Result<(), Refused> {
        self.signed(case, approval, credential).map(drop)
    }

    fn signed(
        &self,
        case: &Digest,
        approval: &SignedApproval,
        credential: &Credential,
    ) -> Result<(u32, Backup), Refused> {
        if approval.credential_id != credential.id {
            return Err(Refused::WrongCredential);
        }
        let client_data = approval.client_data_json.as_bytes();
        let due = Due { kind: "webauthn.get", challenge: &case.0, otherwise: Refused::WrongCase };
        client_data::check(client_data, &due, self)?;
        let authenticator_data = approval.authenticator_data.as_bytes();
        let data = AuthenticatorData::parse(authenticator_data)?;
        if data.attested.is_some() {
            return Err(Refused::Malformed("an approval that brings a credential"));
        }
        data.check(self)?;
        let backup = data.backup()?;
        if backup.is_eligible() != credential.backup.is_eligible() {
            return Err(Refused::BackupChanged);
        }
        let signature = approval.signature.as_bytes();
        if signature.len() > SIGNATURE_BYTES_MAX {
            return Err(Refused::BadSignature);
        }
        let signed = [authenticator_data, &sha256_of(client_data)].concat();
        credential.key.verify(&signed, signature)?;
        Ok((data.counter, backup))
    }
}
