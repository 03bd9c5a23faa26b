//! What an agent can choose on the page of a case.

use glassbreak_engine::Outlook;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::event::Outcome;
use glassbreak_engine::core::operation::send::Addressee;
use glassbreak_engine::core::recovery::{Check, Item};
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::core::subject::{Channel, NotificationAddress, Proofing};

use super::steps::Missing;
use crate::courier::Courier;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::shape::word;

/// What can be chosen: its value, what it is called, and why it cannot be chosen if it cannot.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) why_not: Option<String>,
}

/// Which forms the visitor finds on the page: those that the engine would take.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one form, and any may be there")]
pub(super) struct May {
    /// Of a proof of identity.
    pub(super) proof: bool,
    /// Of a second verification.
    pub(super) verify_again: bool,
    /// Of a code.
    pub(super) release: bool,
    /// Of a cancellation.
    pub(super) cancel: bool,
}

impl May {
    /// What `visit` may do in a recovery that is open.
    pub(super) fn of<S>(visit: &Visit<S>, outlook: &Outlook) -> Self {
        let (recovery, missing) = (&outlook.recovery, Missing(outlook));
        let works = outlook.visitor.as_ref().is_some_and(|visitor| visitor.gathers.is_ok())
            && visit.has(Scope::Support);
        let gathers = works && outlook.rests.is_none();
        let opened = recovery.opening.by.agent().is_some_and(|by| visit.operator == Some(by));
        let first_is_done = missing.is_proofed() || outlook.subject.profile.ial == Proofing::None;
        Self {
            proof: gathers && !missing.is_proofed() && missing.asks_for_proofing(),
            verify_again: gathers && first_is_done && missing.asks(Method::SecondVerification),
            release: gathers
                && outlook.release.outcome == Outcome::Permit
                && recovery.codes_disabled_at.is_none(),
            cancel: opened && visit.has(Scope::Support),
        }
    }
}

/// The levels that identity can have been proofed to.
pub(super) fn levels(enrolled: Proofing) -> Vec<Choice> {
    let all = [Proofing::Ial1, Proofing::Ial2, Proofing::Ial3];
    // Below the level of enrolment it does not count (ASVS 6.4.4).
    all.into_iter()
        .filter(|level| *level >= enrolled)
        .map(|level| {
            let value = word(&level);
            Choice { name: value.to_uppercase(), value, why_not: None }
        })
        .collect()
}

/// What an agent can look at. What was looked at before cannot be looked at again (F2).
pub(super) fn checks(f: &Frame, outlook: &Outlook, again: bool) -> Vec<Choice> {
    let all = [
        Check::Document,
        Check::Biometric,
        Check::CallBack,
        Check::Video,
        Check::InPerson,
        Check::Manager,
    ];
    let was_looked_at = |check: Check| {
        outlook.recovery.items.iter().any(|item| match item {
            Item::Proofed { checks, .. } => again && checks.contains(&check),
            Item::VerifiedAgain { check: earlier, .. } => *earlier == check,
            Item::Vouched { .. } | Item::Presented { .. } => false,
        })
    };
    all.into_iter()
        .filter(|check| !was_looked_at(*check))
        .map(|check| {
            let value = word(&check);
            Choice { name: f.word("desk-check", &value).to_string(), value, why_not: None }
        })
        .collect()
}

/// Where a code can go, as far as an agent may see.
pub(super) fn ways(f: &Frame, courier: &dyn Courier, outlook: &Outlook) -> Vec<Choice> {
    let choice = |(to, address): &(Addressee, NotificationAddress)| {
        let mask = masked(address);
        let way = f.word("desk-way", address.channel.name()).to_string();
        let (value, name) = match to {
            Addressee::Subject(channel) => {
                (format!("channel/{}", channel.name()), format!("{way} · {mask}"))
            }
            Addressee::Contact(label) => {
                let contact = f.t("desk-way-of-contact").with("label", label.as_str()).to_string();
                (format!("contact/{}", label.as_str()), format!("{contact} · {way} · {mask}"))
            }
        };
        let why_not =
            (!courier.carries(address.channel)).then(|| f.t("desk-no-delivery").to_string());
        Choice { value, name, why_not }
    };
    outlook.addressees.iter().map(choice).collect()
}

/// As much of an address as tells a person which one it is, and nobody else where it is.
fn masked(to: &NotificationAddress) -> String {
    let first = |text: &str| text.chars().next().map_or_else(String::new, String::from);
    match to.channel {
        Channel::Email => match to.address.rsplit_once('@') {
            Some((name, host)) => format!("{}…@{host}", first(name)),
            None => "…".to_owned(),
        },
        Channel::Sms | Channel::Voice => {
            let mut last: Vec<char> = to.address.chars().rev().take(2).collect();
            last.reverse();
            format!("…{}", last.into_iter().collect::<String>())
        }
        Channel::Postal | Channel::Push => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f4_an_agent_sees_of_an_address_what_tells_it_from_others() {
        let to = |channel, address: &str| {
            masked(&NotificationAddress { channel, address: address.to_owned(), verified: true })
        };
        assert_eq!(to(Channel::Email, "ruth.lang@bank.example"), "r…@bank.example");
        assert_eq!(to(Channel::Sms, "+491701234567"), "…67");
        assert_eq!(to(Channel::Postal, "1 Main Street"), "…");
        assert_eq!(to(Channel::Email, "broken"), "…");
    }
}
