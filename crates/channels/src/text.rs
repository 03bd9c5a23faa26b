//! Every sentence that somebody reads who gets a code. English; another language is another copy of
//! this file. The text of a notice comes whole, from whoever knows what happened.
//!
//! No links: a mail that asks to recover an account and has a link in it teaches people to follow
//! such mails. No greeting by name: the message does not know whom it reaches.

use glassbreak_core::time::Timestamp;
use zeroize::Zeroizing;

use crate::message::{CodePurpose, Content, Message, SecretText, Service};

/// What is done with a code, in a short text.
const TO_NOBODY: &str = ". Tell it to nobody. Not you? ";
const TO_THEM_ALONE: &str = ". Give it to that person alone, whose voice you know. Unasked? ";

/// Room for the longest text, so that no growth leaves a copy behind.
const ROOM: usize = 8192;

/// The subject line of a mail. Never with the code: subject lines show on locked screens and in
/// the logs of mail servers.
pub(crate) fn subject(message: &Message) -> String {
    let name = message.service().name();
    match message.content() {
        Content::Code { purpose: CodePurpose::Recovery, .. } => {
            format!("Your recovery code for {name}")
        }
        Content::Code { purpose: CodePurpose::ContactRecovery, .. } => {
            format!("A recovery code of somebody you know, for {name}")
        }
        Content::Code {
            purpose: CodePurpose::AddressConfirmation | CodePurpose::ContactConfirmation,
            ..
        } => {
            format!("Confirm this address for {name}")
        }
        Content::Notice(notice) => notice.subject.clone(),
    }
}

/// The text of a mail or a letter, lines ended by `\n`.
pub(crate) fn long(message: &Message) -> Zeroizing<String> {
    let (name, contact) = (message.service().name(), message.service().contact());
    match message.content() {
        Content::Code {
            purpose: purpose @ (CodePurpose::ContactRecovery | CodePurpose::ContactConfirmation),
            code,
            expires_at,
        } => long_to_contact(message.service(), *purpose, code, *expires_at),
        Content::Code { purpose, code, expires_at } => {
            let (first, second) = match purpose {
                CodePurpose::Recovery | CodePurpose::ContactRecovery => {
                    ("Somebody asked to recover access to an account at ", ". The recovery code is")
                }
                CodePurpose::AddressConfirmation | CodePurpose::ContactConfirmation => (
                    "Somebody asked to use this address to recover an account at ",
                    ". The confirmation code is",
                ),
            };
            join(&[
                first,
                name,
                second,
                "\n\n    ",
                code.reveal(),
                "\n\nIt works once, until ",
                &moment(*expires_at),
                ".\nType it only where you asked for it. Nobody at ",
                name,
                " will ask you for it:\ndo not read it out to anyone, and do not forward it.\n",
                "\nIf you did not ask for it, somebody else did. Please tell us: ",
                contact,
                "\n",
            ])
        }
        Content::Notice(notice) => notice.long.clone(),
    }
}

/// The text of a text message or a call: the same, in one breath.
pub(crate) fn short(message: &Message) -> Zeroizing<String> {
    let (name, contact) = (message.service().name(), message.service().contact());
    match message.content() {
        Content::Code { purpose, code, expires_at } => {
            let (what, keep) = match purpose {
                CodePurpose::Recovery => (": your recovery code is ", TO_NOBODY),
                CodePurpose::AddressConfirmation => (": your confirmation code is ", TO_NOBODY),
                CodePurpose::ContactRecovery => {
                    (": a recovery code for somebody you know is ", TO_THEM_ALONE)
                }
                CodePurpose::ContactConfirmation => {
                    (": you were named a recovery contact. The code is ", TO_THEM_ALONE)
                }
            };
            join(&[
                name,
                what,
                code.reveal(),
                ". Valid until ",
                &moment(*expires_at),
                keep,
                contact,
            ])
        }
        Content::Notice(notice) => notice.short.clone(),
    }
}

