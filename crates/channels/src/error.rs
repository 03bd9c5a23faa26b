//! Why a message was not delivered. Nothing in here can hold a code, an address or what a server
//! said.

use std::fmt;

use glassbreak_core::time::Seconds;

/// Why a message was not delivered, by what the caller should do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It did not go out and will not: the same message to the same address fails again.
    #[error("the message was refused: {0}")]
    Refused(Fault),
    /// It did not go out. The same message may get through later, or once the set-up is mended.
    #[error("the message did not go out: {fault}")]
    Unavailable {
        /// What is in the way.
        fault: Fault,
        /// How long the receiver asks to be left alone, where it says so.
        retry_after: Option<Seconds>,
    },
    /// It may have gone out, or not. A retry under the same id may arrive as a second copy where
    /// the receiver does not know the id.
    #[error("nobody can say whether the message went out: {0}")]
    Unknown(Fault),
}

impl DeliveryError {
    /// The same fault, with nothing known about when to try again.
    pub(crate) const fn unavailable(cause: Cause) -> Self {
        Self::Unavailable { fault: Fault { cause, status: None }, retry_after: None }
    }

    /// Refused for `cause`, decided here and not by a server.
    pub(crate) const fn refused(cause: Cause) -> Self {
        Self::Refused(Fault { cause, status: None })
    }

    /// In doubt because of `cause`.
    pub(crate) const fn unknown(cause: Cause) -> Self {
        Self::Unknown(Fault { cause, status: None })
    }

    /// What went wrong.
    pub const fn fault(self) -> Fault {
        match self {
            Self::Refused(fault) | Self::Unavailable { fault, .. } | Self::Unknown(fault) => fault,
        }
    }

    /// What the caller should make of it: `refused`, `unavailable` or `unknown`. Stable.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Unavailable { .. } => "unavailable",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The cause's stable code, for logs and events.
    pub const fn code(self) -> &'static str {
        self.fault().cause.code()
    }
}

/// What went wrong, and the status a server gave with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong.
    pub cause: Cause,
    /// The server's status, if it answered: of SMTP or of HTTP.
    pub status: Option<u16>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause.say())?;
        match self.status {
            Some(status) => write!(f, " (status {status})"),
            None => Ok(()),
        }
    }
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No delivery is set up for the address's channel.
    NoChannel,
    /// The code has expired before it could be sent.
    Expired,
    /// The address cannot be one of its channel.
    InvalidAddress,
    /// The server cannot take an address with other than ASCII characters.
    AddressNotSupported,
    /// The server does not take messages for this address.
    RecipientRefused,
    /// The server did not take this message.
    MessageRefused,
    /// The server does not take messages from the configured sender.
    SenderRefused,
    /// The server did not accept the configured login.
    LoginRefused,
    /// The server offers no login that is known here.
    NoLogin,
    /// The server does not offer STARTTLS, and the configuration asks for it.
    NoStartTls,
    /// No connection came about.
    NotReached,
    /// TLS failed: most often a certificate that is not trusted.
    Tls,
    /// The time was up.
    Timeout,
    /// The connection ended early.
    ConnectionLost,
    /// The server asks to come back later.
    TryLater,
    /// The server turned the request away as wrong or not allowed; more likely the set-up's fault
    /// than the address's.
    TurnedAway,
    /// The server answered with something that is not its protocol.
    NotUnderstood,
    /// The server failed while it had the message.
    ServerFailed,
}

impl Cause {
    /// A stable name, for logs, metrics and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoChannel => "no_channel",
            Self::Expired => "expired",
            Self::InvalidAddress => "invalid_address",
            Self::AddressNotSupported => "address_not_supported",
            Self::RecipientRefused => "recipient_refused",
            Self::MessageRefused => "message_refused",
            Self::SenderRefused => "sender_refused",
            Self::LoginRefused => "login_refused",
            Self::NoLogin => "no_login",
            Self::NoStartTls => "no_starttls",
            Self::NotReached => "not_reached",
            Self::Tls => "tls_failed",
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::TryLater => "try_later",
            Self::TurnedAway => "turned_away",
            Self::NotUnderstood => "not_understood",
            Self::ServerFailed => "server_failed",
        }
    }

    const fn say(self) -> &'static str {
        match self {
            Self::NoChannel => "no delivery is set up for this channel",
            Self::Expired => "the code has expired",
            Self::InvalidAddress => "the address is not one of its channel",
            Self::AddressNotSupported => "the server takes ASCII addresses only",
            Self::RecipientRefused => "the server does not deliver to this address",
            Self::MessageRefused => "the server did not take the message",
            Self::SenderRefused => "the server does not take messages from the configured sender",
            Self::LoginRefused => "the server did not accept the configured login",
            Self::NoLogin => "the server offers no login that is known here",
            Self::NoStartTls => "the server does not offer STARTTLS",
            Self::NotReached => "no connection came about",
            Self::Tls => "TLS failed; is the certificate trusted?",
            Self::Timeout => "the time was up",
            Self::ConnectionLost => "the connection ended early",
            Self::TryLater => "the server asks to come back later",
            Self::TurnedAway => "the server turned the request away; is it set up right?",
            Self::NotUnderstood => "the server's answer makes no sense",
            Self::ServerFailed => "the server failed while it had the message",
        }
    }
}

/// Whether TLS is what failed. The text of such errors holds names; only their kind is looked at.
pub(crate) fn is_tls(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}
