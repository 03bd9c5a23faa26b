//! Operators: who works at the support desk, and who approves.

mod add_passkey;
mod appoint;
mod list;
mod me;
mod offer_enrolment;
mod passkey_options;
mod remove_passkey;
mod show;
mod sign_in;

pub use add_passkey::AddPasskey;
pub use appoint::Appoint;
pub use list::List;
pub use me::Me;
pub use offer_enrolment::OfferEnrolment;
pub use passkey_options::PasskeyOptions;
pub use remove_passkey::RemovePasskey;
pub use show::Show;
pub use sign_in::SignIn;

use serde_json::Value;

use crate::args::Shared;
use crate::exit::Outcome;
use crate::output::{filled, text};

/// What to do with an operator.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Set the duties of an operator; none is a dismissal.
    Appoint(Appoint),
    /// List everybody who has a duty or a passkey.
    List(List),
    /// Show an operator's duties and passkeys.
    Show(Show),
    /// Sign in at the identity provider with a browser, and keep the token in a file.
    SignIn(SignIn),
    /// Tell whose the key or token is that this command shows, and what it may do.
    Me(Me),
    /// Make a link with which an operator enrols a passkey on a device of their own.
    OfferEnrolment(OfferEnrolment),
    /// Fetch what a page needs to enrol a passkey of an operator.
    PasskeyOptions(PasskeyOptions),
    /// Enrol a passkey with what the browser gave for the options.
    AddPasskey(AddPasskey),
    /// Take a passkey away from an operator.
    RemovePasskey(RemovePasskey),
}

impl Verb {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        match self {
            Self::Appoint(args) => args.run(shared),
            Self::List(args) => args.run(shared),
            Self::OfferEnrolment(args) => args.run(shared),
            Self::Show(args) => args.run(shared),
            Self::SignIn(args) => args.run(shared),
            Self::Me(args) => args.run(shared),
            Self::PasskeyOptions(args) => args.run(shared),
            Self::AddPasskey(args) => args.run(shared),
            Self::RemovePasskey(args) => args.run(shared),
        }
    }
}

fn human(answer: &Value) -> String {
    filled(vec![
        ("operator", text(answer, "subject")),
        ("duties", text(answer, "duties")),
        ("passkeys", text(answer, "passkeys")),
        ("evidence", text(answer, "evidence")),
    ])
}
