//! What an address must look like before anything is sent to it.
//!
//! Stricter than the standards: an address with quotes, spaces or control characters is legal in
//! corners of RFC 5321 and an attack everywhere else.

use glassbreak_core::subject::{Channel, NotificationAddress};
use lettre::Address;

/// The longest mail address (RFC 5321 section 4.5.3.1), in bytes.
const EMAIL_MAX: usize = 254;
/// The longest postal address or push reference, in bytes.
const TEXT_MAX: usize = 1024;
/// Digits of a telephone number (E.164), country code included.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Whether `to` can be an address of its channel.
pub(crate) fn is_valid(to: &NotificationAddress) -> bool {
    let text = to.address.as_str();
    match to.channel {
        Channel::Email => email(text).is_some(),
        Channel::Sms | Channel::Voice => is_phone(text),
        Channel::Postal => is_text(text, |c| c == '\n'),
        Channel::Push => is_text(text, |_| false),
    }
}

/// A mail address, unless it holds anything that could end a header or a command.
pub(crate) fn email(text: &str) -> Option<Address> {
    let odd =
        |c: char| c.is_control() || c.is_whitespace() || matches!(c, '"' | '<' | '>' | ',' | ';');
    if text.len() > EMAIL_MAX || text.contains(odd) {
        return None;
    }
    text.parse().ok()
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        PHONE_DIGITS.contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

fn is_text(text: &str, also: impl Fn(char) -> bool) -> bool {
    let fits = text.len() <= TEXT_MAX && !text.trim().is_empty();
    fits && text.chars().all(|c| also(c) || !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(channel: Channel, address: &str) -> bool {
        is_valid(&NotificationAddress { channel, address: address.to_owned(), verified: true })
    }

    #[test]
    fn ordinary_addresses_pass() {
        for address in
            ["ada@example.com", "a.b+c@sub.example.org", "ada@[127.0.0.1]", "ä@ö.example"]
        {
            assert!(valid(Channel::Email, address), "{address}");
        }
        assert!(valid(Channel::Sms, "+4915112345678"));
        assert!(valid(Channel::Voice, "+12025550123"));
        assert!(valid(Channel::Postal, "Ada Example\n1 Main Street\nSpringfield"));
        assert!(valid(Channel::Push, "device-7f"));
    }

    #[test]
    fn addresses_that_could_end_a_header_or_a_command_are_refused() {
        for address in [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com\nBcc: eve@example.com",
            "\"a\r\nRCPT TO:<eve@example.com>\"@example.com",
            "ada@example.com> SIZE=1",
            "ada@example.com,eve@example.com",
            "Ada <ada@example.com>",
            "\"quoted local\"@example.com",
            "ada@example.com\0",
            "ada@example.com\u{2028}x",
            "ada",
            "@example.com",
            "",
        ] {
            assert!(!valid(Channel::Email, address), "{address:?}");
        }
        for address in ["+49 151 1234", "0151123456", "+0151123456", "+1202555\r\n0123", "+1", ""] {
            assert!(!valid(Channel::Sms, address), "{address:?}");
        }
        assert!(!valid(Channel::Postal, "a\rb"));
        assert!(!valid(Channel::Push, "a\nb"));
    }
}
