//! A passkey in software: it enrols and signs as a browser and an authenticator do together, and
//! misbehaves where a test asks it to.
//!
//! It writes the bytes itself and knows nothing of `glassbreak-approval`, so that a wrong idea of
//! the format does not pass unseen on both sides. For tests alone: keys are neither kept nor
//! guarded.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

mod cbor;

/// How a passkey signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA of 2048 bits.
    Rs256,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// What comes with a new credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attestation {
    /// Nothing, as asked.
    Nothing,
    /// `packed`, signed by the new key.
    OwnKey,
    /// `packed`, signed by the new key, over something else.
    OwnKeyOverOther,
    /// `packed` with a certificate, which nobody asked for.
    Certificate,
}

/// How a ceremony goes. [`Manner::honest`] is a good one; each member is a way to go wrong.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the protocol")]
pub struct Manner {
    /// Page that asks.
    pub origin: String,
    /// Relying party that the authenticator is told of.
    pub relying_party: String,
    /// `type` in the client data instead of the ceremony's.
    pub ceremony: Option<&'static str>,
    /// Inside of a foreign page.
    pub cross_origin: bool,
    /// Page around ours.
    pub top_origin: Option<String>,
    /// A person was there.
    pub user_present: bool,
    /// And gave PIN or biometric.
    pub user_verified: bool,
    /// It can be copied.
    pub backup_eligible: bool,
    /// It is.
    pub backed_up: bool,
    /// Counter to claim instead of the next.
    pub counter: Option<u32>,
    /// With an extension's output.
    pub extensions: bool,
    /// Bytes after the end of the authenticator data, signed as well.
    pub trailing: Vec<u8>,
    /// Credential id to claim instead of its own.
    pub credential_id: Option<Vec<u8>>,
    /// COSE key to enrol instead of its own.
    pub cose_key: Option<Vec<u8>>,
    /// What comes with a new credential.
    pub attestation: Attestation,
}

impl Manner {
    /// All as it should be, on the page of `origin`.
    pub fn honest(relying_party: &str, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            relying_party: relying_party.to_owned(),
            ceremony: None,
            cross_origin: false,
            top_origin: None,
            user_present: true,
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            counter: None,
            extensions: false,
            trailing: Vec::new(),
            credential_id: None,
            cose_key: None,
            attestation: Attestation::Nothing,
        }
    }
}

/// A passkey.
#[derive(Debug)]
pub struct Passkey {
    id: Vec<u8>,
    key: Key,
    counter: u32,
}

