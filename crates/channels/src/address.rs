//! What an address must look like before anything is sent to it.
//!
//! Stricter than the standards: an address with quotes, spaces or control characters is legal in
//! corners of RFC 5321 and an attack everywhere else.

use glassbreak_core::subject::Channel;
use lettre::Address;

/// The longest mail address (RFC 5321 section 4.5.3.1), in bytes.
const EMAIL_MAX: usize = 254;
/// The longest postal address or push reference, in bytes.
const TEXT_MAX: usize = 1024;
/// Digits of a telephone number (E.164), country code included.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// An address that cannot be one of its channel, by what one of it looks like; it holds no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is {0}")]
pub struct InvalidAddress(&'static str);

/// Checks that `address` can be one of `channel`: a mail address that SMTP can carry, a telephone
/// number in the form of E.164, a text for letters and push. No delivery takes any other.
///
/// # Errors
/// [`InvalidAddress`] with what would be right.
pub fn check_address(channel: Channel, address: &str) -> Result<(), InvalidAddress> {
    let (fits, form) = match channel {
        Channel::Email => {
            (email(address).is_some(), "a mail address, `name@host`, without a name beside it")
        }
        Channel::Sms | Channel::Voice => {
            (is_phone(address), "a telephone number: `+` and 7 to 15 digits, nothing between them")
        }
        Channel::Postal => (is_text(address, |c| c == '\n'), "an address in lines of text"),
        Channel::Push => (is_text(address, |_| false), "a line of text"),
    };
    if fits { Ok(()) } else { Err(InvalidAddress(form)) }
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
        check_address(channel, address).is_ok()
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
