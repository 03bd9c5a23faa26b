//! A passkey in software, for the demo's approvers alone: real keys and real signatures, without a
//! device to touch. What people use is in their browsers.

use anyhow::Context;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Present, and verified by a gesture.
const PRESENT_AND_VERIFIED: u8 = 0b101;
/// The authenticator data carries a new credential.
const ATTESTED: u8 = 0b100_0000;

/// A passkey of one approver.
pub(super) struct Passkey {
    id: Vec<u8>,
    key: EcdsaKeyPair,
    counter: u32,
    relying_party: &'static str,
    origin: String,
}

impl Passkey {
    /// A new one for the pages at `origin`.
    pub(super) fn new(relying_party: &'static str, origin: &str) -> anyhow::Result<Self> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING);
        let key = key.ok().context("no key could be made")?;
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Ok(Self { id, key, counter: 0, relying_party, origin: origin.to_owned() })
    }

    /// What a browser answers to the options of an enrolment.
    pub(super) fn create(&mut self, options: &Value) -> anyhow::Result<Value> {
        let client_data = self.client_data("webauthn.create", options)?;
        let mut data = self.data(PRESENT_AND_VERIFIED | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len())?.to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key()?);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len())?);
        object.extend(&data);
        Ok(self.answer(&json!({
            "clientDataJSON": encoded(&client_data), "attestationObject": encoded(&object),
        })))
    }

    /// What a browser answers to the options of an approval.
    pub(super) fn get(&mut self, options: &Value) -> anyhow::Result<Value> {
        self.counter += 1;
        let client_data = self.client_data("webauthn.get", options)?;
        let data = self.data(PRESENT_AND_VERIFIED);
        let message = [&data, digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message);
        let signature = signature.ok().context("the passkey could not sign")?;
        Ok(self.answer(&json!({
            "clientDataJSON": encoded(&client_data), "authenticatorData": encoded(&data),
            "signature": encoded(signature.as_ref()),
        })))
    }

    fn answer(&self, response: &Value) -> Value {
        let id = encoded(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response })
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> anyhow::Result<Vec<u8>> {
        let challenge = options.get("challenge").context("the options have no challenge")?;
        let data = json!({
            "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        Ok(serde_json::to_vec(&data)?)
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.relying_party.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    fn cose_key(&self) -> anyhow::Result<Vec<u8>> {
        let point = self.key.public_key().as_ref().get(1..).context("a point has coordinates")?;
        let (x, y) = point.split_at_checked(32).context("a point has two coordinates")?;
        let head = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20";
        Ok([head, x, b"\x22\x58\x20", y].concat())
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