#[derive(Debug)]
enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Passkey {
    /// A new one whose id follows from `name`. Its key is random: nothing a test checks may depend
    /// on it.
    pub fn new(kind: Kind, name: &str) -> Result<Self, Unspecified> {
        let key = match kind {
            Kind::Es256 => Key::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?),
            Kind::EdDsa => Key::EdDsa(Ed25519KeyPair::generate()?),
            Kind::Rs256 => Key::Rs256(RsaKeyPair::generate(KeySize::Rsa2048)?),
        };
        Ok(Self { id: digest(&SHA256, name.as_bytes()).as_ref().to_vec(), key, counter: 0 })
    }

    /// Its id.
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// DER of the X.509 `SubjectPublicKeyInfo`.
    pub fn public_key(&self) -> Result<Vec<u8>, Unspecified> {
        Ok(match &self.key {
            Key::Es256(key) => key.public_key().as_der()?.as_ref().to_vec(),
            Key::EdDsa(key) => key.public_key().as_der()?.as_ref().to_vec(),
            Key::Rs256(key) => key.public_key().as_der()?.as_ref().to_vec(),
        })
    }

    /// `navigator.credentials.create(..)`, and `toJSON()` of what it gives.
    pub fn create(&mut self, challenge: &[u8], manner: &Manner) -> Result<Value, Unspecified> {
        let client_data = client_data("webauthn.create", challenge, manner);
        let mut data = self.authenticator_data(manner, 1 << 6);
        let id = manner.credential_id.as_ref().unwrap_or(&self.id);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).map_err(|_| Unspecified)?.to_be_bytes());
        data.extend(id);
        data.extend(manner.cose_key.clone().unwrap_or_else(|| self.cose_key()));
        end(&mut data, manner);
        let object = self.attestation_object(&data, &client_data, manner.attestation)?;
        Ok(json!({
            "id": encoded(id),
            "rawId": encoded(id),
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(&client_data),
                "attestationObject": encoded(&object),
                "transports": ["usb", "carrier-pigeon"],
            },
        }))
    }

    /// `navigator.credentials.get(..)`, and `toJSON()` of what it gives.
    pub fn get(&mut self, challenge: &[u8], manner: &Manner) -> Result<Value, Unspecified> {
        self.counter += 1;
        let client_data = client_data("webauthn.get", challenge, manner);
        let mut data = self.authenticator_data(manner, 0);
        end(&mut data, manner);
        let signature = self.sign(&data, &client_data)?;
        let id = encoded(manner.credential_id.as_ref().unwrap_or(&self.id));
        Ok(json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(&client_data),
                "authenticatorData": encoded(&data),
                "signature": encoded(&signature),
                "userHandle": null,
            },
        }))
    }

    fn authenticator_data(&self, manner: &Manner, more_flags: u8) -> Vec<u8> {
        let flags = [
            (manner.user_present, 1),
            (manner.user_verified, 1 << 2),
            (manner.backup_eligible, 1 << 3),
            (manner.backed_up, 1 << 4),
            (manner.extensions, 1 << 7),
        ];
        let flags: u8 = flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag).sum();
        let mut data = digest(&SHA256, manner.relying_party.as_bytes()).as_ref().to_vec();
        data.push(flags | more_flags);
        data.extend(manner.counter.unwrap_or(self.counter).to_be_bytes());
        data
    }

    fn attestation_object(
        &self,
        data: &[u8],
        client_data: &[u8],
        attestation: Attestation,
    ) -> Result<Vec<u8>, Unspecified> {
        let alg = (cbor::text("alg"), cbor::integer(self.kind().cose()));
        let over = if attestation == Attestation::OwnKeyOverOther { b"" } else { client_data };
        let signed = (cbor::text("sig"), cbor::bytes(&self.sign(data, over)?));
        let certificate = [&[0x81][..], &cbor::bytes(b"certificate")].concat();
        let (format, statement) = match attestation {
            Attestation::Nothing => ("none", vec![]),
            Attestation::OwnKey | Attestation::OwnKeyOverOther => ("packed", vec![alg, signed]),
            Attestation::Certificate => {
                ("packed", vec![alg, signed, (cbor::text("x5c"), certificate)])
            }
        };
        Ok(cbor::map(&[
            (cbor::text("fmt"), cbor::text(format)),
            (cbor::text("attStmt"), cbor::map(&statement)),
            (cbor::text("authData"), cbor::bytes(data)),
        ]))
    }

    fn kind(&self) -> Kind {
        match self.key {
            Key::Es256(_) => Kind::Es256,
            Key::EdDsa(_) => Kind::EdDsa,
            Key::Rs256(_) => Kind::Rs256,
        }
    }

    fn cose_key(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) =
                    point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
                cose(2, -7, &[(-1, cbor::integer(1)), (-2, cbor::bytes(x)), (-3, cbor::bytes(y))])
            }
            Key::EdDsa(key) => {
                let point = cbor::bytes(key.public_key().as_ref());
                cose(1, -8, &[(-1, cbor::integer(6)), (-2, point)])
            }
            Key::Rs256(key) => {
                // A PKCS #1 key of 2048 bits: nine bytes of DER, the modulus, and 65537.
                let der = key.public_key().as_ref();
                let (modulus, exponent) = (der.get(9..265).unwrap_or_default(), &[1, 0, 1]);
                cose(3, -257, &[(-1, cbor::bytes(modulus)), (-2, cbor::bytes(exponent))])
            }
        }
    }

    fn sign(&self, data: &[u8], client_data: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let message = [data, digest(&SHA256, client_data).as_ref()].concat();
        Ok(match &self.key {
            Key::Es256(key) => key.sign(&SystemRandom::new(), &message)?.as_ref().to_vec(),
            Key::EdDsa(key) => key.sign(&message).as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)?;
                signature
            }
        })
    }
}

/// A COSE key, its parameters in the order of CTAP2.
pub fn cose(kty: i64, alg: i64, more: &[(i64, Vec<u8>)]) -> Vec<u8> {
    let mut entries =
        vec![(cbor::integer(1), cbor::integer(kty)), (cbor::integer(3), cbor::integer(alg))];
    entries.extend(more.iter().map(|(label, value)| (cbor::integer(*label), value.clone())));
    cbor::map(&entries)
}

/// An integer and a byte string as CBOR, for keys that a test makes up.
pub use cbor::{bytes as cbor_bytes, integer as cbor_integer};

fn end(data: &mut Vec<u8>, manner: &Manner) {
    if manner.extensions {
        data.extend(cbor::map(&[(cbor::text("credProtect"), cbor::integer(2))]));
    }
    data.extend(&manner.trailing);
}

fn client_data(ceremony: &str, challenge: &[u8], manner: &Manner) -> Vec<u8> {
    let mut said = json!({
        "type": manner.ceremony.unwrap_or(ceremony),
        "challenge": encoded(challenge),
        "origin": manner.origin,
        "crossOrigin": manner.cross_origin,
        "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
    });
    if let (Some(said), Some(top)) = (said.as_object_mut(), &manner.top_origin) {
        said.insert("topOrigin".to_owned(), json!(top));
    }
    said.to_string().into_bytes()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
