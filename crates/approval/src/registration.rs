//! Enrolment: an operator's passkey becomes a credential that can approve.

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::authenticator_data::{AUTHENTICATOR_DATA_BYTES_MAX, Attested, AuthenticatorData};
use crate::base64url::Base64Url;
use crate::cbor::Reader;
use crate::client_data::{self, Due};
use crate::key::PublicKey;
use crate::refused::Refused;
use crate::relying_party::{Challenge, RelyingParty, sha256_of};

/// An attestation object has the authenticator data and little more.
const ATTESTATION_BYTES_MAX: usize = AUTHENTICATOR_DATA_BYTES_MAX + 4096;

/// There are six; a list may repeat them.
const TRANSPORTS_MAX: usize = 6;

/// A credential as the operator's enrolment event records it. All of it is public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The authenticator's own id for it, 16 to 1023 bytes.
    pub id: Base64Url,
    /// Its public key: members `algorithm` and `public_key`.
    #[serde(flatten)]
    pub key: PublicKey,
    /// Signatures made so far as last told; 0 and staying 0 where the authenticator does not count.
    pub counter: u32,
    /// Whether it can leave its device. A policy may ask approvers for device-bound ones.
    pub backup: Backup,
    /// How the browser reaches it: hints, unsigned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<Transport>,
    /// The make of the authenticator as it says itself, unsigned; nil where it does not.
    pub aaguid: Uuid,
}

/// Whether a credential can leave its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backup {
    /// It cannot.
    DeviceBound,
    /// It can, and has not.
    Eligible,
    /// It has: copies are on other devices or with a provider.
    BackedUp,
}

impl Backup {
    /// Whether it can be copied; that never changes in a credential's life.
    pub fn is_eligible(self) -> bool {
        self != Self::DeviceBound
    }
}

/// How a browser reaches an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// USB.
    Usb,
    /// Near field.
    Nfc,
    /// Bluetooth.
    Ble,
    /// A smart card.
    SmartCard,
    /// Another device over a tunnel.
    Hybrid,
    /// Part of this device.
    Internal,
}

/// What `navigator.credentials.create` gave, as `toJSON()` spells it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RegistrationResponse {
    #[serde(rename = "rawId")]
    id: Base64Url,
    #[serde(rename = "type")]
    kind: String,
    response: AttestationResponse,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct AttestationResponse {
    #[serde(rename = "clientDataJSON")]
    client_data_json: Base64Url,
    #[serde(rename = "attestationObject")]
    attestation_object: Base64Url,
    #[serde(default, deserialize_with = "known")]
    transports: Vec<Transport>,
}

/// The transports that are known here: a new one must not stop an enrolment.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Transport>, D::Error> {
    use serde::de::value::{Error, StrDeserializer};
    let named: Vec<String> = Vec::deserialize(deserializer)?;
    let known = |name: &String| -> Result<Transport, Error> {
        Transport::deserialize(StrDeserializer::new(name))
    };
    Ok(named.iter().filter_map(|name| known(name).ok()).take(TRANSPORTS_MAX).collect())
}

impl RegistrationResponse {
    /// Reads the JSON of a browser. Members that are not needed are left alone.
    pub fn parse(json: &[u8]) -> Result<Self, Refused> {
        let form = Refused::Malformed("not the JSON of an enrolment");
        serde_json::from_slice(json).map_err(|_| form)
    }
}

impl RelyingParty {
    /// Takes the answer to [`RelyingParty::register_options`], and gives the credential to record.
    ///
    /// That the credential is nobody's yet is for the caller to check: ids are public, and
    /// enrolling another's credential id must not take it over.
    pub fn finish_registration(
        &self,
        challenge: &Challenge,
        response: &RegistrationResponse,
    ) -> Result<Credential, Refused> {
        if response.kind != "public-key" {
            return Err(Refused::WrongType);
        }
        let client_data = response.response.client_data_json.as_bytes();
        let otherwise = Refused::WrongChallenge;
        let due = Due { kind: "webauthn.create", challenge: &challenge.0, otherwise };
        client_data::check(client_data, &due, self)?;
        let object = Attestation::parse(response.response.attestation_object.as_bytes())?;
        let data = AuthenticatorData::parse(object.authenticator_data)?;
        data.check(self)?;
        let backup = data.backup()?;
        let Some(Attested { aaguid, credential_id, key }) = data.attested else {
            return Err(Refused::Malformed("an enrolment without a credential"));
        };
        if response.id.as_bytes() != credential_id {
            return Err(Refused::WrongCredential);
        }
        object.check(&key, client_data)?;
        Ok(Credential {
            id: Base64Url::from(credential_id),
            key,
            counter: data.counter,
            backup,
            transports: response.response.transports.clone(),
            aaguid: Uuid::from_bytes(aaguid),
        })
    }
}

/// An attestation object whose statement is one of the two that say nothing about the device.
struct Attestation<'a> {
    authenticator_data: &'a [u8],
    statement: Statement<'a>,
}

enum Statement<'a> {
    /// `none`.
    Nothing,
    /// `packed` without certificates: the new key signs its own enrolment. Browsers leave it in.
    OwnKey { alg: i64, signature: &'a [u8] },
}

impl<'a> Attestation<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        const FORM: Refused = Refused::Malformed("not an attestation object");
        if bytes.len() > ATTESTATION_BYTES_MAX {
            return Err(Refused::Malformed("an attestation object that is too long"));
        }
        let mut reader = Reader::new(bytes);
        let (mut format, mut statement, mut data) = (None, None, None);
        for _ in 0..reader.map()? {
            let repeated = match reader.text()? {
                "fmt" => format.replace(reader.text()?).is_some(),
                "authData" => data.replace(reader.bytes()?).is_some(),
                "attStmt" => {
                    let before = reader.rest();
                    reader.skip_map()?;
                    let length = before.len() - reader.rest().len();
                    statement.replace(before.get(..length).unwrap_or_default()).is_some()
                }
                _ => true,
            };
            if repeated {
                return Err(FORM);
            }
        }
        let (Some(format), Some(statement), Some(authenticator_data), []) =
            (format, statement, data, reader.rest())
        else {
            return Err(FORM);
        };
        let statement = Statement::parse(format, statement)?;
        Ok(Self { authenticator_data, statement })
    }

    fn check(&self, key: &PublicKey, client_data: &[u8]) -> Result<(), Refused> {
        let Statement::OwnKey { alg, signature } = self.statement else { return Ok(()) };
        let signed = [self.authenticator_data, &sha256_of(client_data)].concat();
        if alg != key.algorithm.cose() || key.verify(&signed, signature).is_err() {
            return Err(Refused::AttestationRefused);
        }
        Ok(())
    }
}

impl<'a> Statement<'a> {
    fn parse(format: &str, bytes: &'a [u8]) -> Result<Self, Refused> {
        const UNASKED: Refused = Refused::AttestationRefused;
        let mut reader = Reader::new(bytes);
        let entries = reader.map()?;
        match (format, entries) {
            ("none", 0) => return Ok(Self::Nothing),
            // Without `x5c`: two members.
            ("packed", 2) => {}
            _ => return Err(UNASKED),
        }
        let (mut alg, mut signature) = (None, None);
        for _ in 0..entries {
            match reader.text()? {
                "alg" => alg = Some(reader.integer()?),
                "sig" => signature = Some(reader.bytes()?),
                _ => return Err(UNASKED),
            }
        }
        let (Some(alg), Some(signature)) = (alg, signature) else { return Err(UNASKED) };
        Ok(Self::OwnKey { alg, signature })
    }
}
