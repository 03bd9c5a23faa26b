//! How long an issued code may live, by the channel it travels on (SP 800-63B-4 section 4.2.1.2).

use glassbreak_core::subject::Channel;
use glassbreak_core::time::Seconds;

/// The longest life of a code by post to outside the contiguous United States (N63B-IC-06).
pub const POSTAL_ELSEWHERE_MAX: Seconds = Seconds::days(30);

/// What a recovery contact has more, on top of the channel's own limit (N63B-RC-02).
pub const CONTACT_EXTENSION: Seconds = Seconds::hours(24);

/// The longest life of a code sent on `channel`, in seconds from when it was made.
///
/// Ten minutes by text and voice (N63B-IC-03), a day by mail (N63B-IC-04), 21 days by post
/// (N63B-IC-05; elsewhere up to [`POSTAL_ELSEWHERE_MAX`]). `None` where no code may be sent at all:
/// push is a channel of notices only (N63B-IC-01).
pub const fn lifetime_max(channel: Channel) -> Option<Seconds> {
    match channel {
        Channel::Sms | Channel::Voice => Some(Seconds::minutes(10)),
        Channel::Email => Some(Seconds::hours(24)),
        Channel::Postal => Some(Seconds::days(21)),
        Channel::Push => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_lives_as_long_as_its_channel_allows_n63b_ic_03_to_06() {
        let seconds = |channel| lifetime_max(channel).map(|limit| limit.0);
        assert_eq!(seconds(Channel::Sms), Some(600));
        assert_eq!(seconds(Channel::Voice), Some(600));
        assert_eq!(seconds(Channel::Email), Some(86_400));
        assert_eq!(seconds(Channel::Postal), Some(1_814_400));
        assert_eq!(POSTAL_ELSEWHERE_MAX.0, 2_592_000);
        assert_eq!(seconds(Channel::Push), None);
        assert_eq!(CONTACT_EXTENSION.0, 86_400);
    }
}