/// What a recovery contact reads: whom the code is for is told by that person, not by the message.
fn long_to_contact(
    service: &Service,
    purpose: CodePurpose,
    code: &SecretText,
    expires_at: Timestamp,
) -> Zeroizing<String> {
    let (name, contact) = (service.name(), service.contact());
    let why = match purpose {
        CodePurpose::ContactConfirmation => {
            ", somebody you know named you as a recovery contact. The confirmation code is"
        }
        _ => ", somebody who named you as a recovery contact asks to get back in. The code is",
    };
    join(&[
        "At ",
        name,
        why,
        "\n\n    ",
        code.reveal(),
        "\n\nIt works once, until ",
        &moment(expires_at),
        ".\nGive it to that person alone, and only if you see them or know their voice. Nobody at ",
        name,
        "\nwill ask you for it: do not forward it.\n",
        "\nIf nobody you know asked you, somebody else did. Please tell us: ",
        contact,
        "\n",
    ])
}

/// A moment for people: `09:30 UTC on 22 November 2026`. Seconds are cut, so that nobody is
/// promised more than there is.
fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis())
        .map_or_else(|_| at.to_string(), |at| at.strftime("%H:%M UTC on %-d %B %Y").to_string())
}

fn join(parts: &[&str]) -> Zeroizing<String> {
    let mut whole = Zeroizing::new(String::with_capacity(ROOM));
    for part in parts {
        whole.push_str(part);
    }
    whole
}

#[cfg(test)]
mod tests {
    use glassbreak_core::subject::{Channel, NotificationAddress};
    use glassbreak_core::time::Seconds;
    use uuid::Uuid;

    use super::*;
    use crate::{Notice, SecretText, Service};

    fn notice() -> Notice {
        Notice {
            subject: "A code was used".to_owned(),
            long: Zeroizing::new("A code was used.\nNot you? Call us.\n".to_owned()),
            short: Zeroizing::new("A code was used. Not you? Call us.".to_owned()),
        }
    }

    fn message(purpose: Option<CodePurpose>) -> Message {
        let to = NotificationAddress {
            channel: Channel::Email,
            address: "ada@example.com".to_owned(),
            verified: true,
        };
        let service = Service::new("Example Bank", "+1 202 555 0100").unwrap();
        let now: Timestamp = "2026-11-22T09:30:00Z".parse().unwrap();
        match purpose {
            Some(purpose) => {
                let code = SecretText::new(Zeroizing::new("90817263".to_owned()));
                let until = now.plus(Seconds::hours(1));
                Message::code(Uuid::nil(), to, service, purpose, code, now, until)
            }
            None => Message::notice(Uuid::nil(), to, service, notice(), now),
        }
        .unwrap()
    }

    #[test]
    fn every_text_says_what_it_is_for_until_when_and_whom_to_turn_to_n63b_no_07() {
        for purpose in [
            CodePurpose::Recovery,
            CodePurpose::AddressConfirmation,
            CodePurpose::ContactRecovery,
            CodePurpose::ContactConfirmation,
        ] {
            let message = message(Some(purpose));
            for text in [long(&message), short(&message)] {
                for part in
                    ["Example Bank", "90817263", "10:30 UTC on 22 November 2026", "+1 202 555 0100"]
                {
                    assert!(text.contains(part), "{part} is not in {}", text.as_str());
                }
                assert!(!text.contains("http"));
            }
            assert!(!subject(&message).contains("90817263"));
            assert!(subject(&message).contains("Example Bank"));
        }
        let notice = message(None);
        assert_eq!(subject(&notice), "A code was used");
        assert_eq!(long(&notice).as_str(), "A code was used.\nNot you? Call us.\n");
        assert_eq!(short(&notice).as_str(), "A code was used. Not you? Call us.");
    }

    #[test]
    fn the_longest_text_fits_the_room_and_so_never_moves() {
        let to = NotificationAddress {
            channel: Channel::Postal,
            address: "1 Main Street".to_owned(),
            verified: true,
        };
        let line = "x".repeat(200);
        let service = Service::new(&line, &line).unwrap();
        let code = SecretText::new(Zeroizing::new("y".repeat(64)));
        let (now, until) = (Timestamp::default(), Timestamp::default().plus(Seconds::hours(1)));
        let purpose = CodePurpose::ContactRecovery;
        let code = Message::code(Uuid::nil(), to, service, purpose, code, now, until).unwrap();
        assert!(long(&code).len() <= ROOM && short(&code).len() <= ROOM);
    }
}
