//! How an issued code or a notice reaches a subject's address (A4, F4, N63B-IC-01).
//!
//! A [`Message`] is what to say, to which address, under which name. A [`Delivery`] is a way to
//! get it there: [`Smtp`] for mail, [`Webhook`] for a gateway that sends text messages, speaks on
//! the telephone or prints letters. The [`Router`] picks one by the channel of the address.
//!
//! # What holds
//!
//! - **A retry is safe.** The caller names the message. A retry under the same name is the same
//!   mail (`Message-ID`) and the same webhook (`webhook-id`), so a receiver can drop the second.
//! - **Doubt is told.** From the moment the text may have left, a failure is
//!   [`DeliveryError::Unknown`] and not [`DeliveryError::Unavailable`].
//! - **Nothing is told twice.** No error, no receipt and no `Debug` output holds a code, an
//!   address, or what a server answered: servers repeat addresses, and an agent reads errors (F4).
//! - **Nothing goes out late.** A code that has expired is not sent, and no message is made with
//!   a code that lives longer than its channel allows ([`lifetime_max`]).
//!
//! Time is an argument. Retries are the caller's: nothing here tries twice or sleeps.
//!
//! Own copies of a code are wiped after use. Those inside the SMTP, HTTP and TLS libraries and in
//! the kernel are not.

mod address;
mod config;
mod error;
mod lifetime;
mod message;
mod router;
mod secret_source;
mod smtp;
mod text;
mod webhook;

use std::future::Future;
use std::pin::Pin;

use glassbreak_core::time::Timestamp;

pub use address::{InvalidAddress, check_address};
pub use config::{ChannelsConfig, ConfigError, DeliveryConfig, SmtpConfig, SmtpTls, WebhookConfig};
pub use error::{Cause, DeliveryError, Fault};
pub use lifetime::{CONTACT_EXTENSION, POSTAL_ELSEWHERE_MAX, lifetime_max};
pub use message::{CodePurpose, InvalidMessage, Message, Purpose, SecretText, Service};
pub use router::Router;
pub use secret_source::{SecretSource, Variables, Wrong};
pub use smtp::Smtp;
pub use webhook::Webhook;

/// The future of a delivery, boxed so that the caller need not know which way it takes.
///
/// Dropping it half-way leaves the caller in the same doubt as [`DeliveryError::Unknown`].
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Receipt, DeliveryError>> + Send + 'a>>;

/// A way to get a short text to one address.
pub trait Delivery: Send + Sync {
    /// Hands `message` over, at the moment `now` of this attempt.
    ///
    /// # Errors
    /// See [`DeliveryError`]: refused for good, not gone out, or nobody knows.
    fn deliver<'a>(&'a self, message: &'a Message, now: Timestamp) -> Answer<'a>;
}

/// The next server on the way has taken the message over. Whether a person has read it, nobody can
/// say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The status it answered: of SMTP (250) or of HTTP (200 to 299).
    pub status: u16,
}
