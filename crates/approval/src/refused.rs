//! Why an enrolment or an approval is refused.

use thiserror::Error;

/// The first thing that is wrong with an enrolment or an approval.
///
/// It may be told to the operator in full: operators are authenticated people, and none of it helps
/// to forge a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Refused {
    /// A part does not have the form it must have.
    #[error("{0}")]
    Malformed(&'static str),
    /// An assertion where an enrolment belongs, or the other way round.
    #[error("the response is of another ceremony")]
    WrongType,
    /// An enrolment over another challenge: an old one, or somebody else's.
    #[error("the enrolment answers another challenge")]
    WrongChallenge,
    /// A signature over another digest: of another case, of this one before it changed, or of
    /// another word on it.
    #[error("what was signed is another case, another state of this case, or another word on it")]
    WrongCase,
    /// Made on a page of another origin.
    #[error("the response was made on a page that is not ours")]
    ForeignOrigin,
    /// Made on our page inside of a foreign one.
    #[error("the response was made inside of a foreign page")]
    CrossOrigin,
    /// Made for another relying party.
    #[error("the response was made for another relying party")]
    ForeignRelyingParty,
    /// Nobody touched the authenticator.
    #[error("the authenticator did not see a person")]
    UserNotPresent,
    /// The authenticator asked for neither PIN nor biometric.
    #[error("the authenticator did not verify the person")]
    UserNotVerified,
    /// Made with another credential than the one that the operator enrolled.
    #[error("the response is of another credential")]
    WrongCredential,
    /// A credential bound to a device became one that can be copied, or the other way round.
    #[error("whether the credential can be backed up has changed")]
    BackupChanged,
    /// The signature counter did not rise: there may be a copy of the credential.
    #[error("the signature counter went backwards")]
    CounterBackwards,
    /// A key of another kind than ES256, `EdDSA` or RS256.
    #[error("keys of this algorithm are not taken")]
    AlgorithmNotTaken,
    /// A key that is malformed, too short, or that verifies more than its owner signed.
    #[error("the public key is refused")]
    KeyRefused,
    /// An attestation that was not asked for, or that does not hold.
    #[error("the attestation is refused")]
    AttestationRefused,
    /// The signature is not over this, or not by this key.
    #[error("the signature does not hold")]
    BadSignature,
}

impl Refused {
    /// A stable name, for problems, logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::WrongType => "wrong_type",
            Self::WrongChallenge => "wrong_challenge",
            Self::WrongCase => "wrong_case",
            Self::ForeignOrigin => "foreign_origin",
            Self::CrossOrigin => "cross_origin",
            Self::ForeignRelyingParty => "foreign_relying_party",
            Self::UserNotPresent => "user_not_present",
            Self::UserNotVerified => "user_not_verified",
            Self::WrongCredential => "wrong_credential",
            Self::BackupChanged => "backup_changed",
            Self::CounterBackwards => "counter_backwards",
            Self::AlgorithmNotTaken => "algorithm_not_taken",
            Self::KeyRefused => "key_refused",
            Self::AttestationRefused => "attestation_refused",
            Self::BadSignature => "bad_signature",
        }
    }
}
