//! What the tests of this crate share.

use glassbreak_approval::{
    Approved, AssertionResponse, Challenge, Credential, Refused, RegistrationResponse, RelyingParty,
};
use glassbreak_core::digest::Digest;
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};

pub(crate) const ID: &str = "glass.example";
pub(crate) const ORIGIN: &str = "https://desk.glass.example";
pub(crate) const CHALLENGE: Challenge = Challenge([0xc4; 32]);

pub(crate) fn party() -> RelyingParty {
    RelyingParty::new(ID, &[ORIGIN, "https://glass.example:8443"]).expect("a relying party")
}

pub(crate) fn honest() -> Manner {
    Manner::honest(ID, ORIGIN)
}

/// The digest of a case in some state.
pub(crate) fn case(state: &str) -> Digest {
    Digest::of("test case", &[state.as_bytes()])
}

pub(crate) fn passkey(kind: Kind) -> Passkey {
    Passkey::new(kind, "an operator's passkey").expect("a key")
}

pub(crate) fn enrol(passkey: &mut Passkey, manner: &Manner) -> Result<Credential, Refused> {
    let response = passkey.create(&CHALLENGE.0, manner).expect("a response");
    let response = RegistrationResponse::parse(response.to_string().as_bytes())?;
    party().finish_registration(&CHALLENGE, &response)
}

/// A passkey that is enrolled.
pub(crate) fn enrolled(kind: Kind) -> (Passkey, Credential) {
    let mut passkey = passkey(kind);
    let credential = enrol(&mut passkey, &honest()).expect("an enrolment");
    (passkey, credential)
}

/// The passkey signs `signed` in this manner, and it is shown for `case`.
pub(crate) fn approve(
    (passkey, credential): &mut (Passkey, Credential),
    signed: &Digest,
    case: &Digest,
    manner: &Manner,
) -> Result<Approved, Refused> {
    let response = passkey.get(&signed.0, manner).expect("a response");
    let response = AssertionResponse::parse(response.to_string().as_bytes())?;
    party().verify(case, &response, credential)
}
