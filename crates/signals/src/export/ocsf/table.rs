//! What becomes of each kind of event. docs/EXPORT.md has the same table, and a test compares them.

use glassbreak_core::event::Happened;

use super::Severity;
use super::class::Account::{MfaFactorDisable, MfaFactorEnable};
use super::class::Authentication::{Logon, Preauth};
use super::class::EntityActivity::{
    Activate, Create, Deactivate, Delete, Disable, Due, Enroll, Read, Resume, Suspend, Unenroll,
    Update,
};
use super::class::What::{Account, Authentication, Entity, Finding};
use super::class::{Entity as Of, Factor, Finding as Found, What};
use super::event::Status;

/// What becomes of one kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The event's name.
    pub event: &'static str,
    /// Class and activity.
    pub what: What,
    /// The least severity. What the entry holds can raise it, see [`super::Event::of`].
    pub severity: Severity,
    /// Whether it did what was asked for.
    pub status: Status,
    /// What happened, in one sentence for people.
    pub message: &'static str,
}

/// One line for each event; one that is left out does not compile.
macro_rules! table {
    ($(
        $event:ident $name:literal => $what:expr, $severity:ident, $status:ident, $text:literal;
    )+) => {
        /// Every kind of event, in the order of the log's vocabulary.
        pub const TABLE: &[Row] = &[$(Row {
            event: $name,
            what: $what,
            severity: Severity::$severity,
            status: Status::$status,
            message: $text,
        },)+];

        impl Row {
            /// The row of `happened`.
            pub const fn of(happened: &Happened) -> Self {
                match happened {
                    $(Happened::$event { .. } => Self {
                        event: $name,
                        what: $what,
                        severity: Severity::$severity,
                        status: Status::$status,
                        message: $text,
                    },)+
                }
            }
        }
    };
}

