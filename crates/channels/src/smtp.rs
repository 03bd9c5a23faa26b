//! Mail by SMTP (RFC 5321): one connection, one mail, in one bounded time.
//!
//! The conversation is led command by command, and not by `lettre`'s own transport, for one
//! reason: what a failure means depends on how far it had come. Up to the last line before the
//! text nothing has gone out; from then on only the server knows.

mod conversation;
mod line_stream;
mod mail;

use std::time::Duration;

use glassbreak_core::subject::Channel;
use glassbreak_core::time::Timestamp;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use crate::config::{ConfigError, Place, SmtpConfig, SmtpTls, is_loopback};
use crate::error::{Cause, DeliveryError};
use crate::message::Message;
use crate::secret_source::{SecretSource, Variables};
use crate::{Answer, Delivery, address};

/// A mail server that takes our mail. Each delivery has a connection of its own: mails are few,
/// and a connection that sat idle fails where it hurts, after the text was sent.
pub struct Smtp {
    host: String,
    port: u16,
    encryption: Encryption,
    from: Mailbox,
    hello: ClientId,
    login: Option<Credentials>,
    timeout: Duration,
}

/// How the connection is encrypted.
enum Encryption {
    Implicit(TlsParameters),
    Starttls(TlsParameters),
    None,
}

impl Smtp {
    /// Reads what `config` names; asks no server.
    pub(crate) fn open(
        config: &SmtpConfig,
        place: Place<'_>,
        variables: Variables<'_>,
    ) -> Result<Self, ConfigError> {
        if config.host.is_empty() || config.host.contains(|c: char| c.is_whitespace() || c == ':') {
            return Err(place.wrong("host", "name the mail server, without port or scheme"));
        }
        let encryption = encryption(config, place)?;
        let port = config.port.unwrap_or(match config.tls {
            SmtpTls::Implicit => 465,
            SmtpTls::Starttls => 587,
            SmtpTls::None => 25,
        });
        let from: Mailbox = config
            .from
            .parse()
            .ok()
            .filter(|from: &Mailbox| address::email(from.email.as_ref()).is_some())
            .filter(|_| !config.from.contains(char::is_control))
            .ok_or_else(|| {
                let form = "write `recovery@example.com` or `Name <recovery@example.com>`";
                place.wrong("from", form)
            })?;
        Ok(Self {
            host: config.host.clone(),
            port,
            encryption,
            hello: ClientId::Domain(from.email.domain().to_owned()),
            from,
            login: login(config, place, variables)?,
            timeout: place.timeout(config.timeout)?,
        })
    }
}

fn encryption(config: &SmtpConfig, place: Place<'_>) -> Result<Encryption, ConfigError> {
    let wrap = match config.tls {
        SmtpTls::None if config.insecure || is_loopback(&config.host) => {
            return Ok(Encryption::None);
        }
        SmtpTls::None => {
            let problem = "codes would travel in the clear: set `implicit` or `starttls`, or \
                           `insecure = true` where the network is trusted";
            return Err(place.wrong("tls", problem));
        }
        SmtpTls::Implicit => Encryption::Implicit,
        SmtpTls::Starttls => Encryption::Starttls,
    };
    let mut tls = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca_file {
        let pem = place.ca_file(path)?;
        if !pem.windows(11).any(|window| window == b"-----BEGIN ") {
            return Err(place.no_certificates(path));
        }
        let trusted = Certificate::from_pem(&pem).map_err(|_| place.no_certificates(path))?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(trusted);
    }
    let built = tls.build().map_err(|_| match &config.ca_file {
        Some(path) => place.no_certificates(path),
        None => place.wrong("tls", "TLS cannot be set up on this machine"),
    });
    Ok(wrap(built?))
}

fn login(
    config: &SmtpConfig,
    place: Place<'_>,
    variables: Variables<'_>,
) -> Result<Option<Credentials>, ConfigError> {
    let source = SecretSource {
        names: ("password_file", "password_variable"),
        file: config.password_file.as_deref(),
        variable: config.password_variable.as_deref(),
    };
    let password = source.read(variables).map_err(|(name, problem)| place.wrong(&name, problem))?;
    match (&config.username, password) {
        (Some(username), Some(password)) => {
            Ok(Some(Credentials::new(username.clone(), password.to_string())))
        }
        (None, None) => Ok(None),
        (Some(_), None) => {
            let problem = "a login needs a password: set this or `password_variable`";
            Err(place.wrong("password_file", problem))
        }
        (None, Some(_)) => Err(place.wrong("username", "a password needs a login: set this")),
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Delivery for Smtp {
    fn deliver<'a>(&'a self, message: &'a Message, now: Timestamp) -> Answer<'a> {
        Box::pin(async move {
            if message.channel() != Channel::Email {
                return Err(DeliveryError::refused(Cause::NoChannel));
            }
            message.check_alive(now)?;
            let mail = mail::Mail::compose(message, &self.from)?;
            conversation::send(self, &mail).await
        })
    }
}
