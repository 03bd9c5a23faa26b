//! A security key for a tab, made by the browser itself.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::tab::Tab;
use super::wire::Wire;
use crate::http::Failure;

/// A key with a PIN or a fingerprint, as it is plugged into the machine of a tab. Its passkeys
/// stay when pages come and go.
pub struct VirtualAuthenticator {
    wire: Arc<Mutex<Wire>>,
    session: String,
    id: String,
}

impl Tab {
    /// Plugs in a key that finds its person verified.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn add_authenticator(&self) -> Result<VirtualAuthenticator, Failure> {
        self.call("WebAuthn.enable", &json!({}))?;
        let options = json!({ "options": {
            "protocol": "ctap2", "transport": "usb", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
            "automaticPresenceSimulation": true,
        }});
        let added = self.call("WebAuthn.addVirtualAuthenticator", &options)?;
        let id = added.get("authenticatorId").and_then(Value::as_str).ok_or("no authenticator")?;
        let (wire, session) = (Arc::clone(self.shared()), self.session().to_owned());
        Ok(VirtualAuthenticator { wire, session, id: id.to_owned() })
    }
}

impl VirtualAuthenticator {
    /// Whether it finds its person again, by PIN or fingerprint.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn user_is_verified(&self, verified: bool) -> Result<(), Failure> {
        self.call("setUserVerified", json!({ "isUserVerified": verified })).map(drop)
    }

    /// The passkeys on it, as the protocol has them.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn passkeys(&self) -> Result<Vec<Value>, Failure> {
        let answer = self.call("getCredentials", json!({}))?;
        Ok(answer.get("credentials").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Plugs the same key into another tab: the browser makes one for each tab, so the passkeys
    /// are carried over.
    ///
    /// # Errors
    /// If the browser refuses.
    pub fn plugged_into(&self, other: &Tab) -> Result<Self, Failure> {
        let there = other.add_authenticator()?;
        for passkey in self.passkeys()? {
            there.call("addCredential", json!({ "credential": passkey }))?;
        }
        Ok(there)
    }

    fn call(&self, method: &str, mut parameters: Value) -> Result<Value, Failure> {
        if let Some(members) = parameters.as_object_mut() {
            members.insert("authenticatorId".to_owned(), self.id.as_str().into());
        }
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        wire.call(Some(&self.session), &format!("WebAuthn.{method}"), &parameters)
    }
}
