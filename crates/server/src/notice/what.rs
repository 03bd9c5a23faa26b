//! What a notice tells: each has a text of its own in every language.

use serde::{Deserialize, Serialize};

/// One line for each: its name, which is that of its text, and whether a link in it would have
/// anything to revoke.
macro_rules! whats {
    ($($(#[$doc:meta])* $what:ident = $name:literal, $link:literal;)+) => {
        /// What a notice tells.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum What {
            $($(#[$doc])* $what,)+
        }

        impl What {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$what),+];

            /// The name of its text.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$what => $name,)+
                }
            }

            /// Whether "this was not me" would end anything.
            pub(super) const fn takes_link(self) -> bool {
                match self {
                    $(Self::$what => $link,)+
                }
            }

            /// The texts that are built in, of one of their languages.
            pub(super) fn built_in(self, german: bool) -> &'static str {
                match (self, german) {
                    $((Self::$what, false) => {
                        include_str!(concat!("../../notices/en/", $name, ".txt"))
                    })+
                    $((Self::$what, true) => {
                        include_str!(concat!("../../notices/de/", $name, ".txt"))
                    })+
                }
            }
        }
    };
}

whats! {
    /// Somebody asked to recover the account.
    RecoveryOpened = "recovery_opened", true;
    /// There was enough evidence: a new authenticator may be enrolled.
    RecoverySatisfied = "recovery_satisfied", true;
    /// A recovery is done.
    RecoveryCompleted = "recovery_completed", true;
    /// A recovery ended without success.
    RecoveryEnded = "recovery_ended", true;
    /// An approver declined.
    RecoveryDeclined = "recovery_declined", true;
    /// Too many wrong codes in a recovery.
    SentCodesDisabled = "sent_codes_disabled", true;
    /// A code was used as a second factor.
    CodeUsed = "code_used", true;
    /// A code was used to recover the account.
    CodeRecovered = "code_recovered", true;
    /// A right code came, and more is needed.
    CodeDeferred = "code_deferred", true;
    /// A code that was sent came back, and more is needed.
    SentCodeAccepted = "sent_code_accepted", true;
    /// A set was issued.
    CodesIssued = "codes_issued", true;
    /// A set was confirmed, and those before it are replaced.
    CodesConfirmed = "codes_confirmed", true;
    /// A set was revoked because somebody asked for it.
    CodesRevoked = "codes_revoked", true;
    /// Too many failed attempts.
    CodesDisabled = "codes_disabled", true;
    /// Everything was revoked because something changed.
    AllRevoked = "all_revoked", true;
    /// Codes are to be replaced because something changed.
    ToReplace = "to_replace", true;
    /// Recovery rests.
    Resting = "resting", true;
    /// Recovery is open again.
    Resumed = "resumed", true;
    /// The account was closed.
    Departed = "departed", false;
    /// Recovery was switched off by the people who run the service.
    Contained = "contained", false;
    /// "This was not me" was said.
    Repudiated = "repudiated", false;
    /// The notification addresses changed.
    AddressesChanged = "addresses_changed", true;
    /// An address was confirmed.
    AddressConfirmed = "address_confirmed", true;
    /// A recovery contact was named.
    ContactAdded = "contact_added", true;
    /// A recovery contact confirmed its address.
    ContactConfirmed = "contact_confirmed", true;
    /// A recovery contact was taken back.
    ContactRemoved = "contact_removed", true;
    /// It is time to look at the recovery contacts (N63B-RC-04).
    ContactsReview = "contacts_review", false;
    /// A rule was set aside.
    ExceptionGranted = "exception_granted", true;
    /// A secret was split among custodians.
    BundleCreated = "bundle_created", true;
    /// A bundle may be opened.
    BundleOpening = "bundle_opening", true;
    /// A bundle was opened.
    BundleOpened = "bundle_opened", true;
    /// A bundle was revoked.
    BundleRevoked = "bundle_revoked", true;
    /// A custodian left.
    CustodianLeft = "custodian_left", false;
}

impl What {
    /// Whether it tells of a recovery, for which a letter goes out as well at the highest level
    /// (N63B-NO-06).
    pub(super) const fn is_recovery(self) -> bool {
        matches!(
            self,
            Self::RecoveryOpened
                | Self::RecoverySatisfied
                | Self::RecoveryCompleted
                | Self::CodeRecovered
                | Self::CodeDeferred
                | Self::SentCodeAccepted
        )
    }
}
