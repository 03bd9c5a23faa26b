//! Register the passkeys that operators sign with.

use glassbreak_approval::{Challenge, Credential, Operator as Person, RegistrationResponse};
use glassbreak_approval::{Refused, RelyingParty};
use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::appoint::Change;
use glassbreak_core::operator::{Appointment, Passkey};
use glassbreak_core::stage::Applied;
use serde_json::Value;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::reach::Reach;

/// How long a challenge is good for, in milliseconds: this slot of time and the one before.
const SLOT: i64 = 300_000;

impl Engine {
    /// What a page gives to `navigator.credentials.create` to enrol a passkey of an operator. The
    /// challenge is good for five to ten minutes.
    ///
    /// # Errors
    /// `operator_unknown`; `not_configured` without a relying party.
    pub async fn passkey_options(&self, operator: &SubjectRef) -> Result<Value, Error> {
        let ours = relying_party(&self.parts)?;
        let found = self.operator(&Reach::Everybody, operator).await?;
        let found = found.ok_or(Denial::OperatorUnknown)?;
        let enrolled = credentials(&found.appointment)?;
        let name = operator.as_str();
        let person = Person { handle: found.subject.0.as_bytes(), name, display_name: name };
        let challenge = challenge(&self.parts, found.subject, 0);
        Ok(ours.register_options(&person, &challenge, &enrolled))
    }

    /// Enrols a passkey from what the browser gave.
    ///
    /// # Errors
    /// `passkey_refused` if it does not hold; `operator_unknown`; `invalid_request` if it is known
    /// already.
    pub async fn add_passkey(
        &self,
        caller: &Caller,
        operator: &SubjectRef,
        response: &[u8],
    ) -> Result<Applied<Appointment>, Error> {
        let ours = relying_party(&self.parts)?;
        let found = self.operator(&caller.reach, operator).await?;
        let found = found.ok_or(Denial::OperatorUnknown)?;
        let response = RegistrationResponse::parse(response)?;
        let now = ours.finish_registration(&challenge(&self.parts, found.subject, 0), &response);
        let credential = match now {
            Err(Refused::WrongChallenge) => {
                let before = challenge(&self.parts, found.subject, 1);
                ours.finish_registration(&before, &response)?
            }
            other => other?,
        };
        let passkey = recorded(&credential)?;
        let what = format!("add {}", passkey.credential);
        self.change_appointment(caller, operator, Change::AddPasskey(passkey), &what).await
    }
}

/// Whose passkeys these are.
pub(super) fn relying_party(parts: &Parts) -> Result<&RelyingParty, Error> {
    parts.relying_party.as_ref().ok_or(Error::NotConfigured("relying_party"))
}

/// The challenge of this slot of time, or of an earlier one. It is made and not kept, so that any
/// server finishes what another began; a second enrolment of the same credential is refused by its
/// id, so that an answer counts once.
fn challenge(parts: &Parts, operator: SubjectId, slots_ago: i64) -> Challenge {
    let slot = parts.clock.now().millis().div_euclid(SLOT).saturating_sub(slots_ago);
    let slot = slot.to_be_bytes();
    let (first, second) = (
        parts.marks.fingerprint(&[b"passkey/1", operator.0.as_bytes(), &slot]),
        parts.marks.fingerprint(&[b"passkey/2", operator.0.as_bytes(), &slot]),
    );
    let mut challenge = [0; 32];
    let halves = first.0.iter().chain(&second.0);
    challenge.iter_mut().zip(halves).for_each(|(byte, of)| *byte = *of);
    Challenge(challenge)
}

/// A credential as the log records it.
fn recorded(credential: &Credential) -> Result<Passkey, Error> {
    let value = serde_json::to_value(credential);
    value.and_then(serde_json::from_value).map_err(|_| unreadable())
}

/// Passkeys of the log as the verification wants them.
pub(super) fn credentials(appointment: &Appointment) -> Result<Vec<Credential>, Error> {
    let one = |passkey: &Passkey| {
        let value = serde_json::to_value(passkey);
        value.and_then(serde_json::from_value).map_err(|_| unreadable())
    };
    appointment.passkeys.iter().map(one).collect()
}

fn unreadable() -> Error {
    Error::Passkey(Refused::Malformed("a recorded passkey"))
}
