//! The JSON that a gateway gets (SW-07): what kind of message, when it was written, and the rest.

use glassbreak_core::subject::Channel;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::{Cause, DeliveryError};
use crate::message::{Content, Message, Purpose};
use crate::text;

/// Room for the longest body, so that no growth leaves a copy behind.
const ROOM: usize = 64 * 1024;

#[derive(Serialize)]
struct Body<'a> {
    /// Dotted, as SW-07 has it.
    r#type: &'static str,
    /// When the message was written, RFC 3339; the same for each attempt.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    message_id: String,
    channel: Channel,
    to: &'a str,
    service: &'a str,
    /// All that is to be said, for gateways that only pass a text on.
    text: &'a str,
    /// The code alone, for gateways that spell it.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

/// Writes the body of `message`; the same bytes for each attempt.
pub(super) fn write(message: &Message) -> Result<Zeroizing<Vec<u8>>, DeliveryError> {
    let (code, expires_at) = match message.content() {
        Content::Code { code, expires_at, .. } => {
            (Some(code.reveal()), Some(expires_at.to_string()))
        }
        Content::Notice(_) => (None, None),
    };
    let is_letter = matches!(message.channel(), Channel::Email | Channel::Postal);
    let text = if is_letter { text::long(message) } else { text::short(message) };
    let body = Body {
        r#type: match message.purpose() {
            Purpose::RecoveryCode => "message.recovery_code",
            Purpose::AddressConfirmation => "message.address_confirmation",
            Purpose::Notification => "message.notification",
        },
        timestamp: message.written_at().to_string(),
        data: Data {
            message_id: message.id().to_string(),
            channel: message.channel(),
            to: message.address(),
            service: message.service().name(),
            text: &text,
            code,
            expires_at,
        },
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    let written = serde_json::to_writer(&mut *bytes, &body);
    // A struct of texts is always JSON.
    written.map_err(|_| DeliveryError::refused(Cause::MessageRefused))?;
    Ok(bytes)
}
