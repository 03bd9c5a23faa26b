//! Messages, folders and routers for the tests.

use std::fs;
use std::path::PathBuf;

use glassbreak_channels::{
    ChannelsConfig, CodePurpose, Delivery, DeliveryError, Message, Notice, Receipt, Router,
    SecretText, Service,
};
use glassbreak_core::subject::{Channel, NotificationAddress};
use glassbreak_core::time::{Seconds, Timestamp};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The code that the tests send. It must turn up where it was sent and nowhere else.
pub(crate) const CODE: &str = "90817263";
pub(crate) const PASSWORD: &str = "planted-password";
pub(crate) const ID: Uuid = Uuid::from_u128(0x0193_5a2b_0000_7000_8000_0000_0000_0001);

/// The moment at which every message of the tests is written.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T09:30:15Z".parse().expect("a moment")
}

pub(crate) fn address(channel: Channel, address: &str) -> NotificationAddress {
    NotificationAddress { channel, address: address.to_owned(), verified: true }
}

pub(crate) fn service() -> Service {
    Service::new("Grüne Bank", "+1 202 555 0100").expect("a service")
}

/// A message with [`CODE`] that lives ten minutes.
pub(crate) fn code_to(channel: Channel, to: &str) -> Message {
    let code = SecretText::new(Zeroizing::new(CODE.to_owned()));
    let until = now().plus(Seconds::minutes(10));
    let to = address(channel, to);
    Message::code(ID, to, service(), CodePurpose::Recovery, code, now(), until).expect("a message")
}

/// A notice with that text.
pub(crate) fn notice(text: &str) -> Notice {
    Notice {
        subject: "Einmal benachrichtigt: ä".to_owned(),
        long: Zeroizing::new(text.to_owned()),
        short: Zeroizing::new("A recovery code was used.".to_owned()),
    }
}

/// A router from a configuration as people write it. Its variables are those of the tests.
pub(crate) fn router(toml: &str) -> Router {
    let config: ChannelsConfig = toml::from_str(toml).expect("a configuration");
    Router::open(&config, &variable).expect("a configuration that holds together")
}

pub(crate) fn variable(name: &str) -> Option<String> {
    (name == "TEST_PASSWORD").then(|| PASSWORD.to_owned())
}

/// Delivers `message` on a runtime of its own.
pub(crate) fn deliver(router: &Router, message: &Message) -> Result<Receipt, DeliveryError> {
    deliver_at(router, message, now())
}

pub(crate) fn deliver_at(
    router: &Router,
    message: &Message,
    now: Timestamp,
) -> Result<Receipt, DeliveryError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(router.deliver(message, now))
}

/// A new, empty folder for one test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("channels").join(test);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("the target directory can be written");
    folder
}
