//! The conversation with the server, command by command, and what each failure means.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::line_stream::LineStream;
use super::mail::Mail;
use super::{Encryption, Smtp};
use crate::Receipt;
use crate::error::{Cause, DeliveryError, Fault};

/// How long a server may take to say goodbye. The mail is delivered by then.
const GOODBYE: Duration = Duration::from_secs(1);

/// Sends `mail` within the time that `smtp` allows.
pub(super) async fn send(smtp: &Smtp, mail: &Mail) -> Result<Receipt, DeliveryError> {
    let handed_over = AtomicBool::new(false);
    let talk = timeout(smtp.timeout, talk(smtp, mail, &handed_over)).await;
    let (mut connection, receipt) = talk.unwrap_or_else(|_| {
        let in_doubt = handed_over.load(Ordering::Relaxed);
        let doubt = if in_doubt { DeliveryError::unknown } else { DeliveryError::unavailable };
        Err(doubt(Cause::Timeout))
    })?;
    // The server has said that it took the mail. Whatever comes now does not change that.
    drop(timeout(GOODBYE, connection.quit()).await);
    Ok(receipt)
}

async fn talk(
    smtp: &Smtp,
    mail: &Mail,
    handed_over: &AtomicBool,
) -> Result<(AsyncSmtpConnection, Receipt), DeliveryError> {
    let mut connection = connect(smtp).await?;
    if let Some(login) = &smtp.login {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let answer = connection.auth(&mechanisms, login).await;
        answer.map_err(|error| {
            if error.is_client() {
                return DeliveryError::unavailable(Cause::NoLogin);
            }
            before(&error, set_up(Cause::LoginRefused))
        })?;
    }
    let from = MailFrom::new(Some(mail.from.clone()), parameters(&connection, mail)?);
    let answer = connection.command(from).await;
    answer.map_err(|error| before(&error, set_up(Cause::SenderRefused)))?;
    let answer = connection.command(Rcpt::new(mail.to.clone(), Vec::new())).await;
    answer.map_err(|error| before(&error, for_good(Cause::RecipientRefused)))?;
    let answer = connection.command(Data).await;
    answer.map_err(|error| before(&error, for_good(Cause::MessageRefused)))?;
    handed_over.store(true, Ordering::Relaxed);
    let answer = connection.message(&mail.bytes).await.map_err(|error| after(&error))?;
    Ok((connection, Receipt { status: answer.code().into() }))
}

async fn connect(smtp: &Smtp) -> Result<AsyncSmtpConnection, DeliveryError> {
    let server = (smtp.host.as_str(), smtp.port);
    match &smtp.encryption {
        Encryption::Implicit(tls) => {
            let tls = Some(tls.clone());
            AsyncSmtpConnection::connect_tokio1(server, Some(smtp.timeout), &smtp.hello, tls, None)
                .await
                .map_err(|error| greeting(&error))
        }
        Encryption::Starttls(tls) => {
            let connection = plain(smtp, server).await?;
            encrypt(smtp, connection, tls).await
        }
        Encryption::None => plain(smtp, server).await,
    }
}

async fn plain(smtp: &Smtp, server: (&str, u16)) -> Result<AsyncSmtpConnection, DeliveryError> {
    let stream = TcpStream::connect(server).await;
    let stream = stream.map_err(|_| DeliveryError::unavailable(Cause::NotReached))?;
    let stream = Box::new(LineStream(stream));
    let connection = AsyncSmtpConnection::connect_with_transport(stream, &smtp.hello).await;
    connection.map_err(|error| greeting(&error))
}

async fn encrypt(
    smtp: &Smtp,
    mut connection: AsyncSmtpConnection,
    tls: &TlsParameters,
) -> Result<AsyncSmtpConnection, DeliveryError> {
    if !connection.can_starttls() {
        return Err(DeliveryError::unavailable(Cause::NoStartTls));
    }
    connection.starttls(tls.clone(), &smtp.hello).await.map_err(|error| match error.status() {
        Some(_) => before(&error, set_up(Cause::NoStartTls)),
        None => DeliveryError::unavailable(Cause::Tls),
    })?;
    Ok(connection)
}

/// What has to be said with `MAIL FROM` for what is in the mail.
fn parameters(
    connection: &AsyncSmtpConnection,
    mail: &Mail,
) -> Result<Vec<MailParameter>, DeliveryError> {
    let server = connection.server_info();
    let mut parameters = Vec::new();
    let addresses: [&str; 2] = [mail.from.as_ref(), mail.to.as_ref()];
    if !addresses.iter().all(|address| address.is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(DeliveryError::refused(Cause::AddressNotSupported));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !mail.bytes.is_ascii() {
        if !server.supports_feature(Extension::EightBitMime) {
            return Err(DeliveryError::refused(Cause::AddressNotSupported));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

/// What a 5xx answer to one command comes to.
type OnRefusal = fn(Fault) -> DeliveryError;

/// A 5xx that is about this address or this message.
const fn for_good(cause: Cause) -> (Cause, OnRefusal) {
    (cause, DeliveryError::Refused)
}

/// A 5xx that is about us: the same message gets through once the set-up is mended.
const fn set_up(cause: Cause) -> (Cause, OnRefusal) {
    (cause, |fault| DeliveryError::Unavailable { fault, retry_after: None })
}

/// What a failure means before the text was sent: at worst that nothing went out.
fn before(error: &Error, (cause, on_refusal): (Cause, OnRefusal)) -> DeliveryError {
    let status = error.status().map(u16::from);
    if error.is_permanent() {
        return on_refusal(Fault { cause, status });
    }
    let cause = match () {
        () if error.is_transient() => Cause::TryLater,
        () if is_tls(error) => Cause::Tls,
        () if error.is_response() => Cause::NotUnderstood,
        () => Cause::ConnectionLost,
    };
    DeliveryError::Unavailable { fault: Fault { cause, status }, retry_after: None }
}

/// What a failure means from the text on: the server's word counts, its silence does not.
fn after(error: &Error) -> DeliveryError {
    let status = error.status().map(u16::from);
    if error.is_permanent() {
        return DeliveryError::Refused(Fault { cause: Cause::MessageRefused, status });
    }
    if error.is_transient() {
        let fault = Fault { cause: Cause::TryLater, status };
        return DeliveryError::Unavailable { fault, retry_after: None };
    }
    DeliveryError::unknown(Cause::ConnectionLost)
}

/// What a failure means while the connection comes about.
fn greeting(error: &Error) -> DeliveryError {
    let is_connection = error.status().is_none() && !error.is_response() && !is_tls(error);
    match before(error, set_up(Cause::TurnedAway)) {
        DeliveryError::Unavailable { .. } if is_connection => {
            DeliveryError::unavailable(Cause::NotReached)
        }
        other => other,
    }
}

/// Whether TLS is what failed. The text of such errors holds names of certificates; only their
/// kind is looked at.
fn is_tls(error: &Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if error.is::<rustls::Error>() || io.is_some_and(crate::error::is_tls) {
            return true;
        }
        next = error.source();
    }
    false
}
