//! Why another system did not do what it was asked to. Nothing here repeats what it said.

use std::time::Duration;

/// Why another system did not do what it was asked to: a closed list. It holds no secret, and none
/// of the other system's text, which may hold both secrets and names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// It does not know the account, or not this password.
    #[error("the other system refuses the credentials")]
    Credentials,
    /// The account may not do this.
    #[error("the account there lacks the right `{0}`")]
    MissingRight(&'static str),
    /// There is no answer, or none that was meant for this.
    #[error("the other system is not reachable: {0}")]
    Unreachable(Fault),
    /// It answers, but not as its published API does.
    #[error("the other system's answer is not understood: {0}")]
    NotUnderstood(&'static str),
    /// It asks to be left alone for a while.
    #[error("the other system asks for fewer requests")]
    RateLimited {
        /// For how long, where it says so in seconds; at most a day.
        retry_after: Option<Duration>,
    },
    /// It has no such user.
    #[error("the other system has no such user")]
    NoSuchSubject,
    /// The position is none that this connector gave.
    #[error("this is no position that this connector gave")]
    BadPosition,
}

impl ConnectorError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Credentials => "connector_credentials_refused",
            Self::MissingRight(_) => "connector_right_missing",
            Self::Unreachable(_) => "connector_unreachable",
            Self::NotUnderstood(_) => "connector_not_understood",
            Self::RateLimited { .. } => "connector_rate_limited",
            Self::NoSuchSubject => "connector_no_such_subject",
            Self::BadPosition => "connector_position_invalid",
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its name has no address.
    #[error("its name is not found")]
    Name,
    /// Nobody listens, or the connection broke.
    #[error("no connection, or it broke")]
    Connection,
    /// It has no certificate that is trusted here, or no TLS.
    #[error("its certificate is not trusted, or there is no TLS")]
    Tls,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// It, or what stands before it, fails: the HTTP status.
    #[error("it fails (status {0})")]
    Failing(u16),
}
