//! A message as a mail: headers, text, and to whom.

use std::time::{Duration, SystemTime};

use glassbreak_core::time::Timestamp;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::{Address, Message as Letter};
use zeroize::Zeroizing;

use crate::error::{Cause, DeliveryError};
use crate::message::Message;
use crate::{address, text};

/// A mail, ready to go.
pub(super) struct Mail {
    pub(super) from: Address,
    pub(super) to: Address,
    /// Headers and text, lines ended by CR LF.
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

impl Mail {
    /// Writes `message` as a mail. The same message gives the same mail, whenever it is sent.
    pub(super) fn compose(message: &Message, from: &Mailbox) -> Result<Self, DeliveryError> {
        let invalid = || DeliveryError::refused(Cause::InvalidAddress);
        let to = address::email(message.address()).ok_or_else(invalid)?;
        let body = text::long(message);
        let letter = Letter::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(text::subject(message))
            .date(system_time(message.written_at()))
            .message_id(Some(format!("<{}@{}>", message.id(), from.email.domain())));
        let letter = mark_automatic(letter)
            .header(ContentType::TEXT_PLAIN)
            // The last line is ended by what ends the mail on the wire.
            .body(body.trim_end().to_owned())
            .map_err(|_| invalid())?;
        Ok(Self { from: from.email.clone(), to, bytes: Zeroizing::new(letter.formatted()) })
    }
}

/// Marks the mail as written by a machine, so that no out-of-office reply sends the code back
/// (RFC 3834 section 5).
fn mark_automatic(letter: MessageBuilder) -> MessageBuilder {
    letter.header(AutoSubmitted)
}

/// `Auto-Submitted: auto-generated`.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or(0))
}