table! {
    SubjectRegistered "subject.registered" =>
        Entity(Enroll, Of::Subject), Informational, Success, "A subject was registered";
    SubjectUpdated "subject.updated" =>
        Entity(Update, Of::Subject), Informational, Success, "A subject's registration changed";
    SubjectSuspended "subject.suspended" =>
        Entity(Suspend, Of::Subject), Medium, Success, "Recovery was put to rest for a subject";
    SubjectResumed "subject.resumed" =>
        Entity(Resume, Of::Subject), Informational, Success, "A cause for recovery to rest was lifted";
    SubjectDeparted "subject.departed" =>
        Entity(Unenroll, Of::Subject), Informational, Success, "A subject left";
    SubjectContained "subject.contained" =>
        Entity(Disable, Of::Subject), Medium, Success, "A containment ended what was live of a subject";
    LifecycleReported "lifecycle.reported" =>
        Entity(Update, Of::Subject), Informational, Success, "A lifecycle event was reported";
    AddressConfirmationSent "address.confirmation_sent" =>
        Entity(Create, Of::Address), Informational, Success, "A code was sent to confirm an address";
    AddressConfirmationUndelivered "address.confirmation_undelivered" =>
        Entity(Create, Of::Address), Low, Failure, "A code to confirm an address did not go out";
    AddressConfirmed "address.confirmed" =>
        Entity(Activate, Of::Address), Informational, Success, "An address was confirmed";
    AddressConfirmRefused "address.confirm_refused" =>
        Entity(Activate, Of::Address), Low, Failure, "A code to confirm an address was wrong";
    AddressRemoved "address.removed" =>
        Entity(Delete, Of::Address), Informational, Success, "An address was removed";
    ContactAdded "contact.added" =>
        Entity(Create, Of::Contact), Informational, Success, "A recovery contact was named";
    ContactRemoved "contact.removed" =>
        Entity(Delete, Of::Contact), Informational, Success, "A recovery contact was taken back";
    ContactsReviewed "contacts.reviewed" =>
        Entity(Read, Of::Contact), Informational, Success, "Recovery contacts were reviewed";
    ContactsReviewDue "contacts.review_due" =>
        Entity(Due, Of::Contact), Informational, Success, "Recovery contacts are due for review";
    CodeSetIssued "code_set.issued" =>
        Account(MfaFactorEnable, Factor::RecoveryCode), Informational, Success, "A set of recovery codes was issued";
    CodeSetIssueRefused "code_set.issue_refused" =>
        Account(MfaFactorEnable, Factor::RecoveryCode), Low, Failure, "A set of recovery codes was refused";
    CodeSetConfirmed "code_set.confirmed" =>
        Entity(Activate, Of::CodeSet), Informational, Success, "The holder proved that the codes were saved";
    CodeSetConfirmRefused "code_set.confirm_refused" =>
        Entity(Activate, Of::CodeSet), Low, Failure, "The proof that codes were saved did not match";
    CodeSetSuperseded "code_set.superseded" =>
        Account(MfaFactorDisable, Factor::RecoveryCode), Informational, Success, "A newer set of recovery codes took the place of an older one";
    CodeSetRevoked "code_set.revoked" =>
        Account(MfaFactorDisable, Factor::RecoveryCode), Informational, Success, "A set of recovery codes was revoked";
    CodeSetExpired "code_set.expired" =>
        Account(MfaFactorDisable, Factor::RecoveryCode), Informational, Success, "A set of recovery codes expired";
    CodeSetLapsed "code_set.lapsed" =>
        Account(MfaFactorDisable, Factor::RecoveryCode), Informational, Success, "A set of recovery codes was never confirmed";
    CodeSetDisabled "code_set.disabled" =>
        Account(MfaFactorDisable, Factor::RecoveryCode), High, Success, "A set of recovery codes was disabled after too many failed attempts";
    CodeSetDeclared "code_set.declared" =>
        Entity(Update, Of::CodeSet), Informational, Success, "The holder said where a set of recovery codes is kept";
    CodeSetReplacementDue "code_set.replacement_due" =>
        Entity(Due, Of::CodeSet), Informational, Success, "A set of recovery codes is due for replacement";
    CodeAccepted "code.accepted" =>
        Authentication(Logon, Factor::RecoveryCode), Low, Success, "A recovery code was accepted";
    CodeDeferred "code.deferred" =>
        Authentication(Preauth, Factor::RecoveryCode), Low, Success, "A recovery code was right, and more evidence is needed";
    CodeRefused "code.refused" =>
        Authentication(Logon, Factor::RecoveryCode), Medium, Failure, "A recovery code was refused";
    CodeThrottled "code.throttled" =>
        Authentication(Logon, Factor::RecoveryCode), Medium, Failure, "A recovery code came before its time and was not looked at";
    SentCodeAccepted "sent_code.accepted" =>
        Authentication(Preauth, Factor::SentCode), Low, Success, "A code that was sent came back";
    RecoveryOpened "recovery.opened" =>
        Entity(Create, Of::Recovery), Low, Success, "A recovery was opened";
    RecoveryOpenThrottled "recovery.open_throttled" =>
        Entity(Create, Of::Recovery), High, Failure, "An AI agent opened too many cases";
    RecoveryEvidenceAdded "recovery.evidence_added" =>
        Entity(Update, Of::Recovery), Informational, Success, "Evidence was presented in a recovery";
    RecoveryCodeSent "recovery.code_sent" =>
        Entity(Update, Of::Recovery), Informational, Success, "A code was sent in a recovery";
    RecoveryCodeUndelivered "recovery.code_undelivered" =>
        Entity(Update, Of::Recovery), Low, Failure, "A code of a recovery did not go out";
    RecoveryCodesDisabled "recovery.codes_disabled" =>
        Account(MfaFactorDisable, Factor::SentCode), High, Success, "Codes of a recovery were disabled after too many failed attempts";
    RecoveryApproved "recovery.approved" =>
        Entity(Update, Of::Recovery), Informational, Success, "An approver approved a recovery";
    RecoveryDeclined "recovery.declined" =>
        Entity(Deactivate, Of::Recovery), Medium, Success, "An approver declined a recovery";
    RecoverySatisfied "recovery.satisfied" =>
        Authentication(Logon, Factor::Evidence), Low, Success, "A recovery has enough evidence, and its window is open";
    RecoveryObligationMet "recovery.obligation_met" =>
        Entity(Update, Of::Recovery), Informational, Success, "An obligation of a recovery was met";
    RecoveryCompleted "recovery.completed" =>
        Entity(Deactivate, Of::Recovery), Informational, Success, "A recovery was completed";
    RecoveryLapsed "recovery.lapsed" =>
        Entity(Deactivate, Of::Recovery), Low, Success, "A recovery's time was up";
    RecoveryCancelled "recovery.cancelled" =>
        Entity(Deactivate, Of::Recovery), Informational, Success, "A recovery was given up";
    RecoveryReviewDue "recovery.review_due" =>
        Entity(Due, Of::Recovery), Low, Success, "A recovery is due for review";
    RecoveryReviewed "recovery.reviewed" =>
        Entity(Read, Of::Recovery), Informational, Success, "A recovery was reviewed";
    BundleCreated "bundle.created" =>
        Entity(Create, Of::Bundle), Informational, Success, "A secret was split among custodians";
    BundleShareProven "bundle.share_proven" =>
        Entity(Update, Of::Bundle), Informational, Success, "A custodian proved a share";
    BundleEffective "bundle.effective" =>
        Entity(Activate, Of::Bundle), Informational, Success, "A recovery bundle is in force";
    BundleSuperseded "bundle.superseded" =>
        Entity(Update, Of::Bundle), Informational, Success, "A newer split of a recovery bundle took the place of an older one";
    BundleOpeningAllowed "bundle.opening_allowed" =>
        Entity(Update, Of::Bundle), High, Success, "A recovery bundle may be opened";
    BundleOpeningLapsed "bundle.opening_lapsed" =>
        Entity(Update, Of::Bundle), Low, Success, "The opening of a recovery bundle ended unused";
    BundleOpenRefused "bundle.open_refused" =>
        Entity(Read, Of::Bundle), High, Failure, "Shares were brought that do not open a recovery bundle";
    BundleOpened "bundle.opened" =>
        Entity(Read, Of::Bundle), High, Success, "A recovery bundle was opened and its secret told";
    BundleRotationDue "bundle.rotation_due" =>
        Entity(Due, Of::Bundle), Low, Success, "The secret of a recovery bundle is due for replacement";
    BundleCustodianLeft "bundle.custodian_left" =>
        Entity(Update, Of::Bundle), Medium, Success, "A custodian of a recovery bundle left";
    BundleRevoked "bundle.revoked" =>
        Entity(Delete, Of::Bundle), Informational, Success, "A recovery bundle was revoked";
    RecoveryRequestRefused "recovery.request_refused" =>
        Entity(Update, Of::Recovery), Low, Failure, "Something asked of a recovery was refused";
    ExceptionRequestRefused "exception.request_refused" =>
        Entity(Update, Of::Exception), Low, Failure, "Something asked of an exception was refused";
    BundleRequestRefused "bundle.request_refused" =>
        Entity(Update, Of::Bundle), Medium, Failure, "Something asked of a recovery bundle was refused";
    ContainmentRequestRefused "containment.request_refused" =>
        Entity(Update, Of::Containment), Medium, Failure, "Something asked of a containment was refused";
    ExceptionRequested "exception.requested" =>
        Entity(Create, Of::Exception), Low, Success, "An exception from a rule was asked for";
    ExceptionApproved "exception.approved" =>
        Entity(Update, Of::Exception), Low, Success, "An approver approved an exception";
    ExceptionGranted "exception.granted" =>
        Entity(Activate, Of::Exception), Medium, Success, "An exception from a rule is in force";
    ExceptionEnded "exception.ended" =>
        Entity(Deactivate, Of::Exception), Informational, Success, "An exception ended";
    ContainmentBegun "containment.begun" =>
        Entity(Activate, Of::Containment), High, Success, "Recovery was switched off";
    ContainmentApproved "containment.approved" =>
        Entity(Update, Of::Containment), Medium, Success, "An approver approved that a containment is lifted";
    ContainmentLifted "containment.lifted" =>
        Entity(Deactivate, Of::Containment), High, Success, "A containment was lifted";
    ContainmentFinished "containment.finished" =>
        Entity(Update, Of::Containment), Informational, Success, "What was live from before a containment is ended";
    AlertRaised "alert.raised" =>
        Finding(Found::Create), Medium, New, "An alert was raised";
    OperatorAppointed "operator.appointed" =>
        Entity(Update, Of::Operator), Medium, Success, "The duties of an operator changed";
    OperatorEnrolmentOffered "operator.enrolment_offered" =>
        Entity(Update, Of::Operator), Low, Success, "An operator was handed a link to register a passkey with";
    OperatorPasskeyAdded "operator.passkey_added" =>
        Account(MfaFactorEnable, Factor::Passkey), Low, Success, "An operator registered a passkey";
    OperatorPasskeyRemoved "operator.passkey_removed" =>
        Account(MfaFactorDisable, Factor::Passkey), Low, Success, "A passkey of an operator was taken away";
    SelfServiceLinkMade "self_service.link_made" =>
        Entity(Create, Of::Subject), Low, Success, "A link to self-service was made for a subject";
    SelfServiceEntered "self_service.entered" =>
        Entity(Read, Of::Subject), Informational, Success, "A subject came into self-service";
    PolicyLoaded "policy.loaded" =>
        Entity(Activate, Of::Policy), Medium, Success, "A set of policies came into force";
    ApiKeyCreated "api_key.created" =>
        Entity(Create, Of::ApiKey), Medium, Success, "An API key was made";
    ApiKeyRevoked "api_key.revoked" =>
        Entity(Delete, Of::ApiKey), Low, Success, "An API key was revoked";
    KeyRotated "key.rotated" =>
        Entity(Update, Of::Key), Medium, Success, "A key of the server got a new generation";
}
